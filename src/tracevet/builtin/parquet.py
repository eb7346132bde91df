"""Read the rows of a Parquet export, batch by batch and only the columns that matter."""

import tempfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import IO, Any
from uuid import UUID

from tracevet.errors import SourceError
from tracevet.model import GapReason, Json
from tracevet.records.counts import GapCounts

MAGIC = b"PAR1"

_ROWS = 32  # read at once
_BUFFER = 1024 * 1024  # bytes
# What the records of Langfuse and LangSmith are made of; exports have many columns more.
_COLUMNS = frozenset(
    {
        *("id", "trace_id", "traceId", "type", "name", "input", "output", "metadata", "tags", "environment", "model"),
        *("parent_observation_id", "parentObservationId", "is_root_observation", "isRootObservation"),
        *("start_time", "startTime", "end_time", "endTime", "timestamp", "updated_at", "updatedAt", "event_ts"),
        *("created_at", "createdAt", "provided_model_name", "providedModelName", "trace_name", "traceName"),
        *("user_id", "userId", "session_id", "sessionId", "observations", "public", "bookmarked"),
        *("run_type", "inputs", "outputs", "extra", "parent_run_id", "dotted_order", "app_path", "is_root"),
        *("inputs_s3_urls", "outputs_s3_urls", "s3_urls", "attachments"),
        *("level", "thread_id", "parent_run_ids"),
    }
)


def read_parquet(file: IO[bytes], losses: GapCounts) -> Iterator[Json]:
    """Yield the rows of a Parquet file; where it breaks is counted in `losses`.

    Raises:
        SourceError: the extra that reads Parquet is not installed.
    """
    try:
        import pyarrow  # type: ignore[import-untyped]  # an extra; and slow to import
        import pyarrow.parquet  # type: ignore[import-untyped]
    except ImportError:
        raise SourceError("reading Parquet needs an extra: pip install 'tracevet[parquet]'") from None
    try:
        table = pyarrow.parquet.ParquetFile(file, buffer_size=_BUFFER, pre_buffer=False)
        columns = [name for name in table.schema_arrow.names if name in _COLUMNS]
        for batch in table.iter_batches(batch_size=_ROWS, columns=columns, use_threads=False):
            for row in batch.to_pylist():
                yield _json(row)
    except (pyarrow.ArrowException, OSError, ValueError):
        losses.add(GapReason.MALFORMED, "a Parquet file that is damaged or cut off: the rest of it was not read")


def spooled(chunks: Iterator[bytes]) -> IO[bytes]:
    """Copy a stream to a temporary file: Parquet is read from its end."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the caller closes it
    for chunk in chunks:
        file.write(chunk)
    file.seek(0)
    return file


def _json(value: Any) -> Json:
    """Make JSON of what Arrow gives: times as text, maps (lists of pairs) as objects."""
    if isinstance(value, dict):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, list):
        pairs = [item for item in value if isinstance(item, tuple)]
        return {str(key): _json(item) for key, item in pairs} if pairs else [_json(item) for item in value]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, date | UUID | Decimal):  # a time without zone is UTC, in both exports and to our reader
        return str(value)
    return value  # type: ignore[no-any-return]  # what is left is what JSON has
