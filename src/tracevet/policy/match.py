"""Which policy a finding breaches, and where in a trace it counts."""

from collections.abc import Sequence
from dataclasses import dataclass

from tracevet.model import Finding, Policy, Snippet, Surface
from tracevet.policy.patterns import rule_of

STRONGEST = (Surface.APPLIED, Surface.COMMAND, Surface.SUGGESTED, Surface.PROMPT, Surface.CONTEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """A piece of text that was vetted: all places it stands at in the trace, and what was found in it.

    `places` are snippets of the same text and language; `snippet` is one of them.
    """

    snippet: Snippet
    places: tuple[Snippet, ...]
    findings: tuple[Finding, ...] = ()


def breaches(policy: Policy, finding: Finding, language: str) -> bool:
    """Tell whether a finding in code of a language breaches the policy, wherever it stands."""
    if finding.refutes or finding.confidence.rank < policy.min_confidence.rank:
        return False
    if policy.languages and language.lower() not in (known.lower() for known in policy.languages):
        return False
    name = rule_name(finding)
    if names(name, policy.rules) or any(finding.rule == rule_of(policy, each) for each in policy.patterns):
        return True
    return not set(finding.cwe).isdisjoint(policy.cwe) and not names(name, policy.except_rules)


def surface_of(place: Snippet, findings: Sequence[Finding]) -> Surface:
    """Give how code with these findings came to be at a place: unchanged lines of an edit were there before."""
    if place.changed is None:
        return place.surface
    lines = [(finding.region.start_line, finding.region.end_line) for finding in findings]
    new = any(first <= end and start <= last for start, end in place.changed for first, last in lines)
    return place.surface if new else Surface.CONTEXT


def rule_name(finding: Finding) -> str:
    """Give the full name of the check that made a finding."""
    return f"{finding.detector}:{finding.rule}"


def names(name: str, rules: Sequence[str]) -> bool:
    """Tell whether rules, of which a final * matches any rest, name a check."""
    return any(name.startswith(rule[:-1]) if rule.endswith("*") else name == rule for rule in rules)
