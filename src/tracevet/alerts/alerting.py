"""Alerting: the routes asked about what is new, the messages made, and brought to their channels, each once."""

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from tracevet.alerts.parcels import escalation, item, plan
from tracevet.alerts.routes import Route
from tracevet.errors import BusyError, RefusedError, TracevetError
from tracevet.ledger import Ledger
from tracevet.ledger.alerts import Message, Want
from tracevet.ledger.columns import label
from tracevet.ledger.standing import Standing
from tracevet.model import Alert, AlertKind, Violation
from tracevet.plugin import Notifier
from tracevet.routing import Recipient

REFUSALS = 3  # attempts until a refused message is parked
ATTEMPTS = 50  # attempts until any message is: more than a day of them
FIRST_WAIT = timedelta(seconds=15)  # doubled with each further attempt
LONGEST_WAIT = timedelta(hours=1)
QUIET_LOOK = timedelta(minutes=5)  # how often a message that met quiet hours is looked at again


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """What one round brought about."""

    sent: int = 0
    failed: int = 0  # they are tried again
    parked: int = 0
    notes: tuple[str, ...] = ()  # why something was not delivered, each once


class Alerting:
    """Tells people what the ledger knows, by the routes; everything it does survives a killed process.

    An alert is a row of the ledger before it is sent, with an id that does not change, and stays there until its
    channel has it. What is not open any more by then is not sent.
    """

    def __init__(
        self,
        ledger: Ledger,
        routes: Iterable[Route],
        notifier: Callable[[str], Notifier],
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Set it up.

        Args:
            ledger: where the violations are, and the messages.
            routes: which go where; none tells nobody.
            notifier: builds the notifier of a channel, by the channel's name.
            clock: tells the time; the ledger's own should be the same.
        """
        self._ledger = ledger
        self._routes = {route.name: route for route in routes}
        self._build = notifier
        self._clock = clock
        self._built: dict[str, Notifier] = {}

    def start(self) -> None:
        """Build every channel that a route uses, so that what is wrong with one is said before the work begins.

        Raises:
            TracevetError: a channel can't be built, or can't write to developers though a route does.
        """
        for route in self._routes.values():
            for channel in route.channels:
                self._notifier(channel)
            to = self._notifier(route.options.channel)
            if route.options.to is Recipient.DEVELOPER and not to.addressable:
                raise RefusedError(
                    f"the route {route.name!r} writes to developers, and the channel {route.options.channel!r} "
                    "can't write to an address that it is given; its options say where addresses go"
                )

    def run(self, *, stopped: Callable[[], bool] = lambda: False) -> Delivered:
        """Tell what is to be told now; idle if that is nothing.

        Raises:
            LedgerError: the ledger can't be read or written.
        """
        delivered = Delivered()
        if not self._routes:
            return delivered  # another process, with routes, may take what is new
        self.queue()
        while not stopped() and (message := self._ledger.alerts.claim(tuple(self._routes), self._revised)):
            delivered = self._deliver(message, delivered)
        return delivered

    def queue(self) -> None:
        """Make the messages that are due, and send none."""
        kept = self._ledger.alerts
        kept.mend()
        kept.take_news(self._wants)
        for route in self._routes.values():
            kept.tell(route.name, partial(plan, route, now=self._clock()))
            if route.patience is not None:
                now = self._clock()
                kept.escalate(route.name, now - route.patience, partial(escalation, route, now=now))

    def _wants(self, violation: Violation) -> Iterator[Want]:
        now = self._clock()
        for route in self._routes.values():
            if route.takes(violation):
                recipient = route.recipient(violation) or ""
                yield Want(route=route.name, recipient=recipient, due=route.due(now), cool_down=route.cool_down)

    def _revised(self, message: Message, stand: dict[str, Standing]) -> Alert | datetime | None:
        """Leave in a message what is still open and still goes this way."""
        alert, now = message.alert, self._clock()
        route = self._routes[alert.route]
        if alert.kind is not AlertKind.ESCALATION and route.silent(now, alert.severity):
            return now + QUIET_LOOK
        recipient = route.recipient(alert.items[0].violation)
        if recipient is None:
            return None
        kept = []
        for old in alert.items:
            open_ = stand.get(label(old.violation.fingerprint))
            found = item(route, label(recipient), open_, open_.traces - old.new) if open_ else None
            kept += [found] if found else []
        if not kept:
            return None
        to = route.developers.get(recipient) if recipient else None
        return alert.model_copy(update={"items": tuple(kept), "to": to})

    def _deliver(self, message: Message, so_far: Delivered) -> Delivered:
        """Bring one message to its channel, and note what became of it."""
        name = message.channel
        try:
            self._notifier(name).notify(message.alert)
        except TracevetError as error:
            return self._failed(message, error, f"{name}: {error}", so_far)
        except Exception as error:  # the plugin boundary; the text of a foreign error may hold a secret
            reason = f"{name}: its notifier failed with {type(error).__name__}"
            return self._failed(message, RefusedError(reason), reason, so_far)
        self._ledger.alerts.sent(message)
        return replace(so_far, sent=so_far.sent + 1)

    def _failed(self, message: Message, error: TracevetError, reason: str, so_far: Delivered) -> Delivered:
        final = isinstance(error, RefusedError) and message.attempts >= REFUSALS
        parked = final or message.attempts >= ATTEMPTS
        retry_at = None if parked else self._clock() + _wait(message.attempts, error)
        self._ledger.alerts.failed(message, reason, retry_at)
        notes = tuple(dict.fromkeys((*so_far.notes, reason)))[:20]
        return replace(so_far, failed=so_far.failed + (not parked), parked=so_far.parked + parked, notes=notes)

    def _notifier(self, channel: str) -> Notifier:
        if channel not in self._built:
            self._built[channel] = self._build(channel)
        return self._built[channel]


def _wait(attempts: int, error: TracevetError) -> timedelta:
    """Wait longer with each attempt, never shorter than the channel asks for, and not all at one moment."""
    spread = 1 + random.random() / 4  # noqa: S311 - hides nothing
    wait: timedelta = min(FIRST_WAIT * 2.0 ** min(attempts - 1, 20), LONGEST_WAIT) * spread
    asked = error.after if isinstance(error, BusyError) else None
    return max(wait, timedelta(seconds=min(asked or 0.0, LONGEST_WAIT.total_seconds())))
