"""Draining the outbox: verdicts to their platform, in batches, until the platform has them or will not have them."""

import random
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracevet.errors import BusyError, GoneError, PlatformError, RefusedError, UsageError
from tracevet.ledger import Failure, Ledger, OutboxItem
from tracevet.model import Receipt
from tracevet.plugin import Platform

ACCOUNT = "account"  # key of the bookmark: what the ledger's verdicts on a platform belong to
BATCH = 50  # verdicts written together
REFUSALS = 3  # attempts until a refused verdict is parked
ABSENCES = 3  # attempts until a verdict without its trace is dropped: what is new may not be readable yet
FIRST_WAIT = timedelta(seconds=10)  # doubled with each further attempt
LONGEST_WAIT = timedelta(hours=1)


@dataclass(slots=True, kw_only=True)
class Drained:
    """What became of the verdicts that were due."""

    written: int = 0
    again: int = 0  # to be tried later
    parked: int = 0  # refused until they change
    dropped: int = 0  # their traces are gone
    notes: tuple[str, ...] = ()  # each once: what could not be done, and why something failed

    @property
    def tried(self) -> int:
        """The number of verdicts that were tried."""
        return self.written + self.again + self.parked + self.dropped

    def add(self, other: "Drained") -> None:
        """Add what became of others."""
        self.written += other.written
        self.again += other.again
        self.parked += other.parked
        self.dropped += other.dropped
        self.note(*other.notes)

    def note(self, *texts: str) -> None:
        """Keep a note, once."""
        self.notes = tuple(dict.fromkeys((*self.notes, *texts)))[:20]


def drain(
    platform: Platform,
    ledger: Ledger,
    now: Callable[[], datetime],
    *,
    stopped: Callable[[], bool] = lambda: False,
    limit: int | None = None,
) -> Drained:
    """Write what is due, newest trace first; return when nothing is due any more, or `stopped` says so.

    Several processes may do so at once: what one tries, no other does. Never more than `limit` verdicts are tried.
    A verdict leaves the outbox only once the platform accepted it, or its trace is gone. One that is refused three
    times is parked with its reason until it changes; anything else is tried again, ever later.

    Raises:
        PlatformError: nothing can be written now; what is due stays due.
        LedgerError: the ledger can't be read or written.
    """
    drained = Drained()
    left = sys.maxsize if limit is None else limit
    while left > 0 and not stopped() and (items := ledger.claim(platform.name, min(BATCH, left))):
        try:
            results = platform.write_all([item.verdict for item in items])
        except BaseException:
            ledger.unclaim(items)
            raise
        moment, left = now(), left - len(items)
        pairs = list(zip(items, results, strict=True))
        ledger.settle([(item, _fate(item, result, moment, drained)) for item, result in pairs])
    return drained


def pace(platform: Platform, ledger: Ledger) -> None:
    """Hold the platform's requests to the budget that all processes on the ledger share."""
    platform.pace = ledger.budgets.pace(platform.name)


def require_account(platform: Platform, ledger: Ledger, *, keep: bool = True) -> None:
    """Refuse to mix what belongs to two accounts in one ledger: verdicts would look for traces that aren't there.

    The first account that comes is the ledger's, from then on; `keep` False notes nothing.

    Raises:
        UsageError: the ledger belongs to another account.
        PlatformError: the platform can't be asked.
    """
    account, kept = platform.account(), ledger.cursor(platform.name, ACCOUNT)
    if kept is None and keep:
        ledger.set_cursor(platform.name, ACCOUNT, account)
    elif kept not in (None, account):
        raise UsageError(
            f"ledger {ledger.location} holds verdicts of {platform.name} project {kept}, and the keys "
            f"open project {account}; set the keys of {kept}, or name another ledger with --ledger"
        )


def _fate(item: OutboxItem, result: Receipt | PlatformError, now: datetime, drained: Drained) -> Receipt | Failure:
    """Say what the ledger is to note of an item, and count it."""
    if isinstance(result, Receipt):
        drained.written += 1
        drained.note(*result.notes)
        return result
    drained.note(str(result))
    if isinstance(result, GoneError) and item.attempts + 1 >= ABSENCES:
        drained.dropped += 1
        return Receipt(verdict=item.verdict.id, notes=(str(result),))
    if isinstance(result, RefusedError) and item.attempts + 1 >= REFUSALS:
        drained.parked += 1
        return Failure(reason=str(result), retry_at=None)
    drained.again += 1
    return Failure(reason=str(result), retry_at=now + _wait(item.attempts, result))


def _wait(attempts: int, error: PlatformError) -> timedelta:
    """Wait longer with each attempt, never shorter than the platform asks for, and not all at one moment."""
    spread = 1 + random.random() / 4  # noqa: S311 - hides nothing
    wait: timedelta = min(FIRST_WAIT * 2.0 ** min(attempts, 20), LONGEST_WAIT) * spread
    asked = error.after if isinstance(error, BusyError) else None
    return max(wait, timedelta(seconds=asked or 0.0))
