"""The parse mends what it can without moving a character, and says why it can't without quoting."""

import ast
import warnings

import pytest

from tracevet import Region
from tracevet_python.parse import Places, Tree, Unparsable, parse


def _names(text: str) -> list[str]:
    """The names in the text, read back from where the tree says they stand."""
    tree = parse(text)
    assert isinstance(tree, Tree)
    nodes = sorted(
        (node for node in ast.walk(tree.module) if isinstance(node, ast.Name)),
        key=lambda node: (node.lineno, node.col_offset),
    )
    places = tree.places
    spans = [
        (places.offset(node.lineno, node.col_offset), places.offset(node.end_lineno or 0, node.end_col_offset or 0))
        for node in nodes
    ]
    assert [text[start:end] for start, end in spans] == [node.id for node in nodes]
    return [node.id for node in nodes]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("a\nb", "ab"),
        ("'é', a; b", "ab"),
        ("'''é\r\né''', a\r\nb", "ab"),
        ("a\rb", "ab"),
        ("\fa\n\fb", "ab"),
        ("\ufeffa, 'é', b", "ab"),
        ("\ufeff    a\n    b", "ab"),
        ("    a\n    'é', b", "ab"),
        ("\n\n  # c\n\ta\n\tif b:\n\t\tc\n", "abc"),
        ("    a = '''\nx\n  y'''\n    b\n", "ab"),
        ("    a\n# c\n    b\n", "ab"),
        ("    return a\n", "a"),
        ("    a\nb\n", "ab"),
        ("    a\nelse:\n    b\n", "ab"),
        ("return a", "a"),
        ("yield a", "a"),
        ("await a", "a"),
        ("async with a as b: c", "abc"),
        ("break; a", "a"),
        ("", ""),
    ],
)
def test_places_are_those_of_the_text(text: str, names: str) -> None:
    assert "".join(_names(text)) == names


def test_an_indented_fragment_stands_at_the_top_of_the_tree() -> None:
    tree = parse("    'é'\n    return a\n")
    assert isinstance(tree, Tree)
    assert [type(node) for node in tree.module.body] == [ast.Expr, ast.Return]


@pytest.mark.parametrize(
    ("text", "detail"),
    [
        ("secret = = 1", "syntax error in line 1"),
        ("secret to nobody", "syntax error in line 1"),
        ("= secret =\0", "it holds a NUL character"),
        ("= 'secret\ud800' =", "it holds half of a surrogate pair"),
        ("-" * 50_000, "it is nested too deeply"),
        ("a" * 2_000_001, "it has more than 2000000 characters"),
        ("secret to nobody\n" * 10_001, "syntax error in line 1, and it is too long to be mended"),
    ],
)
def test_what_is_no_python_is_told_without_quoting_it(text: str, detail: str) -> None:
    assert parse(text) == Unparsable(detail)


def test_warnings_of_the_parser_reach_nobody() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert isinstance(parse("'\\d' is 1; 1()\n1if x else 2"), Tree)
        before = list(warnings.filters)
        parse("'\\d'")
    assert caught == []
    assert before


@pytest.mark.parametrize("text", ["", "a", "a\n", "a\nb\n\n", "\n\n", "é\r\nb\rc\n"])
def test_regions_are_those_of_the_model(text: str) -> None:
    places = Places(text)
    for start in range(-1, len(text) + 2):
        for end in range(-1, len(text) + 2):
            assert places.region(start, end) == Region.of(text, start, end)


@pytest.mark.parametrize(("line", "column"), [(0, 0), (9, 0), (1, 99), (-5, -5), (2, 1)])
def test_places_outside_of_the_text_are_moved_into_it(line: int, column: int) -> None:
    assert 0 <= Places("é\nb").offset(line, column) <= 3


def test_a_column_in_the_middle_of_a_character_is_its_start() -> None:
    assert [Places("é😀x").offset(1, column) for column in range(9)] == [0, 0, 1, 1, 1, 1, 2, 3, 3]
