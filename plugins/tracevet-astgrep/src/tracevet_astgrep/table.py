"""The page of rules in the README, made from the rules themselves."""

from collections.abc import Iterable, Iterator

from tracevet_astgrep.load import builtin_rules
from tracevet_astgrep.rule import ANY, Rule

BEGIN, END = "<!-- rules: begin -->", "<!-- rules: end -->"
_MAX_EXAMPLE = 100  # characters


def markdown() -> str:
    """Give a table for each group of languages: rule, CWE, severity, confidence, what it says, an example."""
    rules = builtin_rules()
    groups = sorted({rule.languages for rule in rules}, key=_group_key)
    return "\n".join(line for group in groups for line in _section(group, [r for r in rules if r.languages == group]))


def updated(readme: str) -> str:
    """Give the README with its table of rules brought up to date."""
    head, _, rest = readme.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{markdown()}\n{END}{tail}"


def _group_key(languages: tuple[str, ...]) -> tuple[bool, tuple[str, ...]]:
    return ANY in languages, languages


def _section(languages: tuple[str, ...], rules: Iterable[Rule]) -> Iterator[str]:
    yield f"### {'Any language' if ANY in languages else ', '.join(languages)}\n"
    yield "| rule | CWE | severity | confidence | says | example |"
    yield "|---|---|---|---|---|---|"
    for rule in rules:
        cwe = ", ".join(each.removeprefix("CWE-") for each in rule.cwe)
        cells = (f"`{rule.id}`", cwe, str(rule.severity), str(rule.confidence), rule.message, _example(rule))
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""


def _example(rule: Rule) -> str:
    codes = [each if isinstance(each, str) else next(iter(each.values())) for each in rule.invalid]
    lines = [" ".join(code.split()) for code in codes]
    line = min(lines, key=len)
    shown = line if len(line) <= _MAX_EXAMPLE else line[:_MAX_EXAMPLE].rstrip() + " …"
    return f"`` {shown} ``"
