"""Move the nodes of a tree from the lines they were parsed in to where these stand in the text."""

import ast
from collections.abc import Callable, Sequence
from typing import Any

from tracevet_python.parse.line import Line
from tracevet_python.parse.places import Places

Position = tuple[int, int]  # line, 1-based, and column in UTF-8 bytes


def relocate(module: ast.Module, source: str, lines: Sequence[Line], text: Places) -> None:
    """Set lines and columns to those of the text; a node that the text does not have gets a place without width."""
    parsed = Places(source)

    def move(line: int, column: int) -> Position:
        place = lines[max(0, min(line, len(lines)) - 1)]
        return text.position(place.offset(parsed.column(line, column)))

    move_all(module, move)


def shift(module: ast.Module, line: int, column: int) -> None:
    """Count lines from the one at which a text goes on, at a column, after other text: that has lines below 1."""

    def move(at: int, start: int) -> Position:
        if at == line and start >= column:
            return 1, start - column
        return at - line + (at > line), start

    move_all(module, move)


def move_all(module: ast.Module, move: Callable[[int, int], Position]) -> None:
    """Change the position of every node; nothing ends before it starts."""
    known: dict[Position, Position] = {}
    for node in ast.walk(module):
        place: Any = node
        if "lineno" not in node._attributes:
            continue
        start, end = (place.lineno, place.col_offset), (place.end_lineno, place.end_col_offset)
        for position in (start, end):
            if position not in known:
                known[position] = move(*position)
        place.lineno, place.col_offset = known[start]
        place.end_lineno, place.end_col_offset = max(known[start], known[end])
