"""Reading what people said: their annotation scores on the config that `prepare` made."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tracevet import Decision, Review
from tracevet_langfuse.annotations import LISTED, paged
from tracevet_langfuse.connection import Connection
from tracevet_langfuse.preparing import REVIEW
from tracevet_langfuse.reading import Row
from tracevet_langfuse.rows import plain

SOURCE = "ANNOTATION"
DECISIONS = {
    "confirmed": Decision.CONFIRMED,
    "false positive": Decision.FALSE_POSITIVE,
    "accepted risk": Decision.ACCEPTED_RISK,
}
# Langfuse finds scores by their timestamp alone, which stays when a person changes his mind.
CHANGED = timedelta(days=1)  # a judgement that is older shows its changes only where all are read

_LOG = logging.getLogger("tracevet.langfuse")


def reviews(connection: Connection, since: datetime | None, *, unsigned: bool) -> Iterator[Review]:
    """Yield the judgements that were made or changed from then on, oldest first.

    One without an author was not made by a person in Langfuse, but by whoever has a key, such as the traced
    application: it counts only with `unsigned`.

    Raises:
        PlatformError: they can't be read.
    """
    found, strange = [], 0
    for row in _rows(connection, since and since - CHANGED):
        review = _review(row)
        if review is None or (since is not None and review.at < since):
            continue
        if review.author is None and not unsigned:
            strange += 1
        else:
            found.append(review)
    if strange:
        _LOG.warning(
            "%d reviews in Langfuse have no author, as if no person had made them, and do not count; "
            "where they are yours set unsigned_reviews = true",
            strange,
        )
    yield from sorted(found, key=lambda review: (review.at, review.id))


def _rows(connection: Connection, start: datetime | None) -> Iterator[Row]:
    options: dict[str, Any] = {"name": REVIEW, "source": SOURCE, "from_timestamp": start}
    if not connection.reads_v2:
        yield from map(plain, paged(connection, "reading reviews", connection.api.scores.get_many, **options))
        return
    v3 = getattr(connection.api, "scores_v3", None)  # SDK 4; it has v2 as scores.get_many
    request = v3.get_many_v3 if v3 is not None else connection.api.scores.get_many
    cursor = None
    while True:
        given = {**options, "fields": "details,subject,annotation", "limit": LISTED, "cursor": cursor}
        answer = connection.call("reading reviews", request, **given)
        yield from map(plain, answer.data)
        cursor = getattr(answer.meta, "cursor", None)
        if not cursor:
            return


def _review(row: Row) -> Review | None:
    """Make a review of a score; None where it is no judgement on a trace."""
    decision = DECISIONS.get(str(row.get("string_value") or row.get("value")))
    trace, span = _subject(row)
    at = row.get("updated_at") or row.get("timestamp")
    if decision is None or not trace or not isinstance(at, str):
        return None
    moment = datetime.fromisoformat(at)
    return Review(
        id=str(row["id"]),
        trace=trace,
        span=span,
        decision=decision,
        author=_text(row.get("author_user_id")),
        comment=_text(row.get("comment")) or "",
        at=moment if moment.tzinfo else moment.replace(tzinfo=UTC),
    )


def _subject(row: Row) -> tuple[str | None, str | None]:
    """Give trace and observation, from either generation of the API."""
    subject = row.get("subject")
    if not isinstance(subject, dict):
        return _text(row.get("trace_id")), _text(row.get("observation_id"))
    if subject.get("kind") == "observation":
        return _text(subject.get("trace_id")), _text(subject.get("id"))
    return (_text(subject.get("id")) if subject.get("kind") == "trace" else None), None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
