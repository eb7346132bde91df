"""Reading traces: first which of them have news in the window, tools first, then those traces whole."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from tracevet import Gap, GapReason, Page, PlatformError, Trace, Window, langsmith_trace
from tracevet_langsmith.connection import Connection, Row
from tracevet_langsmith.failures import UnreadableError
from tracevet_langsmith.given import Given, News
from tracevet_langsmith.projects import PROJECTS, Projects
from tracevet_langsmith.queries import Query, joined, moment, of_trace, runs

LONGEST = timedelta(days=1)  # what runs longer between start and end is not found by its end
PENDING = timedelta(minutes=15)  # a run that has not ended by then is read as it stands; once more when it ends
TRACES = 20  # on a page
PAGE = 8 * 1024 * 1024  # characters of content from which on a page is full
MAX_TRACE = 64 * 1024 * 1024  # characters of content that are held of one trace
MANY = 2000  # listed runs from which on a trace is read page by page
OWN_TAG = "policy:"  # beginning of the tags that live vetting adds
TOOLS = 'eq(run_type,"tool")'


def pages(connection: Connection, projects: Projects, window: Window, given: Given) -> Iterator[Page]:
    """Yield the traces with a run that ended in the window, whole: those with tools first, oldest first within.

    So do those with a run that began in the window, `PENDING` shifted, and has not ended. What `given` holds is
    left out; what is handed over is added to it.

    Raises:
        PlatformError: the server can't be read.
    """
    news = _news(connection, projects, window)
    fresh = given.without(news)
    for page, traces, left in _pages(connection, fresh):
        yield replace(page, done=1 - left / len(fresh))
        given.add(traces, news)


def _news(connection: Connection, projects: Projects, window: Window) -> dict[str, News]:
    """List which traces have news: those with tools first, for there the code is, oldest first within."""
    found: dict[str, News] = {}
    tools = _listed(connection, projects, window, TOOLS, found)
    _listed(connection, projects, window, "", found)
    return dict(sorted(found.items(), key=lambda item: (item[0] not in tools, item[1].start, item[0])))


def _listed(
    connection: Connection, projects: Projects, window: Window, condition: str, found: dict[str, News]
) -> set[str]:
    """Add what a listing says to what was found; give its traces."""
    traces = set()
    for query in _asked(projects, window, condition):
        for row in runs(connection, query):
            trace, project = row.get("trace_id"), row.get("project_id") or row.get("session_id")
            if isinstance(trace, str) and isinstance(project, str):
                start = str(row.get("start_time") or "")
                news = found.setdefault(trace, News(project, start))
                news.start = min(news.start, start)
                news.rows.add(hash((row.get("id"), row.get("end_time"))))
                traces.add(trace)
    return traces


def _asked(projects: Projects, window: Window, condition: str) -> Iterator[Query]:
    start, end = window.start, window.end
    ended = joined(
        projects.condition,
        condition,
        f'gte(end_time,"{moment(start)}")' if start else "",
        f'lt(end_time,"{moment(end)}")' if end else "",
    )
    ids = projects.ids()
    for at in range(0, len(ids), PROJECTS):
        some = ids[at : at + PROJECTS]
        yield Query(projects=some, since=start and start - LONGEST, until=end, filter=ended)
        if (start or end) and not condition:
            pending = joined(projects.condition, 'eq(status,"pending")')
            yield Query(projects=some, since=start and start - PENDING, until=end and end - PENDING, filter=pending)


def _pages(connection: Connection, news: dict[str, News]) -> Iterator[tuple[Page, list[str], int]]:
    """Yield pages with the ids of what was read for them, and how many traces are left."""
    traces: list[Trace] = []
    gaps: list[Gap] = []
    names: list[str] = []
    size = 0
    read = connection.together(lambda item: _read(connection, *item), news.items())
    for number, (name, found) in enumerate(zip(news, read, strict=True), 1):
        names.append(name)
        if isinstance(found, UnreadableError):
            gaps.append(Gap(reason=GapReason.TOO_LARGE, detail=f"{found}; trace {name} is left out"))
        elif found[0]:
            rows, lost = found
            size += sum(map(_weight, rows))
            traces.append(made(rows, _url(connection, news[name].project, name), lost))
        if len(names) == TRACES or size >= PAGE or number == len(news):
            yield Page(traces=tuple(traces), gaps=tuple(gaps)), names, len(news) - number
            traces, gaps, names, size = [], [], [], 0


def _read(connection: Connection, trace: str, news: News) -> tuple[list[Row], int] | UnreadableError:
    try:
        if len(news.rows) <= MANY:
            return _capped(of_trace(connection, news.project, trace))
        return _capped(runs(connection, Query(projects=[news.project], trace=trace, whole=True)))
    except UnreadableError as error:
        return error


def _capped(rows: Iterable[Row]) -> tuple[list[Row], int]:
    """Hold no more content than may be held; tell how many runs lost theirs."""
    kept: list[Row] = []
    size = lost = 0
    for row in rows:
        size += _weight(row)
        if size > MAX_TRACE:
            row |= {"inputs": None, "outputs": None}
            lost += 1
        kept.append(row)
    return kept, lost


def _weight(row: Row) -> int:
    """Count characters of content, about, without making any."""
    count = 0
    stack = [row.get("inputs"), row.get("outputs")]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            count += len(item)
        elif isinstance(item, dict):
            count += 8 * len(item)
            stack.extend(item.values())
        elif isinstance(item, list):
            count += 8 * len(item)
            stack.extend(item)
    return count


def made(rows: Sequence[Row], url: str | None = None, lost: int = 0) -> Trace:
    """Make a trace of its runs, with the address at which people find it, and what is missing of it."""
    trace = langsmith_trace([_without_tags(row) for row in rows])
    gaps = list(trace.gaps)
    if lost:
        detail = f"content beyond {MAX_TRACE // 2**20} million characters of one trace"
        gaps.append(Gap(reason=GapReason.TOO_LARGE, detail=detail, count=lost))
    pending = sum(span.end is None for span in trace.spans)
    if pending:
        detail = "runs that had not ended when they were read"
        gaps.append(Gap(reason=GapReason.NOT_RECORDED, detail=detail, count=pending))
    return replace(trace, url=url or trace.url, gaps=tuple(gaps))


def _without_tags(row: Row) -> Row:
    """Leave out the tags that we add live: what we write makes no trace another one."""
    tags = row.get("tags")
    if not isinstance(tags, list):
        return row
    return row | {"tags": [tag for tag in tags if not (isinstance(tag, str) and tag.startswith(OWN_TAG))]}


def _url(connection: Connection, project: str, trace: str) -> str | None:
    try:
        workspace = connection.workspace
    except PlatformError:  # an address is worth no failure
        return None
    web = connection.host.replace("://api.smith", "://smith").replace(".api.smith", ".smith")
    return f"{web}/o/{workspace}/projects/p/{project}/r/{trace}?poll=true"
