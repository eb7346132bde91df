"""What a score must know of the trace that it is put on: that it is there, when it began, its environment."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from tracevet_langfuse.connection import Connection
from tracevet_langfuse.failures import NotFoundError
from tracevet_langfuse.reading import LISTED, TRACES, Row, of_traces
from tracevet_langfuse.rows import plain
from tracevet_langfuse.scores import Seen, Subject

# Langfuse takes no other names in scores; what came in under one is scored in the default environment.
_ENVIRONMENT = re.compile(r"(?!langfuse)[a-z0-9_-]{1,40}")


def subjects(connection: Connection, traces: Sequence[str]) -> Mapping[str, Subject]:
    """Look the traces up; one that is not there is left out.

    Raises:
        PlatformError: they can't be looked up.
    """
    found: dict[str, list[Row]] = {}
    if connection.reads_v2:
        for at in range(0, len(traces), TRACES):
            for row in of_traces(connection, traces[at : at + TRACES], fields="core,basic", limit=LISTED):
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
    rows = head.get("observations")
    inner = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [{"id": None, "start_time": head.get("timestamp"), "environment": head.get("environment")}, *inner]


def _subject(rows: Iterable[Row]) -> Subject | None:
    seen = [(row.get("id"), one) for row in rows if (one := _seen(row))]
    if not seen:
        return None
    first = min((one for _, one in seen), key=lambda one: one.start)
    return Subject(trace=first, observations={name: one for name, one in seen if isinstance(name, str)})


def _seen(row: Row) -> Seen | None:
    start, environment = row.get("start_time"), row.get("environment")
    if not isinstance(start, str):
        return None
    fitting = isinstance(environment, str) and _ENVIRONMENT.fullmatch(environment)
    return Seen(start=datetime.fromisoformat(start), environment=str(environment) if fitting else None)
