"""Shared tools of the secrets tests, loaded by path: test folders are no packages."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from tracevet import Finding, Snippet, Surface
from tracevet_secrets import SecretsDetector

Scan = Callable[..., list[Finding]]


def _load(name: str) -> ModuleType:
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.fixture(scope="session")
def load() -> Callable[[str], ModuleType]:
    """What loads a module that stands beside the tests."""
    return _load


@pytest.fixture(scope="session")
def shapes() -> ModuleType:
    """The module that fills in the shapes of secrets."""
    return _load("secret_shapes")


@pytest.fixture(scope="session")
def corpus() -> ModuleType:
    """The module that reads and judges the corpus."""
    _load("secret_shapes")
    return _load("secret_corpus")


@pytest.fixture(scope="session")
def detector() -> SecretsDetector:
    """One detector for all tests: it keeps nothing between snippets."""
    return SecretsDetector()


@pytest.fixture(scope="session")
def scan(detector: SecretsDetector) -> Scan:
    """Scan one text; by default one whose language could not be told."""

    def scan_text(text: str, language: str = "", using: SecretsDetector | None = None) -> list[Finding]:
        snippet = Snippet(text=text, surface=Surface.SUGGESTED, language=language, span="s", pointer="/output")
        return list((using or detector).scan([snippet]))

    return scan_text
