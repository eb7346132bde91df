"""Parse a snippet as Python, mending what can be mended without moving a character."""

import ast
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tracevet_python.parse.places import Places

_BOM = "\ufeff"
_FORM_FEED = "\f"  # one character of white space that Python accepts at the start of a file, and that indents nothing
_ROOM = 1500  # frames: enough for expressions of some 4 000 terms, little enough for the stack of a thread


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed snippet; lines and columns of its nodes are those of the text, through `places`."""

    module: ast.Module
    places: Places


@dataclass(frozen=True, slots=True)
class Unparsable:
    """Why a text is no Python for this interpreter; quotes nothing of it."""

    detail: str


def parse(text: str) -> Tree | Unparsable:
    """Parse a whole file, or a fragment whose first line of code is indented.

    `return`, `yield` and `await` may stand outside of functions; a byte order mark is ignored. Never raises on the
    text's content, evaluates nothing, and lets no warning out. Takes the filters of `warnings` and the limit on
    recursion for a moment: not for several threads at once.
    """
    source = _FORM_FEED + text[1:] if text.startswith(_BOM) else text
    with _room(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return Tree(ast.parse(source), Places(source))
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            block = _parse_block(source) if isinstance(error, IndentationError) and _is_indented(source) else None
            return Tree(block, Places(source)) if block else Unparsable(_reason(text, error))


def _parse_block(source: str) -> ast.Module | None:
    """Parse an indented fragment as the body of an `if`, and take it out again; strings in it stay as they are."""
    try:
        module = ast.parse("if 1:\n" + source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    block, *rest = module.body
    if isinstance(block, ast.If):
        module.body = [*block.body, *block.orelse, *rest]
    ast.increment_lineno(module, -1)
    return module


def _is_indented(source: str) -> bool:
    """Tell whether the first line of code is indented."""
    for line in source.splitlines():
        code = line.strip()
        if code and not code.startswith("#"):
            return line[0] in " \t"
    return False


def _reason(text: str, error: Exception) -> str:
    """Say what is wrong without quoting the text, as the messages of SyntaxError do."""
    if "\0" in text:
        return "it holds a NUL character"
    if isinstance(error, UnicodeError):
        return "it holds half of a surrogate pair"
    if isinstance(error, SyntaxError):
        return f"syntax error in line {error.lineno}" if error.lineno else "syntax error"
    return "it is nested too deeply"


@contextmanager
def _room() -> Iterator[None]:
    """Give the parser the same room to recurse, however deep the caller is: the same text gives the same tree."""
    frame, depth = sys._getframe(), 0  # the only way to count frames without formatting them
    while frame := frame.f_back:  # type: ignore[assignment]  # None ends the loop
        depth += 1
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, depth + _ROOM))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
