"""What runs on the cluster: reading files, placing the traces of a bucket, vetting the sessions of a bucket.

Rows travel as Arrow tables. What is told of a file travels as a row of its own, in the bucket -1.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pyarrow  # type: ignore[import-untyped]  # it ships no types
import pyarrow.compute  # type: ignore[import-untyped]

from tracevet import BackfillJob, Gap, Read, Vetter

TOLD = -1  # bucket of what is told of files

_BY_TRACE = [("bucket", "ascending"), ("trace", "ascending"), ("file", "ascending"), ("number", "ascending")]
_BY_SESSION = [("session", "ascending"), ("at", "ascending"), *_BY_TRACE[1:]]


def read(item: dict[str, Any], job: BackfillJob) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file, then what is told of it."""
    gaps, count, file = [], 0, int(item["id"])
    for row in job.read(file):
        if isinstance(row, Gap):
            gaps.append(row)
        else:
            count += 1
            yield {
                "bucket": row.bucket,
                "trace": row.trace,
                "file": row.file,
                "number": row.number,
                "parent": row.parent,
                "head": row.head,
                "body": row.body,
                "size": row.size,
            }
    told = Read(file=file, rows=count, gaps=tuple(gaps)).model_dump_json().encode()
    nothing = {"trace": b"", "number": 0, "parent": False, "body": b"", "size": 0}
    yield {"bucket": TOLD, "file": file, "head": told, **nothing}


def place(table: pyarrow.Table, job: BackfillJob) -> pyarrow.Table:
    """Put the rows of buckets of traces into the buckets of their sessions; drop those that are done."""
    table = table.sort_by(_BY_TRACE)
    places: list[tuple[int, bytes, float]] = []
    heads = zip(*(table[name].to_pylist() for name in ("bucket", "trace", "parent", "head")), strict=True)
    for (bucket, trace), found in groupby(heads, key=lambda head: head[:2]):
        rows = [(parent, head) for *_, parent, head in found]
        if bucket == TOLD:
            places += [(TOLD, b"", 0.0)] * len(rows)
        else:
            placed = job.place(trace, rows)
            places += [(placed.bucket, placed.session, placed.at)] * len(rows)
    table = table.set_column(0, "bucket", pyarrow.array([bucket for bucket, *_ in places], pyarrow.int64()))
    table = table.append_column("session", pyarrow.array([session for _, session, _ in places], pyarrow.binary()))
    table = table.append_column("at", pyarrow.array([at for *_, at in places], pyarrow.float64()))
    return table.filter(pyarrow.array([bucket not in job.done for bucket, *_ in places], pyarrow.bool_()))


class Vetting:
    """An actor that vets buckets of sessions; its detectors stay warm."""

    def __init__(self, job: BackfillJob) -> None:
        """Take the job; the vetter is made with the first bucket."""
        self._job = job
        self._vetter: Vetter | None = None

    def __call__(self, table: pyarrow.Table) -> Iterator[pyarrow.Table]:
        """Vet whole buckets, and give what is told of each."""
        for bucket in sorted(set(table["bucket"].to_pylist())):
            its = table.filter(pyarrow.compute.equal(table["bucket"], bucket))
            if bucket == TOLD:
                yield _told("read", [head.decode() for head in its["head"].to_pylist()])
            else:
                self._vetter = self._vetter or Vetter(self._job)
                vetted = self._vetter.vet(bucket, _traces(its.sort_by(_BY_SESSION)))
                yield _told("vetted", [vetted.model_dump_json()])


def _traces(table: pyarrow.Table) -> Iterator[Iterator[tuple[bool, bytes, int]]]:
    for _, numbers in groupby(range(len(table)), key=lambda number: table["trace"][number].as_py()):
        yield (_part(table, number) for number in numbers)


def _part(table: pyarrow.Table, number: int) -> tuple[bool, bytes, int]:
    parent, body, size = (table[name][number].as_py() for name in ("parent", "body", "size"))
    return parent, body, size


def _told(kind: str, texts: list[str]) -> pyarrow.Table:
    return pyarrow.table({"kind": [kind] * len(texts), "text": texts})
