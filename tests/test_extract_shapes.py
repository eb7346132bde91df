"""Recordings of every assistant and platform: the snippets and gaps each gives, and the injection that each carries."""

from collections import Counter

import pytest
from extraction import assert_leads_back
from recorded_traces import FOLDER, NAMES, SQL, traces

from tracevet.extract import StandardExtractor
from tracevet.model import Gap, GapReason, Snippet, Surface

HEAD = 60  # characters of each text that are compared
GENERATED = (Surface.SUGGESTED, Surface.APPLIED, Surface.COMMAND)


def items(name: str) -> list[Snippet | Gap]:
    """Extract a recording's traces, one after the other."""
    return [item for whole in traces(name) for item in StandardExtractor().extract(whole)]


def lines(name: str) -> list[str]:
    """Write down what a recording gives: its distinct snippets with their number of places, then its gaps."""
    found = items(name)
    places = Counter(item.digest for item in found if isinstance(item, Snippet))
    first = {item.digest: item for item in reversed(found) if isinstance(item, Snippet)}
    snippets = [first[digest] for digest in places]
    gaps = [item for item in found if isinstance(item, Gap)]
    return [
        *(f"{places[s.digest]} {s.surface} {s.language or '?'} {s.path or '-'} | {s.text[:HEAD]!r}" for s in snippets),
        *(f"gap {gap.reason} {gap.pointer}" for gap in gaps),
    ]


def expected() -> dict[str, list[str]]:
    """Read the table: recordings as `# name`, what they give below."""
    table: dict[str, list[str]] = {}
    rows: list[str] = []
    for line in (FOLDER.parent / "trace_snippets.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            table[line[2:]] = rows = []
        elif line:
            rows.append(line)
    return table


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_gives_the_snippets_and_gaps_in_the_table(name: str) -> None:
    assert lines(name) == expected()[name]


def test_the_table_has_every_recording() -> None:
    assert tuple(sorted(expected())) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_injection_is_found_in_generated_code_or_a_gap_says_why_not(name: str) -> None:
    found = items(name)
    carriers = {s.digest for s in found if isinstance(s, Snippet) and s.surface in GENERATED and SQL in s.text}
    silent = [gap for gap in found if isinstance(gap, Gap) and gap.reason is GapReason.NOT_RECORDED]
    assert carriers or silent


@pytest.mark.parametrize("name", NAMES)
def test_every_copy_of_the_code_is_one_snippet(name: str) -> None:
    for whole in traces(name):
        found = [item for item in StandardExtractor().extract(whole) if isinstance(item, Snippet)]
        carriers = {s.digest: s for s in found if s.surface in GENERATED and s.language == "python" and SQL in s.text}
        assert len(carriers) <= 2  # the function, and the line of it that the answer quotes
        assert len({(s.surface, s.text) for s in carriers.values()}) == len(carriers)


@pytest.mark.parametrize("name", NAMES)
def test_every_snippet_leads_back_to_its_text(name: str) -> None:
    for whole in traces(name):
        for item in StandardExtractor().extract(whole):
            if isinstance(item, Snippet):
                assert_leads_back(whole, item)


@pytest.mark.parametrize("name", NAMES)
def test_snippets_come_in_the_order_of_the_spans(name: str) -> None:
    for whole in traces(name):
        order = [span.id for span in whole.spans]
        found = [order.index(item.span or "") for item in StandardExtractor().extract(whole)]
        assert found == sorted(found)


def test_an_extractor_that_has_seen_other_traces_gives_the_same() -> None:
    extractor = StandardExtractor()
    for _ in range(2):
        for name in NAMES:
            for whole in traces(name):
                assert list(extractor.extract(whole)) == list(StandardExtractor().extract(whole))
