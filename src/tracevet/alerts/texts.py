"""What an alert says: what was found, where, by whom, how to mend it, and how to answer."""

from collections.abc import Iterator

from tracevet.alerts.escaping import AlertForm, code, escaped, lines, link, one_line
from tracevet.model import Alert, AlertItem, AlertKind

__all__ = ["AlertForm", "alert_text", "alert_title"]

SHORT = 120  # characters of a name
LONG = 600  # characters of a sentence
EVIDENCE = 1200  # characters
EVIDENCE_LINES = 12
_KINDS = {
    AlertKind.VIOLATIONS: "",
    AlertKind.DIGEST: "Digest: ",
    AlertKind.ESCALATION: "Not acknowledged: ",
    AlertKind.SAMPLE: "SAMPLE, nothing happened: ",
}


def alert_title(alert: Alert) -> str:
    """Give the alert in one line of plain text, visible characters only, at most 200 of them."""
    first, count = alert.items[0], len(alert.items) + alert.more
    what = f"{first.violation.title} in {first.violation.project or first.violation.path or 'a trace'}"
    said = one_line(what, SHORT) if count == 1 else f"{count} violations, worst: {one_line(what, 90)}"
    return f"{_KINDS[alert.kind]}[{alert.severity.upper()}] {said}"


def alert_text(alert: Alert, form: AlertForm = AlertForm.TEXT) -> str:
    """Give the whole alert in one form, with everything that comes from a trace escaped for it.

    Evidence is masked. It says what to do, and links to each trace that has an address.
    """
    parts = [_block(piece, form) for piece in _opening(alert)]
    for number, item in enumerate(alert.items, 1):
        parts += [_heading(item, number if len(alert.items) > 1 else 0, form)]
        parts += [_block(piece, form) for piece in _body(item)]
        parts += [code(_evidence(item), form)] if item.violation.evidence else []
        parts += [_block(piece, form) for piece in _advice(item)]
    parts += [_block(piece, form) for piece in _closing(alert)]
    return "\n".join(parts) if form is AlertForm.HTML else "\n\n".join(parts)


def _opening(alert: Alert) -> Iterator[str]:
    if alert.kind is AlertKind.SAMPLE:
        yield f"This is a sample that somebody sent to try the route {alert.route}. Nothing happened."
    if alert.kind is AlertKind.ESCALATION:
        yield "Nobody acknowledged this in time."
    if alert.again:
        yield "This may be a repeat: a try before was cut off."


def _heading(item: AlertItem, number: int, form: AlertForm) -> str:
    violation = item.violation
    cwe = f", {', '.join(violation.cwe)}" if violation.cwe else ""
    shown = f"{f'{number}. ' if number else ''}{item.severity.upper()}: {violation.title} ({violation.policy}{cwe})"
    text = escaped(one_line(shown, 2 * SHORT), form)
    marks = {AlertForm.TEXT: "{}", AlertForm.MARKDOWN: "**{}**", AlertForm.HTML: "<h3>{}</h3>", AlertForm.SLACK: "*{}*"}
    return marks[form].format(text)


def _body(item: AlertItem) -> Iterator[str]:
    violation = item.violation
    where = f"{violation.path}:{violation.start_line}" if violation.path else f"line {violation.start_line}"
    yield f"{violation.surface} at {where}"
    context = (violation.developer, violation.project, violation.branch, violation.assistant, violation.model)
    names = [one_line(name, SHORT) for name in context if name]
    yield " · ".join([*names, f"trace {one_line(violation.trace_id, 80)}"])
    yield violation.message
    if item.traces > 1:
        yield f"It stands in {item.traces} traces; {item.new} of them are news here."


def _evidence(item: AlertItem) -> str:
    return lines(item.violation.evidence, EVIDENCE, EVIDENCE_LINES)


def _advice(item: AlertItem) -> Iterator[str]:
    violation = item.violation
    yield f"What to do: {violation.recommendation}"
    if address := link(violation.url):
        yield address
    yield f"Fingerprint {violation.fingerprint}"


def _closing(alert: Alert) -> Iterator[str]:
    if alert.more:
        yield f"And {alert.more} more: tracevet alerts, or the traces on the platform, show them all."
    if alert.kind is AlertKind.SAMPLE:
        return
    yield (
        "To answer: mend it; or judge it on the platform (policy.review); or run tracevet alerts ack FINGERPRINT, "
        "or tracevet suppress FINGERPRINT with a reason."
    )
    yield f"Sent by tracevet, route {alert.route}, message {alert.id}."


def _block(text: str, form: AlertForm) -> str:
    shown = text if link(text) == text else escaped(one_line(text, LONG), form)
    if form is AlertForm.HTML:
        address = shown.replace("&", "&amp;")
        return f'<p><a href="{address}">{address}</a></p>' if shown is text else f"<p>{shown}</p>"
    if shown is text:
        return {AlertForm.MARKDOWN: f"<{text}>", AlertForm.SLACK: f"<{text.replace('&', '&amp;')}>"}.get(form, text)
    return shown
