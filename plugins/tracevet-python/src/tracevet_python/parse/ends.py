"""Complete a statement that is cut: close what is open, open what is closed, and supply what must follow."""

from collections.abc import Iterator

from tracevet_python.parse.lex import Statement, lex, margin_of
from tracevet_python.parse.line import Line

Lines = tuple[Line, ...]
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_OPENERS = {")": "_(", "]": "[", "}": "{"}
_INSIDE = ("", " _", "=_", ": _", " in _", " else _", " for _ in _")  # before the brackets are closed
_BEHIND = ("", ":", " _", " _:", ": _", "():", " in _:", " import _", " else _", " _():")
_MOST = 200  # brackets, as many as Python's tokenizer takes


def completions(statement: Statement, *, first: bool, cut: bool) -> Iterator[Lines]:
    """Give ways in which the statement could be complete, likely ones first.

    The first one of a text may lack its start, and the last one may be cut.
    """
    if first or statement.stray:
        yield from _started(_opened(statement))
    if cut or statement.open or statement.stray or statement.quote:
        for start in _heads(statement):
            yield from _tails(start)
    else:
        yield _ended(statement, ":")
    if cut:
        shorter = _shortened(statement)
        if shorter is not None:
            yield from _tails(shorter)
    if len(statement.lines) == 1 and (statement.text[:1] in {'"', "'"} or statement.code_end.endswith(",")):
        yield _wrapped(statement, "{", "}")  # an entry of a dictionary


def _started(statement: Statement) -> Iterator[Lines]:
    """The statement as the end of a longer one: of a header, or of an attribute or assignment."""
    margin = margin_of(statement.lines[0].text)
    yield statement.lines
    if statement.code_end.endswith(":"):
        yield (statement.lines[0].put(margin, margin, "if "), *statement.lines[1:])
    elif not statement.text[:1].isidentifier():
        yield (statement.lines[0].put(margin, margin, "_"), *statement.lines[1:])


def _heads(statement: Statement) -> Iterator[Statement]:
    """The statement itself, with brackets opened at its start as needed, and as the end of a string."""
    yield _opened(statement)
    if statement.quote:
        first, *rest = statement.lines
        again = lex([first.put(0, 0, statement.quote), *rest])
        if len(again) == 1:
            yield _opened(again[0])


def _opened(statement: Statement) -> Statement:
    if not statement.stray or len(statement.stray) > _MOST:
        return statement
    first, *rest = statement.lines
    margin = margin_of(first.text)
    openers = "".join(_OPENERS[bracket] for bracket in reversed(statement.stray))
    again = lex([first.put(margin, margin, openers), *rest])
    return again[0] if len(again) == 1 else statement


def _tails(statement: Statement) -> Iterator[Lines]:
    """The statement's lines with something at the end of its code."""
    row, column = statement.row, statement.column
    line = statement.lines[row]
    if statement.code_end.endswith("\\") and not statement.quote:
        line, column = line.put(column - 1, column, " "), column - 1
    if len(statement.open) > _MOST:
        return
    closers = "".join(_CLOSERS[bracket] for bracket in reversed(statement.open))
    for inside in _INSIDE if closers else ("",):
        for behind in _BEHIND:
            ended = line.put(column, column, _end_of(statement, line.text[:column]) + inside + closers + behind)
            yield (*statement.lines[:row], ended, *statement.lines[row + 1 :])


def _ended(statement: Statement, end: str) -> Lines:
    row, column = statement.row, statement.column
    line = statement.lines[row].put(column, column, end)
    return (*statement.lines[:row], line, *statement.lines[row + 1 :])


def _end_of(statement: Statement, code: str) -> str:
    """What ends an open string; a backslash would swallow its first quote."""
    loose = statement.quote and (len(code) - len(code.rstrip("\\"))) % 2
    return (" " if loose else "") + statement.quote


def _shortened(statement: Statement) -> Statement | None:
    """The statement without its last word, which may be half of one."""
    code = statement.code_end
    kept = code.rstrip("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.!@$%^&*-+=|<>~?:")
    if not kept.strip() or kept == code or statement.quote:
        return None
    row = statement.row
    line = statement.lines[row].put(len(kept), len(code), "")
    again = lex([*statement.lines[:row], line])
    return again[0] if len(again) == 1 else None


def _wrapped(statement: Statement, opener: str, closer: str) -> Lines:
    line = statement.lines[0]
    margin = margin_of(line.text)
    end = statement.column
    return (line.edit([(margin, margin, opener), (end, end, closer)]),)
