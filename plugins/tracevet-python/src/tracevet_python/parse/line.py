"""A line of a text under repair: what it reads now, and where each of its characters stands in the text."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

Spot = tuple[int, int, int]  # from this column on, characters stand at this offset; 0 where they are not the text's
Edit = tuple[int, int, str]  # what replaces a half-open range of columns


@dataclass(frozen=True, slots=True)
class Line:
    """One line without its end, and its way back to the text."""

    text: str
    spots: tuple[Spot, ...]  # column, offset, step: 1 where characters are the text's own; by column, the first is 0

    @classmethod
    def of(cls, text: str, offset: int) -> "Line":
        """Take a line as it stands in the text."""
        return cls(text, ((0, offset, 1),))

    @classmethod
    def new(cls, text: str, offset: int) -> "Line":
        """Make a line that the text does not have, at one place of it."""
        return cls(text, ((0, offset, 0),))

    def offset(self, column: int) -> int:
        """Give the place in the text of a column, or of the end."""
        start, offset, step = self._spot(column)
        return offset + step * (column - start)

    def edit(self, edits: Sequence[Edit]) -> "Line":
        """Replace ranges, given in order and apart; what has the length of the new text keeps its places."""
        parts: list[str] = []
        spots: list[Spot] = []
        at = width = 0
        for start, end, text in edits:
            spots += self._between(at, start, width)
            parts += (self.text[at:start], text)
            width += start - at
            if text:
                spots.append((width, self.offset(start), int(len(text) == end - start)))
            width += len(text)
            at = end
        parts.append(self.text[at:])
        spots += self._between(at, len(self.text) + 1, width)
        return Line("".join(parts), tuple(spots))

    def put(self, start: int, end: int, text: str) -> "Line":
        """Replace one range."""
        return self.edit([(start, end, text)])

    def _spot(self, column: int) -> Spot:
        return self.spots[max(0, bisect_right(self.spots, column, key=_column) - 1)]

    def _between(self, start: int, end: int, width: int) -> list[Spot]:
        """The spots of a range of columns, moved so that the range starts at another one."""
        if start >= end:
            return []
        first = bisect_right(self.spots, start, key=_column)
        last = bisect_left(self.spots, end, key=_column)
        inner = [(column - start + width, offset, step) for column, offset, step in self.spots[first:last]]
        return [(width, self.offset(start), self._spot(start)[2]), *inner]


def _column(spot: Spot) -> int:
    return spot[0]
