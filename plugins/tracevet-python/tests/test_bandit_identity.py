"""The detector sees what bandit sees: the same rules, lines, severities, confidences and CWEs."""

import sysconfig
import tokenize
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracevet import Finding, Gap, GapReason
from tracevet_python.bandit.engine import load_engine
from tracevet_python.bandit.rules import RULES

SAMPLED = 150
LARGEST = 30_000  # bytes: bandit itself is slow


def _standard_library() -> list[Path]:
    root = Path(sysconfig.get_path("stdlib"))
    files = [path for path in sorted(root.rglob("*.py")) if "site-packages" not in path.parts]
    files = [path for path in files if 200 < path.stat().st_size < LARGEST]
    return files[:: len(files) // SAMPLED][:SAMPLED]


def test_each_sample_gives_what_bandit_gives(
    sample: tuple[str, str], find: Any, summary: Any, bandit_says: Any
) -> None:
    rule, code = sample
    found = find(code)
    assert rule in {each.rule for each in found}
    assert summary(found) == bandit_says(code)


def test_every_rule_of_bandit_has_a_sample_and_a_sentence(samples: list[tuple[str, str]]) -> None:
    rules = set(load_engine().rules)
    assert rules == set(RULES)
    assert rules == {rule for rule, _ in samples}


def test_documented_severities_and_cwes_are_those_that_bandit_gives(samples: list[tuple[str, str]], find: Any) -> None:
    found = [each for _, code in samples for each in find(code)]
    for rule in RULES.values():
        of_rule = [each for each in found if each.rule == rule.id]
        assert {each.severity for each in of_rule} == set(rule.severities), rule.id
        assert {each.cwe for each in of_rule} == {(rule.cwe,)}, rule.id


@pytest.mark.parametrize("path", _standard_library(), ids=lambda path: path.name)
def test_the_standard_library_gives_what_bandit_gives(path: Path, scan: Any, summary: Any, bandit_says: Any) -> None:
    try:
        with tokenize.open(path) as file:
            text = file.read()
    except (SyntaxError, UnicodeDecodeError):
        pytest.skip("not text")
    found = scan(text)
    theirs = bandit_says(text)
    if theirs is None:
        assert any(isinstance(each, Gap) and each.reason is GapReason.UNPARSABLE for each in found)
    else:
        assert summary([each for each in found if isinstance(each, Finding)]) == theirs


@pytest.mark.parametrize(
    "code",
    [
        "from . import pickle as p\np.loads(x)\n",
        "import a as __import__\n__import__('pickle')\n",
        "from os import *\nsystem(x)\n",
        "import a.b as os\nos.system(x)\n",
        "def f():\n    import subprocess\nsubprocess.call(x)\n",
        "async def f(password='x'):\n    assert x\n",
        "def f(a, /, password='x', *, token='y'):\n    pass\n",
        "class A:\n    def f(self, token='x'):\n        '/tmp docstring'\n        return '/tmp/x'\n",
        "f'{eval(x)} select * from t where {y}'\n",
        "x = ('select '\n  'a from b' + c +\n 'd' + (e + 'f'))\n",
        "f(**{'password': 'x'}, password=y, token='z')\n",
        "a.b(c).d.system(x)[0].chmod('f', 0o777)\n",
        "match x:\n    case {'password': 'y'}:\n        assert x\n",
        "importlib.import_module('pickle')\n",
        "importlib.import_module(name='pickle')\n",
        "lambda: exec(x)\n",
    ],
)
def test_corners_give_what_bandit_gives(code: str, find: Any, summary: Any, bandit_says: Any) -> None:
    assert summary(find(code)) == bandit_says(code)


@pytest.mark.parametrize("comment", ["# nosec", "#nosec B307", "# nosec: B307, B101", "# noqa: S307"])
def test_comments_silence_nothing(comment: str, find: Any) -> None:
    assert [each.rule for each in find(f"eval(x)  {comment}\n")] == ["B307"]


def test_a_batch_gives_what_its_snippets_give_one_by_one(
    samples: list[tuple[str, str]], detector: Any, snippet: Callable[[str], Any], scan: Any
) -> None:
    together = list(detector.scan([snippet(code) for _, code in samples]))
    assert together == [each for _, code in samples for each in scan(code)]
    assert together == list(detector.scan([snippet(code) for _, code in samples]))


def test_findings_come_in_the_order_of_the_text(samples: list[tuple[str, str]], find: Any) -> None:
    for code in [*(code for _, code in samples), "@f(eval(x))\ndef g():\n    exec(y)\n"]:
        starts = [each.region.start for each in find(code)]
        assert starts == sorted(starts)
