"""Hostile text: any characters, any size; time stays linear, and nothing raises."""

import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracevet import Region, Snippet, Surface
from tracevet_secrets import SecretsDetector

UNITS = [
    'password="abc12345x"\n',
    "sk-",
    "://",
    "://a:b@",
    "password=",
    "password = ",
    'password="\\',
    "eyJ.",
    "key=",
    "curl -u a:",
    "mysql -p ",
    "-----BEGIN RSA PRIVATE KEY-----\n",
    "-----BEGIN PRIVATE KEY-----AAAA ",
    "kind: Secret\ndata:\n  password: aaaa\n",
    "<password ",
    "user, ",
    'variable "password" {',
    'name="password" ',
    "user=b password=",
    "Password=a;Password=b;",
    "a.",
    "password\u00e9",
    "\ud800",
    "\x00",
    '"private_key":"',
]
FRAGMENTS = [
    "password",
    "api_key",
    "token",
    " = ",
    ":",
    "=",
    '"',
    "'",
    "`",
    "\\",
    "\n",
    " ",
    "://",
    "@",
    "sk-",
    "ghp_",
    "AKIA",
    "-----BEGIN PRIVATE KEY-----",
    "-----END",
    "eyJ",
    ".",
    "kind: Secret\n",
    "data:\n",
    "  k: ",
    "a" * 50,
    "Zx9!",
    "é",
    "😀",
    "\ud800",
    "\x00",
    "${",
    "{{",
    "<",
    ">",
    "basic ",
    "curl -u ",
    "é9Ab",
    "AZDO",
    "[REDACTED]",
]


def _seconds(scan: Any, text: str) -> float:
    start = time.process_time()
    scan(text)
    return time.process_time() - start


@pytest.mark.parametrize("unit", UNITS, ids=ascii)
def test_eight_times_the_text_takes_about_eight_times_as_long(unit: str, scan: Any) -> None:
    small, large = (_seconds(scan, unit * (size // len(unit))) for size in (20_000, 160_000))
    assert (
        large < 8 * 3 * small + 0.5
    )  # quadratic would be 64 times; the half second is for the clock and the neighbours


@pytest.mark.parametrize("before", ['password = "', "password: ", "<password>", "eyJ", "://u:", "token"])
@pytest.mark.parametrize("filler", [" ", "a", "\\", '"', "é", "=", "/", "("], ids=ascii)
def test_a_line_of_five_megabytes_takes_seconds_at_most(before: str, filler: str, scan: Any) -> None:
    assert _seconds(scan, before + filler * 5_000_000) < 10


def test_a_secret_in_the_middle_of_five_megabytes_is_found(scan: Any) -> None:
    half = "x=1;" * 600_000
    [found] = scan(f'{half}password="q7!Tvolcano2";{half}', "javascript")
    assert found.region == Region(start=len(half) + 10, end=len(half) + 22, start_line=1, end_line=1)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(st.characters(), max_size=6)), max_size=30),
    st.sampled_from(["", "python", "text", "yaml"]),
)
def test_any_text_is_read_without_an_error_and_regions_lie_in_it(pieces: list[str], language: str) -> None:
    text = "".join(pieces)
    snippet = Snippet(text=text, surface=Surface.COMMAND, language=language, span="s", pointer="/input")
    found = list(_DETECTOR.scan([snippet]))
    assert found == list(_DETECTOR.scan([snippet]))
    for each in found:
        assert each.region == Region.of(text, each.region.start, each.region.end)
        assert each.region.start < each.region.end
        assert each.snippet == snippet.digest
    assert all(a.region.end <= b.region.start for a, b in pairwise(found))


_DETECTOR = SecretsDetector()
