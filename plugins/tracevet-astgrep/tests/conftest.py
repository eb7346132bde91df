"""What the tests of this folder share: a scan, and the corpus."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tracevet import Finding, Gap, Snippet, Surface
from tracevet_astgrep import AstGrepDetector

CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True)
class Case:
    """One entry of the corpus: code with a weakness and its repair, or clean code that looks dangerous."""

    language: str
    title: str
    bad: str  # empty: there is none
    good: str

    @property
    def cwe(self) -> str:
        """The weakness of the bad half."""
        return self.title.split()[0]


def read_corpus() -> Iterator[Case]:
    """Yield the cases of all files; a file is named after its language."""
    for file in sorted(CORPUS.glob("*.txt")):
        for entry in ("\n" + file.read_text("utf-8")).split("\n=== ")[1:]:
            title, _, body = entry.partition("\n")
            bad, divided, good = body.partition("--- fixed\n")
            if bool(divided) is title.startswith("clean"):
                raise ValueError(f"{file.name}: {title}: a pair needs a line '--- fixed', a clean case none")
            yield Case(file.stem, title, bad if divided else "", good if divided else body)


@pytest.fixture(scope="session")
def corpus() -> tuple[Case, ...]:
    return tuple(read_corpus())


@pytest.fixture(scope="session")
def scan() -> Callable[[str, str], list[Finding | Gap]]:
    detector = AstGrepDetector()

    def run(language: str, text: str) -> list[Finding | Gap]:
        return list(
            detector.scan([Snippet(text=text, surface=Surface.SUGGESTED, language=language, span="", pointer="")])
        )

    return run
