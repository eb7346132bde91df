"""Suppressions: kept, carried out on every verdict that they are about, and ended when their time is over."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, or_, select, update

from tracevet.ledger import decisions
from tracevet.ledger.audit import Action, Event, append, who
from tracevet.ledger.columns import label
from tracevet.ledger.database import Database
from tracevet.ledger.schema import suppressions as table
from tracevet.ledger.schema import violations
from tracevet.ledger.suppressing import ACTIVE, EXPIRED, REMOVED, holding
from tracevet.ledger.texts import dump, load
from tracevet.ledger.upsert import upsert
from tracevet.ledger.verdicts import GONE
from tracevet.model import Status, Violation
from tracevet.policy import Suppression, SuppressionFile, Suppressor

LEDGER = "ledger"  # the source of those that stand in no file
PAGE = 200  # verdicts changed in one transaction, so that other writers get their turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A suppression, and what is known of it."""

    suppression: Suppression
    source: str  # the name of a file, or `ledger`
    expired: datetime | None  # since when it holds nothing back any more
    violations: int  # that it, or a review, holds back, over all verdicts; 0: it is not used


class Suppressions:
    """The suppressions of one ledger; every method that writes survives a killed process, and may be called again.

    A violation that one is about is `suppressed` in every verdict, stored or to come, until it ends; what changes is
    queued where it was written. Several on one matter hold as long as one of them does.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Use `Ledger.suppressions`."""
        self._database = database
        self._clock = clock
        self._at_hand: dict[str, Sequence[Suppression]] = {}  # by file, where the ledger may not be written

    def add(self, suppression: Suppression, *, actor: str | None = None) -> int:
        """Keep one in the ledger, in place of one on the same matter; give how many verdicts it changed."""
        with self._database.writing() as connection, self._database.readable():
            old = {row["id"]: row for row in _rows(connection, table.c.source == LEDGER)}
            self._keep(connection, LEDGER, [suppression], old, actor or who())
        return self.settle()

    def remove(self, name: str, *, source: str = LEDGER, actor: str | None = None) -> bool:
        """End one, by its id, and tell whether there was one; one of a file comes back when that is read again."""
        with self._database.writing() as connection, self._database.readable():
            its = (table.c.id == name) & (table.c.source == source)
            found = _rows(connection, its)
            self._remove(connection, found, actor or who())
        self.settle()
        return bool(found)

    def take(self, file: SuppressionFile, *, actor: str | None = None) -> int:
        """Take what a file holds now, in place of what it held; give how many verdicts that changed.

        Where the ledger may not be written it holds for this object alone, and only in `Ledger.judged`.
        """
        source = label(file.name)
        if not self._database.writable:
            self._at_hand[source] = file.suppress
            return 0
        with self._database.reading() as connection, self._database.readable():
            same = _same(_rows(connection, table.c.source == source), file)
        if not same:
            with self._database.writing() as connection, self._database.readable():
                old = {row["id"]: row for row in _rows(connection, table.c.source == source)}
                self._keep(connection, source, file.suppress, old, actor or who())
                names = {each.id for each in file.suppress}
                self._remove(connection, [row for name, row in old.items() if name not in names], actor or who())
        return self.settle()

    def settle(self) -> int:
        """End those whose time is over, and change the verdicts that do not show what holds; give how many.

        Nothing is done where the ledger may not be written.
        """
        now = self._clock()
        if not self._database.writable:
            return 0
        with self._database.reading() as connection, self._database.readable():
            if not _rows(connection, (table.c.settled == 0) | _over(now)):
                return 0
        with self._database.writing() as connection, self._database.readable():
            self._expire(connection, now)
            waiting = _rows(connection, table.c.settled == 0)
        done, last = 0, ""
        while waiting:
            with self._database.writing() as connection, self._database.readable():
                names = _candidates(connection, waiting, last)
                done += decisions.restate(connection, names, now)
                if len(names) < PAGE:
                    _settled(connection, waiting)
                    break
            last = names[-1]
        return done

    def all(self) -> list[Kept]:
        """Give each, also those of files that were read here: by source, then what ends first."""
        now = self._clock()
        with self._database.reading() as connection, self._database.readable():
            rows = [row for row in _rows(connection, table.c.state != REMOVED) if row["source"] not in self._at_hand]
            pairs = [(row["source"], load(Suppression, row["body"])) for row in rows]
            pairs += [(name, each) for name, many in self._at_hand.items() for each in many]
            counts = _uses(connection, [each for _, each in pairs if each.end > now])
        ordered = sorted(pairs, key=lambda pair: (pair[0], pair[1].expires, pair[1].id))
        return [_kept(each, source, counts.get(each.id, 0), now) for source, each in ordered]

    def expired(self) -> list[Suppression]:
        """Give those whose time is over, what ended first at the beginning; each matter once, unless another holds."""
        now = self._clock()
        with self._database.reading() as connection, self._database.readable():
            rows = [row for row in _rows(connection, table.c.state != REMOVED) if row["source"] not in self._at_hand]
            said = [load(Suppression, row["body"]) for row in rows]
        said += [each for many in self._at_hand.values() for each in many]
        holds = {each.id for each in said if each.end > now}
        over = {each.id: each for each in sorted(said, key=lambda each: each.expires) if each.id not in holds}
        return sorted(over.values(), key=lambda each: (each.expires, each.id))

    def foresee(self, connection: Connection, now: datetime) -> Suppressor:
        """Give what holds, with what stands in files that could not be kept."""
        stored = holding(connection, now, without=self._at_hand)
        mine = [each for many in self._at_hand.values() for each in many if each.end > now]
        return Suppressor([*stored.suppressions, *mine]) if mine else stored

    def _keep(
        self,
        connection: Connection,
        source: str,
        found: Sequence[Suppression],
        old: dict[str, RowMapping],
        actor: str,
    ) -> None:
        now = self._clock()
        fresh = [each for each in found if _differs(old.get(each.id), each)]
        upsert(connection, table, [_row(each, source, old.get(each.id)) for each in fresh])
        append(connection, [_event(Action.SUPPRESS, each, source, actor) for each in fresh], now)

    def _remove(self, connection: Connection, rows: Sequence[RowMapping], actor: str) -> None:
        gone = [row for row in rows if row["state"] != REMOVED]
        for row in gone:
            _change(connection, row, state=REMOVED)
        events = [_event(Action.UNSUPPRESS, load(Suppression, row["body"]), row["source"], actor) for row in gone]
        append(connection, events, self._clock())

    def _expire(self, connection: Connection, now: datetime) -> None:
        rows = _rows(connection, _over(now))
        for row in rows:
            _change(connection, row, state=EXPIRED)
        events = [_event(Action.EXPIRE, load(Suppression, row["body"]), row["source"], "tracevet") for row in rows]
        append(connection, events, now)


def _rows(connection: Connection, which: ColumnElement[bool]) -> list[RowMapping]:
    return list(connection.execute(select(table).where(which).order_by(table.c.id, table.c.source)).mappings())


def _over(now: datetime) -> ColumnElement[bool]:
    return (table.c.state == ACTIVE) & (table.c.expires <= now)


def _row(suppression: Suppression, source: str, old: RowMapping | None) -> dict[str, object]:
    return {
        "id": suppression.id,
        "source": source,
        "expires": suppression.end,
        "state": ACTIVE,
        "settled": 0,
        "changes": old["changes"] + 1 if old else 0,
        "body": dump(suppression),
    }


def _differs(old: RowMapping | None, suppression: Suppression) -> bool:
    return old is None or old["state"] == REMOVED or load(Suppression, old["body"]) != suppression


def _same(rows: Sequence[RowMapping], file: SuppressionFile) -> bool:
    old = {row["id"]: row for row in rows if row["state"] != REMOVED}
    return old.keys() == {each.id for each in file.suppress} and not any(
        _differs(old[each.id], each) for each in file.suppress
    )


def _change(connection: Connection, row: RowMapping, *, state: str) -> None:
    its = (table.c.id == row["id"]) & (table.c.source == row["source"])
    connection.execute(update(table).where(its).values(state=state, settled=0, changes=table.c.changes + 1))


def _candidates(connection: Connection, waiting: Sequence[RowMapping], last: str) -> Sequence[str]:
    """Give the labels of some verdicts that the suppressions may be about, in order, after the last one."""
    said = [load(Suppression, row["body"]) for row in waiting]
    named = violations.c.fingerprint.in_({each.fingerprint for each in said if each.fingerprint})
    about = or_(named, violations.c.policy.in_({each.policy for each in said if each.policy}))
    open_ = violations.c.status.in_((Status.OPEN.value, Status.SUPPRESSED.value)) & (violations.c.position != GONE)
    query = select(violations.c.verdict).distinct().where(about, open_, violations.c.verdict > last)
    return connection.scalars(query.order_by(violations.c.verdict).limit(PAGE)).all()


def _settled(connection: Connection, waiting: Sequence[RowMapping]) -> None:
    """Note that these are carried out, but for those that changed meanwhile; what was removed goes."""
    for row in waiting:
        its = (table.c.id == row["id"]) & (table.c.source == row["source"]) & (table.c.changes == row["changes"])
        connection.execute(update(table).where(its).values(settled=1))
    connection.execute(delete(table).where(table.c.state == REMOVED, table.c.settled == 1))


def _uses(connection: Connection, said: Sequence[Suppression]) -> dict[str, int]:
    """Count the violations that each is about, whichever of several holds them back."""
    counts: dict[str, int] = {}
    for body in _suppressed(connection):
        for name in {each.id for each in said if each.concerns(load(Violation, body))}:
            counts[name] = counts.get(name, 0) + 1
    return counts


def _suppressed(connection: Connection) -> Iterator[str]:
    gone = (Status.SUPPRESSED.value, Status.RETRACTED.value)  # what a review retracts is not suppressed as well
    held = violations.c.status.in_(gone) & (violations.c.position != GONE)
    streamed = connection.execution_options(yield_per=PAGE)
    yield from streamed.scalars(select(violations.c.body).where(held))


def _kept(suppression: Suppression, source: str, count: int, now: datetime) -> Kept:
    expired = suppression.end if suppression.end <= now else None
    return Kept(suppression=suppression, source=source, expired=expired, violations=count)


def _event(action: Action, suppression: Suppression, source: str, actor: str) -> Event:
    details = {"about": suppression.about(), "owner": suppression.owner, "expires": str(suppression.expires)}
    return Event(
        action=action,
        subject=suppression.id,
        reason=suppression.reason,
        actor=actor,
        details={**details, "source": source},
    )
