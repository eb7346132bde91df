"""The README keeps up with the code."""

import inspect
from types import ModuleType

import pytest

from tracevet_secrets import SecretsDetector


@pytest.fixture(scope="module")
def readme(load: object) -> ModuleType:
    """The module that writes the README's table."""
    assert callable(load)
    module: ModuleType = load("secret_readme")
    return module


def test_the_table_of_rules_is_up_to_date(readme: ModuleType) -> None:
    text = readme.README.read_text("utf-8")
    assert text == readme.written(text), "run tests/secret_readme.py"


def test_every_option_is_explained(readme: ModuleType) -> None:
    text = readme.README.read_text("utf-8")
    assert all(f"| `{option}` |" in text for option in inspect.signature(SecretsDetector).parameters)
