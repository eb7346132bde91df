"""Queries for runs, by v2 or, where an older server lacks it, by v1: the same question, the same rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tracevet_langsmith.budget import Kind
from tracevet_langsmith.connection import Connection, Row
from tracevet_langsmith.failures import NotFoundError, page

LISTED = 1000  # rows on a page without content; the limit of v2
READ = 50  # rows on a page with content
LISTED_V1 = 100  # the limit of v1
FIRST = datetime(2022, 1, 1, tzinfo=UTC)  # before LangSmith; no bound given means the last day only
SHORT = timedelta(days=7)  # LangSmith counts queries of a longer time apart

HEAD = ("ID", "TRACE_ID", "PROJECT_ID", "START_TIME", "END_TIME")
WHOLE = (
    *HEAD,
    *("NAME", "RUN_TYPE", "STATUS", "PARENT_RUN_IDS", "IS_ROOT", "DOTTED_ORDER", "THREAD_ID", "TAGS"),
    *("INPUTS", "OUTPUTS", "EXTRA", "METADATA", "ATTACHMENTS"),
)
HEAD_V1 = ("id", "trace_id", "session_id", "start_time", "end_time")
WHOLE_V1 = (
    *HEAD_V1,
    *("name", "run_type", "status", "parent_run_id", "dotted_order", "tags", "inputs", "outputs", "extra"),
    *("inputs_s3_urls", "outputs_s3_urls", "s3_urls"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Which runs are asked for; empty asks nothing. Start times bound every query, or LangSmith sets its own bound."""

    projects: Sequence[str]  # ids
    since: datetime | None = None  # by start time
    until: datetime | None = None
    filter: str = ""
    ids: Sequence[str] = ()
    trace: str = ""
    whole: bool = False  # with content


def runs(connection: Connection, query: Query) -> Iterator[Row]:
    """Yield the runs, in no order, each perhaps more than once.

    Raises:
        PlatformError: they can't be read.
    """
    yield from (_v2 if connection.reads_v2 else _v1)(connection, query)


def of_trace(connection: Connection, project: str, trace: str) -> list[Row]:
    """Give all runs of one trace with their content, in one request where the server can; none: it is not there."""
    if not connection.reads_v2:
        return list(_v1(connection, Query(projects=[project], trace=trace, whole=True)))
    request = connection.client.traces.with_raw_response.list_runs
    what = "reading a trace"
    try:
        answer = connection.call(what, request, trace_id=trace, project_id=project, selects=list(WHOLE))
    except NotFoundError:
        return []
    return _rows(connection, what, answer, "items")


def joined(*conditions: str) -> str:
    """Write conditions that must all hold in LangSmith's filter language."""
    given = [condition for condition in conditions if condition]
    return f"and({','.join(given)})" if len(given) > 1 else "".join(given)


def moment(time: datetime) -> str:
    """Write a time as LangSmith's filters read it."""
    return time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _v2(connection: Connection, query: Query) -> Iterator[Row]:
    since, until = query.since or FIRST, query.until or datetime.now(UTC) + timedelta(days=1)
    cursor = None
    while True:
        answer = connection.call(
            "reading runs",
            connection.client.runs.with_raw_response.query,
            kind=Kind.QUERY if until - since <= SHORT else Kind.LONG_QUERY,
            project_ids=list(query.projects),
            min_start_time=moment(since),
            max_start_time=moment(until),
            filter=query.filter or None,
            ids=list(query.ids) or None,
            trace_id=query.trace or None,
            selects=list(WHOLE if query.whole else HEAD),
            page_size=READ if query.whole else LISTED,
            cursor=cursor,
        )
        yield from _rows(connection, "reading runs", answer, "items")
        cursor = answer.get("next_cursor")
        if not cursor:
            return


def _v1(connection: Connection, query: Query) -> Iterator[Row]:
    asked: dict[str, object] = {
        "session": list(query.projects),
        "start_time": moment(query.since or FIRST),
        "filter": joined(query.filter, f'lt(start_time,"{moment(query.until)}")' if query.until else ""),
        "id": list(query.ids),
        "trace": query.trace,
        "select": list(WHOLE_V1 if query.whole else HEAD_V1),
        "limit": READ if query.whole else LISTED_V1,
    }
    body = {key: value for key, value in asked.items() if value}
    while True:
        answer = connection.patiently(
            lambda: connection.post("reading runs", "/api/v1/runs/query", body, kind=Kind.QUERY_V1)
        )
        yield from _rows(connection, "reading runs", answer, "runs")
        cursors = answer.get("cursors")
        cursor = cursors.get("next") if isinstance(cursors, dict) else None
        if not cursor:
            return
        body["cursor"] = cursor


def _rows(connection: Connection, what: str, answer: object, key: str) -> list[Row]:
    rows = answer.get(key) if isinstance(answer, dict) else None
    if rows is None and isinstance(answer, dict):
        rows = []
    if not isinstance(rows, list):
        raise page(connection.host, what)
    return [row for row in rows if isinstance(row, dict)]
