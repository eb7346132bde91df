"""How far the code of violations came, by fingerprint: kept, and queued for the traces where it was written."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from tracevet.ledger import fingerprints, outbox
from tracevet.ledger.columns import label
from tracevet.ledger.database import Database
from tracevet.ledger.schema import fingerprints as table
from tracevet.ledger.schema import outbox as outbox_table
from tracevet.ledger.schema import receipts, verdicts, violations
from tracevet.ledger.texts import dump
from tracevet.ledger.upsert import chunks, upsert
from tracevet.model import Reach, Status

NAMES = 100  # fingerprints whose verdicts are queued together


class Reaches:
    """What searches of repositories gave."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Use `Ledger.reaches`."""
        self._database = database
        self._clock = clock

    def keep(self, found: Sequence[Reach]) -> int:
        """Keep what is news, queue the verdicts that were written and show it, and give how much was news.

        What the ledger has no violation of is left out.
        """
        news = 0
        for some in chunks(found, NAMES):
            with self._database.writing() as connection, self._database.readable():
                by_name = {label(reach.fingerprint): reach for reach in some}
                old = fingerprints.reach_texts(connection, by_name)
                fresh = {name: dump(by_name[name]) for name, text in old.items() if text != dump(by_name[name])}
                for name, text in fresh.items():
                    its = table.c.fingerprint == name
                    connection.execute(update(table).where(its).values(reach=text))
                _queue(connection, list(fresh), self._clock())
                news += len(fresh)
        return news


def _queue(connection: Connection, names: Sequence[str], now: datetime) -> None:
    """Queue the verdicts that hold one of the fingerprints and that their platform has, or gets."""
    held = violations.c.fingerprint.in_(names) & (violations.c.status == Status.OPEN.value)
    ids = connection.scalars(select(violations.c.verdict).distinct().where(held)).all()
    for chunk in chunks(ids):
        written = {
            name
            for each in (outbox_table, receipts)
            for name in connection.scalars(select(each.c.verdict).where(each.c.verdict.in_(chunk)))
        }
        its = verdicts.c.id.in_(written)
        connection.execute(update(verdicts).where(its).values(revision=verdicts.c.revision + 1))
        rows = connection.execute(select(verdicts.c.id, verdicts.c.platform, verdicts.c.revision).where(its)).all()
        fresh = {"action": outbox.WRITE, "due": now, "attempts": 0, "state": outbox.PENDING, "reason": ""}
        queued = [{"verdict": row.id, "platform": row.platform, "revision": row.revision, **fresh} for row in rows]
        upsert(connection, outbox_table, queued)
