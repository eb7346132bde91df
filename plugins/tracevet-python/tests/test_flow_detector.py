"""What the detector `flow` promises: paths in words, places, bounds, options, and a README that holds."""

# ruff: noqa: E501  # rows, patterns and code under test read best on one line

import inspect
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tracevet import Confidence, ConfigError, Finding, Gap, GapReason, Region, Snippet
from tracevet_python.flow import FlowDetector
from tracevet_python.flow.regexes import is_catastrophic
from tracevet_python.flow.rules import RULES, markdown_table

README = Path(__file__).parents[1] / "README.md"
REFERENCE = 'def get_user(conn, user_id):\n    query = f"SELECT * FROM users WHERE id = {user_id}"\n    return conn.execute(query)\n'
Make = Callable[[str], Snippet]


def _found(said: Iterable[Finding | Gap]) -> list[Finding]:
    return [each for each in said if isinstance(each, Finding) and not each.refutes]


def _gaps(said: Iterable[Finding | Gap]) -> list[Gap]:
    return [each for each in said if isinstance(each, Gap)]


def test_a_query_built_from_a_parameter_is_shown_where_it_is_built(snippet: Make) -> None:
    (found,) = _found(FlowDetector().scan([snippet(REFERENCE)]))
    assert REFERENCE[found.region.start : found.region.end] == 'f"SELECT * FROM users WHERE id = {user_id}"'
    assert (found.rule, found.cwe, found.confidence) == ("sql-injection", ("CWE-89",), Confidence.MEDIUM)
    assert "line 1" in found.message
    assert "line 2" in found.message
    assert "line 3" in found.message
    assert "parameters" in found.fix


@pytest.mark.parametrize("rule", list(RULES))
def test_the_example_of_a_rule_breaks_it(rule: str, snippet: Make) -> None:
    code = f"from flask import *\n{RULES[rule].example}\n"
    assert rule in {each.rule for each in _found(FlowDetector().scan([snippet(code)]))}


@pytest.mark.parametrize(
    "code",
    [
        "import os, sys\nname = sys.argv[1]\nname = 'x'\nos.system(name)\n",
        "import os, sys\nif 7 * 18 + 1 < 100:\n    os.system(sys.argv[1])\n",
        "import os, sys\nnames = ['a', sys.argv[1]]\nnames.pop()\nos.system(names[0])\n",
        "import os, sys\nif sys.argv[1] not in ('a', 'b'):\n    sys.exit(2)\nos.system(sys.argv[1])\n",
        "import os, sys\ntry:\n    n = int(sys.argv[1])\nexcept ValueError:\n    raise\nos.system(f'kill {n}')\n",
        "def f(conn, name):\n    conn.execute('SELECT a FROM b WHERE c = ?', (name,))\n",
        "import os, sys\ndef pick(name):\n    return {'a': 'ls'}.get(name, 'id')\nos.system(pick(sys.argv[1]))\n",
    ],
)
def test_data_that_does_not_arrive_or_was_checked_is_no_finding(code: str, snippet: Make) -> None:
    said = list(FlowDetector().scan([snippet(code)]))
    assert (_found(said), _gaps(said)) == ([], [])


@pytest.mark.parametrize(
    "code",
    [
        "import os, sys\nmake = lambda x: 'ls ' + x\nos.system(make(sys.argv[1]))\n",
        "import os, sys\nclass A:\n    def __init__(self, x):\n        self.x = x\n    def go(self):\n        os.system('ls ' + self.x)\nA(sys.argv[1]).go()\n",
        "import os, sys\nfor name in sys.argv[1:]:\n    os.system('ls %s' % name)\n",
        "import os, sys\nd = {}\nd['a'] = sys.argv[1]\nwith open('x') as f:\n    os.system('ls {a}'.format(**d))\n",
        "import os, sys\nmatch sys.argv:\n    case [_, name]:\n        os.system('ls ' + name)\n",
        "import os, sys\ndef main():\n    def inner():\n        os.system('ls ' + name)\n    name = sys.argv[1]\n    inner()\nmain()\n",
        "import os, sys\na = b = sys.argv[1]\na += '.txt'\nos.system(f'cat {a!s:>10}')\n",
        "import os, sys\n(name := sys.argv[1])\nos.system(' '.join(['cat', name]))\n",
    ],
)
def test_data_is_followed_through_all_that_carries_it(code: str, snippet: Make) -> None:
    assert [each.rule for each in _found(FlowDetector().scan([snippet(code)]))] == ["command-injection"]


def test_no_message_quotes_the_code_and_secrets_are_masked(snippet: Make) -> None:
    code = "import jwt, requests\npayload = {'password': 'hunter2!x'}\njwt.decode(t, 'k3y-k3y', verify=False)\nrequests.post('http://a.example.com', data={'password': 'hunter2!x'}, auth=('u', 'swordfish1'))\n"
    found = _found(FlowDetector().scan([snippet(code)]))
    assert {"jwt-unverified", "hardcoded-credentials", "cleartext"} <= {each.rule for each in found}
    for each in found:
        lines = Region.of_lines(code, each.region.start_line, each.region.end_line)
        shown = "".join(
            "*" if any(mask.start <= at < mask.end for mask in each.masks) else char for at, char in enumerate(code)
        )[lines.start : lines.end]
        for secret in ("hunter2!x", "swordfish1", "k3y-k3y"):
            assert secret not in each.message + each.fix + shown


@pytest.mark.parametrize(
    "code",
    [
        "import os, sys\nos.system(" + " + ".join(["sys.argv[1]"] * 2500) + ")\n",
        "import os, sys\nx = " + " + ".join(["'a' + sys.argv[1]"] * 200) + "\nos.system(x)\n",
        "import os, sys\nos.system('" + "a" * 3000 + "' + sys.argv[1])\n",
        "import os, sys\nif x == 0:\n    pass\n"
        + "".join(f"elif x == {n}:\n    y = {n}\n" for n in range(800))
        + "os.system(sys.argv[1])\n",
        "import os, sys\n"
        + "".join(f"x{n} = [sys.argv[1], x{n - 1}]\n" for n in range(1, 300))
        + "os.system(sys.argv[1])\n",
    ],
)
def test_long_code_is_followed_to_its_end(code: str, snippet: Make) -> None:
    assert "command-injection" in {each.rule for each in _found(FlowDetector().scan([snippet(code)]))}


@pytest.mark.parametrize(
    "code",
    [
        "import os, sys\nos.system(" + "[" * 100_000,
        "import os, sys\nos.system(sys.argv[1]" + ".a()" * 900 + ")\n",
        "import os, sys\n"
        + "".join("    " * n + "for a in sys.argv:\n" for n in range(18))
        + "    " * 18
        + "os.system(a)\n",
        "import os\n"
        + "".join(f"def f{n}(x):\n    f{n + 1}(x + 'a')\n    f{n + 1}(x)\n    os.system(x)\n" for n in range(60)),
        "def f(x):\n    return f(f(x))\neval(f(input()))\n",
        "x = " + "-" * 3000 + "1\neval(input())\n",
        "x = 10 ** 10 ** 10\ny = 'a' * 10 ** 12\nz = [0] * 10 ** 9\neval(input())\n",
        "import re\nre.match('" + "(a+" * 60 + ")+" * 60 + "', x)\n",
        "\x00eval(input())",
        "\ud800 = eval(input())\n",
        "",
    ],
)
def test_hostile_code_ends_with_findings_or_a_gap(code: str, snippet: Make) -> None:
    for each in FlowDetector(max_steps=20_000).scan([snippet(code)]):
        assert isinstance(each, Finding | Gap)


def test_code_that_takes_too_many_steps_is_a_gap(snippet: Make) -> None:
    (gap,) = _gaps(FlowDetector(max_steps=3).scan([snippet("import os\nos.system(a + b + c)\n")]))
    assert gap.reason is GapReason.TOO_LARGE
    (gap,) = _gaps(FlowDetector(max_size=3).scan([snippet("import os\n")]))
    assert gap.reason is GapReason.TOO_LARGE


def test_a_batch_gives_what_its_snippets_give_one_by_one(snippet: Make) -> None:
    codes = [REFERENCE, "eval(input())\n", "x = (\n", *(rule.example for rule in RULES.values())]
    detector = FlowDetector()
    together = list(detector.scan([snippet(code) for code in codes]))
    assert together == [each for code in codes for each in FlowDetector().scan([snippet(code)])]


def test_options_choose_rules_and_sources(snippet: Make) -> None:
    code = REFERENCE + "\neval(input())\n"
    assert [each.rule for each in _found(FlowDetector(skip=("sql-injection",)).scan([snippet(code)]))] == [
        "code-injection"
    ]
    assert [each.rule for each in _found(FlowDetector(only=("sql-injection",)).scan([snippet(code)]))] == [
        "sql-injection"
    ]
    assert [each.rule for each in _found(FlowDetector(library=False).scan([snippet(code)]))] == ["code-injection"]
    high = FlowDetector(min_confidence=Confidence.HIGH)
    assert [each.rule for each in _found(high.scan([snippet(code)]))] == ["code-injection"]


def test_an_unknown_rule_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(ConfigError) as caught:
        FlowDetector(skip=("sql-injektion",))
    assert "sql-injektion" in str(caught.value)
    assert "sql-injection" in str(caught.value)


def test_the_self_check_finds_nothing_wrong() -> None:
    assert list(FlowDetector().check()) == []


def test_the_self_check_tells_when_a_known_line_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FlowDetector, "scan", lambda _self, _snippets: iter(()))
    assert "flow" in "".join(FlowDetector().check())


@pytest.mark.parametrize(
    ("pattern", "slow"),
    [
        (r"^(a+)+$", True),
        (r"(\w+\s?)*x", True),
        (r"(\w+|\d+x)*$", True),
        (r"(\d+)*", True),
        (r"^\d+(?:,\d+)*$", False),
        (r"^[\w.+-]+@[\w-]+\.[\w.-]+$", False),
        (r"(a|b)*", False),
        (r"(\s|#.*$)+", False),
        (r"(", False),
    ],
)
def test_slow_patterns_are_told_from_quick_ones(pattern: str, slow: bool) -> None:
    assert is_catastrophic(pattern) is slow


@pytest.mark.parametrize("option", list(inspect.signature(FlowDetector).parameters))
def test_every_option_of_flow_stands_in_the_readme(option: str) -> None:
    section = README.read_text(encoding="utf-8").partition("## The detector `flow`")[2]
    assert f"| `{option}` |" in section


def test_the_table_of_flow_in_the_readme_is_up_to_date() -> None:
    assert markdown_table() in README.read_text(encoding="utf-8")


def test_the_module_prints_the_table_of_flow() -> None:
    done = subprocess.run([sys.executable, "-m", "tracevet_python.flow"], capture_output=True, text=True, check=True)
    assert done.stdout == markdown_table()


def test_the_standard_library_is_nearly_quiet(snippet: Make) -> None:
    root = Path(sysconfig.get_paths()["stdlib"])
    files = sorted(
        path
        for path in root.rglob("*.py")
        if not {"site-packages", "test", "tests", "lib2to3", "idlelib"} & {*path.parts}
    )
    detector = FlowDetector(min_confidence=Confidence.MEDIUM)
    lines, loud = 0, 0
    for path in files[:: max(1, len(files) // 120)]:
        text = path.read_text(encoding="utf-8", errors="replace")
        lines += text.count("\n")
        loud += len(_found(detector.scan([snippet(text)])))
    assert loud <= 1 + lines * 0.2 / 1000, (loud, lines)
