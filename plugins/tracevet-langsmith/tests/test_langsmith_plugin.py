"""The distribution: cheap to import, found by its entry point, and every option and variable in its README."""

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from tracevet.registry import Registry
from tracevet_langsmith import LangSmithPlatform, failures

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_importing_it_imports_no_sdk() -> None:
    code = "import sys, tracevet_langsmith; sys.exit(any(name in sys.modules for name in ('langsmith', 'requests')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_registry_finds_it() -> None:
    assert Registry.load().platforms["langsmith"].cls is LangSmithPlatform


@pytest.mark.parametrize("option", list(inspect.signature(LangSmithPlatform).parameters))
def test_every_option_is_documented(option: str) -> None:
    assert f"| `{option}` |" in README


@pytest.mark.parametrize("variable", [failures.KEY, failures.HOST, failures.WORKSPACE])
def test_every_variable_is_documented(variable: str) -> None:
    assert f"`{variable}`" in README


def test_the_price_of_retention_is_told() -> None:
    assert "about nine times" in README


def test_a_client_of_another_kind_is_not_watched() -> None:
    assert LangSmithPlatform.tap(object()) is None
