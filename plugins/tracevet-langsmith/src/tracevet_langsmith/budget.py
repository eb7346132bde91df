"""How many requests may be made, so that neither LangSmith's limits nor others of the same workspace are in the way."""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from enum import StrEnum

SECONDS = 10.0  # the stretch that LangSmith counts by


class Kind(StrEnum):
    """What LangSmith counts apart."""

    QUERY = "query"  # runs, by v2, started in at most seven days
    LONG_QUERY = "long query"  # runs, by v2, of a longer time
    QUERY_V1 = "query v1"  # runs, by v1
    FEEDBACK = "feedback"
    OTHER = "other"


# LangSmith's limits in ten seconds; `OTHER` names none.
LIMITS = {Kind.QUERY: 10, Kind.LONG_QUERY: 3, Kind.QUERY_V1: 15, Kind.FEEDBACK: 2000}


class Budget:
    """Lets only so many requests pass in any ten seconds, of each kind and in all; for any number of threads."""

    def __init__(
        self,
        limits: Mapping[Kind, int],
        total: int = 0,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Start with nothing spent; a kind without a limit has none, and a total of 0 is none."""
        self._clock, self._sleep = clock, sleep
        self._spent: dict[Kind, deque[float]] = {kind: deque(maxlen=limit) for kind, limit in limits.items()}
        self._lock = threading.Lock()
        self._all: deque[float] | None = deque(maxlen=total) if total else None

    def spend(self, kind: Kind) -> None:
        """Return as soon as one more request of the kind may be made."""
        counted = [spent for spent in (self._spent.get(kind), self._all) if spent is not None]
        with self._lock if counted else nullcontext():
            for spent in counted:
                left = spent[0] + SECONDS - self._clock() if len(spent) == spent.maxlen else 0.0
                if left > 0:
                    self._sleep(left)
            for spent in counted:
                spent.append(self._clock())
