"""Code as chats, terminals, notebooks, patches and redactors leave it is read, with places that stay exact."""

import ast
from itertools import pairwise

import pytest

from tracevet_python.parse import Repair, Tree, Unparsable, parse

OUR_OWN = {"_", "repr"}  # names that a repair supplies


def _read(text: str, prefix: str = "") -> Tree:
    tree = parse(text, prefix)
    assert isinstance(tree, Tree), tree
    return tree


def _shown(text: str) -> str:
    """The code that the tree shows, in one line a statement."""
    return ast.unparse(_read(text).module)


TABLE: list[tuple[Repair, str, str]] = [
    # as it is shown
    (Repair.FENCE, "```python\neval(x)\n```\n", "eval(x)"),
    (Repair.FENCE, "```py\na\n```\n\n```\nb\n```", "a\nb"),
    (Repair.FENCE, "~~~\na = 1\n~~~", "a = 1"),
    (Repair.FENCE, "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n", "a\nb"),
    (Repair.PROMPTS, ">>> for x in y:\n...     f(x)\n...\n1\n2\n>>> g\n", "for x in y:\n    f(x)\ng"),
    (Repair.PROMPTS, "$ python\n>>> a\n'no code'\n", "a"),
    (Repair.PROMPTS, "In [3]: if a:\n   ...:     b\n\nOut[3]: 5\n\nIn [4]: c\n", "if a:\n    b\nc"),
    (Repair.NUMBERS, "9: if a:\n10:     b\n11: \n12: c\n", "if a:\n    b\nc"),
    (Repair.NUMBERS, "     9→if a:\n    10→    b\n", "if a:\n    b"),
    (Repair.NUMBERS, "     9→    if a:\n    10→        b\n", "if a:\n    b"),
    (Repair.NUMBERS, "  9| if a:\n 10|     b\n...\n 20| c\n", "if a:\n    b\nc"),
    (Repair.NUMBERS, "1\tif a:\n2\t    b\n", "if a:\n    b"),
    (Repair.NUMBERS, "7  if a:\n8      b\n9  c = 'x'\n", "if a:\n    b\nc = 'x'"),
    (Repair.DIFF, "@@ -1,2 +1,3 @@ class A:\n def f():\n-    a\n+    b\n+    c\n", "def f():\n    b\n    c"),
    (Repair.DIFF, "--- a/x.py\n+++ b/x.py\n@@\n-a\n+b\n\\ No newline at end of file\n", "b"),
    (Repair.DIFF, "+if a:\n+    b\n", "if a:\n    b"),
    (Repair.MAGICS, "!pip install x\n%matplotlib inline\na = !ls -l\nf?\nb\n", "a = _\nb"),
    (Repair.MAGICS, "%%bash\necho 'don't\nls $(x\n", ""),
    (Repair.MAGICS, "a\n# %%\n%%html\n<p class='x>\n# %% next\nb", "a\nb"),
    (Repair.MAGICS, "(venv) joe@box:~/x$ python x.py\na", "a"),
    (Repair.ELLIPSIS, "a\n... rest of code ...\nb\n-- snip --\n// ... more\nc", "a\nb\nc"),
    (Repair.ELLIPSIS, "def f():\n    ...existing code...\n    a\n", "def f():\n    a"),
    (
        Repair.ELLIPSIS,
        "f(a=1, ...)\nx = {'a': 1, ...}\ndef g(...): a\n",
        "f(a=1, **_)\nx = {'a': 1, **_}\n\ndef g(**_):\n    a",
    ),
    (Repair.ELLIPSIS, "x = {\n  'a': 1,\n  ...\n}\n", "x = {'a': 1}"),
    # as a redactor leaves it
    (Repair.PLACEHOLDERS, 'f(password=[SECRET_DETECTED]"KEY"])', "f(password=_SECRET_DETECTED['KEY'])"),
    (Repair.PLACEHOLDERS, 'f(a, [SECRET_DETECTED]"KEY"), b)', "f(a, _SECRET_DETECTED('KEY'), b)"),
    (Repair.PLACEHOLDERS, "a = [REDACTED:credential]\nb", "a = _REDACTED_credential_\nb"),
    (Repair.PLACEHOLDERS, "a = <REDACTED>\nb = <your api key>", "a = _REDACTED_\nb = _your_api_key_"),
    (Repair.PLACEHOLDERS, "login(a, ********)", "login(a, ________)"),
    (Repair.PLACEHOLDERS, "a = ${NAME}", "a = __NAME_"),
    # as editors and chats set it
    (Repair.CHARACTERS, "\u00a0\u00a0a =\u00a01\n\u00a0\u00a0b", "a = 1\nb"),
    (Repair.CHARACTERS, "f(“a”, ‘b’) – 1", "f('a', 'b') - 1"),
    (Repair.CHARACTERS, "a\u200b = 1\0", "a = 1"),
    (Repair.CHARACTERS, "a = '\ud800'", "a = '\ufffd'"),
    (Repair.CHARACTERS, "\x1b[31ma = 1\x1b[0m", "a = 1"),
    # as a fragment
    (Repair.INDENTED, "    a\n    if b:\n        c", "a\nif b:\n    c"),
    (Repair.BLOCKS, "a\n        if b:\n            c\n        d", "a\nif b:\n    c\nd"),
    (Repair.BLOCKS, "        a\n    except E:\n        b\n    c", "a\ntry:\n    ...\nexcept E:\n    b\nc"),
    (Repair.BLOCKS, "elif a:\n    b\nelse:\n    c", "if _:\n    ...\nelif a:\n    b\nelse:\n    c"),
    (Repair.BLOCKS, "try:\n    a\nb", "try:\n    a\nfinally:\n    ...\nb"),
    (Repair.BLOCKS, "try:\n    a\nexcept E:\n    # what to do\n", "try:\n    a\nexcept E:\n    ..."),
    (Repair.BLOCKS, "case 1:\n    a\ncase _:\n    b\nc", "match _:\n    case 1:\n        a\n    case _:\n        b\nc"),
    (Repair.BLOCKS, "match a:", "match a:\n    case _:\n        ..."),
    (
        Repair.BLOCKS,
        "class A:\n    # ...\n\ndef f():\n    # existing code\n\na",
        "class A:\n    ...\n\ndef f():\n    ...\na",
    ),
    (Repair.BLOCKS, "@a.b('c')\n", "@a.b('c')\ndef _():\n    ..."),
    (Repair.BLOCKS, "if a:\n\tb\n        c\n", "if a:\n    b\n    c"),
    (Repair.BLOCKS, "async def f():\n", "async def f():\n    ..."),
    (Repair.CUT, "f(a, b=", "f(a, b=_)"),
    (Repair.CUT, "x = [1, {'a': ", "x = [1, {'a': _}]"),
    (Repair.CUT, "x = 'abc", "x = 'abc'"),
    (Repair.CUT, "if a:\n    b\nelse", "if a:\n    b\nelse:\n    ..."),
    (Repair.CUT, 'def f():\n    """Doc', 'def f():\n    """Doc"""'),
    (Repair.CUT, "def f(a, b", "def f(a, b):\n    ..."),
    (Repair.CUT, "for x in", "for x in _:\n    ..."),
    (Repair.CUT, "a = b if c", "a = b if c else _"),
    (Repair.CUT, "a = b and \\", "a = b and _"),
    (Repair.CUT, "f(a,\n  b\ndef g():\n    c\n", "f(a, b)\n\ndef g():\n    c"),
    (Repair.CUT, "x = (\n1,\n\ny = 2\nz", "x = (1,)\ny = 2\nz"),
    (Repair.CUT, "  a,\n    shell=True)\nb\n", "_(a, shell=True)\nb"),
    (Repair.CUT, 'er name: ")\nb\n', "_('er name: ')\nb"),
    (Repair.CUT, 'end of a text\n    """\n    return a\n', '"""end of a text\n    """\nreturn a'),
    (Repair.CUT, 'end of a text\n"""\na\n"""It is cut\n', '"""end of a text\n"""\na\n\'It is cut\''),
    (Repair.CUT, "    -1: a,  # one\n    0x2: b,", "{-1: a}\n{2: b}"),
    (Repair.CUT, "ms:\n    a\nb", "if ms:\n    a\nb"),
    (Repair.CUT, '    "a": b["c"],\n    "d": 2,\n', "{'a': b['c']}\n{'d': 2}"),
    # as another Python has it
    (Repair.OLD, "print 'a' % b; c", "print('a' % b)\nc"),
    (Repair.OLD, "print >>f, 'a' % b, 'c', `d`", "print(f, 'a' % b, 'c', repr(d))"),
    (
        Repair.OLD,
        "try:\n    a\nexcept (E, F), e:\n    raise E, 'x'",
        "try:\n    a\nexcept (E, F) as e:\n    raise E('x')",
    ),
    (Repair.OLD, "exec a in b\nexec 'c'", "exec(a, b)\nexec('c')"),
    (Repair.OLD, "a = 0777 <> 10L, ur'x'", "a = (511 != 10, 'x')"),
]


@pytest.mark.parametrize(("repair", "text", "code"), TABLE, ids=[repr(text[:30]) for _, text, _ in TABLE])
def test_code_is_read_and_the_repair_is_named(repair: Repair, text: str, code: str) -> None:
    tree = _read(text)
    assert ast.unparse(tree.module) == code
    assert repair in tree.repairs
    assert (tree.left_out, tree.detail, tree.kept) == ((), "", 1.0)


@pytest.mark.parametrize("text", [text for _, text, _ in TABLE], ids=lambda text: repr(text[:30]))
def test_every_name_stands_where_the_tree_says(text: str) -> None:
    tree = _read(text)
    for node in ast.walk(tree.module):
        if isinstance(node, ast.Name) and node.id not in OUR_OWN:
            start = tree.places.offset(node.lineno, node.col_offset)
            end = tree.places.offset(node.end_lineno or 0, node.end_col_offset or 0)
            assert "".join(char if char.isidentifier() else "_" for char in text[start:end]).startswith(node.id[:-1])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('x = f"{a["b"]}"', ["b"]),
        ("x = f'{a['b']}' + f'{c['d']}', e", ["b", "d"]),
        ('x = f"{f"{a["b"]}"}"', ["b"]),
        ("x = f\"{'\\n'.join(a)}\"", ["join"]),
        ('x = f(\n  f"{a["b"]!r:>{c["d"]}} {{e}}",\n  g)', ["b", "d"]),
        ('x = f"say \\"{a["b"]}\\""', ["b"]),
        ("x = f'{a['b']}\"'", ["b"]),
        ('type X[T] = int\ndef f[T: (int, str)](x: T): return t"{x}"', []),
        ("class A[T](B): pass", []),
    ],
)
def test_newer_syntax_is_read_by_every_python(text: str, values: list[str]) -> None:
    tree = _read(text)
    assert not tree.left_out
    dumped = ast.dump(tree.module)
    assert not [value for value in values if f"'{value}'" not in dumped]


@pytest.mark.parametrize(
    ("text", "detail", "kept"),
    [
        ("It's prose.\nIt goes on.\na = b\nDon't.\n", "lines 1-2, 4 left out", "a = b"),
        ("a\nb c d\ne\n", "line 2 left out", "a\ne"),
        ("a\r\nb c d\r\n\r\n  e\r\n", "line 2 left out", "a\ne"),
        ("if a:\n    b c d\nelse:\n    e\n", "line 2 left out", "if a:\n    ...\nelse:\n    e"),
        ("a\n" + "".join(f"b {i} c\nd\n" for i in range(9)), None, "\n".join("a" + "d" * 9)),
    ],
)
def test_lines_that_no_repair_mends_are_left_out_and_told(text: str, detail: str | None, kept: str) -> None:
    tree = _read(text)
    assert tree.detail == (detail or "lines 2, 4, 6, 8, 10, 12 and 3 more stretches left out")
    assert ast.unparse(tree.module) == kept
    assert Repair.LEFT_OUT in tree.repairs
    assert 0 < tree.kept < 1


def test_a_statement_over_too_many_levels_costs_only_itself() -> None:
    tree = _read("a\nx = " + "(" * 300 + ")" * 300 + "\nb\n")
    assert (ast.unparse(tree.module), tree.detail) == ("a\nb", "line 2 left out")


@pytest.mark.parametrize("text", ["", "\ufeff", "# only\n", "\n\f\n", "```\n```"])
def test_a_text_without_code_is_an_empty_tree(text: str) -> None:
    assert _read(text).module.body == []


@pytest.mark.parametrize(
    ("prefix", "text", "code"),
    [
        ("def f(a):\n", "    return a\n", "def f(a):\n    return a"),
        ("def f(a):", "    b\n    return a\n", "def f(a):\n    b\n    return a"),
        ("x = f(é, ", "b)\nc", "x = f(é, b)\nc"),
        ("é = 1\nif é:\n    a(b", "c, d)\nelse:\n    e(", "é = 1\nif é:\n    a(bc, d)\nelse:\n    e()"),
    ],
)
def test_an_answer_is_read_as_it_goes_on_from_a_prompt(prefix: str, text: str, code: str) -> None:
    tree = _read(text, prefix)
    assert ast.unparse(tree.module) == code
    assert Repair.JOINED in tree.repairs
    names = [node for node in ast.walk(tree.module) if isinstance(node, ast.Name) and node.lineno >= 1]
    for node in names:
        start = tree.places.offset(node.lineno, node.col_offset)
        assert text[start : tree.places.offset(node.end_lineno or 0, node.end_col_offset or 0)] == node.id
    ours = {node.id for node in ast.walk(tree.module) if isinstance(node, ast.Name)} - {node.id for node in names}
    assert all(name in prefix or name == "bc" for name in ours)


def test_a_prompt_that_is_no_code_changes_nothing() -> None:
    assert ast.dump(_read("a = 1\nb = 2\n", "Please write a function.").module) == ast.dump(
        _read("a = 1\nb = 2\n").module
    )


def test_no_node_ends_before_it_starts() -> None:
    for _, text, _ in TABLE:
        for node in ast.walk(_read(text).module):
            if isinstance(node, ast.expr | ast.stmt):
                assert (node.lineno, node.col_offset) <= (node.end_lineno or 0, node.end_col_offset or 0)


def test_nothing_of_a_text_stands_in_a_detail() -> None:
    for text in ("hunter2 to you\nx = 1\n", "hunter2 to you", "hunter2 '" * 9):
        result = parse(text)
        assert isinstance(result, Tree | Unparsable)
        assert "hunter2" not in result.detail


def test_ranges_of_lines_left_out_rise_and_lie_apart() -> None:
    tree = _read("a b\nc d\ne\nf g\n\nh i\nj")
    assert tree.left_out == ((1, 2), (4, 4), (6, 6))
    assert all(before[1] < after[0] for before, after in pairwise(tree.left_out))
