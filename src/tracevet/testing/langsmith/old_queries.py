"""Reading runs by the API of version 1: newest first, pages of at most 100."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from tracevet.testing.langsmith.answers import Answer, Row, refused, unprocessable
from tracevet.testing.langsmith.calls import Call
from tracevet.testing.langsmith.filters import condition
from tracevet.testing.langsmith.queries import in_trace
from tracevet.testing.langsmith.shapes import v1_shape
from tracevet.testing.langsmith.stored import TYPES
from tracevet.testing.langsmith.times import iso, moment

LARGEST = 100
_PLACES = ("session", "id", "parent_run", "trace", "reference_example")
_bad = partial(refused, 400)


def query(call: Call) -> Answer:
    """Give a page of runs by their start, with a cursor to go on."""
    body = call.fields()
    if not any(body.get(key) for key in _PLACES):
        raise _bad("At least one of " + ", ".join(f"'{key}'" for key in _PLACES) + " must be specified")
    size = body.get("limit") or LARGEST
    if not isinstance(size, int) or not 1 <= size <= LARGEST:
        raise _bad(f"Limit exceeds maximum allowed value of {LARGEST}")
    holds = _conditions(call, body)
    rows = [row for row in call.workspace.runs.all() if holds(row)]
    rows.sort(key=lambda row: (row["start_time"], row["id"]), reverse=body.get("order", "desc") == "desc")
    start = _offset(body.get("cursor"))
    end = start + (size if call.shorter is None else min(size, max(call.shorter, 1)))
    shown = [v1_shape(call.workspace, row, body.get("select")) for row in rows[start:end]]
    cursors = {"next": str(end) if end < len(rows) else None, "prev": str(max(0, start - size)) if start else None}
    return Answer({"runs": shown, "cursors": cursors, "search_cursors": None, "parsed_query": None})


def one_run(call: Call) -> Answer:
    """Give one run."""
    row = call.workspace.runs.get(_uuid(call.path["run"], "run_id"))
    if row is None or call.query("session_id") not in (None, row["session_id"]):
        raise refused(404, "Run not found")
    return Answer(v1_shape(call.workspace, row))


def _conditions(call: Call, body: Row) -> Callable[[Row], bool]:
    """Put together what a run must be to be found."""
    filters = {name: condition(call.workspace, body.get(name), _bad) for name in ("filter", "query")}
    of_root, of_any = (
        condition(call.workspace, body[name], _bad) if body.get(name) else None
        for name in ("trace_filter", "tree_filter")
    )
    plain = _plain(body)

    def holds(row: Row) -> bool:
        return (
            all(value is None or _equal(row, key, value) for key, value in plain.items())
            and all(accepts(row) for accepts in filters.values())
            and in_trace(call, row, of_root, root_only=True)
            and in_trace(call, row, of_any, root_only=False)
        )

    return holds


def _plain(body: Row) -> dict[str, Any]:
    sessions, ids = body.get("session"), body.get("id")
    kind = body.get("run_type")
    if kind is not None and kind not in TYPES:
        raise unprocessable("Input should be " + ", ".join(TYPES), "body", "run_type", kind="enum")
    times = {key: iso(moment(body[key], "body", key)) if body.get(key) else None for key in ("start_time", "end_time")}
    return {
        "session_id": {_uuid(key, "session") for key in sessions} if sessions else None,
        "id": {_uuid(key, "id") for key in ids} if ids else None,
        "trace_id": {_uuid(body["trace"], "trace")} if body.get("trace") else None,
        "parent_run_id": {_uuid(body["parent_run"], "parent_run")} if body.get("parent_run") else None,
        "run_type": {kind} if kind else None,
        "is_root": body.get("is_root"),
        "failed": body.get("error"),
        **times,
    }


def _equal(row: Row, key: str, value: Any) -> bool:
    match key:
        case "is_root":
            return (row["parent_run_id"] is None) == bool(value)
        case "failed":
            return (row["error"] is not None) == bool(value)
        case "start_time":
            return bool(row["start_time"] >= value)
        case "end_time":
            return bool(row["start_time"] <= value)
    return bool(row[key] in value)


def _offset(cursor: object) -> int:
    text = str(cursor or 0)
    if not text.isdigit():
        raise _bad("invalid cursor")
    return int(text)


def _uuid(value: object, name: str) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise unprocessable("Input should be a valid UUID", "body", name, kind="uuid_parsing") from None
