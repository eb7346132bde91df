"""The rule table: every rule finds its own examples, and only those."""

import re
from types import ModuleType
from typing import Any

import pytest

from tracevet_secrets.rule import Rule
from tracevet_secrets.rules import RULES

EXAMPLES = [(rule, example) for rule in RULES for example in rule.examples]
COUNTEREXAMPLES = [(rule, example) for rule in RULES for example in rule.counterexamples]


def _id(value: object) -> str:
    return value.id if isinstance(value, Rule) else str(value)[:40]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=_id)
def test_an_example_is_found_once_by_its_own_rule(rule: Rule, example: str, shapes: ModuleType, scan: Any) -> None:
    text, ranges = shapes.marked(example)
    found = scan(text)
    assert [(each.rule, each.region.start, each.region.end) for each in found] == [
        (rule.id, *span) for span in ranges or [(0, len(text))]
    ]


@pytest.mark.parametrize(("rule", "example"), COUNTEREXAMPLES, ids=_id)
def test_a_counterexample_is_not_found_by_its_rule(rule: Rule, example: str, shapes: ModuleType, scan: Any) -> None:
    assert rule.id not in [each.rule for each in scan(shapes.fill(example))]


@pytest.mark.parametrize(
    ("rule", "example"), [each for each in EXAMPLES if each[0].rank > 1 and not each[0].joined], ids=_id
)
def test_a_token_is_found_at_the_end_of_any_text_and_after_an_escape(
    rule: Rule, example: str, shapes: ModuleType, scan: Any
) -> None:
    text, _ = shapes.marked(example)
    assert rule.id in [each.rule for each in scan(f'{{"a": "see:\\n{text}"}}')]
    assert rule.id in [each.rule for each in scan(f"see ({text}), and so on")]


def test_ids_are_unique_and_fit_for_a_reference_in_a_policy() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id_) for id_ in ids)


@pytest.mark.parametrize("rule", RULES, ids=_id)
def test_every_rule_names_its_source_a_cwe_and_examples_of_both_kinds(rule: Rule) -> None:
    assert rule.source.startswith("https://")
    assert re.fullmatch(r"CWE-\d+", rule.cwe)
    assert rule.examples
    assert rule.counterexamples
    assert not rule.keywords or rule.pattern or rule.locate


def test_no_rule_holds_what_would_be_taken_for_a_secret(scan: Any) -> None:
    formats = {rule.id for rule in RULES if rule.rank > 1}
    for rule in RULES:
        assert not [each for example in rule.examples for each in scan(example) if each.rule in formats]
