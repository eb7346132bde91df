"""The stored form of a run, and the ways to it from what clients send and tests seed."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from tracevet.testing.langsmith.answers import Row, rejected
from tracevet.testing.langsmith.times import moment, stored
from tracevet.testing.langsmith.workspace import Workspace

TYPES = ("tool", "chain", "llm", "retriever", "embedding", "prompt", "parser")
THREAD_KEYS = ("session_id", "conversation_id", "thread_id")  # LangSmith's own order
_TIMES = ("start_time", "end_time", "first_token_time")
_PLAIN = ("inputs", "outputs", "error", "events", "extra", "tags", "serialized", "reference_example_id", "s3_urls")
_CHANGEABLE = ("end_time", *_PLAIN, "name", "status", "first_token_time", "total_tokens", "prompt_tokens")


def new_run(fields: Mapping[str, Any], workspace: Workspace, *, now: str) -> Row:
    """Store a run as version 1 writes it; what it lacks is blank. Its project is created where it is new.

    Raises:
        RefusalError: a field is missing or of a wrong kind.
    """
    run_id = _uuid(fields.get("id"), "id")
    row: Row = {**dict.fromkeys(_PLAIN), **fields, "id": run_id}
    row |= {key: stored(fields.get(key), key) for key in _TIMES}
    row["start_time"] = row["start_time"] or now
    row["run_type"] = str(fields.get("run_type") or "chain").lower()
    if row["run_type"] not in TYPES:
        raise rejected(422, "unknown run_type")
    row["name"] = str(fields.get("name") or "")
    parent = fields.get("parent_run_id")
    row["parent_run_id"] = None if parent is None else _uuid(parent, "parent_run_id")
    row["trace_id"] = _uuid(fields.get("trace_id") or _trace(row, workspace), "trace_id")
    row["session_id"] = _project(row, workspace, now=now)
    row["dotted_order"] = fields.get("dotted_order") or _order(row, workspace)
    row["status"] = str(fields.get("status") or _status(row)).lower()
    row.pop("session_name", None)
    return row


def seeded(fields: Mapping[str, Any]) -> Row:
    """Bring a run in the form of version 2 into that of version 1; one in that of version 1 stays as it is."""
    row = dict(fields)
    if "project_id" in row:
        row["session_id"] = row.pop("project_id")
    if "metadata" in row:
        row["extra"] = {**(row.get("extra") or {}), "metadata": row.pop("metadata")}
    parents = row.pop("parent_run_ids", None)
    if parents and not row.get("parent_run_id"):
        row["parent_run_id"] = parents[-1]
    return row


def changes(fields: Mapping[str, Any], keys: Iterable[str] = _CHANGEABLE) -> Row:
    """Pick what changes a run; what is null changes nothing."""
    picked = {key: fields[key] for key in keys if fields.get(key) is not None}
    return picked | {key: stored(picked[key], key) for key in _TIMES if key in picked}


def metadata(row: Row) -> dict[str, Any]:
    """Give a run's metadata."""
    extra = row.get("extra")
    found = extra.get("metadata") if isinstance(extra, dict) else None
    return found if isinstance(found, dict) else {}


def thread(row: Row) -> str | None:
    """Name the thread that a run belongs to."""
    found = metadata(row)
    return next((str(found[key]) for key in THREAD_KEYS if found.get(key)), None)


def _status(row: Row) -> str:
    if row["error"]:
        return "error"
    return "success" if row["end_time"] else "pending"


def _trace(row: Row, workspace: Workspace) -> str:
    parent = workspace.runs.get(row["parent_run_id"])
    return str(parent["trace_id"] if parent else row["parent_run_id"] or row["id"])


def _project(row: Row, workspace: Workspace, *, now: str) -> str:
    given = row.get("session_id")
    if given is None:
        return str(workspace.ensure_project(str(row.get("session_name") or "default"), now=now)["id"])
    project = _uuid(given, "session_id")
    if project not in workspace.projects:
        workspace.add_project({"id": project, "name": row.get("session_name") or project}, now=now)
    return project


def _order(row: Row, workspace: Workspace) -> str:
    own = moment(row["start_time"]).strftime("%Y%m%dT%H%M%S%fZ") + row["id"]
    parent = workspace.runs.get(row["parent_run_id"])
    return f"{parent['dotted_order']}.{own}" if parent else own


def _uuid(value: object, name: str) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise rejected(422, f"{name} is no UUID") from None
