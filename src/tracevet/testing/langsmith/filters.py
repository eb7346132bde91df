"""Which runs a filter holds for.

Tests of `feedback_key` and `feedback_score` in one `and` are about one and the same feedback, as are those of
`metadata_key` and `metadata_value` about one entry.
"""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import orjson

from tracevet.testing.langsmith.answers import RefusalError, Row
from tracevet.testing.langsmith.language import FilterError, Name, Test, parse
from tracevet.testing.langsmith.stored import metadata, thread
from tracevet.testing.langsmith.times import iso, moment, seconds_between
from tracevet.testing.langsmith.workspace import Workspace

Holds = Callable[[Row], bool]
_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}
_COMPARISONS = ("eq", "neq", "in", *_ORDER)
_TIMES = ("start_time", "end_time")
_COPIED = ("id", "name", "status", "error", "start_time", "end_time", "trace_id", "parent_run_id", "session_id")
_FIELDS: Mapping[str, Callable[[Row], Any]] = {
    **{key: itemgetter(key) for key in _COPIED},
    "run_type": lambda row: row["run_type"],
    "is_root": lambda row: row["parent_run_id"] is None,
    "project_id": lambda row: row["session_id"],
    "thread_id": thread,
    "latency": lambda row: seconds_between(row["start_time"], row["end_time"]),
    "total_tokens": lambda row: row.get("total_tokens"),
    "reference_example": lambda row: row["reference_example_id"],
}
_GROUPS: Mapping[str, Mapping[str, str]] = {  # fields of one thing -> keys of its row
    "feedback": {
        "feedback_key": "key",
        "feedback_score": "score",
        "feedback_value": "value",
        "feedback_comment": "comment",
        "feedback_source": "source",
    },
    "metadata": {"metadata_key": "key", "metadata_value": "value"},
}


def condition(workspace: Workspace, text: str | None, refuse: Callable[[str], RefusalError]) -> Holds:
    """Make a condition of a filter; none holds always.

    Raises:
        RefusalError: as `refuse` makes it, where the filter can't be read.
    """
    if not text:
        return lambda row: True
    try:
        return _Builder(workspace).build(parse(text))
    except FilterError as error:
        raise refuse(f"invalid filter: {error}") from None


class _Builder:
    """Makes conditions for the runs of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def build(self, test: object) -> Holds:
        if not isinstance(test, Test):
            raise FilterError("expected a function")
        if test.function == "and":
            return self._all(test.arguments)
        if test.function == "or":
            parts = [self.build(part) for part in test.arguments]
            return lambda row: any(part(row) for part in parts)
        if test.function == "not" and len(test.arguments) == 1:
            inner = self.build(test.arguments[0])
            return lambda row: not inner(row)
        return self._one(test)

    def _all(self, tests: Iterable[object]) -> Holds:
        grouped: dict[str, list[Test]] = {}
        parts: list[Holds] = []
        for test in tests:
            group = _group(test)
            if group and isinstance(test, Test):
                grouped.setdefault(group, []).append(test)
            else:
                parts.append(self.build(test))
        parts += [self._of_one(group, members) for group, members in grouped.items()]
        return lambda row: all(part(row) for part in parts)

    def _one(self, test: Test) -> Holds:
        group = _group(test)
        if group:
            return self._of_one(group, [test])
        if test.function == "search":
            return _search(test.arguments)
        if test.function == "has":
            return _has(test.arguments)
        field, wanted = _pair(test)
        read = _FIELDS.get(field)
        if read is None:
            raise FilterError(f"unknown field {field!r}")
        compare = _comparison(test.function, field, wanted)
        return lambda row: compare(read(row))

    def _of_one(self, group: str, tests: Sequence[Test]) -> Holds:
        """Hold where one feedback, or one entry of the metadata, passes every test."""
        checks = []
        for test in tests:
            field, wanted = _pair(test)
            checks.append((_GROUPS[group][field], _comparison(test.function, field, wanted)))
        things = self._feedback if group == "feedback" else _entries
        return lambda row: any(all(holds(thing[key]) for key, holds in checks) for thing in things(row))

    def _feedback(self, row: Row) -> Iterable[Row]:
        for feedback in self._workspace.feedback_on(row["id"]):
            yield feedback | {"source": feedback["feedback_source"]["type"]}


def _group(test: object) -> str | None:
    if not isinstance(test, Test) or test.function not in _COMPARISONS:
        return None
    first = test.arguments[0] if test.arguments else None
    return next((group for group, fields in _GROUPS.items() if isinstance(first, Name) and first.name in fields), None)


def _pair(test: Test) -> tuple[str, Any]:
    if test.function not in _COMPARISONS:
        raise FilterError(f"unknown function {test.function!r}")
    match test.arguments:
        case (Name(name=field), wanted) if not isinstance(wanted, Name | Test):
            return field, wanted
    raise FilterError(f"{test.function} takes a field and a value")


def _comparison(function: str, field: str, wanted: Any) -> Callable[[Any], bool]:
    if function == "in":
        if not isinstance(wanted, tuple):
            raise FilterError("in takes a list")
        options = [_asked(field, value) for value in wanted]
        return lambda value: _plain(field, value) in options
    plain = _asked(field, wanted)
    if function in ("eq", "neq"):
        return lambda value: (_plain(field, value) == plain) == (function == "eq")
    order = _ORDER[function]

    def ordered(value: Any) -> bool:
        ours = _plain(field, value)
        return _comparable(ours, plain) and order(ours, plain)

    return ordered


def _comparable(ours: Any, theirs: Any) -> bool:
    return any(isinstance(ours, kind) and isinstance(theirs, kind) for kind in ((int, float), str))


def _asked(field: str, value: Any) -> Any:
    """Bring what a filter names into the form that runs have it in."""
    if field not in _TIMES or value is None:
        return _plain(field, value)
    try:
        return iso(moment(value))
    except RefusalError:
        raise FilterError(f"{field} is compared with no time") from None


def _plain(field: str, value: Any) -> Any:
    """Bring both sides of a comparison into one form."""
    if value is None:
        return None
    if field in ("run_type", "status"):
        return str(value).lower()
    if field == "metadata_value":
        return value if isinstance(value, str) else orjson.dumps(value).decode()
    if field == "latency" and isinstance(value, str):
        return _seconds(value)
    return value


def _seconds(text: str) -> float:
    try:
        return float(text.removesuffix("s"))
    except ValueError:
        raise FilterError("latency is compared with no number of seconds") from None


def _entries(row: Row) -> Iterable[Row]:
    return ({"key": key, "value": value} for key, value in metadata(row).items())


def _search(arguments: Sequence[Any]) -> Holds:
    match arguments:
        case (str(text),):
            wanted = text.lower()
            return lambda row: wanted in _text(row, "name", "inputs", "outputs", "error", "extra", "tags")
        case (Name(name="inputs" | "outputs" | "error" | "name" as field), str(text)):
            wanted = text.lower()
            return lambda row: wanted in _text(row, field)
    raise FilterError("search takes a text")


def _has(arguments: Sequence[Any]) -> Holds:
    match arguments:
        case (Name(name="tags"), str(tag)):
            return lambda row: tag in (row["tags"] or ())
        case (Name(name="metadata"), str(text)):
            return _has_metadata(text)
    raise FilterError("has takes tags or metadata, and a text")


def _has_metadata(text: str) -> Holds:
    try:
        wanted = orjson.loads(text)
    except orjson.JSONDecodeError:
        return lambda row: text in metadata(row)
    if not isinstance(wanted, dict):
        return lambda row: text in metadata(row)
    return lambda row: all(metadata(row).get(key) == value for key, value in wanted.items())


def _text(row: Row, *fields: str) -> str:
    return "\n".join(orjson.dumps(row[field]).decode().lower() for field in fields if row[field] is not None)
