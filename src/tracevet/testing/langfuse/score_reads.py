"""The reads of scores: v3 by cursor, v2 by page, one by id."""

import base64
import binascii
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from tracevet.testing.langfuse.answers import Answer, Row, bad_request, custom, invalid, not_found, page, whole
from tracevet.testing.langfuse.calls import Call
from tracevet.testing.langfuse.project import Project
from tracevet.testing.langfuse.times import normal

Test = Callable[[Row], bool]
CORE = ("id", "projectId", "name", "source", "timestamp", "environment", "createdAt", "updatedAt")
GROUPS = {"details": ("comment", "configId", "metadata"), "annotation": ("authorUserId", "queueId"), "subject": ()}
_LISTS = {
    **{name: name for name in ("id", "name", "source", "dataType", "environment", "configId", "queueId")},
    **{name: name for name in ("authorUserId", "traceId", "sessionId", "observationId")},
    "experimentId": "datasetRunId",
}


def read_v3(call: Call) -> Answer:
    """Answer one page of scores, newest timestamp first, with a typed value."""
    limit = whole(call.query, "limit", 50, 100)
    groups = [name for name in (call.query("fields") or "").split(",") if name]
    unknown = [name for name in groups if name not in GROUPS]
    if unknown:
        raise invalid(custom(f"Unknown field groups: {', '.join(unknown)}", "fields"))
    rows = [row for row in _matching(call) if _after(call.query("cursor"), row)]
    meta: Row = {"limit": limit}
    if len(rows) > limit:
        meta["cursor"] = _cursor(rows[limit - 1])
    return Answer({"data": [_v3(call, row, groups) for row in rows[:limit]], "meta": meta})


def read_v2(call: Call) -> Answer:
    """Answer one numbered page of scores (3.x and `dual`)."""
    if ids := call.query("scoreIds"):
        found = call.project.scores.find(ids=ids.split(","))
    else:
        found = call.project.scores.find(traces=call.every("traceId"))
    tests = list(_tests(call))
    rows = [row for row in found if all(test(row) for test in tests)]
    return page([_v2(call.project, row) for row in rows], call.query)


def read_one(call: Call) -> Answer:
    """Answer one score by id (3.x and `dual`)."""
    row = next(call.project.scores.find(ids=[call.path["score"]]), None)
    if row is None:
        raise not_found("Score not found")
    return Answer(_v2(call.project, row))


def _matching(call: Call) -> Iterator[Row]:
    if call.query("observationId") and not call.query("traceId"):
        text = "observationId filter requires traceId — observation IDs are scoped to a trace"
        raise invalid(custom(text))
    tests = [*_tests(call), *_value_tests(call)]
    rows = call.project.scores.find(ids=call.every("id"), traces=call.every("traceId"))
    return (row for row in rows if all(test(row) for test in tests))


def _tests(call: Call) -> Iterator[Test]:
    for name, key in _LISTS.items():
        if values := call.every(name):
            yield _one_of(key, {value.upper() for value in values} if name in ("source", "dataType") else set(values))
    if text := call.query("fromTimestamp"):
        yield _within(normal(text, "fromTimestamp"), "~")
    if text := call.query("toTimestamp"):
        yield _within("", normal(text, "toTimestamp"))


def _value_tests(call: Call) -> Iterator[Test]:
    kinds = {kind.upper() for kind in call.every("dataType")}
    if values := call.every("value"):
        if kinds not in ({"NUMERIC"}, {"BOOLEAN"}, {"CATEGORICAL"}):
            raise invalid(custom("value requires a single dataType from NUMERIC, BOOLEAN, CATEGORICAL", "value"))
        yield _valued(set(values))
    low, high = call.query("valueMin"), call.query("valueMax")
    if low or high:
        if kinds != {"NUMERIC"}:
            raise invalid(custom("valueMin and valueMax require dataType=NUMERIC", "dataType"))
        yield _between(float(low or "-inf"), float(high or "inf"))


def _one_of(key: str, wanted: set[str]) -> Test:
    return lambda row: row[key] in wanted


def _within(first: str, end: str) -> Test:
    return lambda row: first <= row["timestamp"] < end


def _valued(wanted: set[str]) -> Test:
    return lambda row: _text(row) in wanted


def _between(low: float, high: float) -> Test:
    return lambda row: low <= row["value"] <= high


def _text(row: Row) -> str:
    value = typed(row)
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)


def typed(row: Row) -> Any:
    """Give the value as v3 does: boolean, number or text."""
    value = row["value"]
    return bool(value) if row["dataType"] == "BOOLEAN" else value


def _v3(call: Call, row: Row, groups: list[str]) -> Row:
    shown = {**row, "projectId": call.project.id, "metadata": row["metadata"] or {}}
    kept = {key: shown[key] for key in (*CORE, *(key for group in groups for key in GROUPS[group]))}
    if "subject" in groups:
        kept["subject"] = _subject(row)
    return kept | {"dataType": row["dataType"], "value": typed(row)}


def _subject(row: Row) -> Row:
    if row["observationId"]:
        return {"kind": "observation", "id": row["observationId"], "traceId": row["traceId"]}
    kinds = {"trace": "traceId", "session": "sessionId", "experiment": "datasetRunId"}
    return next({"kind": kind, "id": row[key]} for kind, key in kinds.items() if row[key])


def old_shape(project: Project, row: Row) -> Row:
    """Show a score as v1 and v2 do: a number in `value`, words in `stringValue`."""
    keys = (*CORE, *GROUPS["details"], *GROUPS["annotation"])
    shown = {**row, "projectId": project.id, "metadata": row["metadata"] or {}}
    kept = {key: shown[key] for key in (*keys, "traceId", "sessionId", "observationId", "datasetRunId", "dataType")}
    return kept | _v2_value(project, row)


def _v2(project: Project, row: Row) -> Row:
    return old_shape(project, row) | {"trace": _trace(project, row["traceId"])}


def _v2_value(project: Project, row: Row) -> Row:
    if row["dataType"] == "BOOLEAN":
        return {"value": row["value"], "stringValue": "True" if row["value"] else "False"}
    if row["dataType"] != "CATEGORICAL":
        return {"stringValue": row["value"]} if isinstance(row["value"], str) else {"value": row["value"]}
    config = project.config(row["configId"]) or {}
    numbers = {category["label"]: category["value"] for category in config.get("categories") or ()}
    return {"value": numbers.get(row["value"], 0), "stringValue": row["value"]}


def _trace(project: Project, trace: str | None) -> Row | None:
    rows = project.observations.of_trace(trace) if trace else []
    if not rows:
        return None
    tags = sorted({tag for row in rows for tag in row["tags"]})
    return {"userId": rows[-1]["userId"] or None, "tags": tags, "environment": rows[-1]["environment"]} | {
        "sessionId": rows[-1]["sessionId"] or None
    }


def _cursor(row: Row) -> str:
    place = {"lastTimestamp": row["timestamp"], "lastId": row["id"], "lastName": row["name"]}
    return base64.urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def _after(cursor: str | None, row: Row) -> bool:
    if not cursor:
        return True
    try:
        place = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        last = (place["lastTimestamp"], place["lastId"], place["lastName"])
    except (ValueError, binascii.Error, KeyError, TypeError):
        raise bad_request("Invalid cursor format") from None
    return (row["timestamp"], row["id"], row["name"]) < last
