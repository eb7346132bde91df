"""Where the lines and columns of a syntax tree stand in a snippet's text."""

import re
from bisect import bisect_right
from functools import cached_property
from itertools import accumulate

from tracevet import Region

_LINE_END = re.compile(r"\r\n|\r|\n")  # what Python's tokenizer ends a line at


class Places:
    """Turns lines (1-based, as Python counts them) and columns (UTF-8 bytes) into characters of one text.

    Places outside the text are moved to its nearest character: Python 3.11 gives impossible columns inside f-strings.
    Each answer takes time that does not grow with the text, after the first.
    """

    def __init__(self, text: str) -> None:
        """Take the text as it was parsed; nothing is computed until a place is asked for."""
        self._text = text
        self._bytes_before: dict[int, list[int]] = {}

    def offset(self, line: int, column: int) -> int:
        """Give the character at which a column of a line stands."""
        start, end = self._bounds(line)
        if column <= 0:
            return start
        if not self._is_ascii:
            column = bisect_right(self._columns(line), column) - 1
        return min(start + column, end)

    def position(self, offset: int) -> tuple[int, int]:
        """Give the line and column at which a character stands; the reverse of `offset`."""
        line = max(1, bisect_right(self._starts, offset))
        start, end = self._bounds(line)
        column = max(0, min(offset, end) - start)
        return line, column if self._is_ascii else self._columns(line)[column]

    def column(self, line: int, column: int) -> int:
        """Give a column of a line in characters."""
        return self.offset(line, column) - self._bounds(line)[0]

    def region(self, start: int, end: int) -> Region:
        """Make the region for a half-open range of characters, cut to the text; as `Region.of`, but fast."""
        start = max(0, min(start, len(self._text)))
        end = max(start, min(end, len(self._text)))
        first = bisect_right(self._newlines, start)
        last = max(first, bisect_right(self._newlines, end - 1))
        return Region(start=start, end=end, start_line=first, end_line=last)

    def line(self, line: int) -> Region:
        """Make the region of one line, without its end."""
        return self.region(*self._bounds(line))

    def strip(self, region: Region) -> Region:
        """Cut white space off a region's end."""
        kept = self._text[region.start : region.end].rstrip()
        return self.region(region.start, region.start + len(kept))

    def _bounds(self, line: int) -> tuple[int, int]:
        line = max(1, min(line, len(self._starts)))
        return self._starts[line - 1], self._ends[line - 1]

    def _columns(self, line: int) -> list[int]:
        if line not in self._bytes_before:
            start, end = self._bounds(line)
            widths = (len(char.encode("utf-8", "surrogatepass")) for char in self._text[start:end])
            self._bytes_before[line] = [0, *accumulate(widths)]
        return self._bytes_before[line]

    @cached_property
    def _is_ascii(self) -> bool:
        return self._text.isascii()

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_END.finditer(self._text))]

    @cached_property
    def _ends(self) -> list[int]:
        return [*(match.start() for match in _LINE_END.finditer(self._text)), len(self._text)]

    @cached_property
    def _newlines(self) -> list[int]:
        """Starts of lines as `Region` counts them: at line feeds only."""
        return [0, *(match.end() for match in re.finditer("\n", self._text))]
