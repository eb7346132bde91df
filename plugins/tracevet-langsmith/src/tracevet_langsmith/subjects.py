"""What feedback must know of the runs that it is put on: that they are there, their project, when they began."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from tracevet import Verdict
from tracevet_langsmith.connection import Connection
from tracevet_langsmith.marks import Subject, spans_of
from tracevet_langsmith.projects import PROJECTS, Projects
from tracevet_langsmith.queries import Query, runs

IDS = 400  # runs looked up at once
AROUND = timedelta(days=2)  # in which the runs of one trace began

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def subjects(connection: Connection, projects: Projects, verdicts: Sequence[Verdict]) -> Mapping[str, Subject]:
    """Look up the runs of the verdicts' traces; a trace of which none is there is left out.

    Raises:
        PlatformError: they can't be looked up.
    """
    found = _found(connection, projects, verdicts)
    missing = [verdict for verdict in verdicts if verdict.trace.id not in found]
    if missing and projects.forget():
        found |= _found(connection, projects, missing)
    return found


def _found(connection: Connection, projects: Projects, verdicts: Sequence[Verdict]) -> dict[str, Subject]:
    found: dict[str, tuple[str, dict[str, datetime | None]]] = {}
    wanted = {verdict.trace.id: {verdict.trace.id, *spans_of(verdict.violations)} for verdict in verdicts}
    for query in _queries(projects, verdicts, sorted(set().union(*wanted.values()))):
        for row in runs(connection, query):
            trace, run, project = row.get("trace_id"), row.get("id"), row.get("project_id") or row.get("session_id")
            if isinstance(trace, str) and isinstance(run, str) and isinstance(project, str) and trace in wanted:
                found.setdefault(trace, (project, {}))[1][run] = _time(row.get("start_time"))
    return {trace: Subject(project=project, runs=runs_) for trace, (project, runs_) in found.items()}


def _queries(projects: Projects, verdicts: Sequence[Verdict], names: Sequence[str]) -> Iterator[Query]:
    """Ask for ids that LangSmith takes; it knows no others."""
    starts = [verdict.trace.start for verdict in verdicts]
    known = [start for start in starts if start is not None]
    bounds = (min(known) - AROUND, max(known) + AROUND) if known and len(known) == len(starts) else (None, None)
    ids, inside = [name for name in names if _UUID.fullmatch(name)], projects.ids()
    for at in range(0, len(ids), IDS):
        for where in range(0, len(inside), PROJECTS):
            some = inside[where : where + PROJECTS]
            yield Query(projects=some, ids=ids[at : at + IDS], since=bounds[0], until=bounds[1])


def _time(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
