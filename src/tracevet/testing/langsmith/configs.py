"""Feedback configs: what a feedback key means."""

from uuid import uuid4

from tracevet.testing.langsmith.answers import Answer, Row, refused, unprocessable
from tracevet.testing.langsmith.calls import Call

_TYPES = ("continuous", "categorical", "freeform")


def create(call: Call) -> Answer:
    """Define a key; the same again is no error, another meaning is (SDK 0.15, create_feedback_config)."""
    if not call.rules.admin:
        raise refused(403, "Forbidden")
    fields = call.fields()
    wanted = _checked(fields)
    row = call.workspace.config(wanted["feedback_key"])
    if row is None:
        row = {"id": str(uuid4()), "tenant_id": call.workspace.id, "modified_at": call.now, "is_first": True, **wanted}
        call.workspace.configs.append(row)
    elif row["is_enforced"] and wanted["is_enforced"]:
        raise refused(409, "An enforced feedback config already exists for this key")
    elif any(row[key] != value for key, value in wanted.items() if key in fields):
        raise refused(400, "Feedback config already exists")
    return Answer(row)


def listed(call: Call) -> Answer:
    """List configs by key."""
    keys, part = call.every("key"), (call.query("name_contains") or "").lower()
    rows = [
        row
        for row in sorted(call.workspace.configs, key=lambda row: str(row["feedback_key"]))
        if (not keys or row["feedback_key"] in keys) and part in row["feedback_key"].lower()
    ]
    start, size = call.number("offset", 0), call.number("limit", 100, least=1, most=100)
    return Answer(rows[start : start + size])


def _checked(fields: Row) -> Row:
    key, config = fields.get("feedback_key"), fields.get("feedback_config")
    if not isinstance(key, str) or not key:
        raise unprocessable("Field required", "body", "feedback_key", kind="missing")
    if not isinstance(config, dict) or config.get("type") not in _TYPES:
        raise unprocessable("Input should be " + ", ".join(_TYPES), "body", "feedback_config", "type", kind="enum")
    full = {**dict.fromkeys(("min", "max", "categories")), **config}
    return {
        "feedback_key": key,
        "feedback_config": full,
        "is_lower_score_better": fields.get("is_lower_score_better") or False,
        "is_enforced": bool(fields.get("is_enforced")),
    }
