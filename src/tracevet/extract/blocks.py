"""Whole blocks of a file of which only a part is known: what stands between two lines without indentation."""

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
