"""A digest for the weekly review, in Markdown."""

import re
from collections.abc import Iterable, Iterator, Sequence

from tracevet.policy import visible
from tracevet.reporting import Case, Digest, Row
from tracevet.reporting.showing import (
    DigestReporter,
    counts,
    headline,
    narrowed,
    number,
    percent,
    resolution,
    unvetted,
    window,
)

CODE = 2_000  # characters of evidence
WORST = 10  # violations told of one by one
ROWS = 10  # of each table
CHARACTERS = 200  # of a name
_MARKS = re.compile(r"[\\`*_{}\[\]<>#|~$^=]|(?<!\S)[-+](?=\s)|(?<=\d)[.)](?=\s)|:(?=//)|(?<=www)\.", re.IGNORECASE)


class MarkdownReporter(DigestReporter):
    """Numbers, comparisons and the worst violations, short enough to be read."""

    name = "markdown"
    summary = "A digest in Markdown, for a weekly review."

    def show(self, digest: Digest) -> bytes:
        """Render the digest in UTF-8; nothing in it that came from a trace is taken for Markdown or HTML."""
        return "\n".join(_lines(digest)).encode("utf-8", "backslashreplace") + b"\n"


def _lines(digest: Digest) -> Iterator[str]:
    narrow = narrowed(digest.scope)
    yield f"# tracevet, {window(digest.scope)}\n"
    if narrow:
        yield f"{escaped(narrow)}\n"
    yield f"{headline(digest)} {unvetted(digest)}\n"
    if not digest.traces:
        return
    yield f"By severity: {counts(digest.severities)}. By status: {counts(digest.statuses)}.\n"
    yield from (f"- {resolution(one)}" for one in digest.resolutions)
    yield from _table("Policies", ("policy", "violations", "per 100 turns", "open", "corrected"), _policies(digest))
    for title in ("Projects", "Developers", "Assistants", "Models"):
        rows: tuple[Row, ...] = getattr(digest, title.lower())
        yield from _table(title, (title[:-1], "turns", "violations", "per 100 turns", "risk"), _rows(rows))
    yield from _table("False positives", ("rule", "judged", "false", "share"), _rules(digest))
    yield from _table("Not vetted", ("reason", "times", "traces"), _gaps(digest))
    yield from _table("Similar code", ("policy", "violations", "projects", "code"), _patterns(digest))
    standing = [case for case in digest.cases if case.violation.status == "open"]
    for place, case in enumerate(standing[:WORST], 1):
        yield from _case(place, case)
    if len(standing) > WORST:
        yield f"\n{len(standing) - WORST} more stand open."


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    found = list(rows)
    if not found:
        return
    yield f"\n## {title}\n"
    yield f"| {' | '.join(columns).lower()} |"
    yield f"|{'---|' * len(columns)}"
    for row in found[:ROWS]:
        yield f"| {' | '.join(escaped(str(cell)) for cell in row)} |"
    if len(found) > ROWS:
        yield f"\n{len(found) - ROWS} more are not shown."


def _policies(digest: Digest) -> Iterator[Sequence[object]]:
    for row in digest.policies:
        yield row.title, row.violations, number(row.per_100), row.open, percent(row.corrected_share)


def _rows(rows: Iterable[Row]) -> Iterator[Sequence[object]]:
    for row in rows:
        yield row.name, row.turns, row.violations, number(row.per_100), row.risk


def _rules(digest: Digest) -> Iterator[Sequence[object]]:
    for row in digest.rules:
        yield row.rule, row.judged, row.false_positives, percent(row.false_share)


def _gaps(digest: Digest) -> Iterator[Sequence[object]]:
    for row in digest.gaps:
        yield row.reason, row.count, row.traces


def _patterns(digest: Digest) -> Iterator[Sequence[object]]:
    for one in digest.patterns:
        yield one.policy, one.violations, ", ".join(one.projects), one.evidence


def _case(place: int, case: Case) -> Iterator[str]:
    one = case.violation
    where = f"{one.path}:{one.start_line}" if one.path else f"{one.surface}, {one.language or 'text'}"
    who = " · ".join(filter(None, (one.project, one.branch, one.developer, one.assistant, one.model)))
    times = f" · in {case.times} traces" if case.times > 1 else ""
    yield f"\n### {place}. {one.priority.upper()}: {escaped(one.title)}\n"
    yield f"{escaped(where)} · {escaped(who)}{times}\n"
    yield from _fenced(one.evidence)
    yield f"\n{escaped(one.message)} {escaped(one.recommendation)}"


def _fenced(code: str) -> Iterator[str]:
    code = visible(code[:CODE])
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", code)), default=0))
    yield fence
    yield code
    yield fence


def escaped(text: str) -> str:
    """Write a text of a stranger's in one line, so that it means nothing in Markdown, and calls nobody."""
    line = visible(" ".join(text.split()))
    line = line if len(line) <= CHARACTERS else f"{line[: CHARACTERS - 1]}…"
    return _MARKS.sub(r"\\\g<0>", line.replace("&", "&amp;")).replace("@", "&#64;")
