"""The rules: what is said of each, and how far each trusts data of each kind."""

from collections.abc import Mapping
from dataclasses import dataclass

from tracevet import Confidence, Severity
from tracevet_python.flow.table import TABLE
from tracevet_python.flow.values import Kind

HIGH, MEDIUM, LOW = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW
_WEB: Mapping[Kind, Confidence] = {Kind.REQUEST: HIGH, Kind.MESSAGE: HIGH}
_INJECTION: Mapping[Kind, Confidence] = {
    **_WEB,
    Kind.USER: HIGH,
    Kind.ARGUMENT: MEDIUM,
    Kind.NETWORK: MEDIUM,
    Kind.PARAMETER: MEDIUM,
    Kind.FREE: MEDIUM,
    Kind.FILE: LOW,
}

# How sure a weakness is by the kind of data; what is not named here is trusted.
TRUST: Mapping[str, Mapping[Kind, Confidence]] = {
    "injection": _INJECTION,
    "web": _WEB,
    "narrow": {**_WEB, Kind.USER: HIGH, Kind.PARAMETER: LOW, Kind.FREE: LOW},
    "markup": {**_WEB, Kind.PARAMETER: MEDIUM, Kind.FREE: LOW},
    "path": {**_WEB, Kind.ARGUMENT: LOW},
    "url": {**_WEB, Kind.USER: LOW, Kind.PARAMETER: LOW},
    "xml": {**_WEB, Kind.NETWORK: MEDIUM, Kind.USER: LOW, Kind.PARAMETER: LOW},
    "objects": {**_INJECTION, Kind.NETWORK: HIGH, Kind.FILE: LOW},
    "error": {Kind.ERROR: MEDIUM},
    "random": {Kind.RANDOM: MEDIUM},
    "archive": {Kind.ARCHIVE: HIGH},
    "none": {},
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    id: str
    cwe: tuple[str, ...]  # the first fits best
    severity: Severity
    trust: Mapping[Kind, Confidence]
    message: str  # "{data}" stands for where the data comes from
    fix: str
    example: str  # code that breaks the rule


def _rules() -> dict[str, Rule]:
    made = (
        Rule(
            id=id_,
            cwe=tuple(f"CWE-{number}" for number in numbers.split()),
            severity=Severity(severity),
            trust=TRUST[trust],
            message=message,
            fix=fix,
            example=example,
        )
        for id_, numbers, severity, trust, message, fix, example in TABLE
    )
    return {rule.id: rule for rule in made}


RULES: Mapping[str, Rule] = _rules()


# What is proven where all that goes into a sink of the rule is harmless, in words that other detectors use too.
REFUTES: Mapping[str, tuple[str, ...]] = {
    "sql-injection": ("CWE-89",),
    "command-injection": ("CWE-77", "bandit:B601", "bandit:B602", "bandit:B604", "bandit:B605"),
    "code-injection": ("CWE-94", "CWE-95", "bandit:B102", "bandit:B307"),
    "unsafe-deserialization": ("CWE-502", "bandit:B506"),
    "xss": ("CWE-79", "CWE-80"),
    "ssrf": ("CWE-918", "bandit:B310"),
    "xxe": ("CWE-611", "bandit:B31*"),
}
PROOF = "All that goes in is constant, a number, or was made safe before."


def markdown_table() -> str:
    """Render all rules as a Markdown table, in the order of their families."""
    rows = ["| rule | CWE | severity | what it says | example |", "|---|---|---|---|---|"]
    for rule in RULES.values():
        example = "; ".join(line.strip() for line in rule.example.splitlines()).replace("|", "\\|")
        said = rule.message.replace("{data}", "data from outside")
        rows.append(f"| {rule.id} | {', '.join(rule.cwe)} | {rule.severity} | {said} | `{example}` |")
    return "\n".join(rows) + "\n"
