"""Recognise turns that were read before: resumed sessions and checkpoints copy what came earlier."""

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import replace

from tracevet.model import Span, SpanKind, Trace
from tracevet.records.seal import canonical
from tracevet.records.values import sequence

_SIZE = 8  # bytes of a mark


class Repeats:
    """Remembers marks of the turns that were handed over, in a temporary database that goes when this does."""

    def __init__(self) -> None:
        """Open the database."""
        self._database = sqlite3.connect("", isolation_level=None)
        self._database.execute("CREATE TABLE turn (key BLOB PRIMARY KEY, marks BLOB) WITHOUT ROWID")

    def close(self) -> None:
        """Drop everything."""
        self._database.close()

    def new(self, trace: Trace) -> Trace | None:
        """Give the trace if it holds anything that no copy of its turn did, else None.

        A copy that holds all of the earlier one comes under the same id, to take its place; one that has parted
        from it gets an id of its own, so that neither takes the other's.
        """
        root = next((span for span in trace.spans if span.parent_id is None), trace.spans[0])
        key = _mark(root.id, trace.start)
        marks = frozenset(mark for span in trace.spans for mark in _marks(span))
        row = self._database.execute("SELECT marks FROM turn WHERE key = ?", (key,)).fetchone()
        known = frozenset(row[0][at : at + _SIZE] for at in range(0, len(row[0]), _SIZE)) if row else frozenset()
        if row and marks <= known:
            return None
        self._database.execute("REPLACE INTO turn VALUES (?, ?)", (key, b"".join(sorted(marks | known))))
        return trace if known <= marks else replace(trace, id=f"{trace.id}:{trace.content[:8]}")


def _marks(span: Span) -> Iterator[bytes]:
    """Mark each thing that a span says, so that a span still under way is part of the finished one."""
    yield _mark(span.id, span.name, span.input)
    if span.kind is SpanKind.GENERATION and isinstance(span.output, dict):
        for block in sequence(span.output.get("content")):
            yield _mark(span.id, "block", block)
    elif span.output is not None:  # copies differ in how much of a result they keep: that there is one must do
        yield _mark(span.id, "output")


def _mark(*values: object) -> bytes:
    return hashlib.blake2b(canonical(values), digest_size=_SIZE).digest()
