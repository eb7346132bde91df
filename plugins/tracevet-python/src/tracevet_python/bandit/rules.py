"""What is said of each rule: our own sentence, which quotes no code, and what to write instead.

The CWE and severity of a finding are bandit's own; they stand here for the documentation.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tracevet import Severity
from tracevet_python.bandit.table import TABLE


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of bandit's."""

    id: str
    cwe: str  # "CWE-78"; "" for a rule of an installed bandit plugin
    severities: tuple[Severity, ...]  # all that bandit gives it, rising
    message: str
    fix: str = ""


_LEVELS = {"low": Severity.LOW, "medium": Severity.MEDIUM, "high": Severity.HIGH}


def _read() -> Iterator[Rule]:
    for id_, number, levels, message, fix in TABLE:
        severities = tuple(_LEVELS[level] for level in levels.split())
        yield Rule(id=id_, cwe=f"CWE-{number}", severities=severities, message=message, fix=fix)


RULES: dict[str, Rule] = {rule.id: rule for rule in _read()}


def rule_of(id_: str) -> Rule:
    """Give a rule; one that an installed bandit plugin brought has a general sentence."""
    message = f"An installed bandit plugin reports this code under its rule {id_}."
    return RULES.get(id_) or Rule(id=id_, cwe="", severities=(), message=message)


def markdown_table() -> str:
    """Render all of bandit's own rules as a Markdown table, by id."""
    rows = ["| rule | CWE | severity | what it says |", "|---|---|---|---|"]
    for rule in RULES.values():
        rows.append(f"| {rule.id} | {rule.cwe} | {' or '.join(rule.severities)} | {rule.message} |")  # noqa: PERF401  # easier to read
    return "\n".join(rows) + "\n"
