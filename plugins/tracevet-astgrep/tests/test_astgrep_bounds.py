"""What must hold of the rules of every language, and of the time one snippet gets."""

from collections.abc import Callable

import pytest

from tracevet import Finding, Gap, GapReason
from tracevet_astgrep import match
from tracevet_astgrep.load import builtin_rules

Scan = Callable[[str, str], list[Finding | Gap]]
FLOORS = dict.fromkeys(("javascript", "typescript", "java", "go", "csharp", "php", "ruby", "c", "cpp", "rust"), 12)
FLOORS |= dict.fromkeys(("kotlin", "shell", "sql", "dockerfile", "terraform", "yaml"), 6)


@pytest.mark.parametrize(("language", "floor"), FLOORS.items())
def test_every_language_has_enough_rules_of_its_own(language: str, floor: int) -> None:
    assert sum(language in rule.languages for rule in builtin_rules()) >= floor


def test_what_is_not_looked_at_in_time_is_a_gap(scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match, "_MAX_SECONDS", -1)
    (gap,) = scan("c", "gets(line);")
    assert isinstance(gap, Gap)
    assert gap.reason is GapReason.TIMED_OUT


def test_a_secret_found_by_a_regex_is_masked(scan: Scan) -> None:
    text = "services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: Gr33nTree99\n"
    (finding,) = scan("yaml", text)
    assert isinstance(finding, Finding)
    assert [text[mask.start : mask.end] for mask in finding.masks] == ["Gr33nTree99"]
