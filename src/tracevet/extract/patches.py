"""Patches of every grammar that assistants write: what each hunk puts into a file, and what stood there before.

Read are unified diffs (also without headers), the Codex grammar (`*** Begin Patch`) and the SEARCH/REPLACE blocks of
Aider, Cline and Roo. The reading is tolerant, because the writers are language models: counts in hunk headers may be
wrong, signs may be missing, the end may be cut off.
"""

import re
from collections import Counter
from collections.abc import Iterator

from tracevet.extract.patch_hunks import Hunk, Lines
from tracevet.extract.paths import path_line
from tracevet.extract.piece import Piece, line_ranges

_SIGN = (
    r"\*\*\* (?:Begin Patch|(?:Add|Update|Delete) File: )|diff --git |Index: |@@ -\d+(?:,\d+)? \+\d+|@@(?: \S.*)?\r?$"
    r"|(?:<{5,9}|-{5,9}) SEARCH\b|--- \S.*\n\+\+\+ |From [0-9a-f]{7,40} "
)
_BEFORE = r"(?:(?=[^\n]*<<|```)[^\n]*+\n)?(?:[\w./\\*`#: -]{1,300}\r?\n(?:```[^\n]*+\n)?)?"
_TOP = re.compile(rf"[\ufeff\s]*+{_BEFORE}(?:{_SIGN})", re.MULTILINE)
_ANYWHERE = re.compile(rf"^(?:{_SIGN})", re.MULTILINE)
_RANGE = re.compile(r"@@+ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_CODEX = re.compile(r"\*\*\* (?:(Add|Update|Delete) File|(Move) to): (.+)")
_SEARCH = re.compile(r"(?:<{5,9}|-{5,9}) SEARCH\b")
_DIVIDER = re.compile(r"={5,9}\Z")
_REPLACED = re.compile(r"(?:>{5,9}|\+{5,9}) REPLACE\b|>{7}\Z")
_ROO_LINE = re.compile(r":(?:start|end)_line: ?\d+\Z|-{5,9}\Z")


def is_patch(text: str) -> bool:
    """Tell whether a text is a patch: its first line says so, or the second after a path, fence or heredoc.

    Code that merely holds a patch further down, say in a string, is not one.
    """
    return _TOP.match(text) is not None


def holds_patch(text: str) -> bool:
    """Tell whether a patch begins somewhere in a text, such as after a few words of the assistant's."""
    return _ANYWHERE.search(text) is not None


def files(text: str, path: str | None = None) -> Iterator[Piece]:
    """Yield, for each hunk or new file of a patch, an OLD piece if it had an old side and then the FILE it becomes.

    A FILE holds added and context lines; its `changed` names the added ones, None when they all are, () when the hunk
    only deletes. A piece whose side is empty is left out. `path` serves until the patch itself names one. A text with
    neither headers nor markers is read as one hunk if it has `+` or `-` lines at all.
    """
    reader = _Reader(text, path)
    yield from reader.read()
    if not reader.seen and any(line.startswith(("+", "-")) for line in text.split("\n")):
        yield from _Reader(text, path).hunk("")


def changed_lines(old: str, new: str) -> tuple[tuple[int, int], ...]:
    """Tell which lines of a text, 1-based, don't stand in the one that it replaces; a moved line is not new."""
    before = Counter(line.rstrip("\r") for line in old.split("\n"))
    fresh = []
    for number, line in enumerate(new.split("\n"), 1):
        bare = line.rstrip("\r")
        if before[bare] > 0:
            before[bare] -= 1
        elif bare or number == 1:
            fresh.append(number)
    return line_ranges(fresh)


class _Reader:
    """Walks over the lines; `old` and `new` are the paths of the file that the next hunk is about."""

    def __init__(self, text: str, path: str | None) -> None:
        self.lines = Lines(text)
        self.old = self.new = path
        self.seen = False  # any header or marker
        self.open = False  # a header came, so a line with a sign may begin a hunk without a header of its own

    def read(self) -> Iterator[Piece]:
        while (line := self.lines.peek()) is not None:
            if codex := _CODEX.match(line):
                yield from self._codex(codex)
            elif self._is_file_header():
                self._file_header(line)
            elif _SEARCH.match(line):
                yield from self._search()
            elif line.startswith("@@") or (self.open and line.startswith(("+", "-", " "))):
                yield from self.hunk(self._header(line))
            else:
                self._pass(line)

    def hunk(self, info: str) -> Iterator[Piece]:
        hunk = Hunk(info=info, old_path=self.old, new_path=self.new)
        left = _counts(info)
        blanks = 0
        while (line := self.lines.peek()) is not None and not self._ends(line, left):
            if line == "":
                blanks += 1
                self.lines.at += 1
                continue
            self.lines.at -= blanks
            for _ in range(blanks):
                hunk.keep(self.lines.run())
            blanks = 0
            self._take(line[:1], hunk, left)
        yield from hunk.pieces(self.lines.text)

    def _take(self, sign: str, hunk: Hunk, left: list[int]) -> None:
        if sign == "\\":
            self.lines.at += 1
        elif sign == "+":
            hunk.add(self.lines.run(1))
        elif sign == "-":
            hunk.old.append(self.lines.run(1))
        else:
            hunk.keep(self.lines.run(1 if sign == " " else 0))
        left[0] -= sign != "+"
        left[1] -= sign != "-"

    def _ends(self, line: str, left: list[int]) -> bool:
        """Tell whether a hunk is over before a line; that its counts are used up alone doesn't end it."""
        if line.startswith(("@@", "diff --git ", "*** ", "Index: ")) or _SEARCH.match(line):
            return True
        if max(left) <= 0:
            following = line or self.lines.peek(1) or ""
            return line == "-- " or not following.startswith(("+", "-", " ", "\\")) or self._is_file_header()
        return self._is_file_header() and (self.lines.peek(2) or "").startswith("@@")

    def _header(self, line: str) -> str:
        self.seen = True
        self.open = not line.startswith("@@") and self.open
        self.lines.at += line.startswith("@@")
        return line if line.startswith("@@") else ""

    def _codex(self, header: re.Match[str]) -> Iterator[Piece]:
        self.seen = self.open = True
        self.lines.at += 1
        if header[2]:
            self.new = header[3].strip()
        else:
            self.old = self.new = header[3].strip()
        if header[1] == "Add":
            yield from self._added()

    def _added(self) -> Iterator[Piece]:
        hunk = Hunk(new_path=self.new)
        while (line := self.lines.peek()) is not None and not line.startswith("*** "):
            hunk.add(self.lines.run(int(line.startswith("+"))))
        self.open = False
        yield from hunk.pieces(self.lines.text)

    def _is_file_header(self) -> bool:
        return (self.lines.peek() or "").startswith("--- ") and (self.lines.peek(1) or "").startswith("+++ ")

    def _file_header(self, line: str) -> None:
        old, new = _path(line, "a/"), _path(self.lines.peek(1) or "", "b/")
        self.old, self.new = old or new, new or old
        self.seen = self.open = True
        self.lines.at += 2

    def _search(self) -> Iterator[Piece]:
        self.seen = True
        self.open = False
        self._path_before()
        hunk = Hunk(old_path=self.old, new_path=self.new)
        self.lines.at += 1
        while (line := self.lines.peek()) is not None and _ROO_LINE.match(line):
            hunk.info = hunk.info or line
            self.lines.at += 1
        while (line := self.lines.peek()) is not None and not (_DIVIDER.match(line) or _REPLACED.match(line)):
            hunk.old.append(self.lines.run())
        yield from self._replace(hunk)

    def _replace(self, hunk: Hunk) -> Iterator[Piece]:
        self.lines.at += 1
        while (line := self.lines.peek()) is not None and not (_REPLACED.match(line) or _SEARCH.match(line)):
            hunk.new.append(self.lines.run())
        self.lines.at += line is not None and _REPLACED.match(line) is not None
        changed = changed_lines(_joined(hunk.old), _joined(hunk.new))
        hunk.fresh = [number for first, last in changed for number in range(first, last + 1)]
        yield from hunk.pieces(self.lines.text)

    def _path_before(self) -> None:
        """Take the path that stands on the line before a SEARCH block, or before the fence around it."""
        above = (self.lines.back(behind) or "" for behind in (1, 2, 3))
        named = next((line for line in above if line.strip() and not line.lstrip().startswith(("```", "~~~"))), "")
        path = path_line(named)
        if path:
            self.old = self.new = path

    def _pass(self, line: str) -> None:
        if line.startswith("diff --git "):
            self.old = self.new = None
        self.seen = self.seen or line.startswith(("diff --git ", "*** "))
        self.open = self.open and line == ""
        self.lines.at += 1


def _counts(info: str) -> list[int]:
    found = _RANGE.match(info)
    return [int((count or "1")[:9]) for count in found.groups()] if found else [1 << 30, 1 << 30]


def _path(line: str, prefix: str) -> str | None:
    path = line[4:].partition("\t")[0].strip().strip('"')
    return None if path == "/dev/null" or not path else path.removeprefix(prefix)


def _joined(runs: list[tuple[str, int]]) -> str:
    return "".join(part for part, _ in runs).removesuffix("\n")
