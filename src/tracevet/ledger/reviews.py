"""What people said on the platforms: kept for ever, put into every verdict that it is about, and shown."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import ColumnElement, Connection, Row, RowMapping, delete, func, or_, select, tuple_, update

from tracevet.ledger import decisions, rulings
from tracevet.ledger.audit import Action, Event, append
from tracevet.ledger.columns import label, storable, utc
from tracevet.ledger.database import Database
from tracevet.ledger.rulings import RETRACTING, Kept
from tracevet.ledger.schema import judgements, verdicts, violations
from tracevet.ledger.schema import reviews as table
from tracevet.ledger.schema import rulings as rulings_table
from tracevet.ledger.texts import dump, load
from tracevet.ledger.upsert import chunks, upsert
from tracevet.ledger.verdicts import GONE, entries
from tracevet.model import Review, Status

NAMES = 100  # fingerprints whose verdicts are changed together
PAGE = 200  # verdicts changed in one transaction, so that other writers get their turn


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """A review, and what it is about, as far as the ledger has it."""

    platform: str
    review: Review
    verdict: str | None  # Verdict.id; None: the ledger has none of the trace
    fingerprints: tuple[str, ...]  # none: it waits for its trace
    policies: tuple[str, ...]
    withdrawn: datetime | None  # since when the platform shows it no more; then it judges nothing


class Reviews:
    """The reviews of one ledger; every method that writes survives a killed process, and may be called again.

    A review judges the fingerprints that it finds in its trace's verdict, or waits for one to come; whoever changes
    his review judges what is there by then, too. A false positive or accepted risk retracts its fingerprints in
    every verdict, stored or to come, and queues what changes where it was written; the youngest judgement counts.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Use `Ledger.reviews`."""
        self._database = database
        self._clock = clock

    def keep(self, platform: str, found: Sequence[Review]) -> int:
        """Keep reviews of a platform, and change the verdicts that they are about; give how many were news."""
        latest = {label(review.id): review for review in map(_storable, found)}
        news = 0
        for chunk in chunks(list(latest)):
            with self._database.writing() as connection, self._database.readable():
                old = _rows(connection, platform, chunk)
                fresh = [latest[name] for name in chunk if _differs(old.get(name), latest[name])]
                self._store(connection, platform, fresh, old)
            news += len(fresh)
        self.settle()
        return news

    def withdraw_others(self, platform: str, ids: Collection[str]) -> int:
        """Withdraw the platform's reviews but these, as the platform has no others; give how many were withdrawn."""
        there = {label(storable(name)) for name in ids}
        mine = (table.c.platform == platform) & table.c.withdrawn.is_(None)
        with self._database.writing() as connection, self._database.readable():
            gone = [name for name in connection.scalars(select(table.c.id).where(mine)) if name not in there]
            for chunk in chunks(gone):
                self._forget_judgements(connection, platform, chunk)
                its = (table.c.platform == platform) & table.c.id.in_(chunk)
                connection.execute(update(table).where(its).values(withdrawn=self._clock(), met=0))
            append(connection, [_taken_back(platform, name) for name in gone], self._clock())
        self.settle()
        return len(gone)

    def settle(self) -> int:
        """Change the verdicts that do not show a ruling yet, as after a killed process; give how many were changed."""
        done = 0
        while True:
            with self._database.reading() as connection:
                if not connection.scalar(select(func.count()).where(rulings_table.c.settled == 0)):
                    return done
            with self._database.writing() as connection, self._database.readable():
                done += self._settle_page(connection)

    def all(self) -> Iterator[Judgement]:
        """Give every review, youngest first; memory stays bounded."""
        last: RowMapping | None = None
        while True:
            with self._database.reading() as connection, self._database.readable():
                rows = _page(connection, last)
                found = list(_judgements(connection, rows))
            yield from found
            if len(rows) < PAGE:
                return
            last = rows[-1]

    def _store(
        self, connection: Connection, platform: str, found: Sequence[Review], old: dict[str, RowMapping]
    ) -> None:
        moved = [label(review.id) for review in found if _moved(old.get(label(review.id)), review)]
        self._forget_judgements(connection, platform, moved)
        upsert(connection, table, [_row(platform, review) for review in found])
        known = entries(connection, _of_traces(platform, {label(review.trace) for review in found}))
        append(connection, [_said(platform, review) for review in found], self._clock())
        by_trace = {label(entry.verdict.trace.id): entry.verdict for entry in known}
        for review in found:
            kept, verdict = Kept(platform=platform, review=review), by_trace.get(label(review.trace))
            before = [] if label(review.id) in moved else _judged(connection, platform, label(review.id))
            rulings.judge(connection, kept, [*before, *(kept.about(verdict) if verdict else ())])

    def _forget_judgements(self, connection: Connection, platform: str, names: Sequence[str]) -> None:
        for chunk in chunks(names):
            its = (judgements.c.platform == platform) & judgements.c.review.in_(chunk)
            about = set(connection.scalars(select(judgements.c.fingerprint).where(its)))
            connection.execute(delete(judgements).where(its))
            rulings.rule(connection, about)

    def _settle_page(self, connection: Connection) -> int:
        """Change some verdicts; where none is left mark the rulings as settled."""
        unsettled = select(rulings_table).where(rulings_table.c.settled == 0).order_by(rulings_table.c.fingerprint)
        rows = connection.execute(unsettled.limit(NAMES)).all()
        wrong = _wrong(
            [row.fingerprint for row in rows if row.decision in RETRACTING],
            [row.fingerprint for row in rows if row.decision not in RETRACTING],
        )
        names = connection.scalars(select(violations.c.verdict).distinct().where(wrong).limit(PAGE)).all()
        changed = decisions.restate(connection, names, self._clock())
        if not changed:
            self._note_settled(connection, rows)
            done = rulings_table.c.fingerprint.in_([row.fingerprint for row in rows])
            connection.execute(update(rulings_table).where(done).values(settled=1))
            connection.execute(delete(rulings_table).where(done, rulings_table.c.decision.is_(None)))
        return changed

    def _note_settled(self, connection: Connection, rows: Sequence[Row[tuple[object, ...]]]) -> None:
        authors = rulings.authors(connection, [row.fingerprint for row in rows])
        events = [_turn(row.fingerprint, row.decision, authors.get(row.fingerprint)) for row in rows]
        append(connection, events, self._clock())


def _storable(review: Review) -> Review:
    texts = {name: storable(value) for name, value in review if isinstance(value, str) and name != "decision"}
    return review.model_copy(update={**texts, "at": utc(review.at)})


def _rows(connection: Connection, platform: str, names: Sequence[str]) -> dict[str, RowMapping]:
    query = select(table).where(table.c.platform == platform, table.c.id.in_(names))
    return {row["id"]: row for row in connection.execute(query).mappings()}


def _differs(old: RowMapping | None, review: Review) -> bool:
    return old is None or old["withdrawn"] is not None or load(Review, old["body"]) != review


def _moved(old: RowMapping | None, review: Review) -> bool:
    """Tell whether it is about something else than before."""
    if old is None:
        return False
    before = load(Review, old["body"])
    return (before.trace, before.span, before.policy) != (review.trace, review.span, review.policy)


def _row(platform: str, review: Review) -> dict[str, object]:
    return {
        "platform": platform,
        "id": review.id,
        "trace": review.trace,
        "decision": review.decision.value,
        "at": review.at,
        "met": 0,
        "withdrawn": None,
        "body": dump(review),
    }


def _of_traces(platform: str, traces: Collection[str]) -> ColumnElement[bool]:
    return (verdicts.c.platform == platform) & verdicts.c.trace.in_(sorted(traces))


def _judged(connection: Connection, platform: str, name: str) -> list[str]:
    its = (judgements.c.platform == platform) & (judgements.c.review == name)
    return list(connection.scalars(select(judgements.c.fingerprint).where(its)))


def _wrong(retracted: Sequence[str], standing: Sequence[str]) -> ColumnElement[bool]:
    """Tell the violations whose status is not what the rulings make it."""
    said, name, shown = violations.c.status == Status.RETRACTED.value, violations.c.fingerprint, violations.c.position
    return (shown != GONE) & or_(name.in_(retracted) & ~said, name.in_(standing) & said)


def _said(platform: str, review: Review) -> Event:
    """Note who said what of which trace; the comment stays where it is, as nobody knows what it holds."""
    about = {"platform": platform, "review": review.id, "span": review.span, "policy": review.policy}
    return Event(
        action=Action.REVIEW,
        subject=label(review.trace),
        reason=review.decision.value,
        actor=review.author or "unknown",
        details={key: label(value) for key, value in about.items() if value},
    )


def _taken_back(platform: str, name: str) -> Event:
    details: dict[str, JsonValue] = {"platform": platform}
    return Event(action=Action.REVIEW, subject=name, reason="withdrawn", actor="unknown", details=details)


def _turn(fingerprint: str, decision: str | None, author: str | None) -> Event:
    """Note that a fingerprint is retracted everywhere, or no more."""
    reason = decision or "every judgement was withdrawn"
    back = {} if decision in RETRACTING else {"back": True}
    return Event(action=Action.RETRACT, subject=fingerprint, reason=reason, actor=author or "unknown", details=back)


def _page(connection: Connection, last: RowMapping | None) -> list[RowMapping]:
    query = select(table).order_by(table.c.at.desc(), table.c.platform.desc(), table.c.id.desc()).limit(PAGE)
    if last is not None:
        after = tuple_(table.c.at, table.c.platform, table.c.id)
        query = query.where(after < (last["at"], last["platform"], last["id"]))
    return list(connection.execute(query).mappings())


def _judgements(connection: Connection, rows: Sequence[RowMapping]) -> Iterator[Judgement]:
    for row in rows:
        its = _of_traces(row["platform"], [row["trace"]])
        verdict = connection.scalar(select(verdicts.c.id).where(its))
        about = _judged(connection, row["platform"], row["id"])
        policies = select(violations.c.policy).distinct().where(violations.c.fingerprint.in_(about))
        yield Judgement(
            platform=row["platform"],
            review=load(Review, row["body"]),
            verdict=verdict,
            fingerprints=tuple(sorted(about)),
            policies=tuple(sorted(connection.scalars(policies))),
            withdrawn=row["withdrawn"],
        )
