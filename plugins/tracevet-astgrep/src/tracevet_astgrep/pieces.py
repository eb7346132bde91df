"""Cut a long text into pieces that are parsed one by one, at the ends of lines where there are any."""

from collections.abc import Iterator
from dataclasses import dataclass

SIZE = 50_000  # characters


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a snippet's text, and where it begins."""

    text: str
    start: int  # characters


def cut(text: str, size: int = SIZE) -> Iterator[Piece]:
    """Yield the pieces in order; together they are the text."""
    start = 0
    while len(text) - start > size:
        end = _end(text, start, size)
        yield Piece(text[start:end], start)
        start = end
    yield Piece(text[start:], start)


def _end(text: str, start: int, size: int) -> int:
    """Choose a blank line in the last half, or any end of line in it, or the limit itself."""
    half, limit = start + size // 2, start + size
    for mark in ("\n\n", "\n"):
        if (at := text.rfind(mark, half, limit)) >= 0:
            return at + len(mark)
    return limit
