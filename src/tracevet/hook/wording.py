"""What the assistant is told, so that it can mend what it was about to write: what, where, and how."""

from collections.abc import Sequence

from tracevet.hook.deciding import Level
from tracevet.hook.intent import Intent, Stage
from tracevet.model import Surface, Violation

SHOWN = 5  # violations told in full
LONGEST = 400  # characters of one piece of evidence, or of one path

_LEADS = {
    (Stage.BEFORE, Level.DENY): "tracevet denied this. Mend what follows, and try again.",
    (Stage.BEFORE, Level.ASK): "tracevet asks before this goes on.",
    (Stage.AFTER, Level.DENY): "tracevet found violations in what was just done. Mend them now.",
    (Stage.AFTER, Level.ASK): "tracevet found violations in what was just done.",
    (Stage.READ, Level.DENY): "tracevet keeps this file from the model.",
    (Stage.PROMPT, Level.DENY): "tracevet held this prompt back.",
}


def wording(intent: Intent, level: Level, violations: Sequence[Violation]) -> str:
    """Say what is wrong and how to mend it; "" where nothing is held back. Secrets are masked."""
    if level is Level.ALLOW or not violations:
        return ""
    lead = _LEADS.get((intent.stage, level), "tracevet found violations.")
    parts = [lead, *map(_told, violations[:SHOWN])]
    if len(violations) > SHOWN:
        parts.append(f"{len(violations) - SHOWN} more.")
    return "\n".join(parts)


def _told(violation: Violation) -> str:
    about = ", ".join([violation.policy, *violation.cwe[:1]])
    lines = [f"- {violation.severity.upper()} {violation.title} ({about}) {_place(violation)}: {violation.message}"]
    lines += [f"    {_plain(line)}" for line in violation.evidence[:LONGEST].splitlines()]
    lines.append(f"  Instead: {violation.recommendation}")
    return "\n".join(lines)


def _place(violation: Violation) -> str:
    if violation.path:
        return f"in {_plain(violation.path[:LONGEST])}, line {violation.start_line}"
    return "in the command" if violation.surface is Surface.COMMAND else f"in line {violation.start_line}"


def _plain(text: str) -> str:
    """Give one line without control characters, which a path or code may hold on purpose."""
    return "".join(letter if letter.isprintable() or letter == "\t" else "\N{REPLACEMENT CHARACTER}" for letter in text)
