"""Give statements an indentation that Python accepts, with blocks filled and clauses led where a part is missing."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tracevet_python.parse.headers import FILLER, FOLLOWS, HEADS, Header, header_of
from tracevet_python.parse.lex import Statement, margin_of
from tracevet_python.parse.line import Line

_DEEPEST = 90  # blocks; Python's tokenizer ends at 100


@dataclass(slots=True)
class _Level:
    """One level of indentation that is open."""

    indent: int  # columns, in the text
    depth: int  # columns, as it will be written
    last: str = ""  # what a clause at this level may follow; a key of FOLLOWS
    cases: bool = False  # it holds the cases of a `match`
    led: bool = False  # that `match` is ours


@dataclass(slots=True)
class Blocks:
    """Lines under construction, and the statement each of them comes from."""

    lines: list[Line] = field(default_factory=list)
    owners: list[int] = field(default_factory=list)  # by line: index of a statement
    filled: bool = False  # something had to be added
    _levels: list[_Level] = field(default_factory=list)
    _pending: Header | None = None  # of the header that waits for its block
    _end: tuple[int, int] = (0, 0)  # line and column at which that header's code ends
    _decorated: bool = False

    def add(self, index: int, statement: Statement) -> None:
        """Write one statement where it belongs."""
        header = header_of(statement)
        if self._decorated and header.word not in {"@", "def", "class"}:
            self._insert(f"def _(): {FILLER}", self._levels[-1].depth)
        if not self._enter(statement.indent, header):
            self._leave(statement.indent)
        level = self._levels[-1]
        self._join(level, header, statement)
        self._write(index, statement, level.depth)
        self._decorated = header.word == "@"
        self._pending = header if header.opens else None

    def finish(self) -> None:
        """Complete what is open at the end."""
        if self._decorated:
            self._insert(f"def _(): {FILLER}", self._levels[-1].depth)
        self._fill()
        for level in reversed(self._levels):
            self._end_chain(level)

    def _enter(self, indent: int, header: Header) -> bool:
        """Open the block of the header before, if this is its first statement."""
        if self._pending is None:
            return False
        top = self._levels[-1]
        fits = self._pending.word != "match" or (header.word == "case" and header.clause)
        if indent <= top.indent or top.depth >= _DEEPEST or not fits:
            self._fill()
            return False
        self._levels.append(_Level(indent, top.depth + 1, cases=self._pending.word == "match"))
        return True

    def _leave(self, indent: int) -> None:
        """Close blocks down to an indentation; one that fits none is taken for that of the block around it."""
        while self._levels and self._levels[-1].indent > indent:
            self._end_chain(self._levels.pop())
        if not self._levels:
            self._levels.append(_Level(indent, 0))
        elif self._levels[-1].indent < indent:
            self._end_chain(self._levels[-1])
            self._levels.append(_Level(indent, self._levels[-1].depth))
            self.filled = True

    def _join(self, level: _Level, header: Header, statement: Statement) -> None:
        """Let a clause follow what it belongs to, or a head of its own; let anything else end what stands open."""
        if level.led and not header.clause:
            level.depth, level.cases, level.led = level.depth - 1, False, False
        if header.word == "case" and header.clause:
            if not level.cases:
                self._end_chain(level)
                self._insert(HEADS["case"], level.depth)
                level.depth, level.cases, level.led = level.depth + 1, True, True
        elif header.clause:
            if header.word not in FOLLOWS.get(level.last, ()):
                self._end_chain(level)
                head = HEADS[header.word]
                self._insert(head, level.depth, statement.lines[0].offset(0))
                level.last = head.partition(" ")[0].rstrip(":")
            level.last = _after(level.last, header.word)
        else:
            self._end_chain(level)
            level.last = header.word if header.word in FOLLOWS else ""

    def _end_chain(self, level: _Level) -> None:
        """A `try` needs a clause."""
        if level.last == "try":
            self._insert(f"finally: {FILLER}", level.depth)
        level.last = ""

    def _write(self, index: int, statement: Statement, depth: int) -> None:
        first, *rest = statement.lines
        margin = margin_of(first.text)
        start = len(self.lines)
        self.lines += [first.put(0, margin, " " * depth), *rest]
        self.owners += [index] * (1 + len(rest))
        shift = depth - margin if statement.row == 0 else 0
        self._end = start + statement.row, statement.column + shift

    def _fill(self) -> None:
        """Give the header that waits an empty block."""
        if self._pending is None:
            return
        row, column = self._end
        if self._pending.word == "match":
            self._insert(f"case _: {FILLER}", self._levels[-1].depth + 1)
        else:
            self.lines[row] = self.lines[row].put(column, column, f" {FILLER}")
        self.filled = True
        self._pending = None

    def _insert(self, text: str, depth: int, offset: int | None = None) -> None:
        if offset is None:
            offset = self.lines[-1].offset(len(self.lines[-1].text)) if self.lines else 0
        self.lines.append(Line.new(" " * depth + text, offset))
        self.owners.append(self.owners[-1] if self.owners else 0)
        self.filled = True


def _after(last: str, clause: str) -> str:
    """What a further clause may follow, after a clause that followed something."""
    if clause == "else":
        return "tried" if last == "except" else ""
    return clause if clause in FOLLOWS else ""


def arrange(statements: Iterable[tuple[int, Statement]]) -> Blocks:
    """Write statements, each with its index, as one source."""
    blocks = Blocks()
    for index, statement in statements:
        blocks.add(index, statement)
    blocks.finish()
    return blocks
