"""Byte ranges as regions of the text: characters and lines."""

from collections.abc import Iterable

from tracevet import Region


def encode(text: str) -> bytes:
    """Encode a text for the engine; a lone surrogate is no reason to fail."""
    return text.encode("utf-8", "surrogatepass")


class Places:
    """Regions for byte ranges of one text; all together in time linear in the text."""

    def __init__(self, data: bytes, ranges: Iterable[tuple[int, int]]) -> None:
        """Count characters and lines up to each end of the ranges, which may cut a character in two."""
        self._data = data
        self._at: dict[int, tuple[int, int]] = {}
        ends = {
            offset
            for start, end in ranges
            for offset in (self._whole(start, -1), self._whole(end, 1), max(start, end - 1))
        }
        last, chars, line = 0, 0, 1
        ascii_only = data.isascii()
        for offset in sorted(ends):
            piece = data[last:offset]
            line += piece.count(b"\n")
            chars += len(piece) if ascii_only else _characters(piece)
            self._at[offset] = chars, line
            last = offset

    def region(self, start: int, end: int) -> Region:
        """Give the region of one of the ranges."""
        first, start_line = self._at[self._whole(start, -1)]
        return Region(
            start=first,
            end=self._at[self._whole(end, 1)][0],
            start_line=start_line,
            end_line=self._at[max(start, end - 1)][1],
        )

    def _whole(self, offset: int, step: int) -> int:
        while 0 < offset < len(self._data) and self._data[offset] & 0xC0 == 0x80:  # noqa: PLR2004  UTF-8: inside a character
            offset += step
        return offset


def _characters(piece: bytes) -> int:
    """Count the characters that begin in a piece of UTF-8."""
    return len(piece) - sum(map(piece.count, _CONTINUATIONS))


_CONTINUATIONS = [bytes([value]) for value in range(0x80, 0xC0)]
