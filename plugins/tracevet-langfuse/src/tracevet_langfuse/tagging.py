"""Native tags on traces that have ended: only where Langfuse takes events of traces (3.x; 4.x in mode `dual`)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from tracevet import RefusedError, Status, Verdict
from tracevet_langfuse.connection import Connection

IMPOSSIBLE = "this Langfuse changes no tags of traces that have ended; the score `policy` is the tag"
PREFIX = "policy:"


def tags_of(verdict: Verdict) -> list[str]:
    """Give the tags of what is open; a tag can't be taken away again."""
    found = dict.fromkeys(one.policy for one in verdict.violations if one.status is Status.OPEN)
    return [f"{PREFIX}{policy}" for policy in found]


def add_tags(connection: Connection, traces: Mapping[str, tuple[datetime, Sequence[str]]]) -> tuple[str, ...]:
    """Add tags to traces, each given with its start; the server makes the union. Give what could not be done.

    The trace is no longer public or bookmarked afterwards: so the server merges.

    Raises:
        PlatformError: nothing can be written.
    """
    if not traces:
        return ()
    if connection.lists_scores:
        return (IMPOSSIBLE,)
    events = [_event(trace, start, tags) for trace, (start, tags) in traces.items()]
    try:
        answer = connection.call("writing tags", connection.api.ingestion.batch, batch=events)
    except RefusedError:
        return (IMPOSSIBLE,)
    return (IMPOSSIBLE,) if answer.errors else ()


def _event(trace: str, start: datetime, tags: Sequence[str]) -> Any:
    from langfuse.api import IngestionEvent_TraceCreate, TraceBody

    body = TraceBody(id=trace, timestamp=start, tags=list(tags))
    return IngestionEvent_TraceCreate(id=str(uuid4()), timestamp=start.isoformat(), body=body)
