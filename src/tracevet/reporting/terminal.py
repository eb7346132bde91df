"""A digest for people at a terminal."""

import io
import shutil
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console, JustifyMethod, RenderableType
from rich.table import Table
from rich.text import Text

from tracevet.policy import visible
from tracevet.reporting.figures import Case, Digest, Row
from tracevet.reporting.showing import counts, headline, narrowed, number, percent, resolution, unvetted, window

ROWS = 10  # of each table
NARROW, WIDE = 80, 140
CHARACTERS = 60  # of a name
SHORT = 16  # columns that a cell keeps
LONG = frozenset({"where", "code", "for example"})  # what is cut first


def terminal(digest: Digest, *, color: bool, width: int = 0) -> bytes:
    """Render the digest as lines of text in UTF-8."""
    out = io.StringIO()
    columns = width or max(NARROW, min(shutil.get_terminal_size((100, 24)).columns, WIDE))
    console = Console(
        file=out,
        width=columns,
        force_terminal=color,
        no_color=not color,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
    )
    for part in _parts(digest):
        console.print(part)
    return out.getvalue().encode("utf-8", "replace")


def _parts(digest: Digest) -> Iterator[RenderableType]:
    scope = narrowed(digest.scope)
    yield Text(_plain(f"tracevet report {window(digest.scope)}{f' · {scope}' if scope else ''}", 400), "bold")
    yield Text(headline(digest))
    if not digest.traces:
        return
    kinds = f"By severity: {counts(digest.severities)}. By status: {counts(digest.statuses)}."
    yield Text(f"{unvetted(digest)} {kinds}\n")
    yield from _table("Days", ("day", "turns", "violations", "per 100"), _days(digest))
    columns = ("policy", "severity", "violations", "per 100", "open", "projects")
    yield from _table("Policies", columns, _policies(digest))
    for title, rows in _compared(digest):
        yield from _table(title, (title, "turns", "violations", "per 100", "open", "corrected", "risk"), _rows(rows))
    yield from _table("Reviews", ("rule", "judged", "confirmed", "false positives", "share"), _rules(digest))
    yield from _table("Not vetted", ("reason", "times", "traces", "for example"), _gaps(digest))
    yield from _table("Similar code", ("policy", "violations", "projects", "code"), _patterns(digest))
    yield from _table("Worst", ("severity", "policy", "where", "project", "developer", "times"), _cases(digest.cases))
    for one in digest.resolutions:
        yield Text(resolution(one))


def _compared(digest: Digest) -> Iterator[tuple[str, Sequence[Row]]]:
    yield "Projects", digest.projects
    yield "Developers", digest.developers
    yield "Assistants", digest.assistants
    yield "Models", digest.models


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[RenderableType]:
    """Show a table, unless it is empty."""
    found = list(rows)
    if not found:
        return
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False, header_style="dim")
    for number_, column in enumerate(columns):
        numeric = number_ > 0 and all(_numeric(row[number_]) for row in found)
        least = 1 if column in LONG else min(SHORT, max(len(column), *(len(row[number_]) for row in found[:ROWS])))
        side: JustifyMethod = "right" if numeric else "left"
        table.add_column(column.lower(), justify=side, overflow="ellipsis", no_wrap=True, min_width=least)
    for row in found[:ROWS]:
        table.add_row(*(Text(_plain(cell)) for cell in row))
    yield table
    left = len(found) - ROWS
    yield Text(f"… and {left} more (--format json lists all)\n" if left > 0 else "")


def _days(digest: Digest) -> Iterator[Sequence[str]]:
    """Give the youngest days that had a turn, the last one first."""
    for day in reversed(digest.days):
        if day.turns or day.violations:
            yield day.day.isoformat(), str(day.turns), str(day.violations), number(day.per_100)


def _policies(digest: Digest) -> Iterator[Sequence[str]]:
    for row in digest.policies:
        yield row.name, row.severity, str(row.violations), number(row.per_100), str(row.open), str(row.projects)


def _rows(rows: Iterable[Row]) -> Iterator[Sequence[str]]:
    for row in rows:
        figures = (row.turns, row.violations, number(row.per_100), row.open, percent(row.corrected_share), row.risk)
        yield row.name, *map(str, figures)


def _rules(digest: Digest) -> Iterator[Sequence[str]]:
    for row in digest.rules:
        yield row.rule, str(row.judged), str(row.confirmed), str(row.false_positives), percent(row.false_share)


def _gaps(digest: Digest) -> Iterator[Sequence[str]]:
    for row in digest.gaps:
        yield row.reason, str(row.count), str(row.traces), row.details[0] if row.details else ""


def _patterns(digest: Digest) -> Iterator[Sequence[str]]:
    for one in digest.patterns:
        yield one.policy, str(one.violations), str(len(one.projects)), one.evidence


def _cases(cases: Iterable[Case]) -> Iterator[Sequence[str]]:
    for case in cases:
        one = case.violation
        where = f"{one.path}:{one.start_line}" if one.path else f"{one.surface} {one.language}"
        project, who = one.project or "unknown", one.developer or "unknown"
        yield one.priority, one.policy, where, project, who, str(case.times)


def _numeric(text: str) -> bool:
    return text.removesuffix(" %").replace(".", "", 1).isdigit() or text == "-"


def _plain(text: str, limit: int = CHARACTERS) -> str:
    line = visible(" ".join(text.split()))
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
