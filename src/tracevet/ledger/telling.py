"""What routes still have to tell: news of violations, one row for each route, recipient and fingerprint."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, exists, select, tuple_, update

from tracevet.ledger.columns import label
from tracevet.ledger.schema import acknowledgements, alert_news, alerts, judgements, violations
from tracevet.ledger.standing import Standing, standing
from tracevet.ledger.upsert import chunks, upsert
from tracevet.model import Status, Verdict, Violation

WAITING = "waiting"
TOLD = "told"
PAGE = 500  # fingerprints told in one transaction
NEWS = 100  # verdicts looked at in one transaction
OLD = timedelta(days=7)  # after it news is none: it came when there was no route


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """A route that a violation is to be told on."""

    route: str
    recipient: str  # "" is the channel itself
    due: datetime
    cool_down: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A fingerprint that is to be told on a route now."""

    recipient: str  # its label
    fingerprint: str  # its label
    round: int  # it was told so often before
    traces: int  # it stood in so many traces then
    standing: Standing


def note(connection: Connection, verdicts: Iterable[Verdict], now: datetime) -> None:
    """Note verdicts that say something new, for the routes to be asked."""
    news = [v.id for v in verdicts if any(part.status is Status.OPEN for part in v.violations)]
    upsert(connection, alert_news, [{"verdict": name, "at": now} for name in dict.fromkeys(map(label, news))])


def take_news(connection: Connection, wants: Callable[[Violation], Iterable[Want]], now: datetime) -> int:
    """Ask the routes about some of the news, queue what they want, and give how many verdicts that were."""
    rows = connection.execute(select(alert_news).order_by(alert_news.c.verdict).limit(NEWS)).all()
    names = [row.verdict for row in rows]
    young = [row.verdict for row in rows if row.at > now - OLD]
    is_open = violations.c.status == Status.OPEN.value
    query = select(violations.c.fingerprint).distinct().where(violations.c.verdict.in_(young), is_open)
    wanted: dict[tuple[str, str, str], Want] = {}
    stand = standing(connection, connection.scalars(query).all())
    for name, found in stand.items():
        for _, violation in found.found:
            for want in wants(violation):
                wanted[want.route, label(want.recipient), name] = want
    _queue(connection, wanted, stand, now)
    connection.execute(delete(alert_news).where(alert_news.c.verdict.in_(names)))
    return len(names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some of what is to be told, by recipient and fingerprint."""

    dues: tuple[Due, ...]
    end: tuple[str, str] | None  # where the next page begins; None: this was the last


def due(connection: Connection, route: str, now: datetime, after: tuple[str, str] | None) -> Page:
    """Give what waits on a route and is due, behind the end of the last page; what is not open any more is dropped."""
    mine = (alerts.c.route == route) & (alerts.c.state == WAITING) & (alerts.c.due <= now)
    return _dues(connection, mine, after)


def unanswered(connection: Connection, route: str, before: datetime, after: tuple[str, str] | None) -> Page:
    """Give the critical ones that were told before, and that nobody acknowledged or judged; likewise."""
    acknowledged = exists().where(acknowledgements.c.fingerprint == alerts.c.fingerprint)
    judged = exists().where(judgements.c.fingerprint == alerts.c.fingerprint)
    mine = (alerts.c.route == route) & (alerts.c.told <= before) & (alerts.c.critical == 1)
    return _dues(connection, mine & alerts.c.escalated.is_(None) & ~acknowledged & ~judged, after)


def told(connection: Connection, route: str, one: Due, now: datetime, *, critical: bool) -> None:
    """Note that it is told."""
    row = {"state": TOLD, "told": now, "round": one.round + 1, "traces": one.standing.traces, "escalated": None}
    connection.execute(update(alerts).where(_of(route, one)).values(**row, critical=int(critical)))


def escalated(connection: Connection, route: str, one: Due, now: datetime) -> None:
    """Note that it is escalated."""
    connection.execute(update(alerts).where(_of(route, one)).values(escalated=now))


def drop(connection: Connection, route: str, one: Due) -> None:
    """Forget that it waits; what was never told may come again as news."""
    if one.round:
        connection.execute(update(alerts).where(_of(route, one)).values(state=TOLD))
    else:
        connection.execute(delete(alerts).where(_of(route, one)))


def _drop_closed(connection: Connection, rows: Sequence[RowMapping]) -> None:
    for row in rows:
        gone = Due(
            recipient=row["recipient"],
            fingerprint=row["fingerprint"],
            round=row["round"],
            traces=0,
            standing=Standing(traces=0, found=()),
        )
        drop(connection, row["route"], gone)


def any_news(connection: Connection) -> bool:
    """Tell whether there is any."""
    return connection.scalar(select(alert_news.c.verdict).limit(1)) is not None


def mend(connection: Connection, now: datetime) -> None:
    """Bring back what a clock put into the future before it was set right."""
    ahead = now + timedelta(minutes=5)
    connection.execute(update(alerts).where(alerts.c.queued > ahead).values(queued=now, due=now))
    connection.execute(update(alerts).where(alerts.c.told > ahead).values(told=now))


def _queue(
    connection: Connection,
    wanted: dict[tuple[str, str, str], Want],
    stand: dict[str, Standing],
    now: datetime,
) -> None:
    there = _rows(connection, {name for _, _, name in wanted})
    rows = []
    for (route, recipient, name), want in wanted.items():
        old = there.get((label(route), recipient, name))
        if old is None:
            plain = {"told": None, "round": 0, "traces": 0, "critical": 0, "escalated": None}
        elif old["state"] == TOLD and stand[name].traces > old["traces"]:
            plain = {key: old[key] for key in ("told", "round", "traces", "critical", "escalated")}
        else:
            continue
        due_at = max(want.due, min(old["told"], now) + want.cool_down) if old and old["told"] else want.due
        key = {"route": route, "recipient": recipient, "fingerprint": name}
        rows.append({**key, **plain, "state": WAITING, "queued": now, "due": due_at})
    upsert(connection, alerts, rows)


def _rows(connection: Connection, names: Collection[str]) -> dict[tuple[str, str, str], RowMapping]:
    return {
        (row["route"], row["recipient"], row["fingerprint"]): row
        for chunk in chunks(sorted(names))
        for row in connection.execute(select(alerts).where(alerts.c.fingerprint.in_(chunk))).mappings()
    }


def _dues(connection: Connection, which: ColumnElement[bool], after: tuple[str, str] | None) -> Page:
    query = select(alerts).where(which).order_by(alerts.c.recipient, alerts.c.fingerprint).limit(PAGE)
    if after is not None:
        query = query.where(tuple_(alerts.c.recipient, alerts.c.fingerprint) > after)
    rows = connection.execute(query).mappings().all()
    stand = standing(connection, {row["fingerprint"] for row in rows})
    _drop_closed(connection, [row for row in rows if row["fingerprint"] not in stand and row["state"] == WAITING])
    dues = tuple(
        Due(
            recipient=row["recipient"],
            fingerprint=row["fingerprint"],
            round=row["round"],
            traces=row["traces"],
            standing=stand[row["fingerprint"]],
        )
        for row in rows
        if row["fingerprint"] in stand
    )
    return Page(dues=dues, end=(rows[-1]["recipient"], rows[-1]["fingerprint"]) if len(rows) == PAGE else None)


def _of(route: str, one: Due) -> ColumnElement[bool]:
    return (alerts.c.route == route) & (alerts.c.recipient == one.recipient) & (alerts.c.fingerprint == one.fingerprint)
