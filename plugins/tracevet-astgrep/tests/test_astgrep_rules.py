"""Every rule keeps what its examples promise."""

import pytest

from tracevet import Finding, Gap, Snippet, Surface
from tracevet_astgrep import AstGrepDetector
from tracevet_astgrep.load import builtin_rules, languages_of, prepare

RULES = builtin_rules()
EXAMPLES = [
    pytest.param(rule.id, name, code, wanted, id=f"{rule.id}-{kind}{number}-{name}")
    for rule in RULES
    for kind, wanted, examples in (("valid", False, rule.valid), ("invalid", True, rule.invalid))
    for number, example in enumerate(examples)
    for name, code in (
        example.items()
        if not isinstance(example, str)
        else [(language.name, example) for language in languages_of(rule)]
    )
]


@pytest.fixture(scope="module")
def detector() -> AstGrepDetector:
    return AstGrepDetector()


@pytest.mark.parametrize(("rule", "language", "code", "wanted"), EXAMPLES)
def test_examples_hold(detector: AstGrepDetector, rule: str, language: str, code: str, wanted: bool) -> None:
    snippet = Snippet(text=code, surface=Surface.SUGGESTED, language=language, span="", pointer="")
    results = list(detector.scan([snippet]))
    assert not [each for each in results if isinstance(each, Gap)]
    found = {each.rule for each in results if isinstance(each, Finding)}
    assert (rule in found) is wanted, f"found: {sorted(found)}"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_engine_reads_the_rule_for_each_of_its_languages(rule: object) -> None:
    for language in languages_of(rule):  # type: ignore[arg-type]  # pytest's parameters have no type
        prepare(rule, language, probe=True)  # type: ignore[arg-type]


def test_ids_are_unique_and_sorted() -> None:
    ids = [rule.id for rule in RULES]
    assert ids == sorted(set(ids))
