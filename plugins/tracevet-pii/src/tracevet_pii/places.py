"""Ranges of characters as regions."""

from collections.abc import Iterable

from tracevet import Region


class Places:
    """Regions for ranges of one text; all together in time linear in the text."""

    def __init__(self, text: str, ranges: Iterable[tuple[int, int]]) -> None:
        """Count the lines up to each end of the ranges."""
        self._line: dict[int, int] = {}
        last, line = 0, 1
        for offset in sorted({offset for start, end in ranges for offset in (start, max(start, end - 1))}):
            line += text.count("\n", last, offset)
            self._line[offset] = line
            last = offset

    def region(self, start: int, end: int) -> Region:
        """Give the region of one of the ranges."""
        return Region(start=start, end=end, start_line=self._line[start], end_line=self._line[max(start, end - 1)])
