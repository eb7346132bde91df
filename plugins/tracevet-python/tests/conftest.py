"""What the tests of tracevet-python share: samples of every rule, and bandit itself to compare with."""

import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tracevet import Finding, Gap, Snippet, Surface
from tracevet_python import BanditDetector
from tracevet_python.bandit.engine import load_engine

Seen = Counter[tuple[str, int, str, str, str]]  # rule, line, severity, confidence, CWE


def _samples() -> list[tuple[str, str]]:
    text = (Path(__file__).parent / "samples.txt").read_text(encoding="utf-8").replace("<RLO>", "\u202e")
    sections = text.split("### ")[1:]
    return [(section[:4], section[5:]) for section in sections]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for `sample` once for each."""
    if "sample" in metafunc.fixturenames:
        samples = _samples()
        metafunc.parametrize("sample", samples, ids=[f"{rule}-{index}" for index, (rule, _) in enumerate(samples)])


@pytest.fixture(scope="session")
def samples() -> list[tuple[str, str]]:
    """All samples: rule and code."""
    return _samples()


@pytest.fixture(scope="session")
def detector() -> BanditDetector:
    """The detector without options."""
    return BanditDetector()


@pytest.fixture(scope="session")
def scan(detector: BanditDetector) -> Callable[[str], list[Finding | Gap]]:
    """Scan one text."""

    def scan(text: str) -> list[Finding | Gap]:
        found = detector.scan([snippet_of(text)])
        return [each for each in found if not (isinstance(each, Finding) and each.refutes)]  # bandit has no doubts

    return scan


@pytest.fixture(scope="session")
def find(scan: Callable[[str], list[Finding | Gap]]) -> Callable[[str], list[Finding]]:
    """Scan one text that leaves no gap."""

    def find(text: str) -> list[Finding]:
        found = scan(text)
        assert not [each for each in found if isinstance(each, Gap)]
        return [each for each in found if isinstance(each, Finding)]

    return find


@pytest.fixture(scope="session")
def snippet() -> Callable[[str], Snippet]:
    """Make a snippet of a text."""
    return snippet_of


def snippet_of(text: str) -> Snippet:
    """Make a snippet of Python."""
    return Snippet(text=text, surface=Surface.APPLIED, language="python", span="s", pointer="/output")


@pytest.fixture(scope="session")
def summary() -> Callable[[list[Finding]], Seen]:
    """Reduce findings to what bandit says too."""
    return lambda found: Counter(
        (each.rule, each.region.start_line, each.severity.value, each.confidence.value, "".join(each.cwe))
        for each in found
    )


@pytest.fixture
def bandit_says(tmp_path: Path) -> Callable[[str], Seen | None]:
    """Run bandit itself, by its manager, on one text; None where it skips it."""
    load_engine()  # first, as importing bandit warns
    from bandit.core.config import BanditConfig  # type: ignore[import-untyped]  # bandit ships no types
    from bandit.core.manager import BanditManager  # type: ignore[import-untyped]  # bandit ships no types

    def run(text: str) -> Seen | None:
        path = tmp_path / "snippet.py"
        path.write_bytes(text.encode("utf-8"))
        manager = BanditManager(BanditConfig(), "file", ignore_nosec=True)
        manager.discover_files([str(path)])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            manager.run_tests()
        if manager.skipped:
            return None
        return Counter(
            (each.test_id, each.lineno, each.severity.lower(), each.confidence.lower(), f"CWE-{each.cwe.id}")
            for each in manager.results
        )

    return run
