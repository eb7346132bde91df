"""The tables of the README, made of the rules."""

from tracevet_pii.id_table import NUMBERS
from tracevet_pii.rule import Rule
from tracevet_pii.table import EXTRA_RULES, RULES


def rules_table() -> str:
    """Render the rules as a Markdown table, presidio's last."""
    head = ["| type | rule | CWE | severity | what must hold | example |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *map(_row, (*RULES, *(rule for rule, _ in EXTRA_RULES)))]) + "\n"


def numbers_table() -> str:
    """Render the national numbers as a Markdown table."""
    rows = ["| country | number | found by its form alone | or after one of |", "|---|---|---|---|"]
    rows += [f"| {each.country} | {each.title} | {'yes' if each.form else 'no'} | {each.words} |" for each in NUMBERS]
    return "\n".join(rows) + "\n"


def _row(rule: Rule) -> str:
    example = rule.example.replace("⟦", "").replace("⟧", "")
    return f"| `{rule.type}` | {rule.id} | {rule.cwe} | {rule.severity} | {rule.title}: {rule.checks} | `{example}` |"
