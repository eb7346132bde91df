"""What a finding shows: the right stretch of the text, in our words, with passwords masked."""

import ast
import sys
from typing import Any

import pytest

from tracevet import Finding, Gap, Region
from tracevet_python import BanditDetector

NESTED = "eval(x); x = f'''{f\"\"\"{a:>{f(password='hunter2')}}\n\"\"\"}'''\n"  # Python 3.11 misplaces the literal
UNIT = 'x = "é", "😀"; '  # columns in bytes, characters and UTF-16 units all differ


@pytest.mark.parametrize(
    ("rule", "code", "shown"),
    [
        ("B307", "if x:\n    y = eval(x) + 1\n", "eval(x)"),
        ("B307", f"{UNIT}eval(x)\n", "eval(x)"),
        ("B307", f"{UNIT}y = f(\n  eval(\n  'é' + x) )\n", "eval(\n  'é' + x)"),
        ("B307", "\r\n\r\neval(x)\r\n", "eval(x)"),
        ("B307", "a\rb\reval(x)\rc", "eval(x)"),
        ("B307", "\f\neval(x)", "eval(x)"),
        ("B307", "\ufeffeval(x)\n", "eval(x)"),
        ("B307", "\ufeff'é'; eval(x)\n", "eval(x)"),
        ("B307", "    # é\n    eval(x)\n    y\n", "eval(x)"),
        ("B307", "\teval(x)\n", "eval(x)"),
        ("B307", 'y = f"é {eval(x)}"\n', 'f"é {eval(x)}"'),
        ("B101", "assert x, 'y'", "assert x, 'y'"),
        ("B110", "try:\n    x\nexcept:\n    pass\ny\n", "except:\n    pass"),
        ("B404", "import a, subprocess  # b\n", "import a, subprocess"),
        ("B602", "subprocess.run(\n  x, shell=True, cwd=y)\n", "x, shell=True, cwd=y"),
        ("B602", "subprocess.run(\n  x,\n  shell=\n True)\n", "True"),
        ("B107", "@a\ndef f(password='x') -> int:  # b\n\n    return 1\n", "def f(password='x') -> int:  # b"),
        ("B105", "self.token = 'x'; y\n", "self.token = 'x'"),
        ("B105", "x = {'a': 1, 'token': 'x', 'b': 2}\n", "'token': 'x'"),
        ("B105", "x = {\n  'token':\n    'x',\n}\n", "'token':\n    'x'"),
        ("B105", "if a and password == 'x':\n    pass\n", "password == 'x'"),
        ("B105", "d['secret'] = 'x'\n", "'secret'] = 'x'"),
        ("B106", "f(a,\n  token='x')\n", "token='x'"),
        ("B608", 'q = f"select a from b where c = {d}"\nrun(q)\n', 'f"select a from b where c = {d}"'),
        ("B608", 'run("select a from b where c = " + d, e)\n', '"select a from b where c = " + d'),
        ("B608", 'run("select a from b where c = {}".format(d))\n', '"select a from b where c = {}".format(d)'),
        ("B608", 'q = (\n  "select a "\n  "from b where c = " +\n  d)\n', '"select a "\n  "from b where c = " +\n  d'),
        ("B613", "x = 1\ny = 2  # \u202e\nz\n", "y = 2  # \u202e"),
    ],
)
def test_a_region_is_the_code_that_shows_the_weakness(rule: str, code: str, shown: str, find: Any) -> None:
    found = [each for each in find(code) if each.rule == rule]
    assert [code[each.region.start : each.region.end] for each in found] == [shown]
    assert found[0].region == Region.of(code, found[0].region.start, found[0].region.end)


def test_regions_lie_in_the_text_whatever_python_says_of_columns_in_f_strings(find: Any) -> None:
    code = 'x = f"""\n é {\n eval(y)}\n {f(password=\'swordfish\')} """ + f"{eval(f"{z}")}"\n'
    if sys.version_info < (3, 12):
        code = code.replace('f"{z}"', "f'{z}'")
    for each in find(code):
        assert 0 <= each.region.start < each.region.end <= len(code)
        for mask in each.masks:
            assert "swordfish" in code[mask.start : mask.end]


@pytest.mark.parametrize(
    "code",
    [
        "password = 'hunter2'\n",
        "é = 1; password: str = 'hunter2'; eval(x)\n",
        "a.token = b.token = 'hunter2'\n",
        "d = {'user': 'joe', 'password': 'hunter2'}\n",
        "d['pwd'] = 'hunter2'\n",
        "if secret == 'hunter2': pass\n",
        "f(a, password='hunter2')\n",
        "requests.get(url, timeout=1, verify=False, headers=h(token='hunter2'))\n",
        "def f(a, b=1, password='hunter2'): pass\n",
        "async def f(*, password='hunter2'): assert x\n",
        "assert f(lambda token='hunter2': x)\n",
        "x = f'{f(password=\"hunter2\")}'; eval(x)\n",
        "x = f'''\n\n  {a} {f(password=\"hunter2\")}'''; eval(x)\n",
        "f(password=('hun' 'ter2'))\n",
        NESTED,
    ],
)
def test_a_password_is_masked_in_all_findings_that_show_it(code: str, find: Any) -> None:
    found: list[Finding] = [each for each in find(code) if "hun" in _lines(code, each.region)]
    assert found
    for each in found:
        hidden = "".join(
            "*" if any(mask.start <= at < mask.end for mask in each.masks) else char for at, char in enumerate(code)
        )
        assert "hun" not in hidden


def _lines(code: str, region: Region) -> str:
    return "\n".join(code.split("\n")[region.start_line - 1 : region.end_line])


def test_a_password_is_masked_when_its_own_rule_is_skipped(snippet: Any) -> None:
    code = "connect(password='hunter2', shell=True)\n"
    (found,) = BanditDetector(only=("B604",)).scan([snippet(code)])
    assert isinstance(found, Finding)
    assert [code[mask.start : mask.end] for mask in found.masks] == ["'hunter2'"]


@pytest.mark.parametrize("code", ["password = None\n", "password = ''\n", "f(user='joe'); assert x\n"])
def test_what_is_no_secret_is_not_masked(code: str, find: Any) -> None:
    assert not [mask for each in find(code) for mask in each.masks]


def test_no_message_fix_or_gap_quotes_a_literal_of_the_code(samples: list[tuple[str, str]], scan: Any) -> None:
    codes = [code for _, code in samples] + ["tarfile.x\nimport tarfile\na.extractall(members=s3cr3t.x())\n", "'s3cr3t"]
    for code in codes:
        for said in scan(code):
            text = said.detail if isinstance(said, Gap) else said.message + said.fix
            assert not [literal for literal in _literals(code) if literal in text]


def _literals(code: str) -> list[str]:
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return ["s3cr3t"]
    values = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return ["s3cr3t", *(value for value in values if isinstance(value, str) and len(value) > 2)]
