"""Rows of an export on the local disk, by trace and then by session: how one machine shuffles.

Every file here is written beside its place and then moved there, so that one that exists is whole. Bodies are written
once; what is sorted is small.
"""

import heapq
import json
import os
import shutil
import sqlite3
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from tracevet.backfill.job import BackfillJob
from tracevet.backfill.rows import MAX_HEADS, Row
from tracevet.backfill.told import Read
from tracevet.errors import SourceError
from tracevet.model import Gap

OPEN = 64  # databases held open at once

_ROWS = """
CREATE TABLE row (bucket INTEGER, trace BLOB, number INTEGER, parent INTEGER, size INTEGER, head BLOB, body INTEGER);
CREATE TABLE body (id INTEGER PRIMARY KEY, packed BLOB);
CREATE TABLE told (text TEXT);
"""
_PLACES = "CREATE TABLE place (bucket INTEGER, session BLOB, at REAL, trace BLOB, files TEXT);"
_HEADS = "SELECT trace, parent, head FROM row WHERE bucket = ? ORDER BY trace, number"
_PARTS = (
    "SELECT parent, packed, size FROM row JOIN body ON body.id = row.body "
    "WHERE bucket = ? AND trace = ? ORDER BY number"
)
_TRACES = "SELECT session, at, trace, files FROM place WHERE bucket = ? ORDER BY session, at, trace"


class _Head(NamedTuple):
    trace: bytes
    file: int
    parent: bool
    head: bytes


class Spool:
    """The rows of one job, in a directory that only its owner can read."""

    def __init__(self, job: BackfillJob, path: Path) -> None:
        """Use the directory; what an earlier backfill of the same job left there is used again."""
        self._job, self.path = job, path
        self._open: OrderedDict[Path, sqlite3.Connection] = OrderedDict()

    def make(self) -> None:
        """Make the directory.

        Raises:
            SourceError: it can't be made.
        """
        with _room(self.path):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.chmod(0o700)

    def remove(self) -> None:
        """Remove the directory with all that is in it: it holds what the traces hold."""
        self.close()
        shutil.rmtree(self.path, ignore_errors=True)

    def close(self) -> None:
        """Close what is open."""
        while self._open:
            self._open.popitem()[1].close()

    def read(self, file: int) -> Read:
        """Put the rows of a file of the export here, once, and tell of it.

        Raises:
            SourceError: the export can't be read, or there is no room.
        """
        path = self._rows(file)
        if not path.exists():
            with _room(self.path), _new(path, _ROWS) as database:
                told = self._keep(database, file)
                database.execute("CREATE INDEX by_trace ON row (bucket, trace)")
                database.execute("INSERT INTO told VALUES (?)", (told.model_dump_json(),))
        with _room(self.path):
            return Read.model_validate_json(self._database(path).execute("SELECT text FROM told").fetchone()[0])

    def place(self, bucket: int) -> None:
        """Sort the traces of a bucket into the buckets of their sessions, once.

        Raises:
            SourceError: there is no room.
        """
        path = self._places(bucket)
        if path.exists():
            return
        with _room(self.path), _new(path, _PLACES) as database:
            for trace, found in groupby(self._heads(bucket), key=itemgetter(0)):
                database.execute("INSERT INTO place VALUES (?, ?, ?, ?, ?)", self._placed(trace, found))
            database.execute("CREATE INDEX by_session ON place (bucket, session, at, trace)")

    def traces(self, bucket: int) -> Iterator[Iterator[tuple[bool, bytes, int]]]:
        """Yield the traces of a bucket of sessions, by session and time: the parent, body and size of its rows."""
        places = (self._database(self._places(number)) for number in range(self._job.buckets))
        with _room(self.path):
            found = [database.execute(_TRACES, (bucket,)).fetchall() for database in places]
            for *_, trace, files in heapq.merge(*found):
                yield self._parts(trace, json.loads(files))

    def _keep(self, database: sqlite3.Connection, file: int) -> Read:
        gaps: list[Gap] = []
        count = 0
        for item in self._job.read(file):
            if isinstance(item, Gap):
                gaps.append(item)
            else:
                count += 1
                _insert(database, item, count)
        return Read(file=file, rows=count, gaps=tuple(gaps))

    def _heads(self, bucket: int) -> Iterator[_Head]:
        """Yield the heads of a bucket of traces, by trace, file and place in the file."""
        return heapq.merge(*(self._heads_of(file, bucket) for file in range(self._job.files)), key=itemgetter(0, 1))

    def _heads_of(self, file: int, bucket: int) -> Iterator[_Head]:
        last, offset = b"", 0
        database = self._database(self._rows(file))
        for trace, parent, head in database.execute(_HEADS, (bucket,)).fetchall():
            last, offset = trace, offset + 1 if trace == last else 0
            if offset < MAX_HEADS:
                yield _Head(trace, file, bool(parent), head)

    def _placed(self, trace: bytes, found: Iterable[_Head]) -> tuple[object, ...]:
        heads = list(found)
        placed = self._job.place(trace, ((head.parent, head.head) for head in heads))
        files = sorted({head.file for head in heads})
        return placed.bucket, placed.session, placed.at, trace, json.dumps(files)

    def _parts(self, trace: bytes, files: Iterable[int]) -> Iterator[tuple[bool, bytes, int]]:
        bucket = self._job.trace_bucket(trace)
        for file in files:
            for parent, body, size in self._database(self._rows(file)).execute(_PARTS, (bucket, trace)):
                yield bool(parent), body, size

    def _rows(self, file: int) -> Path:
        return self.path / f"rows-{file:06}.db"

    def _places(self, bucket: int) -> Path:
        return self.path / f"places-{bucket:04}.db"

    def _database(self, path: Path) -> sqlite3.Connection:
        database = self._open.pop(path, None) or sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
        self._open[path] = database
        if len(self._open) > OPEN:
            self._open.popitem(last=False)[1].close()  # of what is open only the last is still read from
        return database


def _insert(database: sqlite3.Connection, row: Row, number: int) -> None:
    database.execute("INSERT INTO body VALUES (?, ?)", (number, row.body))
    values = (row.bucket, row.trace, row.number, row.parent, row.size, row.head, number)
    database.execute("INSERT INTO row VALUES (?, ?, ?, ?, ?, ?, ?)", values)


@contextmanager
def _new(path: Path, schema: str) -> Iterator[sqlite3.Connection]:
    """Make a database that is there once it is whole."""
    draft = path.with_suffix(f".{os.getpid()}")
    draft.unlink(missing_ok=True)
    with closing(sqlite3.connect(draft, isolation_level=None)) as database:
        database.executescript(f"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; {schema} BEGIN;")
        yield database
        database.execute("COMMIT")
    draft.replace(path)


@contextmanager
def _room(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise SourceError(
            f"exports are sorted in {path}, and that failed: {(reason or type(error).__name__).lower()}; "
            "name a directory with more room with --spool, and start again: what was done is kept"
        ) from error
