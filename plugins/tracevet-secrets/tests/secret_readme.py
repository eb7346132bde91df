"""The README's table of rules: `python secret_readme.py` writes it anew."""

from pathlib import Path

from tracevet_secrets.rule import Rule
from tracevet_secrets.rules import RULES

README = Path(__file__).parent.parent / "README.md"
START, END = "<!-- rules: written by tests/secret_readme.py -->\n", "<!-- end of rules -->\n"


def table() -> str:
    """Give the table of all rules, in the order of the code, each with the shape of an example."""
    head = "| rule | what | CWE | severity | example, as a shape |\n|---|---|---|---|---|\n"
    return head + "".join(_row(rule) for rule in RULES)


def _row(rule: Rule) -> str:
    shape = rule.examples[0].replace("⟦", "").replace("⟧", "").replace("\n", "↵").replace("|", "\\|")
    return f"| `{rule.id}` | {rule.title} | {rule.cwe} | {rule.severity} | `{shape}` |\n"


def written(readme: str) -> str:
    """Give the README with its table as it should be."""
    before, rest = readme.split(START)
    return f"{before}{START}{table()}{END}{rest.split(END)[1]}"


if __name__ == "__main__":
    README.write_text(written(README.read_text("utf-8")), "utf-8")
