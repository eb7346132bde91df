"""Native tags on traces that have ended: only where Langfuse takes events of traces (3.x; 4.x in mode `dual`)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import uuid4

from tracevet import RefusedError, Status, Verdict
from tracevet_langfuse.connection import Connection
from tracevet_langfuse.rows import OWN_TAG
from tracevet_langfuse.scores import Subject

IMPOSSIBLE = "this Langfuse changes no tags of traces that have ended; the score `policy` is the tag"
EFFECTS = "the server's merge takes a trace's bookmark away, and no tag is ever taken away again"


def tags_of(verdict: Verdict) -> list[str]:
    """Give the tags of what is open; a tag can't be taken away again."""
    found = dict.fromkeys(one.policy for one in verdict.violations if one.status is Status.OPEN)
    return [f"{OWN_TAG}{policy}" for policy in found]


def said(connection: Connection) -> Iterator[str]:
    """Say whether native tags can be added, and with what side effects."""
    yield f"native tags: {IMPOSSIBLE if connection.lists_scores else EFFECTS}"


def add_tags(connection: Connection, verdicts: Sequence[Verdict], subjects: Mapping[str, Subject]) -> tuple[str, ...]:
    """Add tags to traces; the server makes the union. Give what could not be done.

    The trace is no longer bookmarked afterwards: so the server merges. It stays public where it was.

    Raises:
        PlatformError: nothing can be written.
    """
    tagged = [verdict for verdict in verdicts if tags_of(verdict)]
    if not tagged:
        return ()
    if connection.lists_scores:
        return (IMPOSSIBLE,)
    events = [_event(verdict, subjects[verdict.trace.id]) for verdict in tagged]
    try:
        answer = connection.call("writing tags", connection.api.ingestion.batch, batch=events)
    except RefusedError:
        return (IMPOSSIBLE,)
    return (IMPOSSIBLE,) if answer.errors else ()


def _event(verdict: Verdict, subject: Subject) -> Any:
    from langfuse.api import IngestionEvent_TraceCreate, TraceBody

    start = subject.trace.start
    kept = {"public": subject.public or None, "environment": subject.trace.own_environment}
    body = TraceBody(id=verdict.trace.id, timestamp=start, tags=tags_of(verdict), **kept)
    return IngestionEvent_TraceCreate(id=str(uuid4()), timestamp=start.isoformat(), body=body)
