"""How big the ledger is, and making it smaller."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import Connection, Table, delete, func, select

from tracevet.ledger import bookmarks, fingerprints, messages, outbox
from tracevet.ledger import results as memory
from tracevet.ledger.database import Database
from tracevet.ledger.location import Location
from tracevet.ledger.records import LedgerStats, PruneCounts
from tracevet.ledger.schema import VERSION, metadata, receipts, results, sessions, verdicts, violations
from tracevet.ledger.schema import outbox as outbox_table

BATCH = 500  # verdicts removed in one transaction, so that other writers get their turn


def stats(connection: Connection, location: Location, now: datetime) -> LedgerStats:
    """Count what is there."""
    oldest, newest = connection.execute(select(func.min(verdicts.c.renewed), func.max(verdicts.c.renewed))).one()
    rows = {table.name: _count(connection, table) for table in (verdicts, violations, results, sessions)}
    return LedgerStats(
        location=str(location),
        size=size(connection),
        schema=VERSION,
        counts={**rows, **asdict(outbox.counts(connection, now))},
        oldest=oldest,
        newest=newest,
    )


def size(connection: Connection) -> int:
    """Give the bytes that the ledger takes, indexes included."""
    if connection.dialect.name == "sqlite":
        pages: int = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        page: int = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
        return pages * page
    sizes = (func.pg_total_relation_size(table) for table in metadata.tables)
    return sum(connection.scalar(select(each)) or 0 for each in sizes)


def prune(database: Database, before: datetime) -> PruneCounts:
    """Remove what was last committed or used before, in steps, and give the space back."""
    total = PruneCounts()
    with database.reading() as connection:
        had = size(connection)
    while True:
        with database.writing() as connection:
            batch = _prune_verdicts(connection, before)
        if not batch.verdicts:
            break
        total = _sum(total, batch)
    with database.writing() as connection:
        forgotten = memory.prune(connection, memory.day(before))
        dropped = bookmarks.drop_sessions(connection, before)
        messages.prune(connection, before)
    database.vacuum(metadata.tables)
    with database.reading() as connection:
        reclaimed = max(0, had - size(connection))
    return replace(total, results=forgotten, sessions=dropped, reclaimed=reclaimed)


def _prune_verdicts(connection: Connection, before: datetime) -> PruneCounts:
    """Remove a batch of verdicts that were last committed before, with all that hangs on them.

    One that is still to be written to its platform stays. No verdict in the counts: nothing is left to remove.
    """
    waiting = select(outbox_table.c.verdict).where(
        outbox_table.c.verdict == verdicts.c.id, outbox_table.c.state == outbox.PENDING
    )
    old = select(verdicts.c.id).where(verdicts.c.renewed < before, ~waiting.exists()).limit(BATCH)
    ids = connection.scalars(old).all()
    if not ids:
        return PruneCounts()
    seen = connection.scalars(select(violations.c.fingerprint).distinct().where(violations.c.verdict.in_(ids))).all()
    counts = PruneCounts(
        verdicts=_remove(connection, verdicts, "id", ids),
        violations=_remove(connection, violations, "verdict", ids),
        parked=_remove(connection, outbox_table, "verdict", ids),
    )
    _remove(connection, receipts, "verdict", ids)
    fingerprints.forget(connection, seen)
    return counts


def _sum(one: PruneCounts, other: PruneCounts) -> PruneCounts:
    return PruneCounts(
        verdicts=one.verdicts + other.verdicts,
        violations=one.violations + other.violations,
        parked=one.parked + other.parked,
    )


def _remove(connection: Connection, table: Table, column: str, values: Sequence[str]) -> int:
    return connection.execute(delete(table).where(table.c[column].in_(values))).rowcount


def _count(connection: Connection, table: Table) -> int:
    return connection.scalar(select(func.count()).select_from(table)) or 0
