"""What people decided, put into verdicts: reviews retract violations, suppressions hold them back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from tracevet.ledger import committing, outbox, rulings
from tracevet.ledger.columns import label
from tracevet.ledger.schema import outbox as outbox_table
from tracevet.ledger.schema import receipts, verdicts
from tracevet.ledger.suppressing import holding
from tracevet.ledger.verdicts import entries
from tracevet.model import Verdict
from tracevet.policy import Suppressor


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """All that was decided of some verdicts."""

    retracted: Collection[str]  # labels of fingerprints
    suppressor: Suppressor

    def apply(self, verdict: Verdict) -> Verdict:
        """Give the verdict as they make it; a violation that a review retracts is not suppressed as well."""
        return self.suppressor.apply(rulings.apply(verdict, self.retracted))


def meet(connection: Connection, said: Sequence[Verdict], now: datetime) -> Decisions:
    """Let the reviews that wait for these verdicts judge them, and give what is decided of them.

    Raises:
        ValueError: a model of another shape wrote a review or a suppression.
    """
    return Decisions(retracted=rulings.meet(connection, said), suppressor=holding(connection, now))


def restate(connection: Connection, names: Collection[str], now: datetime) -> int:
    """Store the verdicts of these labels anew, and queue those that their platform has or gets.

    Give how many say something new; raises as `meet` does.
    """
    found = entries(connection, verdicts.c.id.in_(names))
    decided = meet(connection, [entry.verdict for entry in found], now)
    changes = [change for change in committing.store(connection, found, decided.apply, now) if change.news]
    written = _written(connection, names)
    outbox.queue(connection, [change for change in changes if label(change.verdict.id) in written], now)
    return len(changes)


def _written(connection: Connection, names: Collection[str]) -> set[str]:
    """Tell which of the verdicts their platform has, or gets."""
    return {
        name
        for each in (outbox_table, receipts)
        for name in connection.scalars(select(each.c.verdict).where(each.c.verdict.in_(names)))
    }
