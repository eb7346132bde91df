"""Hostile input ends in time, with findings or a gap, and never with an exception."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracevet import Finding, Gap, GapReason, Snippet, Surface
from tracevet_astgrep import AstGrepDetector
from tracevet_astgrep.languages import LANGUAGES

Scan = Callable[[str, str], list[Finding | Gap]]
CODE = ("javascript", "typescript", "java", "go", "csharp", "php")
EVAL = "eval(req.query.x); exec(a + b); query('select ' + x);"
HOSTILE = {
    "brackets": EVAL + "(" * 100_000,
    "mixed brackets": EVAL + "([{" * 30_000,
    "nested calls": EVAL + "exec(" * 20_000,
    "closers": EVAL + ")]}" * 30_000,
    "concatenation": "x = " + " + ".join(['"select" + exec(a)'] * 15_000),
    "two thousand terms": "exec(" + " + ".join(f"a{n}" for n in range(2_500)) + ")",
    "dots": EVAL + "a" + ".b" * 100_000,
    "long line": EVAL + "x" * 400_000,
    "words": EVAL + "exec random token " * 20_000,
    "quotes": EVAL + "} ) ] ' \" ` < \n" * 20_000,
    "quotes and words": "} ) ] ' exec( \" ` < \n" * 20_000,
    "open string": EVAL + '"' + "a\\" * 100_000,
    "open comment": EVAL + "/*" * 100_000,
    "templates": EVAL + "`${" * 30_000,
    "operators": EVAL + "if (a < b > (c) [d] {e} ? f : \n" * 8_000,
    "assignments": "".join(f"a{n} = a{n - 1} + a{n - 1};\n" for n in range(1, 8_000)) + "exec(a7999)",
    "tags": EVAL + "<?php ?><?= " * 20_000,
    "odd characters": "\ud800\udfff\x00\u202e\ufeff" * 5_000 + EVAL,
}


@pytest.mark.parametrize("language", CODE)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_ends_within_ten_seconds(scan: Scan, language: str, name: str) -> None:
    start = time.process_time()
    for each in scan(language, HOSTILE[name]):
        assert isinstance(each, Finding) or each.reason in {GapReason.TOO_LARGE, GapReason.UNPARSABLE}
    assert time.process_time() - start < 10


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_line_of_five_megabytes_is_a_gap_that_names_its_size(scan: Scan, language: str) -> None:
    (gap,) = scan(language, "eval(" + "a" * 5_000_000)
    assert isinstance(gap, Gap)
    assert gap.reason is GapReason.TOO_LARGE
    assert "5000005" in gap.detail


def test_too_deep_code_is_a_gap_and_the_rest_of_the_text_is_still_scanned(scan: Scan) -> None:
    results = scan("javascript", "eval(req.query.x);\n" + "a;\n" * 30_000 + "exec(" * 3_000)
    assert [each.rule for each in results if isinstance(each, Finding)] == ["js-eval"]
    assert [each.reason for each in results if isinstance(each, Gap)] == [GapReason.TOO_LARGE]


@pytest.mark.parametrize("text", ["", " ", "\n", "\x00", "\ud800", "\r", "`", "<?php", "?>", "//", "/*", "'"])
@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_almost_nothing_is_nothing(scan: Scan, language: str, text: str) -> None:
    assert scan(language, text) == []


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(CODE),
    st.lists(
        st.sampled_from(
            [
                "eval(",
                "exec(",
                ")",
                "{",
                "}",
                '"',
                "`",
                "${",
                "a",
                " + ",
                "= ",
                ";\n",
                "req.query.x",
                "<?php ",
                "é",
                "\ud800",
            ]
        ),
        max_size=40,
    ),
)
def test_any_mixture_of_pieces_is_scanned_and_regions_lie_inside(language: str, pieces: list[str]) -> None:
    text = "".join(pieces)
    snippet = Snippet(text=text, surface=Surface.SUGGESTED, language=language, span="", pointer="")
    for each in DETECTOR.scan([snippet]):
        assert isinstance(each, Finding)
        assert 0 <= each.region.start < each.region.end <= len(text)


DETECTOR = AstGrepDetector()
