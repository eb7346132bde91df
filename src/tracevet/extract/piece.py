"""A piece of code found in a text, and the way back to where it stood."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import TypeAlias, TypedDict

Run: TypeAlias = tuple[str, int]  # some characters, and the offset in the source at which they stand


class PieceKind(StrEnum):
    """What would become of a piece."""

    CODE = "code"  # it is shown
    FILE = "file"  # it is, or would be, written to `path`
    RUN = "run"  # it is executed
    OLD = "old"  # it was there before


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of code and where it stands in the text that was read, its source.

    Without `lines` the text is the stretch of the source that begins at `offset`. With `lines`, each line of the text
    (they end in `\\n`) begins at its offset in the source and stands there as it is, unless `exact` is False: then
    something on the way (an escape, a joined quote) made at least one line differ, and its offset says where it began.
    """

    text: str
    offset: int = 0  # characters; that of the first line where there are `lines`
    lines: tuple[int, ...] | None = None  # characters, one for each line
    language: str = ""  # "" where it could not be told
    path: str | None = None  # as the source spells it
    kind: PieceKind
    info: str = ""  # what the source said of it: the info string of a fence, the header of a hunk, the program
    changed: tuple[tuple[int, int], ...] | None = None  # new lines, 1-based, inclusive; None: all of them; (): none
    exact: bool = True


class Place(TypedDict):
    """The fields of a piece that say where its text stands."""

    text: str
    offset: int
    lines: tuple[int, ...] | None
    exact: bool


def starts(text: str) -> list[int]:
    """Give the offset of each line of a text; lines end in `\\n`."""
    return [0, *accumulate(len(line) + 1 for line in text.split("\n"))][:-1]


def assemble(source: str, runs: Iterable[Run]) -> Place:
    """Join runs of a source into one text, and say where its lines stand.

    A run that is not in the source as it is (a cooked escape, a line end put between two lines) is allowed; whatever
    of it ends up in a line other than as the line end makes the place inexact.
    """
    runs = [run for run in runs if run[0]]
    text = "".join(part for part, _ in runs)
    offset = runs[0][1] if runs else 0
    if source.startswith(text, offset):
        return Place(text=text, offset=offset, lines=None, exact=True)
    lines = tuple(min(start, len(source)) for start in _line_offsets(runs))
    return Place(text=text, offset=lines[0], lines=lines, exact=_stands(source, text, lines))


def within(source: str, outer: Piece, pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Turn pieces found in the text of another piece into pieces of that one's source."""
    begins = starts(outer.text)
    for piece in pieces:
        if outer.lines is None and piece.lines is None:
            yield replace(piece, offset=outer.offset + piece.offset)
            continue
        inside = piece.lines or tuple(piece.offset + start for start in starts(piece.text))
        lines = tuple(min(_through(outer, begins, offset), len(source)) for offset in inside)
        if source.startswith(piece.text, lines[0]):
            yield replace(piece, offset=lines[0], lines=None, exact=True)
        else:
            yield replace(piece, offset=lines[0], lines=lines, exact=_stands(source, piece.text, lines))


def line_ranges(numbers: Iterable[int]) -> tuple[tuple[int, int], ...]:
    """Fold rising line numbers into inclusive ranges."""
    ordered = list(numbers)
    if not ordered:
        return ()
    breaks = [i for i, (a, b) in enumerate(pairwise(ordered), 1) if b != a + 1]
    return tuple((ordered[a], ordered[b - 1]) for a, b in pairwise([0, *breaks, len(ordered)]))


def _through(outer: Piece, begins: list[int], offset: int) -> int:
    if outer.lines is None:
        return outer.offset + offset
    line = bisect_right(begins, offset) - 1
    return outer.lines[line] + offset - begins[line]


def _line_offsets(runs: list[Run]) -> Iterator[int]:
    fresh = True
    end = 0
    for part, offset in runs:
        if fresh:
            yield offset
            fresh = False
        position = part.find("\n")
        while 0 <= position < len(part) - 1:
            yield offset + position + 1
            position = part.find("\n", position + 1)
        fresh = position == len(part) - 1
        end = offset + len(part)
    if fresh:
        yield end


def _stands(source: str, text: str, lines: tuple[int, ...]) -> bool:
    return all(source.startswith(line, start) for line, start in zip(text.split("\n"), lines, strict=True))
