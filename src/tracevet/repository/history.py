"""Find code in what commits added and took away."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tracevet.repository.search import Hit, Needle, Needles

_COMMIT = re.compile(r"commit ([0-9a-f]{40,64}) (\d+)")
_HUNK = re.compile(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
LONGEST = 20_000  # lines of one hunk; a longer one was generated


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A commit that added a needle's code, or took it away."""

    needle: Needle
    added: bool
    path: str
    line: int  # 1-based: in the file after the commit, or, of what it took away, before
    commit: str
    at: datetime  # author date


@dataclass(slots=True)
class _Hunk:
    """One side of a hunk."""

    start: int
    lines: list[str] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)  # which of the lines the commit added or took away

    def hits(self, needles: Needles, path: str) -> Iterator[Hit]:
        for hit in needles.find("\n".join(self.lines), path) if self.changed else ():
            if any(hit.line - 1 <= line <= hit.last - 1 for line in self.changed):
                yield hit


def events(patches: Iterable[str], needles: Needles) -> Iterator[Event]:
    """Yield what the commits did to the needles' code, in the order of the patches."""
    commit, at, path = "", datetime.fromtimestamp(0, UTC), ""
    old, new = _Hunk(1), _Hunk(1)

    def done() -> Iterator[Event]:
        for side, added in ((new, True), (old, False)):
            for hit in side.hits(needles, path):
                line = side.start + hit.line - 1
                yield Event(needle=hit.needle, added=added, path=path, line=line, commit=commit, at=at)

    inside = False
    for row in patches:
        head = _COMMIT.fullmatch(row)
        hunk = _HUNK.match(row)
        if head or hunk or row.startswith("diff --git "):
            yield from done()
            old, new = _Hunk(int(hunk[1]) if hunk else 1), _Hunk(int(hunk[2]) if hunk else 1)
            inside = bool(hunk)
        if head:
            commit, at = head[1], datetime.fromtimestamp(int(head[2]), UTC)
        elif not inside and row.startswith(("+++ b/", "--- a/")):
            path = row[6:].rstrip("\t")
        elif inside and not hunk:
            _take(row, old, new)
    yield from done()


def _take(row: str, old: _Hunk, new: _Hunk) -> None:
    mark, text = row[:1], row[1:]
    for side, changes in ((old, "-"), (new, "+")):
        if mark in {changes, " ", ""} and len(side.lines) < LONGEST:
            if mark == changes:
                side.changed.append(len(side.lines))
            side.lines.append(text)
