"""The filter language of the observations API: a JSON list of conditions, and the plain query parameters."""

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from tracevet.testing.langfuse.answers import Row, bad_request, invalid, mistyped, unlisted
from tracevet.testing.langfuse.stored import from_text
from tracevet.testing.langfuse.times import normal, seconds_between

COLUMNS: Mapping[str, str] = {  # column of a filter -> key of a row
    **{
        key: key
        for key in (
            *("id", "type", "name", "traceId", "startTime", "endTime", "environment", "level", "statusMessage"),
            *("version", "userId", "sessionId", "isRootObservation", "traceName", "tags", "latency"),
            *("timeToFirstToken", "inputCost", "outputCost", "totalCost", "model", "promptName", "promptVersion"),
            *("input", "output", "metadata", "parentObservationId", "release"),
        )
    },
    "traceTags": "tags",
    "providedModelName": "model",
    "inputTokens": "inputUsage",
    "outputTokens": "outputUsage",
    "totalTokens": "totalUsage",
    "tokens": "totalUsage",
}
_ORDER = {"=": operator.eq, "<>": operator.ne, ">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}
_TEXT: Mapping[str, Callable[[str, str], bool]] = {
    "=": operator.eq,
    "contains": lambda text, part: part.lower() in text.lower(),
    "does not contain": lambda text, part: part.lower() not in text.lower(),
    "starts with": str.startswith,
    "ends with": str.endswith,
    "matches": lambda text, part: part.lower() in text.lower(),
}
_SETS: Mapping[str, Callable[[set[Any], set[Any]], bool]] = {
    "any of": lambda values, wanted: bool(values & wanted),
    "none of": lambda values, wanted: not values & wanted,
    "all of": lambda values, wanted: wanted <= values,
}
_OPERATORS: Mapping[str, Sequence[str]] = {
    "datetime": (">", "<", ">=", "<="),
    "string": tuple(_TEXT),
    "number": ("=", ">", "<", ">=", "<="),
    "boolean": ("=", "<>"),
    "null": ("is null", "is not null"),
    "stringOptions": ("any of", "none of"),
    "categoryOptions": ("any of", "none of"),
    "arrayOptions": ("any of", "none of", "all of"),
    "stringObject": (*_TEXT, "is set", "is not set"),
    "numberObject": ("=", ">", "<", ">=", "<="),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition on one column."""

    type: str
    column: str
    operator: str
    value: Any = None
    key: str | None = None

    def holds(self, row: Row) -> bool:
        """Say whether a stored row meets it."""
        value = _value(row, self.column)
        if self.type == "null":
            return (value in (None, "")) == (self.operator == "is null")
        if self.key is not None:
            value = None if value is None else value.get(self.key)
        if self.operator in ("is set", "is not set"):
            return (value is not None) == (self.operator == "is set")
        if self.operator in _SETS:
            return _SETS[self.operator](set(_list(value)), set(_list(self.value)))
        return value is not None and self._compares(value)

    def _compares(self, value: Any) -> bool:
        if self.type in ("string", "stringObject"):
            return _TEXT[self.operator](str(value), str(self.value))
        if self.type == "numberObject":
            value = from_text(value)
        if self.type in ("number", "numberObject") and not isinstance(value, int | float):
            return False
        return bool(_ORDER[self.operator](value, self.value))


def parse(text: str) -> list[Condition]:
    """Read the `filter` parameter.

    Raises:
        RefusalError: no JSON list, an unknown column or operator, or a value of the wrong type.
    """
    try:
        conditions = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise bad_request("Invalid JSON in filter parameter") from None
    if not isinstance(conditions, list):
        raise invalid(mistyped("array", conditions, "filter"))
    return [_condition(entry, at) for at, entry in enumerate(conditions)]


def _condition(entry: object, at: int) -> Condition:
    if not isinstance(entry, dict):
        raise invalid(mistyped("object", entry, "filter", at))
    kind = str(entry.get("type"))
    if kind not in _OPERATORS:
        raise invalid(unlisted(tuple(_OPERATORS), "filter", at, "type"))
    if entry.get("operator") not in _OPERATORS[kind]:
        raise invalid(unlisted(_OPERATORS[kind], "filter", at, "operator"))
    column = COLUMNS.get(str(entry.get("column")))
    if column is None:
        raise bad_request(f"Column {entry.get('column')} does not match a UI / CH table mapping.")
    value = entry.get("value")
    if kind == "datetime":
        value = normal(value, "filter", at, "value")
    if kind.endswith("Options") and not isinstance(value, list):
        raise invalid(mistyped("array", value, "filter", at, "value"))
    key = entry.get("key") if kind in ("stringObject", "numberObject") else None
    return Condition(type=kind, column=column, operator=entry["operator"], value=value, key=key)


def _value(row: Row, column: str) -> Any:
    if column == "latency":
        return seconds_between(row["startTime"], row["endTime"])
    return row[column]


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
