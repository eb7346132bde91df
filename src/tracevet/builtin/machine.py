"""Verdicts for programs: JSON and JSON lines."""

from tracevet.model import Report
from tracevet.plugin import Reporter


class JsonReporter(Reporter):
    """One JSON object: the whole report."""

    name = "json"
    summary = "The whole report as one JSON object."

    def render(self, report: Report) -> bytes:
        """Render the object, indented, in UTF-8."""
        return report.model_dump_json(indent=2).encode() + b"\n"


class JsonlReporter(Reporter):
    """One JSON object a line: the verdicts."""

    name = "jsonl"
    summary = "Each verdict as a line of JSON, clean ones too."

    def render(self, report: Report) -> bytes:
        """Render one line per verdict, in UTF-8; a report in parts gives the same lines."""
        return b"".join(verdict.model_dump_json().encode() + b"\n" for verdict in report.verdicts)
