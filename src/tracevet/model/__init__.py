"""The words of tracevet as frozen types, without I/O: traces, snippets, findings, policies, verdicts."""

from tracevet.model.alert import Alert, AlertItem, AlertKind
from tracevet.model.finding import Confidence, Finding, Gap, GapReason, Region, Result, Severity, Step
from tracevet.model.pattern import Pattern, PatternKind
from tracevet.model.policy import Mode, Policy, PolicyPack
from tracevet.model.reach import Reach, ReachState
from tracevet.model.report import Report, Totals
from tracevet.model.review import Decision, Review
from tracevet.model.session import EditNote, FileNote, Files, FileState, Mark, Session
from tracevet.model.trace import Json, Snippet, Span, SpanKind, Surface, Trace
from tracevet.model.verdict import (
    Context,
    Coverage,
    Fact,
    Outcome,
    Place,
    Receipt,
    ShownStep,
    Status,
    TraceRef,
    Verdict,
    Violation,
)

__all__ = [
    "Alert",
    "AlertItem",
    "AlertKind",
    "Confidence",
    "Context",
    "Coverage",
    "Decision",
    "EditNote",
    "Fact",
    "FileNote",
    "FileState",
    "Files",
    "Finding",
    "Gap",
    "GapReason",
    "Json",
    "Mark",
    "Mode",
    "Outcome",
    "Pattern",
    "PatternKind",
    "Place",
    "Policy",
    "PolicyPack",
    "Reach",
    "ReachState",
    "Receipt",
    "Region",
    "Report",
    "Result",
    "Review",
    "Session",
    "Severity",
    "ShownStep",
    "Snippet",
    "Span",
    "SpanKind",
    "Status",
    "Step",
    "Surface",
    "Totals",
    "Trace",
    "TraceRef",
    "Verdict",
    "Violation",
]
