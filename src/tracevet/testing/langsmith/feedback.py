"""Feedback: the scores, values and comments on runs."""

from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from tracevet.testing.langsmith.answers import Answer, RefusalError, Row, refused, unprocessable
from tracevet.testing.langsmith.calls import Call
from tracevet.testing.langsmith.retention import extend
from tracevet.testing.langsmith.times import iso, moment

LONGEST_KEY = 180  # characters; OpenAPI description, FeedbackCreateSchema
PLACES = 4  # decimals of a score; SDK 0.15, update_feedback: the API rejects more
_CONTENT = ("score", "value", "comment", "correction")
_SHOWN = ("created_at", "modified_at", "key", *_CONTENT, "run_id", "session_id", "id", "trace_id", "start_time")
_MORE = ("is_root", "extra", "feedback_group_id", "comparative_experiment_id", "feedback_thread_id")


def create(call: Call) -> Answer:
    """Take feedback on a run or on a project."""
    fields = call.fields()
    key = _uuid(fields.get("id") or str(uuid4()), "id")
    if not accept(call, {**fields, "id": key}):
        raise refused(409, "Feedback with this id already exists")
    return Answer(shown(_row(call, {**fields, "id": key})))


def accept(call: Call, fields: Row) -> bool:
    """Take feedback; False where the id is there and is not replaced.

    Raises:
        RefusalError: it breaks the schema, its run is unknown, or the plan does not allow it.
    """
    row = _row(call, fields)
    workspace = call.workspace
    if row["id"] in workspace.accepted and call.rules.feedback_twice == "refuse":
        return False
    if row["run_id"] and (fields.get("extend_trace_retention", True) or call.rules.feedback_extends_always):
        extend(call, row["trace_id"])
    workspace.accepted.add(row["id"])
    workspace.arrivals.later(call.delays.feedback, partial(workspace.put_feedback, row))
    return True


def read(call: Call) -> Answer:
    """Give one feedback."""
    return Answer(shown(_found(call)))


def listed(call: Call) -> Answer:
    """List feedback, newest first; the conditions all hold."""
    rows = [row for row in call.workspace.feedback.values() if _wanted(call, row)]
    rows.sort(key=lambda row: (row["created_at"], row["id"]), reverse=True)
    start, size = call.number("offset", 0), call.number("limit", 100, least=1, most=100)
    named = call.query("include_user_names") in ("true", "True", "1")
    return Answer([shown(row, named=named) for row in rows[start : start + size]])


def update(call: Call) -> Answer:
    """Change what is sent; what is not sent stays, null empties."""
    row, fields = _found(call), call.fields()
    change = {key: fields[key] for key in _CONTENT if key in fields}
    _check_score(change.get("score"))
    row.update(change, modified_at=call.now)
    return Answer(shown(row))


def delete(call: Call) -> Answer:
    """Delete one feedback."""
    key = _found(call)["id"]
    call.workspace.remove_feedback(key)
    call.workspace.accepted.discard(key)
    return Answer({"message": "Feedback deleted"})


def shown(row: Row, *, named: bool = False) -> Row:
    """Show feedback; who gave it is named only where names were asked for."""
    source = dict(row["feedback_source"])
    if not named:
        source["user_name"] = None
    return {key: row.get(key) for key in (*_SHOWN, *_MORE)} | {"feedback_source": source}


def _row(call: Call, fields: Row) -> Row:
    key = fields.get("key")
    if not isinstance(key, str) or not key:
        raise unprocessable("Field required", "body", "key", kind="missing")
    if len(key) > LONGEST_KEY:
        raise unprocessable(f"String should have at most {LONGEST_KEY} characters", "body", "key")
    _check_score(fields.get("score"))
    run_id = None if fields.get("run_id") is None else _uuid(fields["run_id"], "run_id")
    place = _place(call, run_id, fields)
    sent = fields.get("feedback_source") or {}
    source = {"type": sent.get("type", "api"), "metadata": sent.get("metadata") or {}}
    source |= {"user_id": sent.get("user_id"), "ls_user_id": None, "user_name": sent.get("user_name")}
    return {
        **{name: fields.get(name) for name in (*_CONTENT, *_MORE)},
        **place,
        "id": _uuid(fields.get("id"), "id"),
        "key": key,
        "run_id": run_id,
        "created_at": call.now,
        "modified_at": call.now,
        "feedback_source": source,
        "extends": bool(fields.get("extend_trace_retention", True)),
    }


def _place(call: Call, run_id: str | None, fields: Row) -> Row:
    """Find the trace and project of feedback."""
    project = None if fields.get("session_id") is None else _uuid(fields["session_id"], "session_id")
    if run_id is None:
        if project is None:
            raise unprocessable("run_id or session_id is required", "body")
        return {"trace_id": None, "session_id": project, "start_time": None, "is_root": False}
    strict = call.rules.feedback_needs_project
    if project is None and (not call.release.v1 if strict is None else strict):
        raise unprocessable("session_id is required to locate the run", "body", "session_id", kind="missing")
    run = call.workspace.runs.get(run_id)
    if run is None or project not in (None, run["session_id"]):
        if call.rules.known_runs_only:
            raise refused(404, "Run not found")
        return {"trace_id": fields.get("trace_id"), "session_id": project, "start_time": None, "is_root": False}
    root = run["parent_run_id"] is None
    return {"is_root": root, **{name: run[name] for name in ("trace_id", "session_id", "start_time")}}


def _check_score(score: Any) -> None:
    if score is None or isinstance(score, bool | int):
        return
    if not isinstance(score, float):
        raise unprocessable("Input should be a valid number", "body", "score", kind="float_type")
    exponent = Decimal(repr(score)).as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > PLACES:
        raise unprocessable(f"Decimal input should have no more than {PLACES} decimal places", "body", "score")


def _wanted(call: Call, row: Row) -> bool:
    since, until = call.query("min_created_at"), call.query("max_created_at")
    one_of = {"run": "run_id", "key": "key", "session": "session_id"}
    given = {name: call.every(name) for name in (*one_of, "source", "user")}
    source = row["feedback_source"]
    return (
        all(not given[name] or row[field] in given[name] for name, field in one_of.items())
        and (not given["source"] or source["type"] in given["source"])
        and (not given["user"] or source["user_id"] in given["user"])
        and (call.query("level") in (None, "run" if row["run_id"] else "session"))
        and _set(call.query("has_comment"), row["comment"])
        and _set(call.query("has_score"), row["score"])
        and (since is None or row["created_at"] >= _time(since))
        and (until is None or row["created_at"] <= _time(until))
    )


def _set(wanted: str | None, value: object) -> bool:
    return wanted is None or (wanted.lower() == "true") == (value is not None)


def _time(text: str) -> str:
    return iso(moment(text, "query"))


def _found(call: Call) -> Row:
    row = call.workspace.feedback.get(_uuid(call.path["feedback"], "feedback_id"))
    if row is None:
        raise RefusalError(404, {"detail": "Resource not found"})
    return row


def _uuid(value: object, name: str) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise unprocessable("Input should be a valid UUID", "body", name, kind="uuid_parsing") from None
