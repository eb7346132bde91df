"""One hunk of a patch: its two sides while they are read, and the pieces they become."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tracevet.extract.language import guess, of_path
from tracevet.extract.piece import Piece, PieceKind, Run, assemble, line_ranges, starts


class Lines:
    """The lines of a text, read one after the other; `line` comes without its line end."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0  # index of the next line
        self._lines = text.removesuffix("\n").split("\n") if text else []
        self._starts = starts(text)

    def peek(self, ahead: int = 0) -> str | None:
        """Give a coming line, None past the end."""
        at = self.at + ahead
        return self._lines[at].rstrip("\r") if at < len(self._lines) else None

    def back(self, behind: int) -> str | None:
        """Give a line that was read, None before the first."""
        at = self.at - behind
        return self._lines[at].rstrip("\r") if at >= 0 else None

    def run(self, skip: int = 0) -> Run:
        """Give the next line with its line end, but without its first characters, and go on to the one after it."""
        start = self._starts[self.at] + skip
        self.at += 1
        stop = self._starts[self.at] if self.at < len(self._lines) else len(self.text)
        return self.text[start:stop], start


@dataclass
class Hunk:
    """The old and the new side of one change, line by line."""

    info: str = ""
    old_path: str | None = None
    new_path: str | None = None
    old: list[Run] = field(default_factory=list)
    new: list[Run] = field(default_factory=list)
    fresh: list[int] = field(default_factory=list)  # numbers of the new side's added lines

    def add(self, run: Run) -> None:
        """Put a line on the new side."""
        self.new.append(run)
        self.fresh.append(len(self.new))

    def keep(self, run: Run) -> None:
        """Put a line on both sides."""
        self.old.append(run)
        self.new.append(run)

    def pieces(self, source: str) -> Iterator[Piece]:
        """Yield the sides that are not empty, the old one first."""
        changed = None if len(self.fresh) == len(self.new) else line_ranges(self.fresh)
        if self.old:
            yield _piece(source, self.old, PieceKind.OLD, self.old_path or self.new_path, self.info)
        if self.new:
            yield _piece(source, self.new, PieceKind.FILE, self.new_path or self.old_path, self.info, changed)


def _piece(
    source: str,
    runs: list[Run],
    kind: PieceKind,
    path: str | None,
    info: str,
    changed: tuple[tuple[int, int], ...] | None = None,
) -> Piece:
    place = assemble(source, runs)
    language = (of_path(path) if path else "") or guess(place["text"])
    if language == "text" and not path:
        language = ""  # a hunk is too little to tell prose from code
    return Piece(**place, language=language, path=path, kind=kind, info=info, changed=changed)
