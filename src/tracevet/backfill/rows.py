"""The rows of an export: read out of its files, and made into traces again. Pure, but for the reading."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import IO

import orjson
import zstandard

from tracevet.builtin import parquet
from tracevet.builtin.exports import MAX_TRACE, Single, apart
from tracevet.builtin.files import unreadable
from tracevet.builtin.rows import NotJsonError, read_rows
from tracevet.builtin.shapes import TRANSCRIPTS, Shape, shape
from tracevet.builtin.streams import unpacked
from tracevet.builtin.streams_csv import read_csv
from tracevet.builtin.streams_remote import Storage, Stored
from tracevet.model import Gap, GapReason, Json, Trace
from tracevet.records import langfuse, langsmith
from tracevet.records.counts import GapCounts
from tracevet.records.seal import stored
from tracevet.records.values import decode, mapping, parse

MAX_HEADS = 50_000  # rows of a trace that are asked for its session; LangSmith's own limit is 25 000

_CONTENT = frozenset({"input", "output", "inputs", "outputs"})
# What the place of a trace in a session depends on.
_HEAD = (
    *("id", "traceId", "trace_id", "sessionId", "session_id", "environment", "timestamp", "thread_id"),
    *("parentObservationId", "parent_observation_id", "isRootObservation", "is_root_observation"),
    *("startTime", "start_time", "endTime", "end_time", "updatedAt", "updated_at", "event_ts", "createdAt"),
    *("created_at", "parent_run_id", "dotted_order", "is_root"),
)
_HEAVY = frozenset({"runtime", "invocation_params", "options", "batch_size"})  # of LangSmith's `extra`: no metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of an export on its way to its trace."""

    bucket: int  # of its trace
    trace: bytes  # id
    file: int  # its place in the plan
    number: int  # its place in the file
    parent: bool  # it is the trace's own record
    head: bytes  # JSON: what tells the trace's session
    body: bytes  # JSON, packed
    size: int  # bytes of JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a trace belongs."""

    bucket: int  # of its session
    session: bytes
    at: float  # seconds since 1970


def bucket_of(name: bytes, buckets: int) -> int:
    """Give the bucket of a trace or session, the same everywhere."""
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest()) % buckets


def read_file(storage: Storage, file: Stored, number: int, buckets: int, cap: int) -> Iterator[Row | Gap]:
    """Yield the rows of the plan's file, then a gap for each kind of what could not be read.

    Raises:
        SourceError: the storage can't be read, or an extra is missing.
    """
    losses, packer = GapCounts(), zstandard.ZstdCompressor(level=1)
    try:
        with storage.open(file.path) as handle:
            for count, (one, langsmiths) in enumerate(_singles(handle, file, losses, cap)):
                row = _row(one, langsmiths, packer)
                if row is None:
                    losses.add(GapReason.TOO_LARGE, "rows that are nested too deeply")
                else:
                    yield replace(row, bucket=bucket_of(row.trace, buckets), file=number, number=count)
    except OSError as error:
        yield unreadable(file.shown, error)
    yield from losses.gaps(file.shown)


def place(rows: Iterable[tuple[bool, bytes]], platform: str, trace: bytes, buckets: int) -> Placed:
    """Tell the session and the time of a trace by its rows' heads, in the order of files: parent or not, head."""
    heads = [(parent, mapping(parse(head))) for parent, head in rows]
    built = _built(heads, platform)
    session = (built.session_id or "").encode("utf-8", "surrogatepass") or trace
    moment = built.start or built.end
    return Placed(bucket=bucket_of(session, buckets), session=session, at=moment.timestamp() if moment else 0.0)


def assemble(rows: Iterable[tuple[bool, bytes, int]], platform: str) -> tuple[Trace | None, int]:
    """Make a trace of its rows, in the order of files: parent or not, body, size; what is beyond the cap is a gap.

    Give it with the bytes of its rows; None where nothing is left: all of it is of the platform's own evaluators.
    """
    unpacker, kept, size, lost = zstandard.ZstdDecompressor(), [], 0, 0
    for parent, body, length in rows:
        if size + length > MAX_TRACE:
            lost += 1
            continue
        size += length
        kept.append((parent, mapping(parse(unpacker.decompress(body)))))
    trace = _built(kept, platform)
    if lost:
        detail = f"rows beyond {MAX_TRACE // 2**20} MB of one trace"
        trace = replace(trace, gaps=(*trace.gaps, Gap(reason=GapReason.TOO_LARGE, detail=detail, count=lost)))
    return (trace if trace.spans or trace.gaps else None), size


def _built(rows: Sequence[tuple[bool, dict[str, Json]]], platform: str) -> Trace:
    own = [row for parent, row in rows if not parent]
    if platform == "langsmith":
        return langsmith.trace(own, platform=platform)
    parents = [row for parent, row in rows if parent]
    return langfuse.trace(own, platform=platform, parent=parents[-1] if parents else None)


def _singles(handle: IO[bytes], file: Stored, losses: GapCounts, cap: int) -> Iterator[tuple[Single, bool]]:
    for line, row in _parsed(handle, file, losses, cap):
        kind = shape(row)
        if not isinstance(row, dict) or kind is None or kind in TRANSCRIPTS:
            losses.add(GapReason.UNKNOWN_KIND, "rows that are neither observations nor runs", line=line)
            continue
        if kind is not Shape.TRACE and _CONTENT.isdisjoint(row):
            losses.add(GapReason.NOT_RECORDED, "rows without columns for input and output", line=line)
        for one in apart(row, kind):
            yield one, kind is Shape.RUN


def _parsed(handle: IO[bytes], file: Stored, losses: GapCounts, cap: int) -> Iterator[tuple[int | None, Json]]:
    magic = handle.read(len(parquet.MAGIC))
    handle.seek(0)
    if magic == parquet.MAGIC:
        for row in parquet.read_parquet(handle, losses):
            yield None, row
        return
    if file.shown.lower().endswith(".parquet"):
        losses.add(GapReason.MALFORMED, "a Parquet file that is damaged or cut off: none of it was read")
        return
    stream = unpacked(handle, lambda _: None, lambda error: _broken(error, losses))
    if ".csv" in file.shown.lower():
        yield from read_csv(stream, losses, cap)
        return
    try:
        yield from read_rows(stream, losses, cap)
    except NotJsonError:
        losses.add(GapReason.UNKNOWN_KIND, "a file that is empty, or neither JSON, CSV nor Parquet")


def _broken(error: Exception, losses: GapCounts) -> None:
    reason = GapReason.UNREADABLE if isinstance(error, OSError) and error.errno else GapReason.MALFORMED
    losses.add(reason, "data that is damaged or cut off: the rest of it was not read")


def _row(one: Single, langsmiths: bool, packer: zstandard.ZstdCompressor) -> Row | None:
    body = stored(dict(one.row))
    if body is None:
        return None
    head = {key: one.row[key] for key in _HEAD if one.row.get(key) is not None}
    if langsmiths:
        extra = mapping(decode(one.row.get("extra")))
        head["extra"] = {key: value for key, value in extra.items() if key not in _HEAVY}
        head["metadata"] = one.row.get("metadata")
    return Row(
        bucket=0,
        trace=one.trace.encode("utf-8", "surrogatepass"),
        file=0,
        number=0,
        parent=one.parent,
        head=stored(head) or orjson.dumps({"id": head.get("id")}),
        body=packer.compress(body),
        size=len(body),
    )
