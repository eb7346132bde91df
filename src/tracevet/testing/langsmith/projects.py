"""Tracing projects, which the API calls sessions, and their saved views."""

from uuid import UUID, uuid4

import orjson

from tracevet.testing.langsmith.answers import Answer, Row, refused, unprocessable
from tracevet.testing.langsmith.calls import Call

_FILTERS = ("filter_string", "trace_filter_string", "tree_filter_string")


def listed(call: Call) -> Answer:
    """List projects, newest first."""
    rows = [row for row in reversed(call.workspace.projects.values()) if _wanted(call, row)]
    start, size = call.number("offset", 0), call.number("limit", 100, least=1, most=100)
    return Answer([_shown(call, row) for row in rows[start : start + size]])


def create(call: Call) -> Answer:
    """Create a project; one of the same name is returned where `upsert` is asked for."""
    fields = call.fields()
    name = fields.get("name") or "default"
    found = call.workspace.project_named(str(name))
    if found is not None and call.query("upsert") not in ("true", "True"):
        raise refused(409, "Session already exists")
    return Answer(found or call.workspace.add_project({**fields, "name": name}, now=call.now))


def get(call: Call) -> Answer:
    """Give one project."""
    return Answer(_shown(call, _project(call)))


def update(call: Call) -> Answer:
    """Change a project."""
    row, fields = _project(call), call.fields()
    row.update({key: fields[key] for key in ("name", "description", "extra", "end_time") if fields.get(key)})
    return Answer(row)


def list_views(call: Call) -> Answer:
    """List the saved views of a project, oldest first."""
    project, kind = _project(call), call.query("type")
    rows = [row for row in call.workspace.views if row["session_id"] == project["id"] and kind in (None, row["type"])]
    return Answer(rows)


def create_view(call: Call) -> Answer:
    """Save a view of a project; a second one of the same name stands beside the first."""
    project, fields = _project(call), call.fields()
    if not isinstance(fields.get("display_name"), str) or not fields["display_name"]:
        raise unprocessable("Field required", "body", "display_name", kind="missing")
    row: Row = {key: fields.get(key) for key in (*_FILTERS, "description", "start_time", "end_time", "duration")}
    row |= {"id": str(uuid4()), "display_name": fields["display_name"], "type": fields.get("type") or "runs"}
    row |= {"session_id": project["id"], "created_at": call.now, "updated_at": call.now}
    call.workspace.views.append(row)
    return Answer(row)


def _wanted(call: Call, row: Row) -> bool:
    ids, name, part = call.every("id"), call.query("name"), (call.query("name_contains") or "").lower()
    return (
        (not ids or row["id"] in ids)
        and name in (None, row["name"])
        and part in row["name"].lower()
        and (call.query("reference_free") not in ("true", "True") or row["reference_dataset_id"] is None)
        and _described(call.query("metadata"), row)
    )


def _described(text: str | None, row: Row) -> bool:
    if text is None:
        return True
    try:
        wanted = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise unprocessable("metadata is no JSON", "query", "metadata") from None
    has = (row["extra"] or {}).get("metadata") or {}
    return isinstance(wanted, dict) and all(has.get(key) == value for key, value in wanted.items())


def _shown(call: Call, row: Row) -> Row:
    if call.query("include_stats") in ("false", "False"):
        return row
    runs = [run for run in call.workspace.runs.all() if run["session_id"] == row["id"]]
    return row | {"run_count": len(runs), "last_run_start_time": max((run["start_time"] for run in runs), default=None)}


def _project(call: Call) -> Row:
    try:
        row = call.workspace.projects.get(str(UUID(call.path["session"])))
    except ValueError:
        raise unprocessable("Input should be a valid UUID", "path", "session_id", kind="uuid_parsing") from None
    if row is None:
        raise refused(404, "Session not found")
    return row
