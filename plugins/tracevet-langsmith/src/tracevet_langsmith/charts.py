"""A section of charts on violations, under Monitoring; LangSmith draws feedback over time."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from tracevet_langsmith.connection import Connection
from tracevet_langsmith.failures import ForbiddenError, NotFoundError
from tracevet_langsmith.marks import COVERAGE, POLICY, SEVERITY

SECTION = "tracevet"
SECTIONS = "/api/v1/charts/section"
CHARTS = "/api/v1/charts"
CREATE = "/api/v1/charts/create"


def create(connection: Connection, projects: Sequence[str], policies: Sequence[str]) -> Iterator[str]:
    """Create the section and what is missing of its charts, by title; what is there stays as it is.

    Raises:
        PlatformError: it could not be created.
    """
    wanted = [
        ("Severity of violations", "line", [_series("severity", SEVERITY, projects)]),
        ("How much could be vetted", "line", [_series("coverage", COVERAGE, projects)]),
        *((f"Policy {name}", "bar", [_series(name, f"{POLICY}{name}", projects)]) for name in policies),
    ]
    try:
        section = connection.patiently(lambda: _section(connection))
        known = connection.patiently(lambda: _titles(connection, section))
        for title, kind, series in wanted:
            if title not in known:
                body = {"title": title, "chart_type": kind, "series": series, "section_id": section}
                connection.patiently(partial(connection.post, "creating a chart", CREATE, body))
    except ForbiddenError:
        yield "no charts: the key may not create them; an administrator's key can"
        return
    except NotFoundError:
        yield "no charts: this server has no charts API; filter runs by the feedback policy.severity instead"
        return
    yield f"section {SECTION!r} with {len(wanted)} charts under Monitoring"


def _series(name: str, key: str, projects: Sequence[str]) -> dict[str, Any]:
    filters = {"filter": f'and(eq(is_root, true), eq(feedback_key, "{key}"))', "session": list(projects)}
    return {"name": name, "metric": "feedback_score_avg", "feedback_key": key, "filters": filters}


def _section(connection: Connection) -> str:
    for row in connection.listed("listing sections of charts", SECTIONS, title_contains=SECTION):
        if row.get("title") == SECTION:
            return str(row["id"])
    body = {"title": SECTION, "description": "What tracevet found in the traces of AI coding assistants."}
    return str(connection.post("creating a section of charts", SECTIONS, body)["id"])


def _titles(connection: Connection, section: str) -> set[str]:
    answer = connection.post("listing charts", CHARTS, {"omit_data": True})
    found = [part for part in answer.get("sections", ()) if part.get("id") == section]
    return {str(chart.get("title")) for part in found for chart in part.get("charts", ())}
