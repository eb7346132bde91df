"""Call Python's parser on hostile text: silently, with the same room each time, and only so often."""

import ast
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_ROOM = 1500  # frames: enough for expressions of some 4 000 terms, little enough for the stack of a thread


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the parser refused a source; quotes nothing of it, as the messages of SyntaxError do."""

    reason: str
    line: int | None = None  # 1-based
    indentation: bool = False


class Attempts:
    """How often, and how much, the parser may still be asked about one text."""

    def __init__(self, tries: int, chars: int) -> None:
        """Allow so many calls, on so many characters in all."""
        self._tries = tries
        self._chars = chars

    @property
    def spent(self) -> bool:
        """Whether no call is left."""
        return self._tries <= 0 or self._chars <= 0

    def spend(self, chars: int) -> None:
        """Count characters that were read otherwise."""
        self._chars -= chars

    def parse(self, source: str) -> ast.Module | Failure:
        """Parse a source, within `quiet`; once all is spent, refuse everything."""
        if self.spent:
            return Failure("it has too many errors")
        self._tries -= 1
        self._chars -= len(source)
        return attempt(source)


def attempt(source: str) -> ast.Module | Failure:
    """Parse a source, within `quiet`."""
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return _failure(source, error)


def _failure(source: str, error: Exception) -> Failure:
    if "\0" in source:
        return Failure("it holds a NUL character")
    if isinstance(error, UnicodeError):
        return Failure("it holds half of a surrogate pair")
    if isinstance(error, SyntaxError):
        reason = f"syntax error in line {error.lineno}" if error.lineno else "syntax error"
        return Failure(reason, error.lineno, isinstance(error, IndentationError))
    return Failure("it is nested too deeply")


@contextmanager
def quiet() -> Iterator[None]:
    """Keep the parser's warnings to ourselves, and give it the same room to recurse, however deep the caller is.

    Takes the filters of `warnings` and the limit on recursion for a moment: not for several threads at once.
    """
    frame, depth = sys._getframe(), 0  # the only way to count frames without formatting them
    while frame := frame.f_back:  # type: ignore[assignment]  # None ends the loop
        depth += 1
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, depth + _ROOM))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.setrecursionlimit(limit)
