"""What came after a verdict: what people decided of its violations, and what its platform has of it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from tracevet.ledger.columns import label
from tracevet.ledger.database import Database
from tracevet.ledger.schema import alerts, fingerprints, judgements, receipts, rulings, verdicts
from tracevet.ledger.texts import load
from tracevet.ledger.upsert import chunks
from tracevet.model import Decision, Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a platform accepted of a verdict."""

    platform: str
    at: datetime  # UTC
    receipt: Receipt
    current: bool  # it is what the verdict says now


class Aftermath:
    """Reads what came after verdicts; changes nothing."""

    def __init__(self, database: Database) -> None:
        """Use `Ledger.aftermath`."""
        self._database = database

    def rulings(self) -> dict[str, tuple[Decision, datetime]]:
        """Give for each fingerprint that was judged the youngest judgement, and when it was made."""
        said = judgements.c.fingerprint == rulings.c.fingerprint
        same = judgements.c.decision == rulings.c.decision
        query = select(rulings.c.fingerprint, rulings.c.decision, judgements.c.at).join(judgements, said & same)
        with self._database.reading() as connection, self._database.readable():
            rows = connection.execute(query.order_by(judgements.c.at)).all()
            return {row.fingerprint: (Decision(row.decision), row.at) for row in rows}

    def corrections(self) -> dict[str, datetime]:
        """Give for each fingerprint that a session corrected when it did so first."""
        query = select(fingerprints.c.fingerprint, fingerprints.c.corrected).where(
            fingerprints.c.corrected.is_not(None)
        )
        with self._database.reading() as connection:
            return {row.fingerprint: row.corrected for row in connection.execute(query)}

    def told(self, names: Collection[str]) -> dict[str, list[tuple[str, datetime]]]:
        """Give for each fingerprint the routes that alerts went out on, and when they did last."""
        asked = {label(name): name for name in names}
        columns = select(alerts.c.fingerprint, alerts.c.route, func.max(alerts.c.told).label("told"))
        query = columns.where(alerts.c.told.is_not(None)).group_by(alerts.c.fingerprint, alerts.c.route)
        found: dict[str, list[tuple[str, datetime]]] = {}
        with self._database.reading() as connection:
            for chunk in chunks(list(asked)):
                for row in connection.execute(query.where(alerts.c.fingerprint.in_(chunk)).order_by(alerts.c.route)):
                    found.setdefault(asked[row.fingerprint], []).append((row.route, row.told))
        return found

    def deliveries(self, ids: Collection[str]) -> dict[str, Delivery]:
        """Give what the platforms have, by `Verdict.id`; what none of them has is left out."""
        names = {label(name): name for name in ids}
        columns = select(
            receipts.c.verdict, receipts.c.at, receipts.c.body, receipts.c.revision, verdicts.c.platform
        ).add_columns(verdicts.c.revision.label("said"))
        query = columns.join(verdicts, verdicts.c.id == receipts.c.verdict)
        found: dict[str, Delivery] = {}
        with self._database.reading() as connection, self._database.readable():
            for chunk in chunks(list(names)):
                for row in connection.execute(query.where(receipts.c.verdict.in_(chunk))):
                    found[names[row.verdict]] = Delivery(
                        platform=row.platform,
                        at=row.at,
                        receipt=load(Receipt, row.body),
                        current=row.revision == row.said,
                    )
        return found
