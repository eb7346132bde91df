"""Writing spans over OTLP, and the old reads of traces and observations (3.x and `dual`)."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from tracevet.testing.langfuse.answers import Answer, Row, not_found, page
from tracevet.testing.langfuse.calls import Call
from tracevet.testing.langfuse.mapping import to_row
from tracevet.testing.langfuse.observations import conditions
from tracevet.testing.langfuse.otlp import spans
from tracevet.testing.langfuse.project import Project
from tracevet.testing.langfuse.score_reads import old_shape
from tracevet.testing.langfuse.stored import from_text
from tracevet.testing.langfuse.times import normal, seconds_between

_COPIED = ("id", "traceId", "projectId", "type", "startTime", "endTime", "completionStartTime", "parentObservationId")
_NULLED = ("name", "model", "version", "statusMessage", "promptId", "promptName", "promptVersion", "modelId")
_WHOLE = ("modelParameters", "usageDetails", "costDetails", "level", "environment", "createdAt", "updatedAt")


def receive(call: Call) -> Answer:
    """Take spans; each arrives after the delay of spans, in the place of one with its trace and id."""
    project = call.project
    for span in spans(call.body, call.content_type, call.encoding):
        row = to_row(span, project=project.id, now=call.now)
        project.arrivals.later(call.delays.spans, partial(project.observations.put, row))
    return Answer({})


def list_observations(call: Call) -> Answer:
    """List observations in the old shape, newest start first."""
    wanted = conditions(call)
    rows = [row for row in call.project.observations.scan() if all(condition.holds(row) for condition in wanted)]
    return page([_observation(row) for row in rows], call.query)


def get_observation(call: Call) -> Answer:
    """Give one observation in the old shape."""
    trace = call.project.observations.trace_of(call.path["observation"])
    rows = call.project.observations.of_trace(trace) if trace else []
    for row in rows:
        if row["id"] == call.path["observation"]:
            return Answer(_observation(row))
    raise not_found("Observation not found within authorized project")


def list_traces(call: Call) -> Answer:
    """List traces, newest first, with the ids of their observations and scores."""
    found = [trace for trace in _traces(call.project) if _wanted(call, trace)]
    found.sort(key=lambda trace: (trace["timestamp"], trace["id"]), reverse=True)
    return page([trace | _ids(call.project, trace["id"]) for trace in found], call.query)


def list_sessions(call: Call) -> Answer:
    """List the sessions that traces name, newest first."""
    project = call.project
    first: dict[str, Row] = {}
    for row in project.observations.scan():
        if name := row["sessionId"]:
            kept = {"createdAt": row["startTime"], "projectId": project.id, "environment": row["environment"]}
            first[name] = {"id": name, **kept}
    return page(list(first.values()), call.query)


def get_trace(call: Call) -> Answer:
    """Give one trace with its observations and scores."""
    trace_id = call.path["trace"]
    rows = call.project.observations.of_trace(trace_id)
    if not rows and trace_id not in call.project.traces:
        raise not_found(f"Trace {trace_id} not found within authorized project")
    scores = [old_shape(call.project, score) for score in call.project.scores.find(traces=[trace_id])]
    shown = _trace(call.project, trace_id, rows)
    return Answer(shown | {"observations": [_observation(row) for row in rows], "scores": scores})


def delete_trace(call: Call) -> Answer:
    """Delete a trace."""
    project, trace = call.project, call.path["trace"]
    project.arrivals.later(call.delays.deletes, partial(project.delete_trace, trace))
    return Answer({"message": "Trace deleted successfully"})


def _traces(project: Project) -> Iterator[Row]:
    names = dict.fromkeys((*project.observations.traces(), *project.traces))
    return (_trace(project, name, project.observations.of_trace(name)) for name in names)


def _trace(project: Project, trace_id: str, rows: list[Row]) -> Row:
    """Build a trace from its rows and from what trace events said of it; the events win."""
    said = project.traces.get(trace_id, {})
    root = next((row for row in reversed(rows) if row["isRootObservation"]), rows[-1] if rows else {})
    start = min((row["startTime"] for row in rows), default=said.get("timestamp"))
    ends = [row["endTime"] for row in rows if row["endTime"]]
    built: Row = {
        "id": trace_id,
        "projectId": project.id,
        "timestamp": start,
        "name": _any(rows, "traceName") or root.get("name") or None,
        **{key: from_text(text) if (text := root.get(key)) else None for key in ("input", "output")},
        **{key: _any(rows, key) for key in ("sessionId", "userId", "release", "version")},
        "environment": root.get("environment", "default"),
        "metadata": _nested(root.get("metadata", {})),
        "tags": sorted({tag for row in rows for tag in row["tags"]} | set(said.get("tags", ()))),
        "public": any(row["public"] for row in rows),
        "bookmarked": any(row["bookmarked"] for row in rows),
        "createdAt": root.get("createdAt", said.get("timestamp")),
        "updatedAt": root.get("updatedAt", said.get("timestamp")),
        "latency": seconds_between(start, max(ends)) if ends and start else 0,
        "totalCost": sum(row["totalCost"] or 0 for row in rows),
        "htmlPath": f"/project/{project.id}/traces/{trace_id}",
    }
    kept = ("name", "userId", "sessionId", "release", "version", "public", "bookmarked", "environment", "metadata")
    return built | {key: said[key] for key in kept if key in said}


def _ids(project: Project, trace_id: str) -> Row:
    scores = [score["id"] for score in project.scores.find(traces=[trace_id])]
    return {"observations": [row["id"] for row in project.observations.of_trace(trace_id)], "scores": scores}


def _wanted(call: Call, trace: Row) -> bool:
    equal = (call.query(key) in (None, trace[key]) for key in ("userId", "name", "sessionId", "version", "release"))
    first, end = call.query("fromTimestamp"), call.query("toTimestamp")
    return (
        all(equal)
        and set(call.every("tags")) <= set(trace["tags"])
        and (not call.every("environment") or trace["environment"] in call.every("environment"))
        and (not first or trace["timestamp"] >= normal(first, "fromTimestamp"))
        and (not end or trace["timestamp"] < normal(end, "toTimestamp"))
    )


def _observation(row: Row) -> Row:
    """Show a row as v1 does: parsed input and output, nested metadata, neither user nor session."""
    usage, costs = row["usageDetails"] or {}, row["costDetails"] or {}
    counts = {key: usage.get(key, 0) for key in ("input", "output", "total")}
    prices = {f"{key}Price": None if row[f"{key}Price"] is None else float(row[f"{key}Price"]) for key in counts}
    return {
        **{key: row[key] for key in (*_COPIED, *_WHOLE)},
        **{key: row[key] or None for key in _NULLED},
        **{key: None if row[key] is None else from_text(row[key]) for key in ("input", "output")},
        "metadata": _nested(row["metadata"]),
        "usage": {**counts, "unit": "TOKENS"},
        **prices,
        **{f"calculated{key.title()}Cost": costs.get(key) for key in counts},
        "latency": seconds_between(row["startTime"], row["endTime"]),
        "timeToFirstToken": row["timeToFirstToken"],
        "promptTokens": counts["input"],
        "completionTokens": counts["output"],
        "totalTokens": counts["total"],
    }


def _nested(metadata: dict[str, str]) -> Row:
    """Nest dotted keys under the heads that Langfuse made them from; a user's own dots stay."""
    nested: Row = {}
    for key, text in metadata.items():
        head, dot, rest = key.partition(".")
        if dot and head in ("attributes", "resourceAttributes"):
            nested.setdefault(head, {})[rest] = from_text(text)
        elif dot and head == "scope":
            scope = nested.setdefault("scope", {})
            inner, _, name = rest.partition(".")
            if name:
                scope.setdefault(inner, {})[name] = from_text(text)
            else:
                scope[inner] = from_text(text)
        else:
            nested[key] = from_text(text)
    return nested


def _any(rows: list[Row], key: str) -> Any:
    return next((row[key] for row in reversed(rows) if row[key]), None)
