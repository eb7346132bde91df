"""Sending scores so that each is known to be accepted: as lists, or as events where the server takes no lists."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from tracevet import BusyError, RefusedError
from tracevet_langfuse.connection import Connection
from tracevet_langfuse.scores import Score

BATCH = 200  # scores in one request
BYTES = 600_000  # of one request; Langfuse refuses 1 MB
TRANSIENT = 500  # an event's status from which on it may be sent again


def send(connection: Connection, scores: Sequence[Score]) -> dict[str, str]:
    """Send the scores; give the reason for each that was refused, by its id.

    Raises:
        BusyError: some may not have arrived; sending all again changes nothing of those which did.
        PlatformError: none can be written.
    """
    refused: dict[str, str] = {}
    for batch in _batches(scores):
        refused |= (_send_list if connection.lists_scores else _send_events)(connection, batch)
    return refused


def _send_list(connection: Connection, batch: Sequence[Score]) -> dict[str, str]:
    """Send a list; where some are rejected halve it until it is clear which, as the answer does not tell."""
    from langfuse.api import CreateScoreRequest

    try:
        request = [CreateScoreRequest(**_fields(score), timestamp=score.timestamp) for score in batch]
        answer = connection.call("writing scores", connection.api.scores.create, request=request)
    except RefusedError as error:
        reason, rejected = str(error), len(batch)
    else:
        rejected = getattr(answer, "rejected", 0)
        reason = f"Langfuse rejected the score{_said(answer)}"
    if not rejected:
        return {}
    if len(batch) == 1:
        return {batch[0].id: reason}
    middle = len(batch) // 2
    return _send_list(connection, batch[:middle]) | _send_list(connection, batch[middle:])


def _send_events(connection: Connection, batch: Sequence[Score]) -> dict[str, str]:
    """Send events; those that fail for the moment are sent again."""
    waiting = list(batch)
    refused: dict[str, str] = {}

    def attempt() -> None:
        nonlocal waiting
        again, reasons = _send_once(connection, waiting)
        refused.update(reasons)
        waiting = again
        if waiting:
            raise BusyError(f"Langfuse could not process {len(waiting)} scores")

    try:
        connection.patiently(attempt)
    except RefusedError as error:
        return refused | {score.id: str(error) for score in waiting}
    return refused


def _send_once(connection: Connection, batch: Sequence[Score]) -> tuple[list[Score], dict[str, str]]:
    """Give those to be sent again, and the reasons for those that are refused."""
    by_event = {str(uuid4()): score for score in batch}
    events = [_event(event, score) for event, score in by_event.items()]
    answer = connection.once("writing scores", connection.api.ingestion.batch, batch=events)
    again, refused = [], {}
    for error in answer.errors:
        score = by_event.get(error.id)
        if score is not None and error.status >= TRANSIENT:
            again.append(score)
        elif score is not None:
            refused[score.id] = f"Langfuse refused the score with {error.status}"
    return again, refused


def _event(event: str, score: Score) -> Any:
    from langfuse.api import IngestionEvent_ScoreCreate, ScoreBody

    return IngestionEvent_ScoreCreate(
        id=event, timestamp=_event_time(score.timestamp).isoformat(), body=ScoreBody(**_fields(score))
    )


def _event_time(start: datetime) -> datetime:
    """Give a time close to the score's own, later with each minute in which it is sent.

    Of two events for one score the later one wins, and the day is a part of the score's key.
    """
    minutes = max(0.0, (datetime.now(start.tzinfo) - start).total_seconds() / 60)
    last = start.replace(hour=23, minute=59, second=59, microsecond=999_000)
    return min(start + timedelta(milliseconds=int(minutes)), max(start, last))


def _fields(score: Score) -> dict[str, Any]:
    fields = {key: value for key, value in asdict(score).items() if value not in (None, {}) and key != "timestamp"}
    return fields | {"data_type": "CATEGORICAL"}


def _batches(scores: Sequence[Score]) -> Iterator[list[Score]]:
    batch: list[Score] = []
    size = 0
    for score in scores:
        weight = len(json.dumps(_fields(score)).encode()) + 200
        if batch and (len(batch) == BATCH or size + weight > BYTES):
            yield batch
            batch, size = [], 0
        batch.append(score)
        size += weight
    if batch:
        yield batch


def _said(answer: Any) -> str:
    """Give what the server says of a single rejected score, shortened; the score holds only masked evidence."""
    messages = [str(error.message) for error in getattr(answer, "errors", None) or ()]
    return f": {messages[0][:200]}" if messages else ""
