"""Annotation queues and their items, by the API of their own and by the one before it."""

from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from tracevet.testing.langsmith.answers import Answer, Row, problem, refused, unprocessable
from tracevet.testing.langsmith.calls import Call
from tracevet.testing.langsmith.retention import extend
from tracevet.testing.langsmith.shapes import v1_shape

_DEFAULTS: Row = {
    **dict.fromkeys(("description", "default_dataset", "metadata", "source_rule_id", "run_rule_id")),
    "num_reviewers_per_item": 1,
    "enable_reservations": True,
    "reservation_minutes": 1,
    "reviewer_access_mode": "any",
    "queue_type": "single",
    "assigned_reviewers": [],
}
_RUBRIC = ("rubric_items", "rubric_instructions")
_STATUSES = ("needs_my_review", "needs_others_review", "archived")
_ITEM = ("id", "queue_id", "run_id", "added_at", "last_reviewed_time", "source_proposed_example_id", "item_type")
_PLACE = ("project_id", "start_time", "thread_id")


def create_queue(call: Call) -> Answer:
    """Create a queue; its rubric needs feedback configs that exist."""
    fields = call.fields()
    if not isinstance(fields.get("name"), str) or not fields["name"]:
        raise unprocessable("Field required", "body", "name", kind="missing")
    if any(row["id"] == fields.get("id") for row in call.workspace.queues):
        raise refused(409, "Annotation queue already exists")
    _check_rubric(call, fields.get("rubric_items"))
    row = {**_DEFAULTS, **fields, "id": fields.get("id") or str(uuid4()), "tenant_id": call.workspace.id}
    row |= {"created_at": call.now, "updated_at": call.now} | {key: fields.get(key) for key in _RUBRIC}
    call.workspace.queues.append(row)
    return Answer(_without_rubric(row))


def list_queues(call: Call) -> Answer:
    """List queues, newest first."""
    ids, name, part = call.every("ids"), call.query("name"), (call.query("name_contains") or "").lower()
    rows = [
        _without_rubric(row) | {"total_runs": sum(item["queue_id"] == row["id"] for item in call.workspace.items)}
        for row in reversed(call.workspace.queues)
        if (not ids or row["id"] in ids) and name in (None, row["name"]) and part in row["name"].lower()
    ]
    return Answer(_cut(call, rows))


def get_queue(call: Call) -> Answer:
    """Give one queue with its rubric."""
    return Answer(_queue(call))


def update_queue(call: Call) -> Answer:
    """Change a queue; a rubric that is sent replaces the one before."""
    row, fields = _queue(call), call.fields()
    _check_rubric(call, fields.get("rubric_items"))
    row.update({key: fields[key] for key in ("name", "description", *_RUBRIC) if key in fields}, updated_at=call.now)
    return Answer({"message": "Annotation queue updated"})


def delete_queue(call: Call) -> Answer:
    """Delete a queue with its items."""
    row = _queue(call)
    call.workspace.queues.remove(row)
    call.workspace.items[:] = [item for item in call.workspace.items if item["queue_id"] != row["id"]]
    return Answer({"message": "Annotation queue deleted"})


def add_runs(call: Call) -> Answer:
    """Add runs by id or by key, as before there were items; a run that is there already is there twice."""
    entries = call.json()
    if not isinstance(entries, list):
        raise unprocessable("Input should be a valid list", "body", kind="list_type")
    wanted = [entry if isinstance(entry, dict) else {"run_id": entry} for entry in entries]
    rows = _added(call, wanted)
    return Answer([{key: row[key] for key in _ITEM if key != "item_type"} for row in rows])


def list_runs(call: Call) -> Answer:
    """List the runs of a queue, newest in the queue last."""
    queue = _queue(call)
    archived, status = call.query("archived") == "true", call.query("status")
    wanted = "archived" if archived or status == "completed" else "needs_my_review"
    shown = []
    for item in call.workspace.items:
        run = call.workspace.runs.get(item["run_id"])
        if run is not None and item["queue_id"] == queue["id"] and item["status"] == wanted:
            place = {"queue_run_id": item["id"], "effective_added_at": item["added_at"]}
            place |= {key: item[key] for key in ("added_at", "last_reviewed_time", "source_proposed_example_id")}
            shown.append(v1_shape(call.workspace, run) | place)
    return Answer(_cut(call, shown))


def remove_run(call: Call) -> Answer:
    """Take a run out of a queue, by the id of the run or of its place."""
    queue, key = _queue(call), call.path["run"]
    gone = [row["id"] for row in call.workspace.items if row["queue_id"] == queue["id"] and key in _names(row)]
    if not gone:
        raise refused(404, "Run not found in annotation queue")
    call.workspace.items[:] = [row for row in call.workspace.items if row["id"] not in gone]
    return Answer({"message": "Run removed from annotation queue"})


def queues_of_run(call: Call) -> Answer:
    """List the queues that a run is in."""
    holding = {row["queue_id"] for row in call.workspace.items if row["run_id"] == call.path["run"]}
    return Answer([_without_rubric(row) for row in call.workspace.queues if row["id"] in holding])


def create_items(call: Call) -> Answer:
    """Add items; an item that is there already is there twice."""
    entries = call.fields().get("items")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise problem(400, "Bad Request", "items must be a list of objects")
    rows = _added(call, entries)
    if call.query("extend_trace_retention") == "true":
        for row in rows:
            extend(call, (call.workspace.runs.get(row["run_id"]) or row)["trace_id"])
    return Answer({"items": [{key: row[key] for key in (*_ITEM, *_PLACE)} for row in rows]}, 201)


def list_items(call: Call) -> Answer:
    """List the items of one section, oldest first."""
    queue, status = _queue(call), call.query("status")
    if status not in _STATUSES:
        raise problem(400, "Bad Request", "status must be one of " + ", ".join(_STATUSES))
    size = call.number("page_size", 50, least=1, most=100)
    start = call.number("cursor", 0)
    rows = [row for row in call.workspace.items if row["queue_id"] == queue["id"] and row["status"] == status]
    more: Row = {key: [] for key in ("assigned_to", "completed_by", "reserved_by")}
    items = [
        {key: row[key] for key in (*_ITEM, *_PLACE)} | more | {"effective_added_at": row["added_at"]}
        for row in rows[start : start + size]
    ]
    after = {"next_cursor": str(start + size)} if start + size < len(rows) else {}
    return Answer({"items": items, **after})


def delete_items(call: Call) -> Answer:
    """Take items out of a queue."""
    queue, wanted = _queue(call), call.fields().get("item_ids") or []
    call.workspace.items[:] = [
        row for row in call.workspace.items if row["queue_id"] != queue["id"] or row["id"] not in wanted
    ]
    return Answer({"message": "items deleted"})


def set_status(call: Call) -> Answer:
    """Note that an item was reviewed; completed items are archived."""
    row = next((item for item in call.workspace.items if item["id"] == call.path["item"]), None)
    if row is None:
        raise problem(404, "Not Found", "annotation queue item not found")
    status = call.fields().get("status")
    row["status"] = "archived" if status == "completed" else "needs_my_review"
    row["last_reviewed_time"] = call.now if status else None
    body = {"queue_item_id": row["id"], "status": status, "is_archived": row["status"] == "archived"}
    return Answer(body)


def _added(call: Call, entries: Iterable[Row]) -> list[Row]:
    """Put runs into a queue: all of them, or none where one is unknown."""
    queue = _queue(call)
    rows = [_item(call, queue, entry) for entry in entries]
    call.workspace.items.extend(rows)
    return rows


def _item(call: Call, queue: Row, entry: Row) -> Row:
    run = call.workspace.runs.get(str(entry.get("run_id")))
    project = entry.get("session_id") or entry.get("project_id")
    if run is None or project not in (None, run["session_id"]):
        raise refused(404, "Run not found")
    return {
        "id": str(uuid4()),
        "queue_id": queue["id"],
        "run_id": run["id"],
        "project_id": run["session_id"],
        "start_time": run["start_time"],
        "thread_id": None,
        "item_type": "RUN",
        "added_at": call.now,
        "last_reviewed_time": None,
        "source_proposed_example_id": entry.get("source_proposed_example_id"),
        "status": "needs_my_review",
    }


def _check_rubric(call: Call, items: Any) -> None:
    for item in items or []:
        key = item.get("feedback_key") if isinstance(item, dict) else None
        if call.workspace.config(str(key)) is None:
            raise refused(400, "Feedback config not found for a rubric item")


def _queue(call: Call) -> Row:
    row = call.workspace.queue(call.path["queue"])
    if row is None:
        raise refused(404, "Annotation queue not found")
    return row


def _without_rubric(row: Row) -> Row:
    return {key: value for key, value in row.items() if key not in _RUBRIC}


def _names(row: Row) -> tuple[str, str]:
    return row["id"], row["run_id"]


def _cut(call: Call, rows: list[Row]) -> list[Row]:
    start, size = call.number("offset", 0), call.number("limit", 100, least=1, most=100)
    return rows[start : start + size]
