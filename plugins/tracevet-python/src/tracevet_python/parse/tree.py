"""Parse a snippet as Python, and mend it as far as needed."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from tracevet_python.parse.attempts import Failure, attempt, quiet
from tracevet_python.parse.mend import Mended, mend
from tracevet_python.parse.places import Places
from tracevet_python.parse.relocate import shift
from tracevet_python.parse.repair import Repair

_BOM = "\ufeff"
_FORM_FEED = "\f"  # one character of white space that Python accepts at the start of a file, and that indents nothing
_MOST = 2_000_000  # characters that are parsed at all
_MOST_MENDED = 100_000  # characters; to mend costs some seven times as much as to parse
_MOST_LINES = 10_000  # that are mended
_SHOWN = 6  # ranges of lines in a detail


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed snippet; lines and columns of its nodes are those of the text, through `places`.

    A node that stands for something missing in the text has a place without width. Where the text goes on from a
    prefix, nodes of the prefix have lines below 1.
    """

    module: ast.Module
    places: Places
    repairs: frozenset[Repair] = frozenset()
    left_out: tuple[tuple[int, int], ...] = ()  # ranges of lines, 1-based, inclusive, as `Region` counts them
    kept: float = 1.0  # share of the lines of code that the tree shows

    @property
    def detail(self) -> str:
        """Say which lines were left out, fit for a Gap; "" where all were read."""
        if not self.left_out:
            return ""
        ranges = [f"{first}" if first == last else f"{first}-{last}" for first, last in self.left_out]
        more = f" and {len(ranges) - _SHOWN} more stretches" if len(ranges) > _SHOWN else ""
        one = len(ranges) == 1 and "-" not in ranges[0]
        return f"line{'' if one else 's'} {', '.join(ranges[:_SHOWN])}{more} left out"


@dataclass(frozen=True, slots=True)
class Unparsable:
    """Why a text is no Python for this interpreter; quotes nothing of it."""

    detail: str


def parse(text: str, prefix: str = "") -> Tree | Unparsable:
    """Parse a file, a fragment of one, or code as chats, terminals, notebooks and patches show it.

    What parses as it stands is not touched, with `return`, `yield` and `await` allowed outside of functions. All
    else is mended as little as needed; lines that can't be mended are left out, and the result says which. `prefix` is
    code that the text may go on from, as an answer does from a prompt.

    Never raises on the text's content, evaluates nothing, prints nothing, and ends in bounded time. Not for several
    threads at once.
    """
    if len(text) + len(prefix) > _MOST:
        return Unparsable(f"it has more than {_MOST} characters")
    with quiet():
        failure = None
        for tree in _simple_readings(text, prefix):
            if isinstance(tree, Tree):
                return tree
            failure = tree
        return _mend(text, prefix, failure or Failure("it holds no code"))


def _simple_readings(text: str, prefix: str) -> Iterator[Tree | Failure]:
    """Readings without a change to the text, likely ones first; the last failure is that of the text as it stands."""
    if prefix:
        for joint in ("", "\n"):
            yield _join(text, prefix + joint)
    source = _FORM_FEED + text[1:] if text.startswith(_BOM) else text
    whole = attempt(source)
    if isinstance(whole, Failure):
        if whole.indentation and _is_indented(source):
            block = _parse_block(source)
            if block:
                yield Tree(block, Places(source), frozenset({Repair.INDENTED}))
        yield whole
    else:
        yield Tree(whole, Places(source))


def _join(text: str, prefix: str) -> Tree | Failure:
    """Parse the text as it goes on from a prefix."""
    module = attempt(prefix + text)
    if isinstance(module, Failure):
        return module
    _shift(module, prefix)
    return Tree(module, Places(text), frozenset({Repair.JOINED}))


def _shift(module: ast.Module, prefix: str) -> None:
    line, column = Places(prefix).position(len(prefix))
    shift(module, line, column)


def _mend(text: str, prefix: str, failure: Failure) -> Tree | Unparsable:
    if len(text) + len(prefix) > _MOST_MENDED or text.count("\n") + prefix.count("\n") > _MOST_LINES:
        return Unparsable(f"{failure.reason}, and it is too long to be mended")
    best, start = _best(text, prefix)
    if isinstance(best, Failure):
        return Unparsable(failure.reason)
    if start:
        _shift(best.module, (prefix + "\n")[:start])
    places = Places(text)
    lines = {places.region(at - start, at - start).start_line for at in best.left_out if at >= start}
    repairs = best.repairs | ({Repair.JOINED} if start else set())
    return Tree(best.module, places, repairs, tuple(_ranges(sorted(lines))), best.kept)


def _best(text: str, prefix: str) -> tuple[Mended | Failure, int]:
    """Mend the text, after the prefix unless that leaves out more of it; give where the text starts in that."""
    best: tuple[Mended | Failure, int] = Failure("it holds no code"), 0
    fewest = float("inf")
    for joined in (prefix + text, f"{prefix}\n{text}", text) if prefix else (text,):
        start = len(joined) - len(text)
        result = mend(joined)
        lost = float("inf") if isinstance(result, Failure) else sum(at >= start for at in result.left_out)
        if lost < fewest:
            best, fewest = (result, start), lost
        if not fewest:
            break
    return best


def _ranges(lines: list[int]) -> Iterator[tuple[int, int]]:
    """Fold lines that follow each other."""
    first = last = 0
    for line in lines:
        if line != last + 1 and last:
            yield first, last
            first = line
        first = first or line
        last = line
    if last:
        yield first, last


def _parse_block(source: str) -> ast.Module | None:
    """Parse an indented fragment as the body of an `if`, and take it out again; strings in it stay as they are."""
    module = attempt("if 1:\n" + source)
    if isinstance(module, Failure):
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
