"""From what is due on a route to messages: which belong together, and which id each has."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime

from tracevet.alerts.routes import Route
from tracevet.ledger.alerts import Due, Parcel, Plan
from tracevet.ledger.columns import label
from tracevet.ledger.standing import Standing
from tracevet.model import Alert, AlertItem, AlertKind, Severity
from tracevet.routing import When

ALONE = 5  # so many at once get a message each; more share one
SHOWN = 20  # violations told in one message; the others are counted
PLACES = 10  # places and steps of one that go along; `occurrences` counts them all


def plan(route: Route, dues: Sequence[Due], now: datetime) -> Plan:
    """Say what becomes of what is due on the route: messages, what it does not take any more; the rest waits."""
    kind = AlertKind.VIOLATIONS if route.options.when is When.NOW else AlertKind.DIGEST
    items = [(due, item(route, due.recipient, due.standing, due.traces)) for due in dues]
    taken = [(due, found) for due, found in items if found is not None]
    loud = [(due, found) for due, found in taken if not route.silent(now, found.severity)]
    parcels = tuple(_parcels(route, kind, loud, route.options.channel, now))
    return Plan(parcels=parcels, drop=tuple(due for due, found in items if found is None))


def escalation(route: Route, dues: Sequence[Due], now: datetime) -> Plan:
    """Make the messages about what nobody answered."""
    items = [(due, item(route, due.recipient, due.standing, due.traces)) for due in dues]
    taken = [(due, found) for due, found in items if found is not None]
    to = route.options.escalate_to or route.options.channel
    return Plan(parcels=tuple(_parcels(route, AlertKind.ESCALATION, taken, to, now)))


def item(route: Route, recipient: str, standing: Standing, told: int) -> AlertItem | None:
    """Give what the route tells the recipient of a fingerprint: its youngest violation there; None: nothing."""
    for platform, violation in standing.found:
        if route.takes(violation) and label(route.recipient(violation) or "") == recipient:
            new = max(0, standing.traces - told)
            shown = violation.model_copy(update={"places": violation.places[:PLACES], "flow": violation.flow[:PLACES]})
            return AlertItem(violation=shown, platform=platform, traces=standing.traces, new=new)
    return None


def _parcels(
    route: Route, kind: AlertKind, taken: Sequence[tuple[Due, AlertItem]], channel: str, now: datetime
) -> Iterator[Parcel]:
    by_recipient: dict[str, list[tuple[Due, AlertItem]]] = {}
    for due, found in taken:
        by_recipient.setdefault(due.recipient, []).append((due, found))
    for many in by_recipient.values():
        many.sort(key=lambda pair: (-pair[1].severity.rank, pair[0].fingerprint))
        alone = kind is not AlertKind.DIGEST and len(many) <= ALONE
        for group in [[pair] for pair in many] if alone else [many]:
            yield _parcel(route, kind, group, channel, now)


def _parcel(
    route: Route, kind: AlertKind, group: Sequence[tuple[Due, AlertItem]], channel: str, now: datetime
) -> Parcel:
    alert = Alert(
        id=_id(route, kind, [due for due, _ in group]),
        kind=kind,
        route=route.name,
        at=now,
        items=tuple(found for _, found in group[:SHOWN]),
        more=max(0, len(group) - SHOWN),
    )
    return Parcel(
        alert=alert,
        channel=channel,
        tells=tuple((due, found.severity is Severity.CRITICAL) for due, found in group),
    )


def _id(route: Route, kind: AlertKind, dues: Sequence[Due]) -> str:
    """Make the same id for the same news, whichever process tells it."""
    told = sorted(f"{due.fingerprint} {due.round}" for due in dues)
    text = "\x00".join((route.name, kind, dues[0].recipient, *told))
    return f"msg_{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"
