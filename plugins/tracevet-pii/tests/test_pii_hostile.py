"""Hostile text: never an exception, and time in proportion to the size."""

import time
from collections.abc import Callable
from itertools import cycle, islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracevet import Finding, Snippet, Surface
from tracevet_pii import PiiDetector

Scan = Callable[..., list[Finding]]
UNITS = [
    "@",
    "a@",
    "a@b.",
    "a.b@c-d.",
    "1",
    "1 ",
    "1-",
    "1.",
    "+1",
    "(1",
    "(1)",
    "12 34 ",
    "4111 1111 ",
    "+49 ",
    "0 1 ",
    "00",
    "1:",
    "a:",
    "::",
    "ab:",
    "DE12 ",
    "GB12AB",
    "a1b2-",
    "/home/",
    "/home/ab/",
    "C:\\Users\\",
    "dob ",
    "born ",
    "sin ",
    "phone ",
    "tel 1",
    "iban ",
    "ssn 1",
    "card 4",
    "\x00",
    "\ud800",
    "İ",
    "\n",
    " ",
    "\u00a0",
    "٣",
    "１",
    "//:@",
    "message-id: <",
    "A",
    "AB 12 ",
]
SIZE = 40_000  # characters
SECONDS = 6.0  # of the CPU; linear work takes well under a second


@pytest.mark.parametrize("unit", UNITS)
def test_repetition_takes_linear_time(scan: Scan, unit: str) -> None:
    text = "".join(islice(cycle(unit), SIZE))
    start = time.process_time()
    scan(text)
    assert time.process_time() - start < SECONDS


def test_a_line_of_five_megabytes_is_read_to_its_end(scan: Scan) -> None:
    text = "x = 1; " * 715_000 + "ana@lumenta.io"
    (finding,) = scan(text)
    assert text[finding.region.start : finding.region.end] == "ana@lumenta.io"


@pytest.mark.parametrize("noise", ["\x00", "\ud800", "İ", "\u202e", "\x00\ud800\udfff"])
def test_noise_around_a_datum_does_not_hide_it(scan: Scan, noise: str) -> None:
    text = f"{noise} ana@lumenta.io {noise} SSN 536-90-4399 {noise}"
    assert [text[each.region.start : each.region.end] for each in scan(text)] == ["ana@lumenta.io", "536-90-4399"]


_DETECTOR = PiiDetector(reserved=True)
_PIECE = st.sampled_from(
    [
        *UNITS,
        "ana@lumenta.io",
        "+1 415 867 2931",
        "4929 3813 3266 4295",
        "81.2.69.142",
        "²",
        "phone: ",
        "cpf 390.533.447-05",
    ]
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(_PIECE, st.text(max_size=4)), max_size=30).map("".join),
    st.sampled_from(["text", "python", "json", ""]),
)
def test_any_text_gives_findings_inside_it_without_overlap(text: str, language: str) -> None:
    found = list(_DETECTOR.scan([Snippet(text=text, surface=Surface.PROMPT, language=language, span="", pointer="")]))
    places = [(each.region.start, each.region.end) for each in found]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(first[1] <= second[0] for first, second in pairwise(places))
