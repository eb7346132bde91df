"""What goes into the ledger and comes out of it, beside the model's own types."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from tracevet.model import Result, Session, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One trace's verdict, and what was learnt on the way to it."""

    verdict: Verdict  # fingerprints are unique in it
    content: str  # Trace.content
    setup: str  # digest of everything that shaped the verdict
    results: Mapping[str, Mapping[str, Result]] = field(default_factory=dict)  # engine -> Snippet.digest -> result
    session: Session | None = None
    write: bool = False  # it is to be written to its platform
    ends: Mapping[str, datetime] = field(default_factory=dict)  # fingerprint -> when a later step removed it


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxItem:
    """A verdict that its platform does not have yet.

    Violations that a former verdict on the trace had, and this one has not, stand at the end, as `retracted`.
    """

    verdict: Verdict
    revision: int  # counts the changes of this trace's verdict
    attempts: int  # failed ones so far
    reason: str  # why the last attempt failed; "" before the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a platform did not take an item."""

    reason: str
    retry_at: datetime | None  # None: not before the verdict changes


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxCounts:
    """How much is still to be written to the platforms."""

    due: int = 0  # may be tried now
    waiting: int = 0  # will be tried again later
    parked: int = 0  # given up until the verdict changes


@dataclass(slots=True, kw_only=True)
class Held:
    """A bookmark while nobody else may change it."""

    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerStats:
    """What the ledger holds; times in UTC, by the clock of the machine that committed."""

    location: str
    size: int  # bytes
    schema: int  # version of the tables
    counts: Mapping[str, int]  # rows by kind: verdicts, violations (retracted ones included), results, …
    oldest: datetime | None  # when the verdict that is unchanged for longest was committed
    newest: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneCounts:
    """How much was removed."""

    verdicts: int = 0
    violations: int = 0
    parked: int = 0  # outbox entries that went with their verdicts
    results: int = 0
    sessions: int = 0
    reclaimed: int = 0  # bytes given back to the disk

    def items(self) -> list[tuple[str, int]]:
        """Give the kinds of rows of which some were removed, each with its count."""
        return [(name, count) for name, count in asdict(self).items() if count and name != "reclaimed"]
