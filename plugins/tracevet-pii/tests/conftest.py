"""What the tests of tracevet-pii share: our corpus, and a count of what the detector makes of it."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tracevet import Finding, Snippet, Surface
from tracevet_pii import PiiDetector

Datum = tuple[str, int, int]  # type, and the half-open range of characters
Scan = Callable[..., list[Finding]]
_HERE = Path(__file__).parent
_MARK = re.compile(r"⟦([a-z-]+)\|([^⟧]*)⟧")


def read(name: str) -> list[tuple[str, str, list[Datum]]]:
    """Read a file of the corpus: for each line its language, its text, and the data that are marked in it."""
    return [unmark(line) for line in (_HERE / name).read_text(encoding="utf-8").splitlines()]


def unmark(line: str) -> tuple[str, str, list[Datum]]:
    """Take the marks `⟦type|datum⟧` out of a line `language<tab>text`."""
    language, _, marked = line.partition("\t")
    text, data, last = "", list[Datum](), 0
    for found in _MARK.finditer(marked):
        text += marked[last : found.start()]
        data.append((found[1], len(text), len(text) + len(found[2])))
        text += found[2]
        last = found.end()
    return language, text + marked[last:], data


def snippet_of(text: str, language: str = "text") -> Snippet:
    """Make a snippet."""
    return Snippet(text=text, surface=Surface.PROMPT, language=language, span="s", pointer="/input")


def found_in(findings: Iterable[Finding]) -> list[Datum]:
    """Reduce findings to what the corpus says of a datum."""
    return [(each.rule.removeprefix("pii-"), each.region.start, each.region.end) for each in findings]


def tally(detector: PiiDetector) -> tuple[Counter[str], Counter[str], Counter[str], list[str]]:
    """Run the corpus: hits, false alarms and misses by type, and a line for each that is wrong."""
    hits, wrong, missed, lines = Counter[str](), Counter[str](), Counter[str](), list[str]()
    for language, text, data in read("positives.txt") + read("negatives.txt"):
        found = found_in(detector.scan([snippet_of(text, language)]))
        hits.update(each[0] for each in found if each in data)
        for each in found:
            if each not in data:
                wrong[each[0]] += 1
                lines.append(f"false {each[0]} {text[each[1] : each[2]]!r} in [{language}] {text}")
        for each in data:
            if each not in found:
                missed[each[0]] += 1
                lines.append(f"missed {each[0]} {text[each[1] : each[2]]!r} in [{language}] {text}")
    return hits, wrong, missed, lines


@pytest.fixture(scope="session")
def detector() -> PiiDetector:
    """The detector without options."""
    return PiiDetector()


@pytest.fixture(scope="session")
def scan(detector: PiiDetector) -> Scan:
    """Scan one text."""

    def run(text: str, language: str = "text", using: PiiDetector = detector) -> list[Finding]:
        return list(using.scan([snippet_of(text, language)]))

    return run


@pytest.fixture(scope="session")
def tallied() -> Callable[[PiiDetector], dict[str, tuple[int, int, int]]]:
    """Count hits, false alarms and misses by type."""

    def run(detector: PiiDetector) -> dict[str, tuple[int, int, int]]:
        hits, wrong, missed, _ = tally(detector)
        return {type_: (hits[type_], wrong[type_], missed[type_]) for type_ in sorted(hits | wrong | missed)}

    return run


@pytest.fixture(scope="session")
def corpus_size() -> tuple[int, int]:
    """How many lines hold data, and how many don't."""
    return len(read("positives.txt")), len(read("negatives.txt"))


@pytest.fixture(scope="session")
def corpus() -> list[str]:
    """The texts of the corpus."""
    return [text for _, text, _ in read("positives.txt") + read("negatives.txt")]


@pytest.fixture(scope="session")
def snippet() -> Callable[..., Snippet]:
    """Make a snippet of a text."""
    return snippet_of
