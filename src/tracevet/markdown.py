"""Violations as Markdown for platforms: a trace's own words can only stand in it as code. Part of the front door."""

import re
from collections.abc import Iterator, Sequence

from tracevet.model import ReachState, Status, Verdict, Violation

SHOWN = 5  # violations told of in one text
FURTHEST = (ReachState.HEAD, ReachState.BRANCH, ReachState.REMOVED, ReachState.UNSURE, ReachState.NEVER)


def policy_text(violations: Sequence[Violation], *, cleared: str, limit: int) -> str:
    """Tell the violations of one policy, worst first, in at most `limit` characters; `cleared` where none is open."""
    if violations[0].status is not Status.OPEN:
        because = f"; {violations[0].status}: {prose(violations[0].because)}" if violations[0].because else ""
        return f"{cleared}: {prose(violations[0].title)}{because}"
    shown = violations[:SHOWN]
    parts = ["\n\n".join((*told(one), fenced(one.evidence, one.language))) for one in shown]
    if len(violations) > SHOWN:
        parts.append(f"and {len(violations) - SHOWN} more")
    parts.append(f"**How to fix:** {prose(shown[0].recommendation)}")
    return cut("\n\n".join([*parts, *references(shown[0])]), limit)


def violation_text(violation: Violation, *, limit: int, head: Sequence[str] = ()) -> str:
    """Tell one violation whole, after the paragraphs of `head`: what, where, the evidence, and how to put it right."""
    parts = [*head, *told(violation), fenced(violation.evidence, violation.language)]
    parts += [f"**How to fix:** {prose(violation.recommendation)}", *references(violation)]
    return cut("\n\n".join(parts), limit)


def summary(verdict: Verdict) -> str:
    """Sum a verdict up in a line."""
    standing = [one for one in verdict.violations if one.status is Status.OPEN]
    policies = ", ".join(dict.fromkeys(one.policy for one in standing))
    plural = "" if len(standing) == 1 else "s"
    found = f"{len(standing)} open violation{plural}: {policies}" if standing else "no open violation"
    gaps = sum(gap.count for gap in verdict.gaps)
    return found + (f"; {gaps} parts could not be vetted" if gaps else "")


def told_reach(violations: Sequence[Violation]) -> str:
    """Say how far the code came that came furthest; "" where nobody looked."""
    reaches = [violation.reach for violation in violations if violation.reach]
    if not reaches:
        return ""
    furthest = max(reaches, key=lambda reach: (reach.main, -FURTHEST.index(reach.state)))
    where = f" {furthest.path}:{furthest.line}" if furthest.path else ""
    branch = " (main branch)" if furthest.main else f" ({furthest.branch})" if furthest.branch else ""
    return f"{furthest.state}{branch}{where}"


def told(violation: Violation) -> Iterator[str]:
    """Yield the paragraphs that say what and where."""
    labels = " · ".join([violation.severity.upper(), *violation.cwe, f"{violation.detector}:{violation.rule}"])
    yield f"**{prose(violation.title)}** ({labels})"
    yield prose(violation.message)
    yield f"{violation.surface} {_place(violation)}"
    if violation.reach and violation.reach.path:
        yield f"**In the repository:** {code(told_reach([violation]))}"


def _place(violation: Violation) -> str:
    lines = f"line {violation.start_line}"
    if violation.end_line != violation.start_line:
        lines = f"lines {violation.start_line}-{violation.end_line}"
    return f"{code(violation.path)}, {lines}" if violation.path else lines


def references(violation: Violation) -> Iterator[str]:
    """Yield the policy's links as a list, where it has any."""
    if violation.references:
        yield "\n".join(f"- {reference}" for reference in violation.references)


def fenced(text: str, language: str) -> str:
    """Put a text into a block that nothing in it can close."""
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    word = language if re.fullmatch(r"[a-z0-9+#-]{1,20}", language) else ""
    return f"{fence}{word}\n{text}\n{fence}"


def code(text: str) -> str:
    """Put a text on one line as code, cut after 300 characters."""
    clean = " ".join(text.replace("`", "'").split())
    return f"`{clean[:300]}`"


def prose(text: str) -> str:
    """Keep HTML out of a sentence."""
    return text.replace("<", "&lt;")


def cut(text: str, limit: int) -> str:
    """Cut a text that is too long, closing an open fence."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 120].rstrip()
    fences = re.findall(r"^(`{3,})", kept, re.MULTILINE)
    closing = f"\n{fences[-1][:80]}" if len(fences) % 2 else ""
    return f"{kept}{closing}\n\n…"
