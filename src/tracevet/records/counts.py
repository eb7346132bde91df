"""Gaps of one kind are one gap with a count."""

import re

from tracevet.model import Gap, GapReason

MAX_KINDS = 50  # kinds named one by one; the rest is counted together, so that hostile rows can't fill the memory

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,39}")


class GapCounts:
    """Counts what could not be read; the first of each kind lends its line."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self._counts: dict[tuple[GapReason, str], tuple[int, int | None]] = {}

    def add(self, reason: GapReason, detail: str, *, line: int | None = None, count: int = 1) -> None:
        """Count one more of this kind."""
        before, first = self._counts.get((reason, detail), (0, line))
        self._counts[reason, detail] = (before + count, first)

    def add_kind(self, kind: object) -> None:
        """Count a row of an unknown kind, by its name where that can't be anything but a name."""
        name = kind if isinstance(kind, str) and _NAME.fullmatch(kind) else None
        detail = f"rows of the unknown kind {name}" if name else "rows without a kind"
        known = (GapReason.UNKNOWN_KIND, detail) in self._counts
        if not known and len(self._counts) >= MAX_KINDS:
            detail = "rows of further unknown kinds"
        self.add(GapReason.UNKNOWN_KIND, detail)

    def clear(self) -> None:
        """Forget what was counted."""
        self._counts.clear()

    def gaps(self, path: str | None = None) -> tuple[Gap, ...]:
        """Give one gap for each kind, in the order in which they came up."""
        return tuple(
            Gap(reason=reason, detail=detail, path=path, line=line, count=count)
            for (reason, detail), (count, line) in self._counts.items()
        )
