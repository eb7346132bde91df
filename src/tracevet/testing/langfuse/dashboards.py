"""Dashboards and their charts, as the unstable API of 4.16 has them."""

from uuid import uuid4

from tracevet.testing.langfuse.answers import Answer, RefusalError, Row, page
from tracevet.testing.langfuse.calls import Call

_VIEWS = ("observations", "scores-numeric", "scores-boolean", "scores-categorical")
_CHARTS = (
    *("LINE_TIME_SERIES", "AREA_TIME_SERIES", "BAR_TIME_SERIES", "HORIZONTAL_BAR", "VERTICAL_BAR"),
    *("PIE", "NUMBER", "HISTOGRAM", "PIVOT_TABLE"),
)
_REQUIRED = ("name", "view", "dimensions", "metrics", "filters", "chartType")
_FILTER = ("column", "operator", "type")


def create_dashboard(call: Call) -> Answer:
    """Create a dashboard; names are not unique."""
    body = _with(call, "name")
    row = {**_born(call), "name": body["name"], "description": body.get("description") or ""}
    row |= {"definition": {"widgets": []}, "filters": body.get("filters") or []}
    call.project.dashboards.append(row)
    return Answer(row)


def list_dashboards(call: Call) -> Answer:
    """List dashboards, newest first."""
    return page(call.project.dashboards[::-1], call.query)


def create_widget(call: Call) -> Answer:
    """Create a chart that stands on no dashboard yet."""
    body = _with(call, *_REQUIRED)
    config = body.get("chartConfig") or {"type": body["chartType"]}
    known = body["view"] in _VIEWS and body["chartType"] in _CHARTS and config.get("type") == body["chartType"]
    if not known or any(set(_FILTER) - set(each) for each in body["filters"]):
        raise _refused(400, "invalid_body", "Invalid request body")
    row = {**_born(call), **{key: body[key] for key in _REQUIRED}, "chartConfig": config}
    call.project.widgets.append({**row, "description": body.get("description") or ""})
    return Answer(call.project.widgets[-1])


def list_widgets(call: Call) -> Answer:
    """List charts, newest first."""
    return page(call.project.widgets[::-1], call.query)


def place(call: Call) -> Answer:
    """Put a chart on a dashboard; where it overlaps another one it is refused."""
    body = _with(call, "type", "widgetId")
    dashboard = next((row for row in call.project.dashboards if row["id"] == call.path["dashboard"]), None)
    if dashboard is None or not any(row["id"] == body["widgetId"] for row in call.project.widgets):
        raise _refused(404, "resource_not_found", "Not found")
    sizes = {key: body.get(key) or default for key, default in (("x", 0), ("y", 0), ("width", 6), ("height", 6))}
    placement = {"id": str(uuid4()), "type": body["type"], "widgetId": body["widgetId"], **sizes}
    if any(_overlap(placement, other) for other in dashboard["definition"]["widgets"]):
        raise _refused(409, "conflict", "The placement overlaps another one")
    dashboard["definition"]["widgets"].append(placement)
    return Answer(placement)


def _overlap(one: Row, other: Row) -> bool:
    sides = (("x", "width"), ("y", "height"))
    return all(one[at] < other[at] + other[size] and other[at] < one[at] + one[size] for at, size in sides)


def _with(call: Call, *required: str) -> Row:
    body = call.fields()
    missing = [key for key in required if key not in body]
    if missing:
        raise _refused(400, "invalid_body", f"Required: {', '.join(missing)}")
    return body


def _born(call: Call) -> Row:
    return {"id": str(uuid4()), "createdAt": call.now, "updatedAt": call.now}


def _refused(status: int, code: str, message: str) -> RefusalError:
    return RefusalError(status, {"message": message, "code": code})
