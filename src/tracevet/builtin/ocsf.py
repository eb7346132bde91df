"""Violations as OCSF Detection Findings (class 2004), for a SIEM or a security lake."""

from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from tracevet.builtin.table import plain
from tracevet.errors import UsageError
from tracevet.model import Confidence, Report, Severity, Status, Verdict, Violation
from tracevet.plugin import Reporter

if TYPE_CHECKING:
    from py_ocsf_models.events.findings.detection_finding import DetectionFinding

# OCSF 1.5.0: severity_id 2 low, 3 medium, 4 high, 5 critical; confidence_id 1 to 3;
# status_id 1 new, 3 suppressed, 4 resolved; activity_id 1 create, 3 close.
SEVERITIES = {Severity.LOW: 2, Severity.MEDIUM: 3, Severity.HIGH: 4, Severity.CRITICAL: 5}
CONFIDENCES = {Confidence.LOW: 1, Confidence.MEDIUM: 2, Confidence.HIGH: 3}
STATUSES = {Status.OPEN: 1, Status.CORRECTED: 4, Status.SUPPRESSED: 3, Status.RETRACTED: 3}
RULE = 1  # analytic.type_id


class OcsfReporter(Reporter):
    """One Detection Finding a line, for each violation of each trace."""

    name = "ocsf"
    summary = "OCSF Detection Findings as lines of JSON; needs tracevet[ocsf]."

    def __init__(self) -> None:
        """Load the models.

        Raises:
            UsageError: they are not installed.
        """
        try:
            from py_ocsf_models.events.findings.detection_finding import DetectionFinding
        except ModuleNotFoundError:
            raise UsageError("the format ocsf needs its models; install tracevet[ocsf]") from None
        self._model = DetectionFinding

    def render(self, report: Report) -> bytes:
        """Render one line for each violation, in UTF-8; a report in parts gives the same lines."""
        lines = (finding.model_dump_json(exclude_none=True) for finding in self._findings(report))
        return "".join(f"{line}\n" for line in lines).encode()

    def _findings(self, report: Report) -> "Iterator[DetectionFinding]":
        for verdict in report.verdicts:
            for violation in verdict.violations:
                yield self._model.model_validate(_finding(verdict, violation))


def _finding(verdict: Verdict, violation: Violation) -> dict[str, object]:
    activity = 1 if violation.status is Status.OPEN else 3
    when = verdict.trace.end or verdict.trace.start or violation.first_seen
    return {
        "activity_id": activity,
        "type_uid": 200400 + activity,
        "time": _milliseconds(when),
        "severity_id": SEVERITIES[violation.severity],
        "severity": violation.severity.capitalize(),
        "confidence_id": CONFIDENCES[violation.confidence],
        "confidence": violation.confidence.capitalize(),
        "status_id": STATUSES[violation.status],
        "status": violation.status.capitalize(),
        "message": _text(violation.message),
        "count": violation.occurrences,
        "metadata": {
            "uid": f"{verdict.id}:{violation.fingerprint}",
            "product": {"name": "tracevet", "vendor_name": "tracevet", "version": version("tracevet")},
        },
        "finding_info": _info(violation, when),
        "resources": [_resource(violation)],
        "evidences": [{"data": _evidence(violation)}],
        "remediation": {
            "desc": _text(violation.recommendation),
            "references": [_text(link) for link in violation.references],
        },
        "unmapped": _origin(verdict, violation),
    }


def _info(violation: Violation, when: datetime | None) -> dict[str, object]:
    return {
        "uid": violation.fingerprint,
        "title": _text(violation.title),
        "desc": _text(violation.message),
        "types": [violation.policy, *violation.cwe],
        "first_seen_time": _milliseconds(violation.first_seen or when),
        "last_seen_time": _milliseconds(when),
        "src_url": None if violation.url is None else _text(violation.url),
        "analytic": {
            "name": _text(violation.rule),
            "uid": _text(f"{violation.detector}:{violation.rule}"),
            "type": "Rule",
            "type_id": RULE,
            "category": violation.policy,
        },
    }


def _resource(violation: Violation) -> dict[str, object]:
    name = violation.path or f"snippet {violation.snippet[:16]}"
    labels = [f"branch:{violation.branch}"] if violation.branch else []
    return {
        "type": "source code",
        "name": _text(name),
        "namespace": _text(violation.repository or violation.project or ""),
        "labels": [_text(each) for each in labels],
    }


def _evidence(violation: Violation) -> dict[str, object]:
    return {
        "code": _text(violation.evidence),
        "language": violation.language,
        "surface": violation.surface.value,
        "start_line": violation.start_line,
        "end_line": violation.end_line,
    }


def _origin(verdict: Verdict, violation: Violation) -> dict[str, object]:
    """Give what OCSF has no place for; the developer is not named."""
    texts = {
        "platform": verdict.trace.platform,
        "trace": verdict.trace.id,
        "span": violation.span_id,
        "session": violation.session,
        "project": violation.project,
        "assistant": violation.assistant,
        "model": violation.model,
        "mode": violation.mode.value,
    }
    return {name: _text(value) for name, value in texts.items() if value}


def _milliseconds(moment: datetime | None) -> int:
    """Give milliseconds since 1970; 0 where no time is known."""
    return int(moment.timestamp() * 1000) if moment else 0


def _text(text: str) -> str:
    """Make control and direction marks visible, and lone surrogates storable."""
    return plain(text).encode("utf-8", "backslashreplace").decode()
