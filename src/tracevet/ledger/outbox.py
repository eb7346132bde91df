"""What the platforms do not have yet: queued with the verdict, taken away by the receipt."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, or_, select, update

from tracevet.ledger.columns import label, storable
from tracevet.ledger.committing import Change
from tracevet.ledger.leases import Leases
from tracevet.ledger.records import Failure, OutboxCounts, OutboxItem
from tracevet.ledger.schema import outbox, receipts, verdicts
from tracevet.ledger.texts import dump
from tracevet.ledger.upsert import chunks, upsert
from tracevet.ledger.verdicts import Parts
from tracevet.model import Receipt

WRITE = "write"
PENDING = "pending"
PARKED = "parked"
REASON_LIMIT = 1_000  # characters


def queue(connection: Connection, changes: Iterable[Change], now: datetime, owner: str | None = None) -> None:
    """Queue what its platform does not have and what does not wait already; a parked one only if it changed.

    Who writes an older revision now stays its owner, so that two revisions are never written at once.
    """
    revisions = {label(change.entry.verdict.id): change.revision for change in changes}
    there = _revisions(connection, list(revisions))
    wanted = [change for change in changes if change.revision not in there.get(label(change.entry.verdict.id), ())]
    upsert(connection, outbox, [_row(change, now, owner) for change in wanted], keep=("owner",))


def pending(connection: Connection, platform: str, limit: int, now: datetime) -> list[OutboxItem]:
    """Give what may be tried now, longest due first.

    Raises:
        ValueError: a model of another shape wrote it.
    """
    return _items(connection, _WAITING.where(_due(platform, now)).order_by(outbox.c.due, outbox.c.verdict).limit(limit))


def claim(connection: Connection, platform: str, limit: int, now: datetime, leases: Leases) -> list[OutboxItem]:
    """Take what may be tried now and nobody alive holds, newest trace first; raises as `pending` does."""
    free = _due(platform, now) & leases.free(connection, outbox.c.owner)
    newest = (outbox.c.at.desc(), outbox.c.verdict)
    query = select(outbox.c.verdict).where(free).order_by(*newest).limit(limit).with_for_update(skip_locked=True)
    labels = connection.scalars(query).all()
    if not labels:
        return []
    taken = outbox.c.verdict.in_(labels)
    connection.execute(update(outbox).where(taken, outbox.c.action == WRITE).values(owner=leases.owner))
    return _items(connection, _WAITING.where(taken).order_by(*newest))


def unclaim(connection: Connection, items: Sequence[OutboxItem], owner: str) -> None:
    """Let go of items: somebody else may try them."""
    for chunk in chunks([item.verdict.id for item in items]):
        mine = outbox.c.verdict.in_(chunk) & (outbox.c.owner == owner)
        connection.execute(update(outbox).where(mine).values(owner=None))


def sample(connection: Connection, platform: str, limit: int) -> tuple[int, list[OutboxItem]]:
    """Give the number of verdicts that the platform lacks and that are not parked, and some of them, newest first."""
    here = (outbox.c.platform == platform) & (outbox.c.state == PENDING)
    count = connection.scalar(select(func.count()).select_from(outbox).where(here)) or 0
    return count, _items(connection, _WAITING.where(here).order_by(outbox.c.at.desc(), outbox.c.verdict).limit(limit))


_WAITING = select(verdicts.c.id, verdicts.c.body, verdicts.c.revision, outbox.c.attempts, outbox.c.reason).join(
    outbox, outbox.c.verdict == verdicts.c.id
)


def _due(platform: str, now: datetime) -> ColumnElement[bool]:
    return (outbox.c.platform == platform) & (outbox.c.state == PENDING) & (outbox.c.due <= now)


def _items(connection: Connection, query: Select[Any]) -> list[OutboxItem]:
    rows = connection.execute(query).all()
    parts = Parts.of(connection, [row.id for row in rows])
    return [
        OutboxItem(
            verdict=parts.verdict(row.id, row.body, gone=True),
            revision=row.revision,
            attempts=row.attempts,
            reason=row.reason,
        )
        for row in rows
    ]


def settle(connection: Connection, results: Sequence[tuple[OutboxItem, Receipt | Failure]], now: datetime) -> None:
    """Note what platforms have, and why they lack the rest; one queued anew meanwhile stays as it is."""
    _accept(connection, [(item, said) for item, said in results if isinstance(said, Receipt)], now)
    for item, said in results:
        if isinstance(said, Failure):
            _fail(connection, item, said)


def _accept(connection: Connection, items: Sequence[tuple[OutboxItem, Receipt]], now: datetime) -> None:
    stored: dict[str, int] = {}
    for chunk in chunks([item.verdict.id for item, _ in items]):
        query = select(receipts.c.verdict, receipts.c.revision).where(receipts.c.verdict.in_(chunk))
        stored |= {row.verdict: row.revision for row in connection.execute(query)}
    rows = [
        {"verdict": item.verdict.id, "revision": item.revision, "at": now, "body": dump(receipt)}
        for item, receipt in items
        if stored.get(label(item.verdict.id), 0) <= item.revision
    ]
    upsert(connection, receipts, rows)
    for some in chunks([item for item, _ in items], 100):
        connection.execute(delete(outbox).where(or_(*map(_of, some))))


def _fail(connection: Connection, item: OutboxItem, failure: Failure) -> None:
    noted: dict[str, object] = {"attempts": outbox.c.attempts + 1, "reason": storable(failure.reason)[:REASON_LIMIT]}
    fate: dict[str, object] = {"state": PARKED} if failure.retry_at is None else {"due": failure.retry_at}
    connection.execute(update(outbox).where(_of(item)).values(**noted, **fate))


def counts(connection: Connection, now: datetime) -> OutboxCounts:
    """Count over all platforms."""
    is_due = (outbox.c.due <= now).label("is_due")
    query = select(outbox.c.state, is_due, func.count()).group_by(outbox.c.state, is_due)
    rows = connection.execute(query).all()
    return OutboxCounts(
        due=sum(count for state, due, count in rows if state == PENDING and due),
        waiting=sum(count for state, due, count in rows if state == PENDING and not due),
        parked=sum(count for state, _, count in rows if state == PARKED),
    )


def _of(item: OutboxItem) -> ColumnElement[bool]:
    """Tell the item's row, as long as nothing newer was queued in its place."""
    return (outbox.c.verdict == item.verdict.id) & (outbox.c.action == WRITE) & (outbox.c.revision <= item.revision)


def _revisions(connection: Connection, labels: list[str]) -> dict[str, set[int]]:
    """Give the revisions that are queued, parked, or accepted, by the verdict's label."""
    found: dict[str, set[int]] = {}
    for chunk in chunks(labels):
        for table in (outbox, receipts):
            query = select(table.c.verdict, table.c.revision).where(table.c.verdict.in_(chunk))
            for name, revision in connection.execute(query):
                found.setdefault(name, set()).add(revision)
    return found


def _row(change: Change, now: datetime, owner: str | None) -> dict[str, object]:
    return {
        "verdict": change.entry.verdict.id,
        "action": WRITE,
        "platform": change.entry.verdict.trace.platform,
        "revision": change.revision,
        "due": now,
        "attempts": 0,
        "state": PENDING,
        "reason": "",
        "at": change.at,
        "owner": owner,
    }
