"""What people read on LangSmith: Markdown in which a trace's own words can only stand as code."""

import re
from collections.abc import Iterator, Sequence

from tracevet import Status, Verdict, Violation

COMMENT = 4000  # characters of ours in one comment
SHOWN = 5  # violations told of in one


def comment(violations: Sequence[Violation], *, cleared: str) -> str:
    """Tell the violations behind one policy tag."""
    if violations[0].status is not Status.OPEN:
        return f"{cleared}: {_prose(violations[0].title)}"
    shown = violations[:SHOWN]
    parts = ["\n\n".join((*_told(one), _fenced(one.evidence, one.language))) for one in shown]
    if len(violations) > SHOWN:
        parts.append(f"and {len(violations) - SHOWN} more")
    parts += [f"**How to fix:** {_prose(shown[0].recommendation)}", *_references(shown[0])]
    return _cut("\n\n".join(parts), COMMENT)


def summary(verdict: Verdict) -> str:
    """Sum a verdict up in a line."""
    standing = [one for one in verdict.violations if one.status is Status.OPEN]
    policies = ", ".join(dict.fromkeys(one.policy for one in standing))
    plural = "" if len(standing) == 1 else "s"
    found = f"{len(standing)} open violation{plural}: {policies}" if standing else "no open violation"
    gaps = sum(gap.count for gap in verdict.gaps)
    return _cut(found + (f"; {gaps} parts could not be vetted" if gaps else ""), COMMENT)


def _told(violation: Violation) -> Iterator[str]:
    labels = " · ".join([violation.severity.upper(), *violation.cwe, f"{violation.detector}:{violation.rule}"])
    yield f"**{_prose(violation.title)}** ({labels})"
    yield _prose(violation.message)
    yield f"{violation.surface} {_place(violation)}"


def _place(violation: Violation) -> str:
    lines = f"line {violation.start_line}"
    if violation.end_line != violation.start_line:
        lines = f"lines {violation.start_line}-{violation.end_line}"
    return f"{_code(violation.path)}, {lines}" if violation.path else lines


def _references(violation: Violation) -> Iterator[str]:
    if violation.references:
        yield "\n".join(f"- {reference}" for reference in violation.references)


def _fenced(text: str, language: str) -> str:
    """Put a text into a block that nothing in it can close."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    word = language if re.fullmatch(r"[a-z0-9+#-]{1,20}", language) else ""
    return f"{fence}{word}\n{text}\n{fence}"


def _code(text: str) -> str:
    clean = " ".join(text.replace("`", "'").split())
    return f"`{clean[:300]}`"


def _prose(text: str) -> str:
    """Keep HTML out of a sentence."""
    return text.replace("<", "&lt;")


def _cut(text: str, limit: int) -> str:
    """Cut a text that is too long, closing an open fence."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 120].rstrip()
    fences = re.findall(r"^(`{3,})", kept, re.MULTILINE)
    closing = f"\n{fences[-1][:80]}" if len(fences) % 2 else ""
    return f"{kept}{closing}\n\n…"
