"""Writes that can be read only later: what is accepted is on its way until its delay has passed."""

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from tracevet.testing.langfuse.times import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """Seconds until what was accepted can be read. A quiet server of 4.16: spans 1, scores 6, deletes 0.5."""

    spans: float = 0.0
    scores: float = 0.0
    deletes: float = 0.0


class Arrivals:
    """Accepted writes in the order of their arrival; those without delay arrive at once."""

    def __init__(self, clock: Clock) -> None:
        """Take the time from `clock`."""
        self._clock = clock
        self._waiting: list[tuple[float, int, Callable[[], None]]] = []
        self._serial = count()

    def later(self, seconds: float, write: Callable[[], None]) -> None:
        """Let a write arrive after a delay."""
        if seconds <= 0 and not self._waiting:
            write()
        else:
            heappush(self._waiting, (self._clock().timestamp() + seconds, next(self._serial), write))

    def settle(self, *, everything: bool = False) -> None:
        """Let everything arrive that is due, or everything there is."""
        while self._waiting and (everything or self._waiting[0][0] <= self._clock().timestamp()):
            heappop(self._waiting)[2]()
