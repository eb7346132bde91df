"""Blocks of a file of which only a part is known: whole ones, between two lines without indentation, and inner ones."""

from collections.abc import Iterable, Sequence

_CLOSING = (")", "]", "}", "end", "else", "elif", "except", "finally", "catch", "{")
_HEAD = ("import ", "from ", "use ", "using ", "package ", "const ", "#include", "require")
_BEFORE = ("@", "#", "//", "/*", " *", "*")  # decorators and comments belong to what follows them

Range = tuple[int, int]


def whole_blocks(text: str, known: Sequence[Range], wanted: Iterable[Range]) -> tuple[str, list[Range]]:
    """Give the text with all but whole blocks blanked, and the blocks: those that hold wanted lines, and imports.

    A wanted range whose block is not known whole is left out. Line ranges are 1-based and inclusive.
    """
    lines = text.split("\n")
    blocks = [block for each in wanted if (block := _block(lines, known, each))]
    keep = {number for first, last in blocks for number in range(first, last + 1)}
    keep.update(_head(lines, known) if blocks else ())
    return "\n".join(line if number in keep else "" for number, line in enumerate(lines, 1)), blocks


def inner_block(text: str, known: Sequence[Range], wanted: Range) -> tuple[str, Range] | None:
    """Give the text with all but one block inside another blanked: the lines around a change, as far as they are known
    and stand as deep as the change or deeper. None where the change is not known whole.
    """
    lines = text.split("\n")
    top, bottom = next(((a, b) for a, b in known if a <= wanted[0] and wanted[1] <= b), (0, 0))
    depths = [_depth(line) for line in lines[wanted[0] - 1 : wanted[1]] if line.strip()]
    if not top or not depths:
        return None
    first, last = _around(lines, (top, bottom), wanted, min(depths))
    shown = (line if first <= number <= last else "" for number, line in enumerate(lines, 1))
    return "\n".join(shown), (first, last)


def _around(lines: Sequence[str], bounds: Range, wanted: Range, depth: int) -> Range:
    """Widen a range to the statements beside it; one that may go on beyond what is known is left out."""
    first, last = wanted
    number = wanted[0] - 1
    while number >= bounds[0] and _is_within(lines[number - 1], depth):
        first = number if _starts(lines[number - 1], depth) else first
        number -= 1
    number = wanted[1] + 1
    while number <= bounds[1] and _is_within(lines[number - 1], depth):
        last = number - 1 if _starts(lines[number - 1], depth) else last
        number += 1
    return first, number - 1 if number <= bounds[1] else last


def _is_within(line: str, depth: int) -> bool:
    return not line.strip() or _depth(line) >= depth


def _starts(line: str, depth: int) -> bool:
    return bool(line.strip()) and _depth(line) == depth and not line.strip().startswith(_CLOSING)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def _block(lines: Sequence[str], known: Sequence[Range], wanted: Range) -> Range | None:
    top, bottom = next(((a, b) for a, b in known if a <= wanted[0] and wanted[1] <= b), (0, 0))
    first, last = wanted
    while first > top > 0 and not _begins(lines[first - 1]):
        first -= 1
    if not top or not _begins(lines[first - 1]):
        return None
    while first > top and lines[first - 2].startswith(_BEFORE):
        first -= 1
    while last < bottom and not _begins(lines[last]):
        last += 1
    return (first, last) if last < bottom else None


def _begins(line: str) -> bool:
    """Tell whether something new begins at a line."""
    return bool(line.strip()) and not line[0].isspace() and not line.startswith(_CLOSING)


def _head(lines: Sequence[str], known: Sequence[Range]) -> Iterable[int]:
    last = next((last for first, last in known if first == 1), 0)
    return (
        number for number in range(1, last + 1) if lines[number - 1].startswith(_HEAD) and "(" not in lines[number - 1]
    )
