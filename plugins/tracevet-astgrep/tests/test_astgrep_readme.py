"""The README says what is there."""

from pathlib import Path

from tracevet_astgrep.load import builtin_rules, read_rules
from tracevet_astgrep.rule import LABELS, Rule
from tracevet_astgrep.table import updated

README = Path(__file__).parent.parent / "README.md"


def test_the_table_of_rules_is_up_to_date() -> None:
    text = README.read_text("utf-8")
    assert text == updated(text), "run `python -m tracevet_astgrep plugins/tracevet-astgrep/README.md`"


def test_every_rule_key_label_and_option_is_explained() -> None:
    text = README.read_text("utf-8")
    missing = [key for key in Rule.model_fields if f"`{key}`" not in text and f"{key}:" not in text]
    assert not missing
    assert not [label for label in LABELS if f"| `{label}` |" not in text]


def test_the_example_of_a_rule_file_is_one() -> None:
    block = README.read_text("utf-8").split("```yaml\n")[1].split("```")[0]
    assert [rule.id for rule in read_rules(block, "README.md")] == ["js-sql-query"]


def test_there_are_rules() -> None:
    assert builtin_rules()
