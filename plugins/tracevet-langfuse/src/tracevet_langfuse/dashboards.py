"""A dashboard of violations, where the server has the dashboards API (Langfuse from 4.16 on, marked unstable there)."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from tracevet_langfuse.connection import Connection
from tracevet_langfuse.failures import NotFoundError

NAME = "tracevet"
DASHBOARDS = "/api/public/unstable/dashboards"
WIDGETS = "/api/public/unstable/dashboard-widgets"
PAGE = 50
HEIGHT = 5  # grid rows

Shape = tuple[str, str, str, str | None, int]  # title, name of the score, chart, dimension, width in grid columns

CHARTS: tuple[Shape, ...] = (
    ("Violations over time, by policy", "policy", "BAR_TIME_SERIES", "stringValue", 12),
    ("Policies most violated", "policy", "HORIZONTAL_BAR", "stringValue", 6),
    ("Traces by severity", "policy.severity", "PIE", "stringValue", 6),
    ("Traces by severity over time", "policy.severity", "LINE_TIME_SERIES", "stringValue", 6),
    ("How much could be vetted", "policy.coverage", "PIE", "stringValue", 6),
    ("What reviewers said", "policy.review", "VERTICAL_BAR", "stringValue", 6),
    ("Violations", "policy", "NUMBER", None, 6),
)


def create(connection: Connection) -> Iterator[str]:
    """Create the dashboard and what is missing of its charts; a chart that stands on it already stays as it is.

    Raises:
        PlatformError: it could not be created.
    """
    try:
        dashboard = connection.patiently(lambda: _dashboard(connection))
    except NotFoundError:
        yield "no dashboard: this server has no dashboards API; filter the traces table by the score policy instead"
        return
    placed = {part.get("widgetId") for part in dashboard.get("definition", {}).get("widgets", ())}
    for number, shape in enumerate(CHARTS):
        widget = connection.patiently(partial(_widget, connection, shape))
        if widget not in placed:
            _place(connection, dashboard["id"], widget, number)
    yield f"dashboard {NAME} with {len(CHARTS)} charts"


def _dashboard(connection: Connection) -> dict[str, Any]:
    for found in _listed(connection, "listing dashboards", DASHBOARDS):
        if found.get("name") == NAME:
            return found
    body = {"name": NAME, "description": "What tracevet found in the traces of AI coding assistants."}
    made: dict[str, Any] = connection.create("creating the dashboard", DASHBOARDS, body)
    return made


def _widget(connection: Connection, shape: Shape) -> str:
    title = f"{NAME}: {shape[0]}"
    for found in _listed(connection, "listing charts", WIDGETS):
        if found.get("name") == title:
            return str(found["id"])
    return str(connection.create("creating a chart", WIDGETS, _body(title, shape))["id"])


def _body(title: str, shape: Shape) -> dict[str, Any]:
    _, score, chart, dimension, _ = shape
    filters = [{"column": "name", "operator": "=", "type": "string", "value": score}]
    if score == "policy":
        filters += [
            {"column": "stringValue", "operator": "does not contain", "type": "string", "value": value}
            for value in ("cleared", "corrected")
        ]
    return {
        "name": title,
        "description": "Made by tracevet.",
        "view": "scores-categorical",
        "dimensions": [{"field": dimension}] if dimension else [],
        "metrics": [{"measure": "count", "agg": "count"}],
        "filters": filters,
        "chartType": chart,
        "chartConfig": {"type": chart},
    }


def _place(connection: Connection, dashboard: str, widget: str, number: int) -> None:
    """Put a chart in its place; in a second try the place may be taken by the first."""
    width = CHARTS[number][4]
    before = sum(shape[4] for shape in CHARTS[:number])
    body = {"type": "widget", "widgetId": widget, "x": before % 12, "y": before // 12 * HEIGHT}
    size = {"width": width, "height": HEIGHT}
    connection.create("placing a chart", f"{DASHBOARDS}/{dashboard}/placements", {**body, **size})


def _listed(connection: Connection, what: str, path: str) -> Iterator[dict[str, Any]]:
    number = 1
    while True:
        answer = connection.get(what, path, page=number, limit=PAGE)
        yield from answer["data"]
        if number >= answer["meta"]["totalPages"]:
            return
        number += 1
