"""What a score must know of the trace that it is put on: that it is there, when it began, its environment."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime

from tracevet import Json
from tracevet_langfuse.connection import Connection
from tracevet_langfuse.failures import NotFoundError
from tracevet_langfuse.reading import LISTED, TRACES, Row, of_traces
from tracevet_langfuse.rows import is_own, plain
from tracevet_langfuse.scores import Posted, Seen, Subject

# Langfuse takes no other names in scores; what came in under one is scored in the default environment.
_ENVIRONMENT = re.compile(r"(?!langfuse)[a-z0-9_-]{1,40}")


def subjects(connection: Connection, traces: Sequence[str], *, context: bool = False) -> Mapping[str, Subject]:
    """Look the traces up, with `context` their tags, too; one that is not there is left out.

    Raises:
        PlatformError: they can't be looked up.
    """
    found: dict[str, list[Row]] = {}
    if connection.reads_v2:
        fields = "core,basic,trace_context" if context else "core,basic"
        for at in range(0, len(traces), TRACES):
            for row in of_traces(connection, traces[at : at + TRACES], fields=fields, limit=LISTED):
                found.setdefault(str(row.get("trace_id")), []).append(row)
    else:
        found = {trace: _rows_v1(connection, trace) for trace in traces}
    return {trace: subject for trace, rows in found.items() if (subject := _subject(rows))}


def _rows_v1(connection: Connection, trace: str) -> list[Row]:
    try:
        fields = "core,observations"
        head = plain(connection.call("reading a trace", connection.api.trace.get, trace_id=trace, fields=fields))
    except NotFoundError:
        return []
    rows = head.pop("observations", None)
    inner = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    named = {"trace_name": head.get("name"), "start_time": head.get("timestamp")}
    return [{**head, **named, "id": None}, *({"trace_id": trace, **row} for row in inner)]


def _subject(every: Sequence[Row]) -> Subject | None:
    rows = [row for row in every if not is_own(row)]
    seen = [(row.get("id"), one) for row in rows if (one := _seen(row))]
    if not seen:
        return None
    first = min((one for _, one in seen), key=lambda one: one.start)
    return Subject(
        trace=first,
        observations={name: one for name, one in seen if isinstance(name, str)},
        guardrails={str(row.get("id")): _posted(row) for row in every if is_own(row)},
        public=any(row.get("public") is True for row in rows),
        tags=tuple(sorted({tag for row in rows for tag in _texts(row.get("tags"))})),
        name=_first(rows, "trace_name"),
        user=_first(rows, "user_id"),
        session=_first(rows, "session_id"),
        release=_first(rows, "release"),
        version=_first(rows, "version"),
    )


def _seen(row: Row) -> Seen | None:
    start, environment = row.get("start_time"), row.get("environment")
    if not isinstance(start, str):
        return None
    own = environment if isinstance(environment, str) else None
    fitting = own if own and _ENVIRONMENT.fullmatch(own) else None
    return Seen(start=datetime.fromisoformat(start), environment=fitting, own_environment=own)


def _posted(row: Row) -> Posted:
    tags = tuple(sorted(_texts(row.get("tags")))) if "tags" in row else None
    return Posted(level=str(row.get("level") or ""), message=str(row.get("status_message") or ""), tags=tags)


def _texts(value: Json) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _first(rows: Sequence[Row], key: str) -> str:
    return next((value for row in rows if isinstance(value := row.get(key), str) and value), "")
