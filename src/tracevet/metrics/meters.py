"""What can be measured; this base class measures nothing, and costs nothing."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from typing import Literal, Protocol

from tracevet.model import Verdict

Work = Literal["look", "pass", "write"]
Trouble = Literal["busy", "reviews", "unreadable", "write"]


class Counts(Protocol):
    """What a pass counts; numbers that grow."""

    traces: int
    unchanged: int
    scanned: int
    remembered: int


class Meters:
    """Takes what is done. Every method is cheap, never raises, and keeps nothing of a trace but counts."""

    def doing(self, work: Work) -> AbstractContextManager[None]:
        """Measure how long something takes, and whether it fails."""
        del work
        return nullcontext()

    @contextmanager
    def counting(self, counts: Counts) -> Iterator[None]:
        """Take a pass's counts, as they grow, until it ends."""
        del counts
        yield

    def vetted(self, verdict: Verdict) -> None:
        """Count a verdict, its violations and gaps."""

    def wrote(self, *, written: int, again: int, parked: int, dropped: int) -> None:
        """Count what became of verdicts that were to be written."""

    def failed(self, trouble: Trouble) -> None:
        """Count something that went wrong."""

    def looked(self, mark: datetime | None, unread: int) -> None:
        """Note that a look came to its end: up to when everything was read, and how many stretches were left out."""

    def outbox(self, counts: Mapping[str, int]) -> None:
        """Note how many verdicts are to be written, by state."""
