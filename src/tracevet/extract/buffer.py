"""The text of a file under work, and for each of its lines which change of the trace wrote it."""

from collections import defaultdict, deque
from collections.abc import Container

from tracevet.extract.patches import changed_lines
from tracevet.model import FileState

MAX_KNOWN = 200  # stretches of a file that are known apart
OLD = 0  # the owner of lines that nobody wrote in this trace


class Buffer:
    """A text with an owner for each line; where only a part of the file is known, the rest is blank lines."""

    def __init__(self, text: str, owners: list[int], known: list[tuple[int, int]] | None = None) -> None:
        """Take the text over; `known` are line ranges, 1-based, inclusive, None the whole."""
        self.text, self.owners, self.known = text, owners, known

    @classmethod
    def new(cls, text: str, owner: int) -> "Buffer":
        """Make a file that one change wrote."""
        text = text.replace("\r\n", "\n")
        return cls(text, [owner] * (text.count("\n") + 1))

    @classmethod
    def of(cls, state: FileState) -> "Buffer":
        """Go on with a file as it was left."""
        known = None if state.known is None else list(state.known)
        return cls(state.text, [OLD] * (state.text.count("\n") + 1), known)

    @classmethod
    def seen(cls, text: str, first: int, *, whole: bool) -> "Buffer":
        """Make a file of what was seen of it."""
        text = text.replace("\r\n", "\n")
        if whole:
            return cls.new(text, OLD)
        text = "\n" * (first - 1) + text.removesuffix("\n")
        count = text.count("\n") + 1
        return cls(text, [OLD] * count, [(first, count)])

    def state(self) -> FileState:
        """Give the file as it is."""
        return FileState(text=self.text, known=None if self.known is None else tuple(self.known))

    def find(self, old: str, new: str, *, every: bool, near: int | None) -> tuple[int, int, str] | None:
        """Find the stretch that a replacement changes, and what stands there then; None where that can't be told."""
        old, new = old.replace("\r\n", "\n"), new.replace("\r\n", "\n")
        if old not in self.text:
            old, new = old.removesuffix("\n"), new.removesuffix("\n")
        first = self.text.find(old)
        if not old or first < 0:
            return None
        if every:
            end = self.text.rfind(old) + len(old)
            return first, end, self.text[first:end].replace(old, new)
        if old in self.text[first + len(old) :]:  # it stands in several places
            if near is None:
                return None
            first = self._nearest(old, near)
        return (first, first + len(old), new) if self._is_known(first, first + len(old)) else None

    def after(self, line: int) -> int | None:
        """Give the offset behind a line; None where the file has no such line."""
        parts = self.text.split("\n", line) if line <= len(self.text) + 1 else []
        if len(parts) > line:
            return len(self.text) - len(parts[line])
        return len(self.text) if len(parts) == line else None

    def put(self, start: int, end: int, new: str, owner: int) -> None:
        """Change a stretch: lines that stood in it before keep their owners."""
        first, begin, stop, before, after = self._region(start, end, new)
        owners = self._owners(first, before, after, owner)
        self.text = self.text[:begin] + after + self.text[stop:]
        span, count = before.count("\n") + 1, after.count("\n") + 1
        self.owners[first : first + span] = owners
        if self.known is not None:
            self.known = [_moved(known, first + 1, count - span) for known in self.known]

    def overwrites(self, start: int, end: int, new: str, waiting: Container[int]) -> bool:
        """Tell whether a change of a stretch would take away lines that a waiting change wrote."""
        first, _, _, before, after = self._region(start, end, new)
        span = before.count("\n") + 1
        mine = [owner for owner in self.owners[first : first + span] if owner in waiting]
        if not mine:
            return False
        kept = [owner for owner in self._owners(first, before, after, OLD) if owner in waiting]
        return len(kept) < len(mine)

    def agrees(self, text: str, first: int, *, whole: bool) -> bool:
        """Tell whether what was seen is what we know; a line end at the very end does not count."""
        text = text.replace("\r\n", "\n")
        if whole:
            return self.known is None and text.rstrip("\n") == self.text.rstrip("\n")
        lines = text.removesuffix("\n").split("\n")
        return self.known is None and self.text.split("\n")[first - 1 : first - 1 + len(lines)] == lines

    def loses(self, text: str, first: int, *, whole: bool, waiting: Container[int]) -> bool:
        """Tell whether learning this takes away lines that a waiting change wrote."""
        start, end = self._seen_at(text, first, whole=whole)
        return self.overwrites(start, end, text.replace("\r\n", "\n"), waiting)

    def learn(self, text: str, first: int, *, whole: bool) -> None:
        """Put what was seen in the place of what we took to stand there."""
        text = text.replace("\r\n", "\n")
        if whole:
            self.put(0, len(self.text), text, OLD)
            self.known = None
            return
        text = text.removesuffix("\n")
        missing = first - 1 - self.text.count("\n")
        if missing > 0:
            self.text += "\n" * missing
            self.owners += [OLD] * missing
        start, end = self._seen_at(text, first, whole=False)
        known, self.known = self.known, None  # nothing moves: as many lines come as go
        self.put(start, end, text, OLD)
        self.known = None if known is None else _joined([*known, (first, first + text.count("\n"))])

    def _seen_at(self, text: str, first: int, *, whole: bool) -> tuple[int, int]:
        if whole:
            return 0, len(self.text)
        count = text.removesuffix("\n").count("\n") + 1
        start = self.after(first - 1)
        end = self.after(first - 1 + count)
        if start is None:
            return len(self.text), len(self.text)
        return start, max(start, end - 1 if end and end < len(self.text) else len(self.text))

    def _region(self, start: int, end: int, new: str) -> tuple[int, int, int, str, str]:
        """Widen a stretch to whole lines: its first line (0-based), bounds, and text before and after the change."""
        begin = self.text.rfind("\n", 0, start) + 1
        stop = self.text.find("\n", end)
        stop = len(self.text) if stop < 0 else stop
        after = self.text[begin:start] + new + self.text[end:stop]
        return self.text.count("\n", 0, begin), begin, stop, self.text[begin:stop], after

    def _owners(self, first: int, before: str, after: str, owner: int) -> list[int]:
        old = before.split("\n")
        had: defaultdict[str, deque[int]] = defaultdict(deque)
        for line, mine in zip(old, self.owners[first : first + len(old)], strict=False):
            had[line].append(mine)
        fresh = {n for one, other in changed_lines(before, after) for n in range(one, other + 1)}
        return [
            owner if number in fresh or not had[line] else had[line].popleft()
            for number, line in enumerate(after.split("\n"), 1)
        ]

    def _nearest(self, old: str, near: int) -> int:
        """Give where a text stands closest to a line."""
        aim = self.after(near - 1) or 0
        below, above = self.text.find(old, aim), self.text.rfind(old, 0, aim + len(old))
        if below < 0 or above < 0:
            return max(below, above)
        return below if below - aim <= aim - above else above

    def _is_known(self, start: int, end: int) -> bool:
        if self.known is None:
            return True
        first = self.text.count("\n", 0, start) + 1
        last = first + self.text.count("\n", start, end)
        return any(one <= first and last <= other for one, other in self.known)


def _moved(known: tuple[int, int], line: int, by: int) -> tuple[int, int]:
    """Move a range that begins behind a line, and stretch one that the line stands in."""
    first, last = known
    if last < line:
        return known
    return (first, last + by) if first <= line else (first + by, last + by)


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return joined[-MAX_KNOWN:]
