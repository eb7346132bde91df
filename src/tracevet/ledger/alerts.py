"""Alerts of one ledger: what is to be told, the messages, and who acknowledged what."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from tracevet.ledger import messages, telling
from tracevet.ledger.audit import Action, Event, append, who
from tracevet.ledger.columns import label
from tracevet.ledger.database import Database
from tracevet.ledger.messages import Message, Revise, State
from tracevet.ledger.schema import acknowledgements, alerts, violations
from tracevet.ledger.telling import Due, Want
from tracevet.ledger.upsert import upsert
from tracevet.model import Alert, AlertKind, Violation

__all__ = ["Alerts", "Due", "Message", "Parcel", "Plan", "State", "Want"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A message to be made, and what it tells."""

    alert: Alert
    channel: str
    tells: tuple[tuple[Due, bool], ...]  # and whether it is critical


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to become of some that are due; what is in none of them goes on waiting."""

    parcels: tuple[Parcel, ...] = ()
    drop: tuple[Due, ...] = ()  # the route does not take them any more


class Alerts:
    """Every method is one or more whole transactions: killed anywhere, the next process goes on."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Use `Ledger.alerts`."""
        self._database = database
        self._clock = clock

    def take_news(self, wants: Callable[[Violation], Iterable[Want]]) -> None:
        """Ask about each open violation of the verdicts that changed, once, which routes want to tell it."""
        while True:
            with self._database.reading() as connection:
                if not telling.any_news(connection):
                    return
            with self._database.writing() as connection, self._database.readable():
                telling.take_news(connection, wants, self._clock())

    def mend(self) -> None:
        """Bring back what a clock put into the future before it was set right."""
        with self._database.writing() as connection:
            telling.mend(connection, self._clock())
            messages.mend(connection, self._clock())

    def tell(self, route: str, plan: Callable[[tuple[Due, ...]], Plan]) -> None:
        """Make the messages of what is due on a route; each in one transaction with what it tells."""
        after: tuple[str, str] | None = None
        while True:
            now = self._clock()
            with self._database.writing() as connection, self._database.readable():
                page = telling.due(connection, route, now, after)
                said = plan(page.dues) if page.dues else Plan()
                for parcel in said.parcels:
                    messages.add(connection, parcel.alert, parcel.channel, now)
                    for one, critical in parcel.tells:
                        telling.told(connection, route, one, now, critical=critical)
                for one in said.drop:
                    telling.drop(connection, route, one)
            after = page.end
            if after is None:
                return

    def escalate(self, route: str, before: datetime, plan: Callable[[tuple[Due, ...]], Plan]) -> None:
        """Make messages of the critical ones that were told before, and that nobody acknowledged or judged."""
        after: tuple[str, str] | None = None
        while True:
            now = self._clock()
            with self._database.writing() as connection, self._database.readable():
                page = telling.unanswered(connection, route, before, after)
                for parcel in plan(page.dues).parcels if page.dues else ():
                    messages.add(connection, parcel.alert, parcel.channel, now)
                    for one, _ in parcel.tells:
                        telling.escalated(connection, route, one, now)
            after = page.end
            if after is None:
                return

    def claim(self, routes: Collection[str], revise: Revise) -> Message | None:
        """Take the next message of these routes that is due, for three minutes; None: there is none."""
        with self._database.writing() as connection, self._database.readable():
            return messages.claim(connection, routes, revise, self._clock())

    def unpark(self) -> int:
        """Let what its channel refused be tried again now; give how many messages that are."""
        with self._database.writing() as connection:
            return messages.unpark(connection, self._clock())

    def sent(self, message: Message) -> None:
        """Note that the channel has it."""
        now = self._clock()
        with self._database.writing() as connection:
            if messages.settle(connection, message, State.SENT, now, "", now):
                append(connection, [_event(message)], now)

    def failed(self, message: Message, reason: str, retry_at: datetime | None) -> None:
        """Note why it was not delivered, and when it is tried again; None parks it."""
        now = self._clock()
        state = State.PENDING if retry_at else State.PARKED
        with self._database.writing() as connection:
            messages.settle(connection, message, state, now, reason, retry_at or now)

    def acknowledge(self, fingerprint: str, actor: str | None = None) -> bool:
        """Note that somebody looks after a fingerprint, so that it is not escalated; False: there is none."""
        name, now = actor or who(), self._clock()
        with self._database.writing() as connection:
            query = select(violations.c.fingerprint).where(violations.c.fingerprint == fingerprint).limit(1)
            if connection.scalar(query) is None:
                return False
            upsert(connection, acknowledgements, [{"fingerprint": fingerprint, "at": now, "actor": name}])
            append(connection, [Event(action=Action.ACKNOWLEDGE, subject=label(fingerprint), actor=name)], now)
        return True

    def listed(self, limit: int = 100) -> list[Message]:
        """Give the youngest messages, youngest first."""
        with self._database.reading() as connection, self._database.readable():
            return messages.listed(connection, limit)

    def counts(self) -> dict[State, int]:
        """Count the messages by state."""
        with self._database.reading() as connection:
            return messages.counts(connection)

    def waiting(self) -> dict[str, tuple[int, datetime]]:
        """Give by route how many violations wait to be told, and when the first one is due."""
        query = select(alerts.c.route, func.count(), func.min(alerts.c.due)).group_by(alerts.c.route)
        with self._database.reading() as connection:
            rows = connection.execute(query.where(alerts.c.state == telling.WAITING)).all()
        return {route: (count, first) for route, count, first in rows}

    def met(self) -> frozenset[str]:
        """Give the labels of the routes that ever took something."""
        with self._database.reading() as connection:
            return frozenset(connection.scalars(select(alerts.c.route).distinct()))


def _event(message: Message) -> Event:
    alert = message.alert
    told = [label(item.violation.fingerprint) for item in alert.items] if alert.kind is not AlertKind.SAMPLE else []
    details = {"message": alert.id, "channel": message.channel, "fingerprints": list(told), "more": alert.more}
    return Event(action=Action.ALERT, subject=alert.route, reason=alert.kind.value, actor=who(), details=details)
