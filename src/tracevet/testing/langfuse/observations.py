"""`GET /api/public/v2/observations`: field groups, cursor, filters, cut metadata, raw texts."""

import base64
import binascii
from collections.abc import Iterator, Sequence

import orjson

from tracevet.testing.langfuse.answers import Answer, Row, bad_request, custom, invalid, whole
from tracevet.testing.langfuse.calls import Call
from tracevet.testing.langfuse.filters import Condition, parse
from tracevet.testing.langfuse.rows import Position
from tracevet.testing.langfuse.stored import from_text
from tracevet.testing.langfuse.times import normal, seconds_between

GROUPS = {
    "core": ("id", "traceId", "startTime", "endTime", "projectId", "parentObservationId", "type"),
    "basic": (
        *("name", "level", "statusMessage", "version", "environment", "bookmarked", "public"),
        *("userId", "sessionId", "isRootObservation"),
    ),
    "time": ("completionStartTime", "createdAt", "updatedAt"),
    "io": ("input", "output"),
    "metadata": (),
    "model": ("model", "internalModelId", "modelParameters"),
    "usage": (
        *("usageDetails", "inputUsage", "outputUsage", "totalUsage"),
        *("costDetails", "inputCost", "outputCost", "totalCost", "usagePricingTierId", "usagePricingTierName"),
    ),
    "prompt": ("promptId", "promptName", "promptVersion"),
    "metrics": (),
    "trace_context": ("traceName", "release", "tags"),
}
PRICES = ("modelId", "inputPrice", "outputPrice", "totalPrice")
_EQUAL = {"name": "name", "userId": "userId", "sessionId": "sessionId", "type": "type", "level": "level"} | {
    "traceId": "traceId",
    "version": "version",
}


def read(call: Call) -> Answer:
    """Answer one page, newest start first; `meta.cursor` is there as long as there may be more."""
    if call.query("parseIoAsJson") == "true":
        text = (
            "parseIoAsJson=true is no longer supported on the v2 observations endpoint. Input/output fields are always "
            "returned as raw strings. Remove the parseIoAsJson parameter or set it to false."
        )
        raise invalid(custom(text, "parseIoAsJson"))
    limit = whole(call.query, "limit", 50, 1000)
    groups = _groups(call.query("fields"))
    expanded = frozenset((call.query("expandMetadata") or "").split(","))
    matching = _matching(call, conditions(call))
    return Answer(_page(call, (view(row, groups, expanded, call.metadata_cut) for row in matching), limit))


def conditions(call: Call) -> list[Condition]:
    """Join the query's filters; the `filter` parameter wins where both name one column."""
    advanced = parse(call.query("filter") or "[]")
    taken = {condition.column for condition in advanced}
    return [*advanced, *(simple for simple in _simple(call) if simple.column not in taken)]


def view(row: Row, groups: Sequence[str], expanded: frozenset[str], cut: int | None) -> Row:
    """Show the chosen groups of a stored row, metadata values cut unless their key is expanded."""
    shown = {key: row[key] for group in groups for key in GROUPS[group]}
    if "metadata" in groups:
        shown["metadata"] = {
            key: from_text(text if key in expanded else text[:cut]) for key, text in row["metadata"].items()
        }
    shown["latency"] = seconds_between(row["startTime"], row["endTime"])
    shown["timeToFirstToken"] = row["timeToFirstToken"]
    return shown | {key: row[key] if "model" in groups else None for key in PRICES}


def _groups(fields: str | None) -> tuple[str, ...]:
    named = [name.strip() for name in (fields or "core,basic").split(",")]
    return ("core", *(name for name in GROUPS if name in named and name != "core"))


def _simple(call: Call) -> Iterator[Condition]:
    for name, column in _EQUAL.items():
        if value := call.query(name):
            yield Condition(type="string", column=column, operator="=", value=value)
    if environments := call.every("environment"):
        yield Condition(type="stringOptions", column="environment", operator="any of", value=environments)
    if (parent := call.query("parentObservationId")) is not None:
        kind = ("string", "=") if parent else ("null", "is null")
        yield Condition(type=kind[0], column="parentObservationId", operator=kind[1], value=parent)
    if root := call.query("isRootObservation"):
        yield Condition(type="boolean", column="isRootObservation", operator="=", value=root == "true")
    for name, sign in (("fromStartTime", ">="), ("toStartTime", "<")):
        if text := call.query(name):
            yield Condition(type="datetime", column="startTime", operator=sign, value=normal(text, name))


def _matching(call: Call, wanted: Sequence[Condition]) -> Iterator[Row]:
    rows = call.project.observations.scan(
        traces=_traces(wanted),
        start=_bound(wanted, "startTime", ">=", ">"),
        before=_bound(wanted, "startTime", "<"),
        ended=_bound(wanted, "endTime", ">=", ">"),
        after=_position(call.query("cursor")),
    )
    return (row for row in rows if all(condition.holds(row) for condition in wanted))


def _traces(wanted: Sequence[Condition]) -> list[str] | None:
    for condition in wanted:
        if condition.column == "traceId" and condition.operator in ("=", "any of"):
            return condition.value if isinstance(condition.value, list) else [condition.value]
    return None


def _bound(wanted: Sequence[Condition], column: str, *signs: str) -> str | None:
    found = [condition.value for condition in wanted if condition.column == column and condition.operator in signs]
    return found[0] if found else None


def _page(call: Call, rows: Iterator[Row], limit: int) -> Row:
    """Fill a page until it is full or heavy; a heavy one ends early, with a cursor."""
    data: list[Row] = []
    size = 0
    limit = min(limit, call.shorter or limit)
    for row in rows:
        size += sum(len(row.get(key) or "") for key in ("input", "output"))
        if len(data) == limit or (data and size > call.response_cap):
            return {"data": data, "meta": {"cursor": _cursor(data[-1])}}
        data.append(row)
    return {"data": data, "meta": {}}


def _cursor(row: Row) -> str:
    place = {"lastStartTimeTo": row["startTime"], "lastTraceId": row["traceId"], "lastId": row["id"]}
    return base64.b64encode(orjson.dumps(place)).decode()


def _position(cursor: str | None) -> Position | None:
    if not cursor:
        return None
    try:
        place = orjson.loads(base64.b64decode(cursor, validate=True))
        return (place["lastStartTimeTo"], place["lastTraceId"], place["lastId"], -1)
    except (ValueError, binascii.Error, KeyError, TypeError):
        raise bad_request("Invalid cursor format") from None
