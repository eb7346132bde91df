"""Reading traces from servers that have no observations v2: by their start, each with a call of its own."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from tracevet import Page, Trace, Window
from tracevet_langfuse.connection import Connection
from tracevet_langfuse.failures import NotFoundError
from tracevet_langfuse.reading import Given, News, Row, Wanted, made
from tracevet_langfuse.rows import plain

LISTED = 100  # the server's limit
LONGEST = timedelta(hours=1)  # a trace that runs longer is not found by its end
TRACES = 20  # on a page


def pages(connection: Connection, window: Window, wanted: Wanted, given: Given) -> Iterator[Page]:
    """Yield the traces that ended in the window, whole, oldest first; `given` as for observations v2."""
    news = _news(connection, window, wanted)
    fresh = list(given.without(news))
    for at in range(0, len(fresh), TRACES):
        chunk = fresh[at : at + TRACES]
        read = [trace for name in chunk if (trace := _trace(connection, name))]
        traces = tuple(trace for trace in read if trace.spans and _inside(trace, window))
        yield Page(traces=traces, done=(at + len(chunk)) / len(fresh))
        given.add(chunk, news)


def _news(connection: Connection, window: Window, wanted: Wanted) -> dict[str, News]:
    """List the traces that may have ended in the window, oldest first."""
    found: dict[str, News] = {}
    for row in _listed(connection, window, wanted):
        news = found.setdefault(str(row.get("id")), News(str(row.get("timestamp") or "")))
        observations = row.get("observations")
        named = observations if isinstance(observations, list) else []
        news.rows.extend(hash(str(name)) for name in [row.get("updated_at"), *named])
    return dict(sorted(found.items(), key=lambda item: (item[1].start, item[0])))


def _listed(connection: Connection, window: Window, wanted: Wanted) -> Iterator[Row]:
    page = 1
    while True:
        answer: Any = connection.call(
            "listing traces",
            connection.api.trace.list,
            page=page,
            limit=LISTED,
            from_timestamp=window.start - LONGEST if window.start else None,
            to_timestamp=window.end,
            environment=list(wanted.environments) or None,
            fields="core,observations",
        )
        rows = [plain(item) for item in answer.data]
        yield from (row for row in rows if not wanted.tags or set(wanted.tags) & set(_tags(row)))
        if page >= answer.meta.total_pages:
            return
        page += 1


def _tags(row: Row) -> list[str]:
    tags = row.get("tags")
    return [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []


def _trace(connection: Connection, name: str) -> Trace | None:
    try:
        found = connection.call("reading a trace", connection.api.trace.get, trace_id=name)
    except NotFoundError:  # deleted since it was listed
        return None
    head = plain(found)
    observations = head.pop("observations", None)
    rows = [row for row in observations if isinstance(row, dict)] if isinstance(observations, list) else []
    return made(connection, rows, parent=head)


def _inside(trace: Trace, window: Window) -> bool:
    end = trace.end
    return end is None or ((window.start is None or window.start <= end) and (window.end is None or end < window.end))
