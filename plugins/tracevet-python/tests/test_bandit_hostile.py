"""Hostile text costs little time, ends nothing, and is never taken for clean."""

import sys
import threading
import time
import warnings
from typing import Any

import pytest

from tracevet import Finding, Gap, GapReason
from tracevet_python import BanditDetector

SECONDS = 2.0  # of CPU; each of these takes a small part of it
A, HALF, WHOLE = '"a"', '"select from "', '"select a from b"'


def _many(text: str, count: int, join: str = " + ") -> str:
    return join.join([text] * count)


@pytest.mark.parametrize(
    ("code", "rules"),
    [
        (f"x = {_many(A, 600)}\n", {}),
        (f"x = {_many(HALF, 230)}\n", {"B608": 230}),
        (f"x = {_many(WHOLE, 1500)}\n", {"B608": 1500}),
        (f"x = {_many('a', 2500)}\neval(x)\n", {"B307": 1}),
        (f"x = {_many('a', 4000)}\neval(x)\n", {"B307": 1}),
        (f"x = ({_many('a', 30_000, ', ')})\neval(x)\n", {"B307": 1}),
        (f"a{'.b' * 3000}(eval(x))\n", {"B307": 1}),
        ('x = f"' + "{a}select from " * 5000 + '"\n', {"B608": 1}),
        ('x = "' + "insert into " * 40_000 + '".format(y)\n', {}),
        ('x = "' + "select " * 60_000 + '".format(y)\n', {}),
        ("x = {" + ", ".join(f'"k{i}": "v{i}"' for i in range(10_000)) + "}\neval(x)\n", {"B307": 1}),
        ("é" * 100_000 + "; eval(x)" * 50, {"B307": 50}),
    ],
    ids=lambda value: f"{value[:20]!r}" if isinstance(value, str) else "",
)
def test_large_expressions_are_vetted_in_time(code: str, rules: dict[str, int], find: Any) -> None:
    start = time.process_time()
    found = [each.rule for each in find(code)]
    assert time.process_time() - start < SECONDS
    assert {rule: found.count(rule) for rule in found} == rules


@pytest.mark.parametrize(
    "code",
    [
        "(" * 100_000,
        "[" * 100_000 + "]" * 100_000,
        "-" * 100_000 + "1",
        "lambda: " * 5000 + "1",
        "x = " + _many("a", 50_000),
        "x = " + "1" * 5000,
        "\\N{",
        "'\\N{nothing}'",
    ],
    ids=lambda code: repr(code[:20]),
)
def test_what_does_not_parse_is_one_gap(code: str, scan: Any, snippet: Any) -> None:
    start = time.process_time()
    (gap,) = scan(code)
    assert time.process_time() - start < SECONDS
    assert isinstance(gap, Gap)
    assert gap.reason is GapReason.UNPARSABLE
    assert (gap.detector, gap.snippet) == ("bandit", snippet(code).digest)


@pytest.mark.parametrize(
    "code",
    [
        "eval(x)\0",
        "eval(x); '\ud800'",
        "print 'x'; eval(x)",
        "if x:\n\teval(x)\n        y",
        "eval(x); x = '",
        "eval(x); x = 0777",
        "!pip install x\neval(x)",
        "```python\neval(x)\n```",
    ],
)
def test_what_can_be_mended_is_vetted(code: str, find: Any) -> None:
    (found,) = find(code)
    assert code[found.region.start : found.region.end] == "eval(x)"


def test_lines_that_are_left_out_are_a_gap_beside_the_findings(scan: Any) -> None:
    found, gap = scan("It's prose.\nIt goes on.\neval(x)\nand on\n")
    assert (found.rule, found.region.start_line) == ("B307", 3)
    assert (gap.reason, gap.detail) == (GapReason.UNPARSABLE, "lines 1-2, 4 left out")


def test_too_much_text_is_a_gap_that_names_the_option(snippet: Any) -> None:
    (gap,) = BanditDetector(max_size=10).scan([snippet("eval(1234567890)")])
    assert isinstance(gap, Gap)
    assert gap.reason is GapReason.TOO_LARGE
    assert "'max_size'" in gap.detail


def test_a_check_that_raises_costs_only_itself(scan: Any) -> None:
    said = scan("import tarfile\n" + "a.extractall(members=b.c())\n" * 3 + "eval(x)\n")
    assert [each.rule for each in said if isinstance(each, Finding)] == ["B307"]
    (gap,) = (each for each in said if isinstance(each, Gap))
    assert (gap.reason, gap.count) == (GapReason.DETECTOR_FAILED, 3)
    assert gap.detail == "check B202 raised AttributeError"


def test_characters_that_reorder_text_are_found_in_what_does_not_parse(scan: Any) -> None:
    found = [each for each in scan("if\nx \u202e\n") if isinstance(each, Finding)]
    assert [(each.rule, each.region.start_line) for each in found] == [("B613", 2)]


@pytest.mark.parametrize(
    "cookie", ["# coding: utf-16\n", "# -*- coding: nonsense -*-\n", "\n# vim: set fileencoding=cp037 :\n"]
)
def test_a_coding_cookie_decides_nothing(cookie: str, find: Any) -> None:
    found = find(f"{cookie}eval(x)  # \u202e é\n")
    assert {each.rule for each in found} == {"B307", "B613"}
    assert len({each.region.start_line for each in found}) == 1


def test_nothing_is_printed_logged_or_warned(
    scan: Any, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with warnings.catch_warnings(record=True) as caught, caplog.at_level(0):
        warnings.simplefilter("always")
        scan("x = 'a\\d' is 'b'\n1()\n1if x else 2\nassert (x, 'y')\npassword = 'hunter2'\na.extractall(members=b.c())")
    assert (caught, caplog.records, capfd.readouterr()) == ([], [], ("", ""))


def test_the_depth_of_the_caller_changes_nothing(scan: Any) -> None:
    code = f"x = {_many('a', 4000)}\n"

    def deep(levels: int) -> Any:
        return scan(code) if levels == 0 else deep(levels - 1)

    limit = sys.getrecursionlimit()
    assert deep(0) == deep(500) == []
    assert sys.getrecursionlimit() == limit


def test_the_stack_of_a_thread_is_enough(scan: Any) -> None:
    results: list[Any] = []
    before = threading.stack_size(512 * 1024)
    try:
        thread = threading.Thread(target=lambda: results.append(scan(f"x = {_many('a', 4000)}\neval(x)\n")))
        thread.start()
    finally:
        threading.stack_size(before)
    thread.join()
    assert [each.rule for each in results[0]] == ["B307"]
