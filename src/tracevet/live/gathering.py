"""Spans put together into traces, until a trace is worth vetting. Pure: the time is handed in."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field

from tracevet.model import Json

QUIET = 1.0  # seconds without news after which a trace whose root has ended is vetted
IDLE = 60.0  # the same, where the root has not ended
HELD = 128 * 1024 * 1024  # bytes of spans that are held, vetted ones included: a late span needs the others
GONE = 100_000  # names of traces that are remembered after their spans were let go of


@dataclass(slots=True)
class Group:
    """The spans of one trace."""

    spans: list[Json] = field(default_factory=list)
    size: int = 0  # bytes
    lost: int = 0  # spans that did not come through
    news: int = 0  # spans, lost ones included, since it was vetted
    ended: bool = False
    changed: float = 0.0

    def due(self) -> float:
        """Tell when it is to be vetted, if nothing more comes."""
        return self.changed + (QUIET if self.ended else IDLE)


class Gathering:
    """The traces at hand, the longest unchanged first."""

    def __init__(self, held: int = HELD) -> None:
        """Start with none; hold so many bytes."""
        self._groups: OrderedDict[str, Group] = OrderedDict()
        self._gone: OrderedDict[str, None] = OrderedDict()
        self._held, self._size = held, 0

    def add(self, trace: str, span: Json, *, last: bool, size: int, now: float) -> bool:
        """Take a span; False where its trace was let go of, so that it would be vetted without the others."""
        group = self._touch(trace, now)
        if group is None:
            return False
        group.spans.append(span)
        group.size += size
        self._size += size
        group.news += 1
        group.ended |= last
        return True

    def lose(self, trace: str, count: int, now: float) -> None:
        """Note that spans of a trace did not come through."""
        if (group := self._touch(trace, now)) is not None:
            group.lost += count
            group.news += count

    def due(self, now: float) -> Iterator[tuple[str, Group]]:
        """Yield the traces that are to be vetted now; beyond what may be held, also those that are not due."""
        crowded = self._size > self._held
        for name, group in list(self._groups.items()):
            if group.news and (crowded or group.due() <= now):
                yield name, group

    def all(self) -> Iterator[tuple[str, Group]]:
        """Yield every trace with news."""
        return ((name, group) for name, group in list(self._groups.items()) if group.news)

    def next_due(self) -> float | None:
        """Tell when the next trace is to be vetted."""
        return min((group.due() for group in self._groups.values() if group.news), default=None)

    def vetted(self, name: str) -> int:
        """Note that a trace was vetted as it is; give the number of spans that were new."""
        group = self._groups[name]
        news, group.news = group.news, 0
        self._relieve()
        return news

    def drop(self, name: str) -> int:
        """Let go of a trace; what comes of it later is not taken. Give the number of spans that were new."""
        group = self._groups.pop(name)
        self._size -= group.size
        self._gone[name] = None
        while len(self._gone) > GONE:
            self._gone.popitem(last=False)
        return group.news

    def _touch(self, trace: str, now: float) -> Group | None:
        if trace in self._gone:
            return None
        group = self._groups.setdefault(trace, Group())
        self._groups.move_to_end(trace)
        group.changed = now
        return group

    def _relieve(self) -> None:
        for name, group in list(self._groups.items()):
            if self._size <= self._held and len(self._groups) <= GONE:
                return
            if not group.news:
                self.drop(name)
