"""A message that is marked as a sample, to try a route."""

import uuid
from datetime import datetime

from tracevet.alerts.routes import Route
from tracevet.model import (
    Alert,
    AlertItem,
    AlertKind,
    Confidence,
    Mode,
    Place,
    Surface,
    Violation,
)


def sample(route: Route, now: datetime, to: str | None = None) -> Alert:
    """Make a sample for the route, each with an id of its own; it names no real trace, project or person."""
    return Alert(
        id=f"msg_{uuid.uuid4().hex}",
        kind=AlertKind.SAMPLE,
        route=route.name,
        at=now,
        items=(AlertItem(violation=_violation(route), platform="sample"),),
        to=to,
    )


def _violation(route: Route) -> Violation:
    place = Place(span="sample", pointer="/output", surface=Surface.APPLIED, path="app.py", start_line=6, end_line=6)
    return Violation(
        fingerprint="sample",
        policy="sql-injection",
        title="SQL Injection Prevention",
        severity=route.options.severity,
        category="injection",
        mode=Mode.MONITOR,
        cwe=("CWE-89",),
        detector="flow",
        rule="sql-injection",
        confidence=Confidence.HIGH,
        message="data from a parameter becomes part of an SQL statement",
        surface=Surface.APPLIED,
        language="python",
        path="app.py",
        start_line=6,
        end_line=6,
        snippet="sample",
        span_id="sample",
        trace_id="sample",
        url=None,
        developer="somebody",
        project="sample",
        repository=None,
        branch=None,
        assistant="an assistant",
        model=None,
        session=None,
        evidence='query = f"SELECT * FROM users WHERE id = {user_id}"',
        recommendation="Pass the values as parameters: execute(sql, (value,)).",
        occurrences=1,
        places=(place,),
    )
