"""Mend a text until it parses: take off what it wears, mend its statements, lay out its blocks, leave out the rest."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracevet_python.parse.attempts import Attempts, Failure
from tracevet_python.parse.blocks import Blocks, arrange
from tracevet_python.parse.dress import undress
from tracevet_python.parse.lex import Statement, lex, margin_of
from tracevet_python.parse.line import Line
from tracevet_python.parse.placeholders import name_placeholders
from tracevet_python.parse.places import Places
from tracevet_python.parse.relocate import relocate
from tracevet_python.parse.repair import Repair
from tracevet_python.parse.sweep import Budget, Swept, sweep

_WHOLE = 10  # times that all of a reading is parsed
_MENDING = 1000  # times that a mended statement is parsed
_SPARE = 50_000  # characters, on top of a multiple of the text's
_QUOTES = ('"""', "'''")


@dataclass(frozen=True, slots=True)
class Mended:
    """What a text was made into."""

    module: ast.Module
    repairs: frozenset[Repair]
    left_out: tuple[int, ...]  # offsets of the lines that were left out
    lost: int  # lines left out, or taken for a string that nothing closes: what is in it may be code
    kept: float  # share of the lines of code


def mend(text: str) -> Mended | Failure:
    """Make a tree of what can be read, with its places in the text; within `quiet`, and bounded."""
    lines, repairs = undress(text)
    if not lex(lines):
        return Mended(ast.Module(body=[], type_ignores=[]), frozenset(repairs), (), 0, 1.0)
    best: Mended | Failure = Failure("it holds no code")
    for statements, further in _readings(lines):
        best = _better(best, _build(text, statements, repairs | further))
        if isinstance(best, Mended) and not best.lost:
            return best
    headed = _headed(lines, best)
    return _better(best, _build(text, headed, repairs | {Repair.CUT})) if headed else best


def _better(one: Mended | Failure, other: Mended | Failure) -> Mended | Failure:
    if isinstance(one, Failure) or isinstance(other, Failure):
        return other if isinstance(one, Failure) else one
    return other if other.lost < one.lost else one


def _readings(lines: Sequence[Line]) -> Iterator[tuple[list[Statement], set[Repair]]]:
    """Ways to cut the lines into statements; the first is right where all brackets and strings are closed."""
    plain = _joined(lex(lines))
    yield plain, set()
    if not any(each.open or each.stray or each.quote for each in plain):
        return
    named = [name_placeholders(line) for line in lines]
    repairs = {Repair.PLACEHOLDERS} if named != list(lines) else set()
    strict = _joined(lex(named, strict=True))
    if strict != plain:
        yield strict, repairs


def _headed(lines: Sequence[Line], best: Mended | Failure) -> list[Statement]:
    """The statements if the text starts in a long string, where what stands before the first quotes is no code."""
    for line in lines:
        places = [(at, quote) for quote in _QUOTES if (at := line.text.find(quote)) >= 0]
        if not places:
            continue
        at, quote = min(places)
        if isinstance(best, Mended) and not any(offset < line.offset(at) for offset in best.left_out):
            return []
        margin = margin_of(lines[0].text)
        return _joined(lex([lines[0].put(margin, margin, quote), *lines[1:]], strict=True))
    return []


def _joined(statements: list[Statement]) -> list[Statement]:
    """Join a statement that closes brackets it did not open with the lines before it that end in a comma."""
    joined: list[Statement] = []
    for each in statements:
        if not each.stray:
            joined.append(each)
            continue
        lines = each.lines
        while joined and joined[-1].code_end.endswith((",", "+", "%", "and", "or", "=")) and not joined[-1].quote:
            lines = (*joined.pop().lines, *lines)
        joined += lex(lines) if lines == each.lines else [_merged(each, lines)]
    return joined


def _merged(last: Statement, lines: tuple[Line, ...]) -> Statement:
    above = len(lines) - len(last.lines)
    first = lex([lines[0]])[0]
    return Statement(lines, first.indent, last.row + above, last.column, last.open, last.stray, last.quote)


def _build(text: str, statements: list[Statement], repairs: set[Repair]) -> Mended | Failure:
    size = sum(len(line.text) + 1 for each in statements for line in each.lines)
    count = len(statements)
    budget = Budget(Attempts(6 * count + 10, 5 * size + _SPARE), Attempts(_MENDING, size + _SPARE))
    swept = sweep(statements, budget)
    whole = Attempts(_WHOLE, 4 * size + _SPARE)
    while swept.kept:
        blocks = arrange(sorted(swept.kept.items()))
        source = "\n".join(line.text for line in blocks.lines)
        module = whole.parse(source)
        if isinstance(module, ast.Module):
            relocate(module, source, blocks.lines, Places(text))
            return _mended(module, statements, swept, blocks, repairs)
        swept.failure = swept.failure or module
        if whole.spent or module.line is None:
            return swept.failure
        del swept.kept[blocks.owners[max(0, min(module.line, len(blocks.owners)) - 1)]]
    if len(swept.blank) == count:
        return Mended(ast.Module(body=[], type_ignores=[]), frozenset(repairs | swept.repairs), (), 0, 1.0)
    return swept.failure or Failure("it holds no code")


def _mended(
    module: ast.Module, statements: list[Statement], swept: Swept, blocks: Blocks, repairs: set[Repair]
) -> Mended:
    out = [each for index, each in enumerate(statements) if index not in swept.kept and index not in swept.blank]
    lines = [line.offset(margin_of(line.text)) for each in out for line in each.lines if line.text.strip()]
    total = sum(len(each.lines) for each in statements)
    swallowed = sum(len(each.lines) for each in statements if each.quote in _QUOTES)
    repairs = repairs | swept.repairs
    repairs |= {Repair.LEFT_OUT} if lines else set()
    repairs |= {Repair.BLOCKS} if blocks.filled or not repairs else set()
    kept = 1 - len(lines) / total if total else 1.0
    return Mended(module, frozenset(repairs), tuple(lines), len(lines) + swallowed, kept)
