"""Violations as a table for a spreadsheet: nothing in it is taken for a formula."""

import csv
import io
from collections.abc import Iterator

from tracevet.policy import visible
from tracevet.reporting import Case, Digest
from tracevet.reporting.showing import DigestReporter

FORMULA = tuple("=+-@\t\r\n＝＋－＠'|%")  # first characters that some spreadsheet acts on
FIELDS = (
    "fingerprint",
    "status",
    "severity",
    "priority",
    "policy",
    "title",
    "category",
    "cwe",
    "detector",
    "rule",
    "confidence",
    "project",
    "repository",
    "branch",
    "developer",
    "assistant",
    "model",
    "session",
    "trace_id",
    "url",
    "path",
    "start_line",
    "end_line",
    "language",
    "surface",
    "first_seen",
    "evidence",
    "message",
    "recommendation",
)
CELL = 32_000  # characters that every spreadsheet takes
MORE = ("platform", "times", "last_seen", "reach", "pattern")


class CsvReporter(DigestReporter):
    """One row for each violation, worst first."""

    name = "csv"
    summary = "Violations as CSV, safe to open in a spreadsheet."

    def show(self, digest: Digest) -> bytes:
        """Render the rows in UTF-8, each cell in quotes; a cell that could be a formula begins with an apostrophe."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
        writer.writerow((*FIELDS, *MORE))
        writer.writerows(map(_row, digest.cases))
        return out.getvalue().encode("utf-8", "backslashreplace")


def _row(case: Case) -> list[str]:
    return [_safe(cell) for cell in _cells(case)]


def _cells(case: Case) -> Iterator[object]:
    violation = case.violation
    for name in FIELDS:
        value = getattr(violation, name)
        yield " ".join(value) if isinstance(value, tuple) else value
    reach = violation.reach
    yield from (case.platform, case.times, case.began, reach and reach.state, case.pattern)


def _safe(cell: object) -> str:
    """Write a cell; numbers of ours stay as they are."""
    if isinstance(cell, int):
        return str(cell)
    whole = "" if cell is None else str(cell)
    text = visible(whole if len(whole) <= CELL else f"{whole[:CELL]}…")
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text
