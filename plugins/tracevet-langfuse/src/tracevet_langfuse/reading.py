"""Reading traces by observations v2: first which traces have news in the window, then those traces whole."""

import json
from array import array
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from tracevet import Gap, GapReason, Json, Page, PlatformError, Trace, Window, langfuse_trace
from tracevet_langfuse.connection import Connection
from tracevet_langfuse.failures import page, shown
from tracevet_langfuse.rows import FIELDS, OWN_TAG, WHOLE, is_own, listed, ours

Row: TypeAlias = dict[str, Json]

# Read without the SDK: its models take a millisecond for each row, forty times what the row's JSON takes.
PATH = "/api/public/v2/observations"
LISTED = 1000  # rows on a page without content; the server's limit
READ = 100  # rows on a page with content: below the cap on the size of a response
TRACES = 40  # traces in one call, so that their ids fit into an address
ROWS = 200  # listed rows of the traces in one call
KEPT = 50_000  # traces that are known to be handed over
LONGEST = timedelta(days=1)  # what runs longer between start and end is not found by its end
MAX_TRACE = 64 * 1024 * 1024  # characters of content that are held of one trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which traces are wanted; empty asks nothing."""

    environments: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(slots=True)
class News:
    """What the listing says of one trace."""

    start: str
    rows: "array[int]" = field(default_factory=lambda: array("q"))  # one number for each observation, as it is now


class Given:
    """Which observations were handed over already; of the traces that were listed last."""

    def __init__(self) -> None:
        """Start with none."""
        self._rows: OrderedDict[str, array[int]] = OrderedDict()

    def without(self, news: dict[str, News]) -> dict[str, News]:
        """Leave what is new."""
        return {trace: one for trace, one in news.items() if not set(self._rows.get(trace, ())).issuperset(one.rows)}

    def add(self, traces: Sequence[str], news: dict[str, News]) -> None:
        """Note that these were handed over."""
        for trace in traces:
            self._rows[trace] = array("q", {*news[trace].rows, *self._rows.pop(trace, ())})
        while len(self._rows) > KEPT:
            self._rows.popitem(last=False)


def pages(connection: Connection, window: Window, wanted: Wanted, given: Given) -> Iterator[Page]:
    """Yield the traces with an observation that ended in the window, whole, oldest first.

    What `given` holds is left out; what is handed over is added to it.
    """
    news = _news(connection, window, wanted)
    fresh = given.without(news)
    left = len(fresh)
    for chunk in _chunks(fresh):
        traces = _traces(connection, chunk, window)
        left -= len(chunk)
        yield Page(traces=traces, done=1 - left / len(fresh))
        given.add(chunk, news)


def conditions(window: Window, wanted: Wanted) -> list[dict[str, Any]]:
    """Ask for observations that ended in the window, in the form of Langfuse's filters."""
    asked: list[dict[str, Any]] = []
    if window.start is not None:
        asked.append(_moment("endTime", ">=", window.start))
        asked.append(_moment("startTime", ">=", window.start - LONGEST))
    if window.end is not None:
        asked.append(_moment("endTime", "<", window.end))
    for column, kind, values in (
        ("environment", "stringOptions", wanted.environments),
        ("tags", "arrayOptions", wanted.tags),
    ):
        if values:
            asked.append({"type": kind, "column": column, "operator": "any of", "value": list(values)})
    return asked


def of_traces(connection: Connection, traces: Sequence[str], **options: Any) -> Iterator[Row]:
    """Yield the observations of some traces."""
    asked = {"type": "stringOptions", "column": "traceId", "operator": "any of", "value": list(traces)}
    yield from _rows(connection, [asked, *options.pop("conditions", ())], **options)


def _news(connection: Connection, window: Window, wanted: Wanted) -> dict[str, News]:
    found: dict[str, News] = {}
    for row in _rows(connection, conditions(window, wanted), fields="core", limit=LISTED):
        if is_own(row):
            continue
        trace, start = row.get("trace_id"), str(row.get("start_time") or "")
        if isinstance(trace, str) and trace:
            news = found.setdefault(trace, News(start))
            news.start = min(news.start, start)
            news.rows.append(hash((row.get("id"), row.get("end_time"))))
    return dict(sorted(found.items(), key=lambda item: (item[1].start, item[0])))


def _rows(connection: Connection, asked: list[dict[str, Any]], **options: Any) -> Iterator[Row]:
    cursor = None
    while True:
        answer = connection.get(
            "reading observations", PATH, filter=json.dumps(asked) if asked else None, cursor=cursor, **options
        )
        try:
            rows, cursor = listed(answer)
        except ValueError:
            raise PlatformError(page(shown(connection.host), "reading observations")) from None
        yield from rows
        if not cursor:
            return


def _chunks(news: dict[str, News]) -> Iterator[list[str]]:
    chunk: list[str] = []
    rows = 0
    for trace, one in news.items():
        if chunk and (len(chunk) == TRACES or rows + len(one.rows) > ROWS):
            yield chunk
            chunk, rows = [], 0
        chunk.append(trace)
        rows += len(one.rows)
    if chunk:
        yield chunk


def _traces(connection: Connection, ids: Sequence[str], window: Window) -> tuple[Trace, ...]:
    bound = [_moment("startTime", ">=", window.start - LONGEST)] if window.start is not None else []
    read = of_traces(connection, ids, conditions=bound, fields=FIELDS, expandMetadata=WHOLE, limit=READ)
    groups: dict[str, list[Row]] = {trace: [] for trace in ids}
    sizes: dict[str, int] = dict.fromkeys(ids, 0)
    lost: dict[str, int] = {}
    for row in read:
        trace = str(row.get("trace_id"))
        sizes[trace] = sizes.get(trace, 0) + sum(len(str(row.get(key) or "")) for key in ("input", "output"))
        if sizes[trace] > MAX_TRACE:
            row |= {"input": None, "output": None}
            lost[trace] = lost.get(trace, 0) + 1
        groups.setdefault(trace, []).append(row)
    return tuple(made(connection, rows, lost.get(trace, 0)) for trace, rows in groups.items() if ours(rows))


def made(connection: Connection, rows: Sequence[Row], lost: int = 0, parent: Row | None = None) -> Trace:
    """Make a trace of its rows, with the address at which people find it."""
    trace = langfuse_trace([_untagged(row) for row in ours(rows)], parent=parent and _untagged(parent))
    url = f"{connection.host}/project/{connection.project}/traces/{trace.id}"
    if not lost:
        return replace(trace, url=url)
    detail = f"content beyond {MAX_TRACE // 2**20} million characters of one trace"
    gap = Gap(reason=GapReason.TOO_LARGE, detail=detail, count=lost)
    return replace(trace, url=url, gaps=(*trace.gaps, gap))


def _untagged(row: Row) -> Row:
    """Take our own tags off: what we write makes no trace another one."""
    tags = row.get("tags")
    kept = tags if not isinstance(tags, list) else [tag for tag in tags if not str(tag).startswith(OWN_TAG)]
    return row if kept == tags else {**row, "tags": kept}


def _moment(column: str, operator: str, moment: datetime) -> dict[str, Any]:
    return {"type": "datetime", "column": column, "operator": operator, "value": moment.isoformat()}
