"""Reading traces again where they are, to show the conversation around a violation."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from tracevet.errors import TracevetError
from tracevet.model import Trace
from tracevet.plugin import Platform, Window
from tracevet.reporting.figures import Case

MARGIN = timedelta(seconds=1)  # platforms round times
APART = timedelta(minutes=5)  # traces nearer than this are read together
MONTHS = timedelta(days=365_000)  # where reading a part costs as much as reading all
PAGES = 50  # of one stretch of time: a trace that is not in them counts as gone


def reread(cases: Iterable[Case], opened: Callable[[str], Platform]) -> Iterator[tuple[Case, Trace | str]]:
    """Give each case with its trace, or a sentence that says why it can't be read; each trace is read once.

    `opened` builds a platform by its name, and raises TracevetError where it is not set up. Memory holds the traces
    of one stretch of time.
    """
    platforms: dict[str, list[Case]] = {}
    for case in cases:
        platforms.setdefault(case.platform, []).append(case)
    for name, mine in platforms.items():
        try:
            platform = opened(name)
        except TracevetError:
            yield from ((case, f"The platform {name} is not set up here.") for case in mine)
            continue
        yield from _reread(platform, mine)


def _reread(platform: Platform, cases: Sequence[Case]) -> Iterator[tuple[Case, Trace | str]]:
    """Read a stretch of time after the other; a platform that fails once is not asked again."""
    problem = ""
    for window, some in _stretches(cases, MONTHS if platform.cursor_is_memory else APART):
        wanted = {case.violation.trace_id for case in some}
        traces, problem = _read(platform, window, wanted) if not problem else ({}, problem)
        missing = problem or f"The trace is not on {platform.name} any more, or not where it is looked for."
        yield from ((case, traces.get(case.violation.trace_id, missing)) for case in some)


def _read(platform: Platform, window: Window, wanted: set[str]) -> tuple[Mapping[str, Trace], str]:
    """Give the traces that were found, and what went wrong."""
    found: dict[str, Trace] = {}
    try:
        for number, page in enumerate(platform.traces(window, None)):
            found |= {trace.id: trace for trace in page.traces if trace.id in wanted}
            if len(found) == len(wanted) or (number >= PAGES and not platform.cursor_is_memory):
                break
    except TracevetError as error:
        return found, f"The platform {platform.name} can't be read: {error}"
    return found, ""


def _stretches(cases: Sequence[Case], apart: timedelta) -> Iterator[tuple[Window, list[Case]]]:
    """Put cases whose traces ended near one another together; those without a time come as one."""
    timed = sorted(((_end(case), case) for case in cases if _end(case)), key=lambda pair: pair[0])  # type: ignore[arg-type,return-value]
    group: list[Case] = []
    first = last = None
    for end, case in timed:
        if last and end and end - last > apart:
            yield _window(first, last), group
            group, first = [], None
        first, last = first or end, end
        group.append(case)
    if group:
        yield _window(first, last), group
    timeless = [case for case in cases if not _end(case)]
    if timeless:
        yield Window(), timeless


def _end(case: Case) -> datetime | None:
    return case.ended or case.began


def _window(first: datetime | None, last: datetime | None) -> Window:
    return Window(first and first - MARGIN, last and last + MARGIN)
