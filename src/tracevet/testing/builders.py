"""Short ways to make what plugins are given; each takes the fields of its type where they differ from the usual."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tracevet.model import (
    Alert,
    AlertItem,
    AlertKind,
    Confidence,
    Coverage,
    Json,
    Mode,
    Outcome,
    Place,
    Report,
    Severity,
    Snippet,
    Span,
    SpanKind,
    Status,
    Surface,
    Totals,
    Trace,
    TraceRef,
    Verdict,
    Violation,
)

START = datetime(2026, 11, 20, 12, tzinfo=UTC)  # of each trace that says nothing else
SECOND = timedelta(seconds=1)


def snippet(text: str, language: str = "python", surface: Surface = Surface.SUGGESTED, **fields: Any) -> Snippet:
    """Make a snippet as a detector gets it: without path, span and pointer."""
    return Snippet(text=text, language=language, surface=surface, **{"span": "", "pointer": "", **fields})


def span(number: int = 0, input: Json = None, output: Json = None, **fields: Any) -> Span:  # noqa: A002 - as in Span
    """Make a call of a model that took three seconds, ten seconds after the one before it."""
    start = START + 10 * number * SECOND
    usual = {"id": f"span-{number}", "kind": SpanKind.GENERATION, "name": "call", "start": start}
    return Span(input=input, output=output, **{**usual, "end": start + 3 * SECOND, **fields})


def trace(
    name: str = "one", spans: int = 1, /, *, start: datetime = START, platform: str = "test", **fields: Any
) -> Trace:
    """Make a trace of so many spans, the first of which is the root, and ends last.

    Ids are UUIDs made of the name, the same each time; the root's is the trace's, as LangSmith has it. Each span
    takes a second, one after the other.
    """
    id = identity(name)  # noqa: A001 - as in Trace
    end = start + spans * SECOND
    root = span(id=id, kind=SpanKind.AGENT, name="turn", start=start, end=end, **_said(name, 0))
    later = [_step(name, number, start) for number in range(1, spans)]
    usual = {"name": "turn", "start": start, "end": end, "content": name}
    return Trace(platform=platform, id=id, spans=(root, *later), **{**usual, **fields})


def identity(name: str, number: int = 0) -> str:
    """Give the id of a span that `trace` makes; that of the first is the trace's."""
    return str(uuid5(NAMESPACE_URL, f"tracevet:{name}:{number}"))


def _step(name: str, number: int, start: datetime) -> Span:
    begin = start + (number - 1) * SECOND
    ids: dict[str, Any] = {"id": identity(name, number), "parent_id": identity(name)}
    return span(**ids, name=f"step {number}", start=begin, end=begin + SECOND, **_said(name, number))


def _said(name: str, number: int) -> dict[str, Any]:
    question: Json = {"messages": [{"role": "user", "content": f"question {number} of {name}"}]}
    return {"input": question, "output": {"role": "assistant", "content": f"answer {number} of {name}"}}


def violation(span: str, **fields: Any) -> Violation:
    """Make an open violation of high severity on a span."""
    place = Place(span=span, pointer="/output", surface=Surface.SUGGESTED, path="db.py", start_line=3, end_line=3)
    usual: Mapping[str, Any] = {
        "fingerprint": "f1",
        "policy": "sql-injection",
        "title": "SQL Injection Prevention",
        "severity": Severity.HIGH,
        "category": "injection",
        "mode": Mode.MONITOR,
        "cwe": ("CWE-89",),
        "detector": "bandit",
        "rule": "B608",
        "confidence": Confidence.MEDIUM,
        "message": "SQL made by hand",
        "surface": Surface.SUGGESTED,
        "language": "python",
        "path": "db.py",
        "start_line": 3,
        "end_line": 3,
        "snippet": "d1",
        "span_id": span,
        "trace_id": span,
        "evidence": 'query = f"SELECT * FROM users WHERE id = {user_id}"',
        "recommendation": "Use parameterized queries.",
        "occurrences": 1,
        "places": (place,),
    }
    unknown = dict.fromkeys(("url", "developer", "project", "repository", "branch", "assistant", "model", "session"))
    return Violation(**{**unknown, **usual, **fields})


def verdict(about: Trace, *violations: Violation, **fields: Any) -> Verdict:
    """Make a trace's verdict of its violations; without an open one it is clean."""
    standing = [each for each in violations if each.status is Status.OPEN]
    ref = TraceRef(platform=about.platform, id=about.id, name=about.name, start=about.start, end=about.end)
    usual: Mapping[str, Any] = {
        "id": f"verdict-of-{about.id}",
        "trace": ref,
        "outcome": Outcome.VIOLATIONS if standing else Outcome.CLEAN,
        "severity": max((each.severity for each in standing), key=lambda grade: grade.rank, default=None),
        "coverage": Coverage.FULL,
        "violations": violations,
    }
    return Verdict(**{**usual, **fields})


def report(*verdicts: Verdict, **fields: Any) -> Report:
    """Make a report of the verdicts, counted."""
    violations = [each for one in verdicts for each in one.violations]
    totals = Totals(
        traces=len(verdicts),
        clean=sum(one.outcome is Outcome.CLEAN for one in verdicts),
        violating=sum(one.outcome is Outcome.VIOLATIONS for one in verdicts),
        violations=len(violations),
        by_severity={grade: sum(each.severity is grade for each in violations) for grade in Severity},
        by_policy=dict.fromkeys(sorted({each.policy for each in violations}), 1),
    )
    return Report(verdicts=verdicts, **{"totals": totals, **fields})


def alert(*violations: Violation, **fields: Any) -> Alert:
    """Make an alert of the violations; without any, of one on a trace."""
    told = violations or (violation(identity("one", 1)),)
    items = tuple(AlertItem(violation=each, platform="test") for each in told)
    usual: Mapping[str, Any] = {"id": "alert_1", "kind": AlertKind.VIOLATIONS, "route": "team", "at": START}
    return Alert(**{"items": items, **usual, **fields})
