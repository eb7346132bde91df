"""Gather the rows of exports by trace, on disk: they come interleaved, and in several files."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import groupby

import zstandard

from tracevet.builtin.shapes import Shape
from tracevet.errors import SourceError
from tracevet.model import Gap, GapReason, Json, Trace
from tracevet.records import langfuse, langsmith
from tracevet.records.seal import fingerprint, stored
from tracevet.records.values import Row, mapping, parse, pick, sequence, text

MAX_TRACE = 64 * 1024 * 1024  # bytes of rows that are held of one trace

_SCHEMA = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -16000;
CREATE TABLE trace (number INTEGER PRIMARY KEY, shape TEXT, id BLOB, size INTEGER, lost INTEGER, UNIQUE (shape, id));
CREATE TABLE part (trace INTEGER, file INTEGER, parent INTEGER, body BLOB);
"""


@dataclass(frozen=True, slots=True)
class _Part:
    """A row as it was stored."""

    file: int
    parent: bool  # it is the trace's own record
    row: dict[str, Json]

    @property
    def key(self) -> str | None:
        return "trace" if self.parent else text(self.row.get("id"))

    @property
    def nature(self) -> tuple[Json, Json]:
        """What no later record of the same thing changes."""
        return self.row.get("name"), pick(self.row, "type", "run_type")


class Exports:
    """Rows of Langfuse and LangSmith, kept in a temporary database that goes when this does."""

    def __init__(self, platform: str) -> None:
        """Open the database; SQLite puts it where `SQLITE_TMPDIR` or `TMPDIR` says, once it outgrows the memory."""
        self.size = 0  # bytes of rows that were kept
        self._platform = platform
        self._packer, self._unpacker = zstandard.ZstdCompressor(level=1), zstandard.ZstdDecompressor()
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.executescript(_SCHEMA)
        self._database.execute("BEGIN")

    def close(self) -> None:
        """Drop everything."""
        self._database.close()

    def add(self, row: Row, shape: Shape, file: int) -> bool:
        """Keep a row of a file, which is counted from 0; tell whether it could be kept, or is nested too deeply.

        Raises:
            SourceError: the temporary directory has no room.
        """
        kind = Shape.OBSERVATION if shape is Shape.TRACE else shape
        kept = [self._keep(one.row, kind, one.trace, file, parent=one.parent) for one in apart(row, shape)]
        return all(kept)

    def traces(self) -> Iterator[tuple[Trace, int]]:
        """Yield what was kept as traces, with their sizes in bytes, in the order in which they first came up."""
        with _room():
            self._database.execute("CREATE INDEX by_trace ON part (trace, file)")
        for number, shape, size, lost in self._database.execute(
            "SELECT number, shape, size, lost FROM trace ORDER BY 1"
        ):
            for order, trace in enumerate(self._built(number, Shape(shape))):
                yield _with_loss(trace, lost), 0 if order else size

    def _keep(self, row: Row, shape: Shape, identity: str, file: int, *, parent: bool = False) -> bool:
        body = stored(dict(row))
        if body is None:
            return False
        key = shape, identity.encode("utf-8", "surrogatepass")
        with _room():
            execute = self._database.execute
            execute("INSERT INTO trace (shape, id, size, lost) VALUES (?, ?, 0, 0) ON CONFLICT DO NOTHING", key)
            number, size = execute("SELECT number, size FROM trace WHERE shape = ? AND id = ?", key).fetchone()
            if size + len(body) > MAX_TRACE:
                execute("UPDATE trace SET lost = lost + 1 WHERE number = ?", (number,))
                return True
            execute("INSERT INTO part VALUES (?, ?, ?, ?)", (number, file, parent, self._packer.compress(body)))
            execute("UPDATE trace SET size = size + ? WHERE number = ?", (len(body), number))
        self.size += len(body)
        return True

    def _built(self, number: int, shape: Shape) -> Iterator[Trace]:
        query = "SELECT file, parent, body FROM part WHERE trace = ? ORDER BY file, rowid"
        found = self._database.execute(query, (number,))
        parts = [
            _Part(file, bool(parent), mapping(parse(self._unpacker.decompress(body)))) for file, parent, body in found
        ]
        for order, group in enumerate(_groups(parts)):
            rows = [part.row for part in group if not part.parent]
            parent = next((part.row for part in reversed(group) if part.parent), None)
            if shape is Shape.RUN:
                trace = langsmith.trace(rows, platform=self._platform)
            else:
                trace = langfuse.trace(rows, platform=self._platform, parent=parent)
            if trace.spans or trace.gaps:  # nothing is left where all rows are of Langfuse's own evaluators
                yield replace(trace, id=f"{trace.id}#{order + 1}") if order else trace


def _groups(parts: Sequence[_Part]) -> list[list[_Part]]:
    """Keep files apart that use one trace id for different things; files of one export go together."""
    groups: list[list[_Part]] = []
    for _, found in groupby(parts, key=lambda part: part.file):
        chunk = list(found)
        fitting = next((group for group in groups if not _clash(group, chunk)), None)
        if fitting is None:
            groups.append(chunk)
        else:
            fitting.extend(chunk)
    return groups


def _clash(group: Sequence[_Part], chunk: Sequence[_Part]) -> bool:
    known = {part.key: part.nature for part in group}
    return any(
        one is not None and other is not None and one != other
        for part in chunk
        if part.key in known
        for one, other in zip(part.nature, known[part.key], strict=True)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Single:
    """A row that is about one thing, and the trace that it belongs to."""

    trace: str  # id
    row: Row
    parent: bool = False  # it is the trace's own record


def apart(row: Row, shape: Shape) -> list[Single]:
    """Take a row apart: the record of a trace may hold that trace's observations."""
    if shape is not Shape.TRACE:
        return [Single(trace=_trace_id(row, shape), row=row)]
    identity = text(row.get("id")) or ""
    entries = sequence(row.get("observations"))
    inner = [mapping(entry) for entry in entries if isinstance(entry, dict)]
    named: list[Json] = [entry for entry in entries if isinstance(entry, str)]
    head = Single(trace=identity, row={**row, "observations": named}, parent=True)
    return [head, *(Single(trace=identity, row={"traceId": identity, **entry}) for entry in inner)]


def _trace_id(row: Row, shape: Shape) -> str:
    if shape is Shape.RUN:
        # Without a trace id the tree's place tells it: the first part of the dotted order ends in the root's id.
        order = (text(row.get("dotted_order")) or "").partition(".")[0].partition("Z")[2]
        return text(row.get("trace_id")) or order or text(row.get("id")) or fingerprint(dict(row))
    return text(pick(row, "traceId", "trace_id")) or fingerprint(dict(row))


def _with_loss(trace: Trace, lost: int) -> Trace:
    if not lost:
        return trace
    detail = f"rows beyond {MAX_TRACE // 2**20} MB of one trace"
    return replace(trace, gaps=(*trace.gaps, Gap(reason=GapReason.TOO_LARGE, detail=detail, count=lost)))


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        detail = f"exports are sorted in a temporary file, and that failed: {error}"
        raise SourceError(f"{detail}; name a directory with more room in SQLITE_TMPDIR") from error
