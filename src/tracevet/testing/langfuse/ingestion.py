"""`POST /api/public/ingestion`: score events always, trace events where the old tables are still written."""

from collections.abc import Callable
from typing import Any

from tracevet.testing.langfuse.answers import Answer, RefusalError, Row, invalid, mistyped
from tracevet.testing.langfuse.calls import Call
from tracevet.testing.langfuse.score_rules import check
from tracevet.testing.langfuse.score_writes import accept
from tracevet.testing.langfuse.times import normal

BODY_LIMIT = 4_500_000  # bytes of a request
_SILENT = frozenset({"sdk-log"})  # accepted without effect


def ingest(call: Call) -> Answer:
    """Answer 207 with one success or error for each event."""
    if len(call.body) > BODY_LIMIT:
        raise RefusalError(413, {"message": "Body exceeded 4.5mb limit"})
    batch = call.fields().get("batch")
    if not isinstance(batch, list):
        raise invalid(mistyped("array", batch, "batch"))
    successes, errors = [], []
    for at, event in enumerate(batch):
        event_id = event.get("id") if isinstance(event, dict) else None
        try:
            _one(call, event, rejected=at < call.rejected)
        except RefusalError as refusal:
            errors.append({"id": event_id or "unknown", "status": refusal.status, **_told(refusal)})
        else:
            successes.append({"id": event_id, "status": 201})
    return Answer({"successes": successes, "errors": errors}, 207)


def _told(refusal: RefusalError) -> Row:
    return {"message": refusal.body["message"], "error": str(refusal.body["error"])}


def _one(call: Call, event: object, *, rejected: bool) -> None:
    if not isinstance(event, dict) or not isinstance(event.get("body"), dict):
        raise invalid(mistyped("object", event))
    if rejected:
        raise RefusalError(500, {"message": "Error processing events", "error": "Internal Server Error"})
    kind = event.get("type")
    handler = _EVENTS.get(kind) if isinstance(kind, str) else None
    if handler is None and kind not in _SILENT:
        raise _not_accepted(call, kind)
    if handler is not None:
        handler(call, event)


def _score(call: Call, event: Row) -> None:
    body = check(event["body"])
    accept(call, body, normal(event.get("timestamp"), "timestamp"))


def _trace(call: Call, event: Row) -> None:
    """Merge a trace: tags by union; `public` and `bookmarked` fall back to false where the event omits them."""
    if not call.release.v1:
        raise _not_accepted(call, event["type"])
    body = event["body"]
    trace = body.get("id")
    if not isinstance(trace, str):
        raise invalid(mistyped("string", trace, "body", "id"))
    given = {key: value for key, value in body.items() if value is not None}
    said = {"public": False, "bookmarked": False, **given, "timestamp": normal(event.get("timestamp"), "timestamp")}
    project = call.project

    def arrive() -> None:
        old = project.traces.get(trace, {})
        tags = sorted({*old.get("tags", ()), *said.get("tags", ())})
        project.traces[trace] = {**old, **said, "tags": tags}

    project.arrivals.later(call.delays.spans, arrive)


def _not_accepted(call: Call, kind: Any) -> RefusalError:
    if call.release.v1:
        return invalid(mistyped("union", kind, "type"))
    text = (
        f'Event type "{kind}" is not accepted by /api/public/ingestion when LANGFUSE_MIGRATION_V4_WRITE_MODE is '
        "events_only. This endpoint only accepts score and log events. Upgrade the client or integration to a "
        "v4-compatible SDK or OTLP ingestion path. As a temporary migration bridge, set "
        "LANGFUSE_MIGRATION_V4_WRITE_MODE=dual on both the web and worker services and redeploy. "
        "Docs: https://langfuse.com/self-hosting/upgrade/upgrade-guides/upgrade-v3-to-v4"
    )
    return RefusalError(400, {"message": "Event type not accepted", "error": text})


_EVENTS: dict[str, Callable[[Call, Row], None]] = {"score-create": _score, "trace-create": _trace}
