"""A report as one HTML file that loads nothing: numbers, charts, and a section for each of the worst violations."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import groupby

from tracevet.builtin import html_charts
from tracevet.model import Reach, Severity, Violation
from tracevet.policy import visible
from tracevet.reporting import Case, Digest, Row, Story, Utterance
from tracevet.reporting.showing import DigestReporter, headline, narrowed, percent, resolution, unvetted, window

ROWS = 200  # of a table of comparisons
TEXT = 4_000  # characters of any one text
CELL = 200  # characters of a cell of a table
SECTIONS = (("overview", "Overview"), ("violations", "Violations"), ("details", "In full"))
COMPARED = ("turns", "violations", "per 100 turns", "open", "corrected", "risk")
CWE = "https://cwe.mitre.org/data/definitions/"

Chunks = list[tuple[str, bool]]  # text, whether it is the evidence


class HtmlReporter(DigestReporter):
    """One file, for a browser: tables sort and filter, light and dark, and it prints."""

    name = "html"
    summary = "One HTML file that loads nothing, with charts and a section for each violation; needs tracevet[report]."

    def __init__(self) -> None:
        """See that what draws is there.

        Raises:
            UsageError: it is not installed.
        """
        html_charts.require()

    def show(self, digest: Digest) -> bytes:
        """Render the file in UTF-8; what came from traces is text there, whatever it holds."""
        from jinja2 import Environment, StrictUndefined
        from markupsafe import Markup

        environment = Environment(
            autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_harmless
        )
        template = environment.from_string(_part("report.html.j2"))
        css, js = _part("report.css"), _part("report.js")
        page = template.render(
            css=Markup(css),  # noqa: S704 - our own file
            js=Markup(js),  # noqa: S704 - our own file
            css_hash=_hash(css),
            js_hash=_hash(js),
            **_content(digest),
        )
        return page.encode("utf-8", "backslashreplace")


def _part(name: str) -> str:
    return (files("tracevet.builtin") / "templates" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _harmless(value: object) -> object:
    """Spell out control and direction marks of any text that goes into the page, and cut it."""
    if not isinstance(value, str) or hasattr(value, "__html__") or value.startswith("data:image/svg+xml;base64,"):
        return value
    cut = value if len(value) <= TEXT else f"{value[:TEXT]}… {len(value) - TEXT} more characters"
    return visible(cut)


def _content(digest: Digest) -> dict[str, object]:
    anchors = {story.fingerprint: f"v{number}" for number, story in enumerate(digest.stories, 1)}
    cases = {case.violation.fingerprint: case for case in digest.cases}
    tables = list(_tables(digest))
    told = [_story(story, cases, anchors) for story in digest.stories]
    shown = {section["id"] for section in tables if section["rows"]}
    shown |= {"overview", *(["violations"] if cases else []), *(["details"] if told else [])}
    links = [SECTIONS[0], *((str(section["id"]), str(section["title"])) for section in tables), *SECTIONS[1:]]
    return {
        "digest": digest,
        "window": window(digest.scope),
        "narrowed": narrowed(digest.scope),
        "headline": headline(digest),
        "unvetted": unvetted(digest),
        "cards": list(_cards(digest)),
        "resolutions": [resolution(one) for one in digest.resolutions],
        "charts": html_charts.charts(digest),
        "sections": [link for link in links if link[0] in shown],
        "tables": tables,
        "cases": [_case(case, anchors) for case in digest.cases],
        "choices": list(_choices(digest)),
        "stories": told,
    }


def _cards(digest: Digest) -> Iterator[tuple[str, object]]:
    yield "Traces", digest.traces
    yield "Code turns", digest.turns
    yield "Violations", digest.violations
    yield "Per 100 code turns", "–" if digest.per_100 is None else digest.per_100
    yield "Open", digest.statuses.get("open", 0)
    yield "Corrected by the assistant", percent(digest.corrected_share)
    for severity in reversed(Severity):
        yield severity.value.capitalize(), digest.severities.get(severity.value, 0)


def _tables(digest: Digest) -> Iterator[dict[str, object]]:
    policies = [
        [row.name, row.title, row.severity.value, row.violations, row.per_100, row.open, row.projects, row.retracted]
        for row in digest.policies
    ]
    columns = ["policy", "title", "severity", "violations", "per 100 turns", "open", "projects", "retracted"]
    yield _table("policies", "Policies", columns, policies)
    yield _table("projects", "Projects", ["project", *COMPARED], _rows(digest.projects), "By risk.")
    yield _table("developers", "Developers", ["developer", *COMPARED], _rows(digest.developers))
    yield _table("assistants", "Assistants", ["assistant", *COMPARED], _rows(digest.assistants))
    yield _table("models", "Models", ["model", *COMPARED], _rows(digest.models))
    days = [[day.day.isoformat(), day.turns, day.violations, day.per_100] for day in reversed(digest.days)]
    undated = f"{digest.undated} traces have no time and stand in no day." if digest.undated else ""
    yield _table("days", "Days", ["day", "turns", "violations", "per 100 turns"], days, undated)
    similar = [
        [one.policy, one.severity.value, one.violations, one.times, ", ".join(one.projects), one.evidence]
        for one in digest.patterns
    ]
    columns = ["policy", "severity", "violations", "turns", "projects", "code of one"]
    text = "Nearly the same code: names, texts, secrets and formatting apart."
    yield _table("similar", "Similar code", columns, similar, text)
    rules = [
        [row.rule, row.judged, row.confirmed, row.false_positives, row.accepted, percent(row.false_share)]
        for row in digest.rules
    ]
    columns = ["rule", "judged", "confirmed", "false positives", "accepted risks", "share false"]
    yield _table("rules", "False positives by rule", columns, rules)
    gaps = [[row.reason, row.count, row.traces, " · ".join(row.details)] for row in digest.gaps]
    yield _table("gaps", "Not vetted", ["reason", "times", "traces", "for example"], gaps, unvetted(digest))


def _table(
    id_: str, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], text: str = ""
) -> dict[str, object]:
    left = max(0, len(rows) - ROWS)
    return {
        "id": id_,
        "title": title,
        "caption": f"{title} compared" if "turns" in columns[1:2] else title,
        "columns": columns,
        "rows": [[_short(cell) if isinstance(cell, str) else cell for cell in row] for row in rows[:ROWS]],
        "text": text,
        "left": left,
    }


def _rows(rows: Iterable[Row]) -> list[list[object]]:
    return [
        [row.name, row.turns, row.violations, row.per_100, row.open, percent(row.corrected_share), row.risk]
        for row in rows
    ]


def _case(case: Case, anchors: Mapping[str, str]) -> dict[str, object]:
    one = case.violation
    return {
        "anchor": anchors.get(one.fingerprint),
        "title": _short(one.title),
        "priority": one.priority.value,
        "rank": one.priority.rank,
        "status": one.status.value,
        "policy": one.policy,
        "where": _short(_where(one)),
        "project": _short(one.project or "unknown"),
        "developer": _short(one.developer or "unknown"),
        "assistant": _short(one.assistant or "unknown"),
        "times": case.times,
        "seen": _day(case),
    }


def _choices(digest: Digest) -> Iterator[tuple[str, str, list[str]]]:
    found = [case.violation for case in digest.cases]
    priorities = {one.priority for one in found}
    yield "priority", "Priority", [grade.value for grade in reversed(Severity) if grade in priorities]
    yield "status", "Status", sorted({one.status.value for one in found})
    yield "policy", "Policy", sorted({one.policy for one in found})


def _story(story: Story, cases: Mapping[str, Case], anchors: Mapping[str, str]) -> dict[str, object]:
    case = cases[story.fingerprint]
    one = case.violation
    return {
        "case": case,
        "anchor": anchors[story.fingerprint],
        "status": f"{one.status.value}{f': {one.because}' if one.because else ''}",
        "where": f"{one.surface} {_where(one)}",
        "first": one.first_seen and f"{one.first_seen:%Y-%m-%d %H:%M} UTC",
        "last": case.began and f"{case.began:%Y-%m-%d %H:%M} UTC",
        "reach": one.reach and _reach(one.reach),
        "times": f"{case.times} traces" if case.times > 1 else "1 trace",
        "link": _link(one.url),
        "evidence": [(one.evidence, True)],
        "references": [
            *((name, f"{CWE}{name[4:]}.html") for name in one.cwe),
            *((r, _link(r)) for r in one.references),
        ],
        "similar": [_similar(cases[name], anchors) for name in story.similar if name in cases],
        "sent": story.sent,
        "note": story.note,
        "talk": [_part_of_talk(part) for part in story.conversation],
    }


def _similar(case: Case, anchors: Mapping[str, str]) -> tuple[str, str | None]:
    one = case.violation
    return f"{one.title} in {one.project or 'an unknown project'}, {_where(one)}", anchors.get(one.fingerprint)


def _part_of_talk(part: Utterance) -> dict[str, object]:
    about = " · ".join(filter(None, (part.surface, part.path, part.language)))
    left = ""
    if part.left_out:
        left = (
            f"{part.left_out} more characters are not shown."
            if part.text
            else "It could not be masked, so it is not shown."
        )
    return {"head": about, "chunks": _chunks(part), "left": left}


def _chunks(part: Utterance) -> Chunks:
    """Cut a text into stretches of lines that are the evidence, and those that are not."""
    marked = frozenset(part.marked)
    lines = list(enumerate(part.text.split("\n"))) if part.text else []
    found = [
        ("\n".join(line for _, line in group), is_it) for is_it, group in groupby(lines, lambda each: each[0] in marked)
    ]
    return [(text if number == len(found) else f"{text}\n", is_it) for number, (text, is_it) in enumerate(found, 1)]


def _where(one: Violation) -> str:
    return f"{one.path}:{one.start_line}" if one.path else f"{one.language or 'text'}, line {one.start_line}"


def _reach(reach: Reach) -> str:
    place = f" {reach.path}:{reach.line}" if reach.path else ""
    branch = " (main branch)" if reach.main else f" ({reach.branch})" if reach.branch else ""
    commit = f", commit {reach.commit[:12]}" if reach.commit else ""
    return f"{reach.state.value}{place}{branch}{commit}"


def _short(text: str) -> str:
    return text if len(text) <= CELL else f"{text[:CELL]}…"


def _day(case: Case) -> str:
    when = case.began or case.ended
    return f"{when:%Y-%m-%d}" if when else "–"


def _link(url: str | None) -> str | None:
    """Give an address that may be a link: of the web, and nothing that a browser would run."""
    return url if url and url.lower().startswith(("https://", "http://")) else None
