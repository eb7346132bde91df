"""The messages to people: made once, sent until the channel has them, kept as a record."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, RowMapping, delete, func, select, update

from tracevet.ledger.columns import label, storable
from tracevet.ledger.schema import alerts, messages, violations
from tracevet.ledger.standing import Standing, standing
from tracevet.ledger.texts import dump, load
from tracevet.model import Alert

LEASE = timedelta(minutes=3)  # longer than a channel may take; after it a killed process's message is tried again
LATEST = timedelta(days=1)  # no retry waits longer, so what is due later was put there by a wrong clock
REASON_LIMIT = 500  # characters


class State(StrEnum):
    """Where a message is."""

    PENDING = "pending"
    SENDING = "sending"  # some process is at it, or was when it died
    SENT = "sent"
    PARKED = "parked"  # the channel refuses it
    DROPPED = "dropped"  # nothing of it is open any more


OPEN = (State.PENDING.value, State.SENDING.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message, and what became of it."""

    alert: Alert
    channel: str
    state: State = State.PENDING
    made: datetime
    due: datetime
    attempts: int = 0  # this one included
    settled: datetime | None = None
    reason: str = ""


Revise = Callable[[Message, dict[str, Standing]], Alert | datetime | None]


def add(connection: Connection, alert: Alert, channel: str, now: datetime) -> None:
    """Queue a message, once for each id."""
    if connection.scalar(select(messages.c.id).where(messages.c.id == alert.id)) is None:
        row = {"id": alert.id, "route": alert.route, "channel": channel, "kind": alert.kind.value}
        state = {"state": State.PENDING.value, "made": now, "due": now, "attempts": 0, "settled": None, "reason": ""}
        connection.execute(messages.insert(), [{**row, **state, **_said(alert)}])


def claim(connection: Connection, routes: Collection[str], revise: Revise, now: datetime) -> Message | None:
    """Take the message of these routes that is due longest for oneself, until its lease is over; None: none is due.

    `revise` is given the message and what stands open of it, and says what is sent: the alert as it is now, when
    to look at it again, or None where nothing of it is open any more.

    Raises:
        ValueError: a model of another shape wrote it.
    """
    query = select(messages).where(
        messages.c.route.in_(sorted(routes)), messages.c.state.in_(OPEN), messages.c.due <= now
    )
    while row := connection.execute(query.order_by(messages.c.due, messages.c.id).limit(1)).mappings().first():
        message = _message(row)
        names = {label(item.violation.fingerprint) for item in message.alert.items}
        said = revise(message, standing(connection, names))
        mine = update(messages).where(messages.c.id == row["id"])
        if said is None:
            reason = "nothing of it is open any more"
            connection.execute(mine.values(state=State.DROPPED.value, settled=now, reason=reason))
        elif isinstance(said, datetime):
            connection.execute(mine.values(due=said))
        else:
            alert = said.model_copy(update={"again": message.state is State.SENDING})
            mark = {"state": State.SENDING.value, "attempts": row["attempts"] + 1, "due": now + LEASE}
            connection.execute(mine.values(**mark, **_said(alert)))
            return Message(
                alert=alert, channel=row["channel"], made=row["made"], due=now + LEASE, attempts=row["attempts"] + 1
            )
    return None


def settle(connection: Connection, message: Message, state: State, now: datetime, reason: str, due: datetime) -> bool:
    """Note what became of an attempt; tell whether it was still ours to tell."""
    mine = (messages.c.id == message.alert.id) & (messages.c.state != State.SENT.value)
    if state is not State.SENT:
        mine &= messages.c.attempts == message.attempts
    values: dict[str, object] = {"state": state.value, "due": due, "reason": storable(reason)[:REASON_LIMIT]}
    values |= {} if state is State.PENDING else {"settled": now}
    return connection.execute(update(messages).where(mine).values(**values)).rowcount > 0


def unpark(connection: Connection, now: datetime) -> int:
    """Let what was parked be tried again as if for the first time."""
    parked = update(messages).where(messages.c.state == State.PARKED.value)
    return connection.execute(parked.values(state=State.PENDING.value, due=now, attempts=0, settled=None)).rowcount


def listed(connection: Connection, limit: int) -> list[Message]:
    """Give the youngest messages, youngest first.

    Raises:
        ValueError: a model of another shape wrote one.
    """
    query = select(messages).order_by(messages.c.made.desc(), messages.c.id).limit(limit)
    return [_message(row) for row in connection.execute(query).mappings()]


def counts(connection: Connection) -> dict[State, int]:
    """Count the messages by state."""
    rows = connection.execute(select(messages.c.state, func.count()).group_by(messages.c.state)).all()
    return {State(state): count for state, count in rows}


def mend(connection: Connection, now: datetime) -> None:
    """Bring back what a clock put into the future before it was set right."""
    late = messages.c.state.in_(OPEN) & (messages.c.due > now + LATEST)
    connection.execute(update(messages).where(late).values(due=now))


def prune(connection: Connection, before: datetime) -> None:
    """Remove the settled messages of before, and what was told of fingerprints that no verdict has any more."""
    connection.execute(delete(messages).where(messages.c.settled < before, messages.c.state.not_in(OPEN)))
    held = select(violations.c.fingerprint).where(violations.c.fingerprint == alerts.c.fingerprint)
    connection.execute(delete(alerts).where(~held.exists(), alerts.c.queued < before))


def _said(alert: Alert) -> dict[str, object]:
    # without `to`: the address comes from the user's map, each time
    return {"severity": alert.severity.value, "body": dump(alert, "to")}


def _message(row: RowMapping) -> Message:
    return Message(
        alert=load(Alert, row["body"]),
        channel=row["channel"],
        state=State(row["state"]),
        made=row["made"],
        due=row["due"],
        attempts=row["attempts"],
        settled=row["settled"],
        reason=row["reason"],
    )
