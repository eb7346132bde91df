"""What people read on Langfuse: Markdown in which a trace's own words can only stand as code."""

import re
from collections.abc import Iterator, Sequence

from tracevet import ReachState, Status, Verdict, Violation

COMMENT = 5000  # characters that Langfuse takes in a comment
SCORE_COMMENT = 2000  # characters of ours in a score's comment
SHOWN = 5  # violations told of in one score
MARK = "tracevet"
FURTHEST = (ReachState.HEAD, ReachState.BRANCH, ReachState.REMOVED, ReachState.UNSURE, ReachState.NEVER)


def marker(identity: str) -> str:
    """Give the line by which a comment of ours is known again; Markdown does not show it."""
    return f"<!-- {MARK}:{identity} -->"


def comment(violation: Violation, identity: str) -> str:
    """Tell one violation whole: what, where, the evidence, and how to put it right."""
    parts = [marker(identity), *_told(violation), _fenced(violation.evidence, violation.language)]
    parts += [f"**How to fix:** {_prose(violation.recommendation)}", *_references(violation)]
    return _cut("\n\n".join(parts), COMMENT)


def score_comment(violations: Sequence[Violation], *, cleared: str) -> str:
    """Tell the violations behind one policy tag."""
    if violations[0].status is not Status.OPEN:
        return f"{cleared}: {_prose(violations[0].title)}"
    shown = violations[:SHOWN]
    parts = ["\n\n".join((*_told(one), _fenced(one.evidence, one.language))) for one in shown]
    if len(violations) > SHOWN:
        parts.append(f"and {len(violations) - SHOWN} more")
    parts.append(f"**How to fix:** {_prose(shown[0].recommendation)}")
    return _cut("\n\n".join(parts), SCORE_COMMENT)


def summary(verdict: Verdict) -> str:
    """Sum a verdict up in a line."""
    standing = [one for one in verdict.violations if one.status is Status.OPEN]
    policies = ", ".join(dict.fromkeys(one.policy for one in standing))
    plural = "" if len(standing) == 1 else "s"
    found = f"{len(standing)} open violation{plural}: {policies}" if standing else "no open violation"
    gaps = sum(gap.count for gap in verdict.gaps)
    return _cut(found + (f"; {gaps} parts could not be vetted" if gaps else ""), SCORE_COMMENT)


def told_reach(violations: Sequence[Violation]) -> str:
    """Say how far the code came that came furthest; "" where nobody looked."""
    reaches = [violation.reach for violation in violations if violation.reach]
    if not reaches:
        return ""
    furthest = max(reaches, key=lambda reach: (reach.main, -FURTHEST.index(reach.state)))
    where = f" {furthest.path}:{furthest.line}" if furthest.path else ""
    branch = " (main branch)" if furthest.main else f" ({furthest.branch})" if furthest.branch else ""
    return f"{furthest.state}{branch}{where}"


def _told(violation: Violation) -> Iterator[str]:
    labels = " · ".join([violation.severity.upper(), *violation.cwe, f"{violation.detector}:{violation.rule}"])
    yield f"**{_prose(violation.title)}** ({labels})"
    yield _prose(violation.message)
    yield f"{violation.surface} {_place(violation)}"
    if violation.reach and violation.reach.path:
        yield f"**In the repository:** {_code(told_reach([violation]))}"


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
