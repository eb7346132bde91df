"""Fragments of whole programs, cut and dressed as in traces: nearly all are read, and places stay exact."""

import ast
import difflib
import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tracevet_python.parse import Tree, parse
from tracevet_python.parse.attempts import quiet
from tracevet_python.parse.mend import Mended, mend

SEEDS = range(5)
FLOOR = 0.97  # share of fragments that give a tree
Dress = Callable[[str, random.Random], str]


def _wholes() -> list[str]:
    text = (Path(__file__).parent / "parse_wholes.txt").read_text(encoding="utf-8")
    return [part.partition("\n")[2] for part in text.split("### ")[1:]]


WHOLES = _wholes()


def _part(text: str, chance: random.Random) -> list[str]:
    """Some lines that follow each other."""
    lines = text.split("\n")
    start = chance.randrange(len(lines) - 6)
    return lines[start : start + chance.randint(6, 24)]


def _lines(text: str, chance: random.Random) -> str:
    return "\n".join(_part(text, chance))


def _end(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(40, len(text))]


def _start(text: str, chance: random.Random) -> str:
    return text[chance.randrange(len(text) - 80) :]


def _middle(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text) - 300)
    return text[start : start + chance.randint(100, 900)]


def _bare_first(text: str, chance: random.Random) -> str:
    return _lines(text, chance).lstrip()


def _diff(text: str, chance: random.Random) -> str:
    old = text.split("\n")
    new = [line + "  # changed" if chance.random() < 0.1 else line for line in old if chance.random() > 0.03]
    return "\n".join(difflib.unified_diff(old, new, "a/x.py", "b/x.py", lineterm="", n=3))


def _prompts(text: str, chance: random.Random) -> str:
    lines = [line for line in text.split("\n")[: chance.randint(5, 30)] if line.strip()]
    return "\n".join((">>> " if line[0] not in " )]}" else "... ") + line for line in lines)


def _numbers(text: str, chance: random.Random) -> str:
    form, first = chance.choice(("{:>6}→{}", "{}: {}", "{:4}| {}", "{}\t{}")), chance.randint(1, 120)
    return "\n".join(form.format(first + index, line) for index, line in enumerate(_part(text, chance)))


def _fence(text: str, chance: random.Random) -> str:
    return f"```{chance.choice(('python', 'py', ''))}\n{_lines(text, chance)}\n```"


def _notebook(text: str, chance: random.Random) -> str:
    return f"!pip install -q pandas\n%matplotlib inline\n{text[: chance.randrange(200, len(text))]}\n"


def _redacted(text: str, chance: random.Random) -> str:
    mark = chance.choice(("[SECRET_DETECTED]", "[REDACTED:credential]", "<REDACTED>"))
    return re.sub(r"(?<=[=(] )\w[\w.]*(?=[\n(,)])|(?<=[=(])\w+(?=[,)])", mark, text, count=chance.randint(1, 3))


def _elided(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines) - 6)
    mark = chance.choice(("...", "# ... existing code ...", "    # ...", "... rest of code unchanged ...", "[...]"))
    return "\n".join([*lines[:at], mark, *lines[at + chance.randint(1, 8) :]])


def _typeset(text: str, chance: random.Random) -> str:
    text = _lines(text, chance).replace("    ", "\u00a0\u00a0  ")
    return re.sub(r'"([\w ]+)"', "“\\1”", text)


def _windows(text: str, chance: random.Random) -> str:
    return "\ufeff" + _middle(text, chance).replace("\n", "\r\n")


def _old(text: str, chance: random.Random) -> str:
    return re.sub(r"print\((.*)\)", r"print \1", text) + f"print 'done', {chance.randint(0, 9)}\n"


DRESSES: tuple[Dress, ...] = (
    *(_lines, _end, _start, _middle, _bare_first, _diff, _prompts, _numbers),
    *(_fence, _notebook, _redacted, _elided, _typeset, _windows, _old),
)


def _fragments(dress: Dress) -> list[str]:
    return [dress(whole, random.Random(f"{seed} {index}")) for seed in SEEDS for index, whole in enumerate(WHOLES)]


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


def test_nearly_all_fragments_are_read() -> None:
    fragments = [fragment for dress in DRESSES for fragment in _fragments(dress)]
    trees = [tree for tree in map(parse, fragments) if isinstance(tree, Tree)]
    before = sum(map(_parses, fragments)) / len(fragments)
    after, kept = len(trees) / len(fragments), sum(tree.kept for tree in trees) / len(trees)
    assert len(fragments) >= 250
    assert before < 0.3
    assert after >= FLOOR
    assert kept >= FLOOR


@pytest.mark.parametrize("dress", DRESSES)
def test_no_dress_costs_more_than_a_few_lines(dress: Dress) -> None:
    results = [parse(fragment) for fragment in _fragments(dress)]
    shares = [result.kept if isinstance(result, Tree) else 0.0 for result in results]
    assert sum(shares) / len(shares) >= 0.94


@pytest.mark.parametrize("dress", DRESSES)
def test_names_and_texts_stand_where_the_tree_says(dress: Dress) -> None:
    for text in _fragments(dress):
        tree = parse(text)
        if not isinstance(tree, Tree):
            continue
        for node in _exact(tree.module):
            start = tree.places.offset(node.lineno, node.col_offset)
            shown = text[start : tree.places.offset(node.end_lineno or 0, node.end_col_offset or 0)]
            if isinstance(node, ast.Name):
                assert shown == node.id or not shown or shown[0] in "[<" or node.id == "_"
            elif _is_one_text(shown):
                assert ast.literal_eval(shown) == node.value


def _is_one_text(shown: str) -> bool:
    """Whether a text is there whole: neither cut nor in pieces."""
    return len(shown) > 1 and shown[0] in "\"'" and shown.count(shown[0]) == 2 and shown[0] == shown[-1]


def _exact(module: ast.Module) -> list[ast.Name | ast.Constant]:
    """Names and texts outside of f-strings, whose inner places Python 3.11 gives wrong by itself."""
    found: list[ast.Name | ast.Constant] = []
    stack: list[ast.AST] = [module]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Name) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
            found.append(node)
        if not isinstance(node, ast.JoinedStr):
            stack += ast.iter_child_nodes(node)
    return found


@pytest.mark.parametrize("whole", WHOLES, ids=range(len(WHOLES)))
@pytest.mark.parametrize("form", ["{}", "\ufeff{}", "```\n{}```\n"])
def test_mending_what_is_whole_gives_the_parsers_own_tree(form: str, whole: str) -> None:
    with quiet():
        mended = mend(form.format(whole))
    assert isinstance(mended, Mended)
    assert mended.left_out == ()
    assert ast.dump(mended.module) == ast.dump(ast.parse(whole))


@pytest.mark.parametrize("whole", WHOLES, ids=range(len(WHOLES)))
def test_mending_what_is_whole_moves_nothing(whole: str) -> None:
    with quiet():
        mended = mend(whole)
    assert isinstance(mended, Mended)
    places = [(node.lineno, node.col_offset, node.end_col_offset) for node in _exact(mended.module)]
    assert places == [(node.lineno, node.col_offset, node.end_col_offset) for node in _exact(ast.parse(whole))]


HOSTILE = [
    *("(" * 99_000, "[" * 49_000 + "]" * 49_000, ")" * 99_000, "{" * 49_000 + "}" * 48_000, "'" * 99_001),
    *("x = (\n" * 9_999, "x y\n" * 9_999, "it's\n" * 9_999, '"""\n' * 9_999, "if x:\n" * 9_999, "try:\n" * 9_999),
    *("elif x:\n" * 9_999, "@x\n" * 9_999, "case x:\n" * 9_999, "f(a,\n...\n" * 4_999, "\\\n" * 9_900 + "x ("),
    *(
        'f"{' * 33_000,
        "a = f'{b!r:{c['d']}}'\n" * 4_500,
        '[SECRET_DETECTED]"' * 5_500,
        "`x`" * 33_000,
        "<a b " * 19_000,
    ),
    *("print 'a'," * 9_900, "0777L <> " * 11_000, "x = !" * 19_000, "é" * 99_000 + " (", "\t" * 99_000 + "x y"),
    *(">>> x\n" * 9_900 + "y z", "12: x\n" * 9_900, "+x\n-y\n" * 4_900 + "(", "\u200b" * 99_000, "a," * 49_000 + "= ="),
    *("x = " + " + ".join("a" * 24_000), "-" * 99_000 + "1", "lambda: " * 5000 + "1", "a" * 5_000_000),
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:12]))
def test_hostile_text_is_judged_in_time(text: str) -> None:
    start = time.process_time()
    parse(text)
    assert time.process_time() - start < 4.0  # it takes a second at most where nothing else runs
