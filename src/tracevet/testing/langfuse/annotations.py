"""Score configs, comments, annotation queues and their items."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import uuid4

from tracevet.testing.langfuse.answers import (
    Answer,
    Row,
    bad_request,
    custom,
    invalid,
    mistyped,
    not_found,
    page,
    too_big,
    too_small,
    unlisted,
)
from tracevet.testing.langfuse.calls import Call

COMMENT_LIMIT = 5000  # characters
CONFIG_NAME_LIMIT = 35  # characters
_CONFIG_NAME = re.compile(r"[\w .()-]+")
_CONFIG_TYPES = ("NUMERIC", "BOOLEAN", "CATEGORICAL", "TEXT")
_BOOLEAN = [{"label": "True", "value": 1}, {"label": "False", "value": 0}]
_OBJECTS = ("TRACE", "OBSERVATION", "SESSION", "PROMPT")
_QUEUED = ("TRACE", "OBSERVATION", "SESSION")
_STATUSES = ("PENDING", "COMPLETED")


def create_config(call: Call) -> Answer:
    """Create a score config; names are not unique."""
    body = call.fields()
    _refuse(_config_issues(body))
    categories = _BOOLEAN if body["dataType"] == "BOOLEAN" else body.get("categories")
    config = {
        **_born(call),
        "name": body["name"],
        "isArchived": False,
        **{key: body.get(key) for key in ("description", "minValue", "maxValue", "dataType")},
        "projectId": call.project.id,
        "categories": categories,
    }
    call.project.configs.append(config)
    return Answer(config)


def list_configs(call: Call) -> Answer:
    """List score configs, newest first."""
    return page(call.project.configs[::-1], call.query)


def get_config(call: Call) -> Answer:
    """Give one score config."""
    config = call.project.config(call.path["config"])
    if config is None:
        raise not_found("Score config not found within authorized project")
    return Answer(config)


def update_config(call: Call) -> Answer:
    """Change a score config; `isArchived` retires it."""
    config = get_config(call).body
    changed = {key: value for key, value in call.fields().items() if key in config}
    config.update(changed, updatedAt=call.now)
    return Answer(config)


def create_comment(call: Call) -> Answer:
    """Create a comment; its object must be readable by now."""
    body = call.fields()
    _refuse(_comment_issues(body))
    kind, target = body["objectType"], body["objectId"]
    if body["projectId"] != call.project.id or not _exists(call, kind, target):
        raise not_found(f"Reference object, {kind}: {target} not found. Skipping comment creation.")
    comment = {**_born(call), "projectId": call.project.id, "objectType": kind, "objectId": target}
    comment |= {"content": body["content"], "authorUserId": body.get("authorUserId")}
    call.project.comments.append(comment)
    return Answer({"id": comment["id"]})


def list_comments(call: Call) -> Answer:
    """List comments, newest first, of one object where it is named."""
    kind, target = call.query("objectType"), call.query("objectId")
    if target and not kind:
        raise invalid(custom("objectType is required when objectId is provided", "objectType"))
    return page(
        [
            comment
            for comment in call.project.comments[::-1]
            if kind in (None, comment["objectType"]) and target in (None, comment["objectId"])
        ],
        call.query,
    )


def get_comment(call: Call) -> Answer:
    """Give one comment."""
    return Answer(_find(call.project.comments, call.path["comment"], "Comment not found within authorized project"))


def create_queue(call: Call) -> Answer:
    """Create an annotation queue; its name is unique and it has one config at least."""
    body = call.fields()
    _refuse(_queue_issues(body))
    if any(queue["name"] == body["name"] for queue in call.project.queues):
        raise bad_request("A queue with this name already exists.")
    if any(call.project.config(config) is None for config in body["scoreConfigIds"]):
        raise bad_request("At least one of the score config IDs cannot be found for the given project.")
    kept = {"name": body["name"], "description": body.get("description"), "scoreConfigIds": body["scoreConfigIds"]}
    queue = {**_born(call), **kept}
    call.project.queues.append(queue)
    return Answer(queue)


def list_queues(call: Call) -> Answer:
    """List annotation queues, newest first."""
    return page(call.project.queues[::-1], call.query)


def get_queue(call: Call) -> Answer:
    """Give one annotation queue."""
    return Answer(_queue(call))


def create_item(call: Call) -> Answer:
    """Add an item to a queue; neither doubles nor missing objects are noticed."""
    queue, body = _queue(call), call.fields()
    _refuse(_item_issues(body))
    status = body.get("status") or "PENDING"
    item = {**_born(call), "queueId": queue["id"], "objectId": body["objectId"], "objectType": body["objectType"]}
    item |= {"status": status, "completedAt": call.now if status == "COMPLETED" else None}
    call.project.items.append(item)
    return Answer(item)


def list_items(call: Call) -> Answer:
    """List the items of a queue, newest first."""
    status = call.query("status")
    if status is not None and status not in _STATUSES:
        raise invalid(unlisted(_STATUSES, "status"))
    return page([item for item in _items(call)[::-1] if status in (None, item["status"])], call.query)


def get_item(call: Call) -> Answer:
    """Give one item."""
    return Answer(_find(_items(call), call.path["item"], "Annotation queue item not found"))


def update_item(call: Call) -> Answer:
    """Complete an item, or put it back."""
    item, status = get_item(call).body, call.fields().get("status")
    if status not in _STATUSES:
        raise invalid(unlisted(_STATUSES, "status"))
    item.update(status=status, completedAt=call.now if status == "COMPLETED" else None, updatedAt=call.now)
    return Answer(item)


def delete_item(call: Call) -> Answer:
    """Take an item out of its queue."""
    call.project.items.remove(get_item(call).body)
    return Answer({"success": True, "message": "Annotation queue item deleted successfully"})


def _born(call: Call) -> Row:
    return {"id": str(uuid4()), "createdAt": call.now, "updatedAt": call.now}


def _find(rows: Sequence[Row], row_id: str, missing: str) -> Row:
    for row in rows:
        if row["id"] == row_id:
            return row
    raise not_found(missing)


def _queue(call: Call) -> Row:
    return _find(call.project.queues, call.path["queue"], "Annotation queue not found")


def _items(call: Call) -> list[Row]:
    queue = _queue(call)["id"]
    return [item for item in call.project.items if item["queueId"] == queue]


def _exists(call: Call, kind: str, target: str) -> bool:
    rows = call.project.observations
    if kind == "TRACE":
        return bool(rows.of_trace(target)) or target in call.project.traces
    if kind == "OBSERVATION":
        return rows.trace_of(target) is not None
    return kind == "SESSION" and any(row["sessionId"] == target for row in rows.scan())


def _refuse(issues: Iterator[Row]) -> None:
    found = list(issues)
    if found:
        raise invalid(*found)


def _text_issues(body: Row, key: str, maximum: int | None = None) -> Iterator[Row]:
    value: Any = body.get(key)
    if not isinstance(value, str):
        yield mistyped("string", value, key)
    elif not value:
        yield too_small("string", 1, key)
    elif maximum is not None and len(value) > maximum:
        yield too_big("string", maximum, key)


def _config_issues(body: Row) -> Iterator[Row]:
    yield from _text_issues(body, "name", CONFIG_NAME_LIMIT)
    name = body.get("name")
    if isinstance(name, str) and name and not _CONFIG_NAME.fullmatch(name):
        broken = {
            "origin": "string",
            "code": "invalid_format",
            "format": "regex",
            "pattern": "/^[\\p{L}\\p{N}_ .()-]+$/u",
        }
        yield broken | {"path": ["name"], "message": "Name contains invalid characters"}
    if body.get("dataType") not in _CONFIG_TYPES:
        yield unlisted(_CONFIG_TYPES, "dataType")
    if body.get("dataType") == "CATEGORICAL" and not body.get("categories"):
        yield custom("Category must be an array of objects with label value pairs, where labels and values are unique.")


def _comment_issues(body: Row) -> Iterator[Row]:
    yield from _text_issues(body, "projectId")
    if body.get("objectType") not in _OBJECTS:
        yield unlisted(_OBJECTS, "objectType")
    yield from _text_issues(body, "objectId")
    yield from _text_issues(body, "content", COMMENT_LIMIT)


def _queue_issues(body: Row) -> Iterator[Row]:
    yield from _text_issues(body, "name", CONFIG_NAME_LIMIT)
    configs = body.get("scoreConfigIds")
    if not isinstance(configs, list):
        yield mistyped("array", configs, "scoreConfigIds")
    elif not configs:
        yield too_small("array", 1, "scoreConfigIds")


def _item_issues(body: Row) -> Iterator[Row]:
    yield from _text_issues(body, "objectId")
    if body.get("objectType") not in _QUEUED:
        yield unlisted(_QUEUED, "objectType")
