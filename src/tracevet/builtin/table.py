"""Verdicts for people at a terminal."""

import io
import shutil
import unicodedata
from collections.abc import Iterable, Iterator

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tracevet.model import Report, Severity, Status, Totals, Violation
from tracevet.plugin import Reporter

COLORS = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold cyan",
}
GAPS_SHOWN = 8
ADVICE = {
    "developer": "set the user id in the assistant's tracing plugin (LANGFUSE_USER_ID and the like)",
    "project": "let the assistant's tracing plugin send the working directory or the repository",
}


class TableReporter(Reporter):
    """Violations one below the other, worst first, then the counts."""

    name = "table"
    summary = "Violations with evidence and advice, worst first, and a summary; for a terminal."

    def __init__(
        self,
        color: bool = False,
        limit: int = 50,
        width: int = 0,
        summary_only: bool = False,
        violations_only: bool = False,
    ) -> None:
        """Set up the look.

        Args:
            color: use terminal colours.
            limit: violations shown in full; 0 shows all.
            width: columns; 0 takes the terminal's.
            summary_only: show the counts alone.
            violations_only: show no counts.
        """
        self.color = color
        self.limit = limit
        self.width = width or max(60, min(shutil.get_terminal_size((100, 24)).columns, 140))
        self.summary_only = summary_only
        self.violations_only = violations_only

    def render(self, report: Report) -> bytes:
        """Render the report as lines of text in UTF-8."""
        out = io.StringIO()
        console = Console(
            file=out,
            width=self.width,
            force_terminal=self.color,
            no_color=not self.color,
            highlight=False,
            emoji=False,
            markup=False,
            legacy_windows=False,
        )
        for part in self._parts(report):
            console.print(part)
        return out.getvalue().encode("utf-8", "replace")

    def _parts(self, report: Report) -> Iterator[RenderableType]:
        if not self.summary_only:
            found = [(v.severity.rank, v) for verdict in report.verdicts for v in verdict.violations]
            violations = [violation for _, violation in sorted(found, key=lambda pair: -pair[0])]
            shown = violations[: self.limit] if self.limit else violations
            yield from (_block(violation) for violation in shown)
            if len(shown) < len(violations):
                yield Text(f"… and {len(violations) - len(shown)} more (--limit 0 shows all)\n")
            if report.totals.by_policy and not self.violations_only:
                yield _policies(report.totals, violations)
        if not self.violations_only:
            yield _summary(report)


def plain(text: str) -> str:
    """Make hostile text harmless at a terminal: control and direction marks become visible escapes."""
    return "".join(char if _harmless(char) else f"\\u{{{ord(char):x}}}" for char in text.expandtabs(4))


def one_line(text: str) -> str:
    """Make hostile text harmless, and one line: what a trace names must not begin lines of its own."""
    return plain(text).replace("\n", "\\u{a}")


def _harmless(char: str) -> bool:
    return char == "\n" or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}


def _block(violation: Violation) -> RenderableType:
    names = f"{violation.policy} · {', '.join(violation.cwe) or 'no CWE'} · {violation.detector}:{violation.rule}"
    head = Text.assemble(
        (f" {violation.severity.upper()} ", COLORS[violation.severity]),
        " ",
        (plain(violation.title), "bold"),
        (f"  {plain(names)}", "dim"),
    )
    evidence = Text(plain(violation.evidence.rstrip()), style="red")
    grading = Text(plain(" ".join(violation.grading)), style="dim")
    advice = Text.assemble(("→ ", "green"), plain(violation.recommendation))
    lines = (
        Text(_where(violation), style="cyan"),
        Text(_who(violation), style="dim"),
        evidence,
        Text(_flow(violation)),
        grading,
        advice,
    )
    return Group(head, *(Padding(line, (0, 0, 0, 4)) for line in lines if line.plain), Text(""))


def _where(violation: Violation) -> str:
    span = f"{violation.start_line}-{violation.end_line}"
    line = str(violation.start_line) if violation.start_line == violation.end_line else span
    place = f"{violation.path}:{line}" if violation.path else f"line {line} of the snippet"
    parts = [f"{violation.surface} {place}"]
    if violation.occurrences > 1:
        parts.append(f"in {violation.occurrences} places")
    if violation.status is not Status.OPEN:
        parts.append(violation.status)
    return one_line(" · ".join(parts))


def _flow(violation: Violation) -> str:
    """Tell the way of the data by its lines, as far as it is not all in one."""
    lines = list(dict.fromkeys(step.start_line for step in violation.flow))
    if len(lines) <= 1:
        return ""
    return one_line(f"{violation.flow[0].note}: line " + " → ".join(map(str, lines)))


def _who(violation: Violation) -> str:
    project = violation.project or "project unknown"
    branch = f" ({violation.branch})" if violation.branch else ""
    model = violation.model and f"with {violation.model}"
    parts = [
        violation.developer or "developer unknown",
        f"{project}{branch}",
        " ".join(filter(None, (violation.assistant, model))) or "assistant unknown",
        f"trace {violation.trace_id}",
        violation.url or "",
    ]
    return one_line(" · ".join(filter(None, parts)))


def _policies(totals: Totals, violations: Iterable[Violation]) -> Table:
    titles = {violation.policy: (violation.title, violation.severity) for violation in violations}
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("policy")
    table.add_column("severity")
    table.add_column("violations", justify="right")
    ranked = sorted(totals.by_policy.items(), key=lambda item: -item[1])
    for policy, count in ranked:
        title, severity = titles.get(policy, (policy, None))
        grade = Text(severity, COLORS[severity]) if severity else Text("")
        table.add_row(Text(plain(f"{title} ({policy})")), grade, str(count))
    return table


def _summary(report: Report) -> Text:
    totals = report.totals
    lines = [
        f"{totals.traces} traces: {totals.violating} with violations ({totals.violations}), {totals.clean} clean, "
        f"{totals.unknown} not fully vetted and nothing found",
        _effort(totals),
    ]
    if totals.gaps:
        reasons = sorted(totals.gaps.items(), key=lambda item: -item[1])
        lines.append("gaps: " + ", ".join(f"{count} {reason}" for reason, count in reasons))
    lines.extend(_unread(report))
    for name, advice in ADVICE.items():
        if totals.missing.get(name):
            lines.append(f"{name} unknown in {totals.missing[name]} of {totals.traces} traces: {advice}")
    return Text("\n" + "\n".join(lines))


def _effort(totals: Totals) -> str:
    text = f"{totals.snippets} snippets: {totals.scanned} scanned, {totals.remembered} known already"
    if totals.unchanged:
        text += f"; {totals.unchanged} traces unchanged since the last run"
    if totals.traces and not totals.scanned:
        text += "; nothing had to be scanned again"
    return f"{text}; {totals.seconds:.1f} s"


def _unread(report: Report) -> Iterator[str]:
    for gap in report.gaps[:GAPS_SHOWN]:
        where = f"{gap.path}:{gap.line}" if gap.path and gap.line else gap.path or "input"
        times = f" ({gap.count} times)" if gap.count > 1 else ""
        yield one_line(f"not read: {where}: {gap.reason}: {gap.detail}{times}")
    if len(report.gaps) > GAPS_SHOWN:
        yield f"not read: {len(report.gaps) - GAPS_SHOWN} more (--format json lists all)"
