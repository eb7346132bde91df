"""The policies that are breached most, as short rules with what to write instead."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tracevet.model import Severity, Status, Verdict, Violation

LONGEST = 400  # characters of one advice: instructions are read with every request


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One policy, and what to write instead in the languages that breach it."""

    policy: str
    title: str
    severity: Severity
    violations: int
    languages: tuple[str, ...]  # the most frequent first
    advice: tuple[str, ...]  # one for each of the most frequent ways to breach it, at most two


@dataclass(slots=True)
class _Seen:
    severity: Severity
    title: str
    prints: set[str] = field(default_factory=set)
    languages: Counter[str] = field(default_factory=Counter)
    advice: Counter[str] = field(default_factory=Counter)


def top_rules(verdicts: Iterable[Verdict], count: int) -> list[Rule]:
    """Give rules for the policies with most distinct violations, the worst first among equals.

    What is suppressed or retracted does not count; what the assistant corrected itself does: it was written first.
    Advice comes from detectors and policies alone, never from a trace.
    """
    seen: dict[str, _Seen] = {}
    for violation in (each for verdict in verdicts for each in verdict.violations):
        if violation.status in {Status.OPEN, Status.CORRECTED}:
            _note(seen.setdefault(violation.policy, _Seen(violation.severity, violation.title)), violation)
    ranked = sorted(seen.items(), key=lambda each: (-len(each[1].prints), -each[1].severity.rank, each[0]))
    return [_rule(policy, found) for policy, found in ranked[:count]]


def _note(seen: _Seen, violation: Violation) -> None:
    if violation.fingerprint in seen.prints:
        return
    seen.prints.add(violation.fingerprint)
    seen.severity = max(seen.severity, violation.severity, key=lambda grade: grade.rank)
    if violation.language not in {"", "text"}:
        seen.languages[violation.language] += 1
    seen.advice[_short(violation.recommendation)] += 1


def _rule(policy: str, seen: _Seen) -> Rule:
    return Rule(
        policy=policy,
        title=seen.title,
        severity=seen.severity,
        violations=len(seen.prints),
        languages=tuple(language for language, _ in seen.languages.most_common(3)),
        advice=tuple(advice for advice, _ in seen.advice.most_common(2)),
    )


def block(rules: Sequence[Rule], project: str | None) -> str:
    """Write the rules as Markdown."""
    whose = f"in {project}" if project else "here"
    lines = [
        "## Secure coding rules",
        "",
        f"Assistants breached these policies most often {whose}. Follow them in all that you write, suggest or run.",
        "",
    ]
    for rule in rules:
        languages = f" ({', '.join(rule.languages)})" if rule.languages else ""
        lines.append(f"- **{rule.title}**{languages}: {' Or: '.join(rule.advice)}")
    return "\n".join(lines)


def _short(advice: str) -> str:
    """Cut an advice after the last sentence that fits, and keep it on one line."""
    text = " ".join(advice.split())
    if len(text) <= LONGEST:
        return text
    whole = text[:LONGEST].rfind(". ")
    return text[: whole + 1] if whole > 0 else f"{text[: LONGEST - 1]}…"
