"""What people said of our feedback: in the annotation queue, as feedback of their own, or as a correction of ours."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tracevet import Decision, Json, Review
from tracevet_langsmith.budget import Kind
from tracevet_langsmith.connection import Connection, Row
from tracevet_langsmith.feedback import PATH
from tracevet_langsmith.marks import COVERAGE, POLICY, REVIEW, SEVERITY
from tracevet_langsmith.projects import PROJECTS, Projects

ANSWERS = {  # the categories of `policy.review`, in the order of their scores
    "confirmed": Decision.CONFIRMED,
    "false positive": Decision.FALSE_POSITIVE,
    "accepted risk": Decision.ACCEPTED_RISK,
}
CORRECTABLE = timedelta(days=90)  # how old feedback may be whose corrections are read
COMMENT = 2000  # characters of a reviewer's words


def reviews(
    connection: Connection, projects: Projects, policies: Sequence[str], since: datetime | None
) -> Iterator[Review]:
    """Yield what people said from then on, oldest first.

    Corrections are read of these policies, where our feedback is younger than `CORRECTABLE`.

    Raises:
        PlatformError: the server can't be read.
    """
    rows = list(_rows(connection, projects, since, key=[REVIEW], source=["app"]))
    if policies:
        keys = [f"{POLICY}{policy}" for policy in policies]
        oldest = (since or datetime.now(UTC)) - CORRECTABLE
        rows += _rows(connection, projects, since, key=keys, min_created_at=oldest.isoformat())
    found = [review for row in rows if (review := _review(row))]
    yield from sorted(
        (one for one in found if since is None or one.at >= since), key=lambda review: (review.at, review.id)
    )


def _rows(connection: Connection, projects: Projects, since: datetime | None, **query: object) -> Iterator[Row]:
    del since  # LangSmith filters by creation, and a review may be changed
    ids = projects.ids() if projects.named else ()
    for at in range(0, max(1, len(ids)), PROJECTS):
        some = list(ids[at : at + PROJECTS]) or None
        yield from connection.listed(
            "reading reviews", PATH, kind=Kind.FEEDBACK, session=some, include_user_names=True, **query
        )


def _review(row: Row) -> Review | None:
    key, trace, run, at = row.get("key"), row.get("trace_id"), row.get("run_id"), _time(row)
    decision = _decision(row)
    if decision is None or at is None or not isinstance(key, str) or not isinstance(trace or run, str):
        return None
    source = row.get("feedback_source")
    author = _author(source) if isinstance(source, dict) else None
    if author is None and _is_human(row):  # whoever has a key can claim that a person said it
        return None
    comment = row.get("comment") if _is_human(row) else None
    return Review(
        id=str(row.get("id")),
        trace=str(trace or run),
        span=str(run) if isinstance(run, str) and run != trace else None,
        policy=None if key in (REVIEW, SEVERITY, COVERAGE) else key.removeprefix(POLICY),
        decision=decision,
        author=author,
        comment=comment[:COMMENT] if isinstance(comment, str) else "",
        at=at,
    )


def _decision(row: Row) -> Decision | None:
    """Read a person's word; of our own feedback only a correction is one."""
    if _is_human(row):
        return _meaning(row.get("value"), row.get("score"))
    correction: Any = row.get("correction")
    if isinstance(correction, dict):
        return _meaning(correction.get("value"), correction.get("score"), wrong=True)
    return _meaning(correction, None) if isinstance(correction, str) else None


def _meaning(value: Json, score: Json, *, wrong: bool = False) -> Decision | None:
    word = value.strip().lower().replace("-", " ").replace("_", " ") if isinstance(value, str) else ""
    if word in ANSWERS:
        return ANSWERS[word]
    if word == "cleared":
        return Decision.FALSE_POSITIVE
    if isinstance(score, bool) or not isinstance(score, int | float):
        return None
    if wrong:
        return Decision.CONFIRMED if score > 0 else Decision.FALSE_POSITIVE
    numbered = dict(enumerate(ANSWERS.values()))
    return numbered.get(int(score)) if score == int(score) else None


def _is_human(row: Row) -> bool:
    source = row.get("feedback_source")
    return isinstance(source, dict) and source.get("type") == "app"


def _author(source: dict[str, Json]) -> str | None:
    return next((str(name) for key in ("user_name", "ls_user_id", "user_id") if (name := source.get(key))), None)


def _time(row: Row) -> datetime | None:
    value = row.get("modified_at") or row.get("created_at")
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return time and (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
