"""Sections of charts, and the charts in them; no data is drawn."""

from uuid import uuid4

from tracevet.testing.langsmith.answers import Answer, Row, refused, unprocessable
from tracevet.testing.langsmith.calls import Call

_KINDS = ("line", "bar")


def create_section(call: Call) -> Answer:
    """Create a section; titles are not unique."""
    if not call.rules.admin:
        raise refused(403, "Forbidden")
    fields = call.fields()
    _require(fields, "title")
    row = {"id": str(uuid4()), "title": fields["title"], "description": fields.get("description"), "index": 0}
    call.workspace.sections.append({**row, "created_at": call.now, "modified_at": call.now})
    return Answer({**call.workspace.sections[-1], "chart_count": 0})


def list_sections(call: Call) -> Answer:
    """List sections, oldest first."""
    part = (call.query("title_contains") or "").lower()
    rows = [row for row in call.workspace.sections if part in row["title"].lower()]
    start, size = call.number("offset", 0), call.number("limit", 100, least=1, most=100)
    charts = call.workspace.charts
    counted = [{**row, "chart_count": sum(c["section_id"] == row["id"] for c in charts)} for row in rows]
    return Answer(counted[start : start + size])


def create(call: Call) -> Answer:
    """Create a chart in a section."""
    fields = call.fields()
    _require(fields, "title", "chart_type", "series")
    if fields["chart_type"] not in _KINDS:
        raise unprocessable("Input should be 'line' or 'bar'", "body", "chart_type", kind="enum")
    if not any(row["id"] == fields.get("section_id") for row in call.workspace.sections):
        raise refused(404, "Section not found")
    series = [{"id": str(uuid4()), **each} for each in fields["series"]]
    row = {"id": str(uuid4()), "title": fields["title"], "chart_type": fields["chart_type"], "series": series}
    row |= {"section_id": fields["section_id"], "index": len(call.workspace.charts), "metadata": None}
    call.workspace.charts.append({**row, "description": fields.get("description")})
    return Answer(call.workspace.charts[-1])


def listed(call: Call) -> Answer:
    """List the sections with their charts."""
    charts = [{**row, "data": []} for row in call.workspace.charts]
    sections = [
        {**row, "charts": [chart for chart in charts if chart["section_id"] == row["id"]]}
        for row in call.workspace.sections
    ]
    return Answer({"sections": sections})


def _require(fields: Row, *names: str) -> None:
    for name in names:
        if name not in fields:
            raise unprocessable("Field required", "body", name, kind="missing")
