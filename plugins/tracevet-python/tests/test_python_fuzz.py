"""Whatever the text, each detector ends with findings and gaps, and says the same with and without the other.

`TRACEVET_TEST_FUZZ` sets how many texts are made for each property; the default keeps this file within seconds.
"""

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracevet import Detector, Finding, Gap, GapReason, Snippet, Surface
from tracevet_python import BanditDetector
from tracevet_python.flow import FlowDetector
from tracevet_python.flow.rules import RULES
from tracevet_python.trees import forget

BANDIT, FLOW = BanditDetector(), FlowDetector(max_steps=20_000)
EXAMPLES = int(os.environ.get("TRACEVET_TEST_FUZZ", "80"))
FUZZ = settings(
    max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)  # fmt: skip
# fmt: off
WORDS = [
    'import os, sys\n', 'from flask import request\n', 'def f(a, *b, c=1, **d):\n    ', 'async ', 'await ',
    'class A(B):\n    ', 'return ', 'yield ', 'lambda x: ', 'for x in y:\n    ', 'while True:\n    ',
    'if x:\n    ', 'elif ', 'else:\n    ', 'try:\n    ', 'except E as e:\n    ', 'finally:\n    ',
    'with a as b:\n    ', 'match x:\n    case [a, *b]:\n        ', 'global x\n', 'del x\n', 'assert x\n', 'raise ',
    'os.system(', 'eval(', 'exec(', 'open(', 'cursor.execute(', 'pickle.loads(', 'subprocess.run(x, shell=True)',
    'hashlib.md5(', "request.args['a']", 'sys.argv[1]', 'input()', 'self.x', 'x', 'y', "f'{x!r:>{y}}'",
    "'select a from b where c = %s' % ", "'{}'.format(", "b'\\xff'", "'''", '"', "'", '\\', '\n', '\n    ', '\n\t',
    ';', ':', ',', '(', ')', '[', ']', '{', '}', '=', '+=', ':=', '+', '*', '**', '/', '%', '@', '.', '->', '...',
    '0x', '1e999', '\x00', '\ufeff', 'é', '\ud800', 'print x\n', '!pip install x\n', '>>> ', '```', '@@ -1 +1 @@\n',
    '+', '-', '# nosec\n', 'x = x + x\n', 'x[x] = x\n', 'a.b.c = d\n', 'x = [x]\n',
]
# fmt: on
PIECES = [*WORDS, *(f"{rule.example}\n" for rule in RULES.values())]
TEXTS = st.lists(st.sampled_from(PIECES), max_size=40).map("".join) | st.text(max_size=200)


def _snippet(text: str) -> Snippet:
    return Snippet(text=text, surface=Surface.APPLIED, language="python", span="", pointer="")


def _said(detector: Detector, text: str) -> list[Finding | Gap]:
    return list(detector.scan([_snippet(text)]))


@FUZZ
@given(TEXTS)
def test_any_text_ends_with_findings_in_it_and_gaps(text: str) -> None:
    lines = text.count("\n") + 1
    for detector in (BANDIT, FLOW):
        for each in _said(detector, text):
            assert each.detector == detector.name
            if isinstance(each, Finding):
                assert 0 <= each.region.start <= each.region.end <= len(text)
                assert all(1 <= step.start_line <= step.end_line <= lines for step in each.flow)
            else:
                assert each.reason is not GapReason.DETECTOR_FAILED


@FUZZ
@given(TEXTS)
def test_a_detector_says_the_same_whoever_read_the_tree_before(text: str) -> None:
    alone = {}
    for detector in (BANDIT, FLOW):
        forget()
        alone[detector.name] = _said(detector, text)
    for order in ((BANDIT, FLOW), (FLOW, BANDIT)):
        forget()
        assert {detector.name: _said(detector, text) for detector in order} == alone


@pytest.mark.parametrize("detector", [BANDIT, FLOW], ids=lambda each: each.name)
@pytest.mark.parametrize(
    "make",
    [
        lambda: "eval(input())\nx = " + " + ".join(['"' + "a" * 40 + '"'] * 70) + "\n",
        lambda: "eval(input())\nx = " + " + ".join(["a"] * 2_500) + "\n",
        lambda: "eval(input())\nx = '" + "a" * 3_000 + "' + '" + "b" * 3_000 + "'\n",
        lambda: "eval(input())\nre.match('" + "(a+" * 30 + ")+" * 30 + "', x)\n",
    ],
    ids=["3 KB of texts", "2500 terms", "long texts", "slow pattern"],
)
def test_large_code_hides_nothing(detector: Detector, make: Callable[[], str]) -> None:
    said = _said(detector, make())
    assert {"B307", "code-injection"} & {each.rule for each in said if isinstance(each, Finding)}


@pytest.mark.parametrize("detector", [BANDIT, FLOW], ids=lambda each: each.name)
@pytest.mark.parametrize(
    "make",
    [
        lambda: "x = '" + "a" * 5_000_000 + "'\n",
        lambda: "a" * 5_000_000,
        lambda: "[" * 100_000 + "]" * 100_000,
        lambda: "f(" * 100_000,
    ],
    ids=["5 MB text", "5 MB word", "brackets", "open calls"],
)
def test_what_is_too_large_or_too_deep_is_a_gap(detector: Detector, make: Callable[[], str]) -> None:
    said = _said(detector, make())
    assert [type(each) for each in said] == [Gap]
