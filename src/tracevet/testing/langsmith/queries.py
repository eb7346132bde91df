"""Reading runs by the API of version 2: in no order, one whole trace, and one run."""

import base64
import binascii
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from hashlib import blake2b
from operator import itemgetter
from uuid import UUID

import orjson

from tracevet.testing.langsmith.answers import Answer, RefusalError, Row, problem
from tracevet.testing.langsmith.calls import Call
from tracevet.testing.langsmith.filters import condition
from tracevet.testing.langsmith.shapes import SELECTS, v2_shape
from tracevet.testing.langsmith.stored import TYPES
from tracevet.testing.langsmith.times import iso, moment

WIDE = timedelta(days=7)
_DAY = timedelta(days=1)
_bad = partial(problem, 400, "Bad Request")
_UNTRUSTED = (binascii.Error, UnicodeDecodeError, orjson.JSONDecodeError, KeyError, TypeError)


def query(call: Call) -> Answer:
    """Give a page of runs in an order that means nothing, with a cursor to go on in the same order."""
    body = call.fields()
    size = _size(body.get("page_size", 100))
    selects = _selects(body.get("selects") or ())
    walk = _walk(call, body)
    holds = _conditions(call, body, walk["from"], walk["to"])
    placed = ((_place(row["id"], walk["salt"]), row) for row in _candidates(call, body))
    rest = [(place, row) for place, row in placed if place > walk["after"] and holds(row)]
    rest.sort(key=itemgetter(0))
    shown = rest[: size if call.shorter is None else min(size, max(call.shorter, 1))]
    answer: Row = {"items": [v2_shape(call.workspace, row, selects) for _, row in shown]}
    answer["has_more"] = len(rest) > len(shown)
    if answer["has_more"]:
        answer["next_cursor"] = _sealed(walk | {"after": shown[-1][0]})
    return Answer(answer)


def trace_runs(call: Call) -> Answer:
    """Give the runs of one trace."""
    project = _project(call, call.query("project_id"))
    selects = _selects(call.every("selects"))
    bounds = call.query("min_start_time"), call.query("max_start_time")
    if (bounds[0] is None) != (bounds[1] is None):
        raise _bad("min_start_time and max_start_time are required together")
    first, last = (None if bound is None else _stamp(bound) for bound in bounds)
    holds = condition(call.workspace, call.query("filter"), _bad)
    rows = [
        row
        for row in call.workspace.runs.of_trace(_uuid(call.path["trace"], "trace_id"))
        if row["session_id"] == project
        and (first is None or last is None or first <= row["start_time"] <= last)
        and holds(row)
    ]
    if not rows and not call.workspace.runs.of_trace(call.path["trace"]):
        raise problem(404, "Not Found", "trace not found")
    rows.sort(key=lambda row: _place(row["id"], str(call.random.random())))
    return Answer({"items": [v2_shape(call.workspace, row, selects) for row in rows]})


def one_run(call: Call) -> Answer:
    """Give one run."""
    project = _project(call, call.query("project_id"))
    row = call.workspace.runs.get(_uuid(call.path["run"], "run_id"))
    if row is None or row["session_id"] != project:
        raise problem(404, "Not Found", "run not found")
    return Answer(v2_shape(call.workspace, row, _selects(call.every("selects"))))


def wide(call: Call) -> bool:
    """Say whether a query counts as one of a wide window."""
    try:
        body = call.fields()
        first, last = body.get("min_start_time"), body.get("max_start_time")
        return first is not None and (moment(last) if last else call.moment) - moment(first) > WIDE
    except RefusalError:
        return False  # refused for what it is


def _walk(call: Call, body: Row) -> Row:
    """Begin a walk through the runs, or go on with the one that a cursor is of."""
    digest = blake2b(orjson.dumps({**body, "cursor": None}, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()
    if cursor := body.get("cursor"):
        walk = _opened(cursor)
        if walk.get("query") != digest:
            raise _bad("cursor belongs to another query")
        return walk
    first, last = body.get("min_start_time"), body.get("max_start_time")
    window = {
        "from": _stamp(first) if first else iso(call.moment - _DAY),
        "to": _stamp(last) if last else call.now,
    }
    return {"salt": call.random.randbytes(8).hex(), "after": "", "query": digest, **window}


def _candidates(call: Call, body: Row) -> Iterable[Row]:
    runs = call.workspace.runs
    if body.get("trace_id") is not None:
        return runs.of_trace(_uuid(body["trace_id"], "trace_id"))
    if body.get("ids"):
        return [row for key in body["ids"] if (row := runs.get(_uuid(key, "ids"))) is not None]
    return runs.all()


def _conditions(call: Call, body: Row, first: str, last: str) -> Callable[[Row], bool]:
    """Put together what a run must be to be found."""
    projects, kind = _projects(call, body), _kind(body.get("run_type"))
    ids = {_uuid(key, "ids") for key in body.get("ids") or ()}
    root, failed = body.get("is_root"), body.get("has_error")
    own = condition(call.workspace, body.get("filter"), _bad)
    of_root = condition(call.workspace, body.get("trace_filter"), _bad)
    of_any = condition(call.workspace, body.get("tree_filter"), _bad)

    def holds(row: Row) -> bool:
        return (
            row["session_id"] in projects
            and first <= row["start_time"] <= last
            and kind in (None, row["run_type"])
            and (not ids or row["id"] in ids)
            and root in (None, row["parent_run_id"] is None)
            and failed in (None, row["status"] == "error")
            and own(row)
            and in_trace(call, row, of_root if body.get("trace_filter") else None, root_only=True)
            and in_trace(call, row, of_any if body.get("tree_filter") else None, root_only=False)
        )

    return holds


def in_trace(call: Call, row: Row, holds: Callable[[Row], bool] | None, *, root_only: bool) -> bool:
    """Say whether a condition holds for the root, or for any run, of a run's trace."""
    if holds is None:
        return True
    runs = call.workspace.runs.of_trace(row["trace_id"])
    return any(holds(run) for run in runs if run["parent_run_id"] is None or not root_only)


def _projects(call: Call, body: Row) -> set[str]:
    given = body.get("project_ids")
    if not given or not isinstance(given, list):
        raise _bad("exactly one of project_ids and reference_dataset_id is required")
    return {_project(call, key) for key in given}


def _project(call: Call, key: object) -> str:
    project = _uuid(key, "project_id")
    if project not in call.workspace.projects:
        raise problem(404, "Not Found", "project not found")
    return project


def _kind(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or value.lower() not in TYPES or value != value.upper():
        raise _bad("run_type must be one of " + ", ".join(kind.upper() for kind in TYPES))
    return value.lower()


def _selects(given: Iterable[str]) -> list[str]:
    names = list(given)
    if any(name not in SELECTS for name in names):
        raise _bad("selects holds an unknown property")
    return ["ID", *names]


def _size(value: object) -> int:
    if not isinstance(value, int) or not 1 <= value <= 1000:  # noqa: PLR2004 - as described
        raise _bad("page_size must be between 1 and 1000")
    return value


def _stamp(text: object) -> str:
    try:
        return iso(moment(text))
    except RefusalError:
        raise _bad("a time must be RFC 3339") from None


def _uuid(value: object, name: str) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError:
        raise _bad(f"{name} must be a UUID") from None


def _place(run: str, salt: str) -> str:
    return blake2b(run.encode(), key=salt.encode()[:64], digest_size=12).hexdigest()


def _sealed(walk: Row) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(walk)).decode()


def _opened(cursor: object) -> Row:
    try:
        walk: Row = orjson.loads(base64.urlsafe_b64decode(str(cursor)))
        return {key: str(walk[key]) for key in ("salt", "after", "query", "from", "to")}
    except _UNTRUSTED:
        raise _bad("cursor is none of this server") from None
