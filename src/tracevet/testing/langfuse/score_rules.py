"""What a score must look like to be accepted, and which accepted ones are dropped without a word."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from tracevet.testing.langfuse.answers import Row, custom, invalid, mistyped, too_big, too_small, unlisted
from tracevet.testing.langfuse.times import normal

DATA_TYPES = ("NUMERIC", "BOOLEAN", "CATEGORICAL", "TEXT", "CORRECTION")
SOURCES = ("API", "ANNOTATION")
TEXT_LIMIT = 500  # characters
_ENVIRONMENT = re.compile(r"(?!langfuse)[a-z0-9_-]{1,40}")
_SUBJECT = (
    "Provide exactly one of the following: traceId (with optional observationId), sessionId or datasetRunId. "
    "ObservationId requires traceId."
)
_TEXTS = (
    "id",
    "traceId",
    "sessionId",
    "observationId",
    "datasetRunId",
    "comment",
    "environment",
    "configId",
    "queueId",
)


def check(body: object) -> dict[str, Any]:
    """Accept the body of a score, or refuse it with every issue.

    Raises:
        RefusalError: the schema is broken.
    """
    if not isinstance(body, dict):
        raise invalid(mistyped("object", body))
    issues = list(_issues(body))
    if issues:
        raise invalid(*issues)
    return body


def to_score(body: Row, *, event_time: str | None, now: str) -> Row:
    """Make the stored form of an accepted score, written at `event_time`, or `now` where the client named none."""
    return {
        "id": body.get("id") or str(uuid4()),
        "name": "output" if body.get("dataType") == "CORRECTION" else body["name"],
        "value": body["value"],
        "dataType": body.get("dataType") or _implied(body["value"]),
        **{key: body.get(key) for key in ("traceId", "sessionId", "observationId", "datasetRunId")},
        **{key: body.get(key) for key in ("comment", "metadata", "configId", "queueId")},
        "authorUserId": None,  # what comes in by a key has no author
        "environment": body.get("environment") or "default",
        "source": body.get("source") or "API",
        "timestamp": event_time or now,
        "eventTime": event_time or now,
        "timed": event_time is not None,
        "createdAt": now,
        "updatedAt": now,
    }


def fit(score: Row, config: Row | None) -> Row | None:
    """Fit an accepted score to its config: name and type are the config's; None where Langfuse drops it silently."""
    if score["configId"] is None:
        return score
    if config is None or config["isArchived"] or not _allows(config, score["value"]):
        return None
    return score | {"name": config["name"], "dataType": config["dataType"]}


def _allows(config: Row, value: object) -> bool:
    if config["dataType"] == "CATEGORICAL":
        return value in {category["label"] for category in config["categories"] or ()}
    if config["dataType"] == "TEXT":
        return isinstance(value, str)
    low, high = config["minValue"], config["maxValue"]
    return isinstance(value, int | float) and (low is None or value >= low) and (high is None or value <= high)


def _implied(value: object) -> str:
    return "CATEGORICAL" if isinstance(value, str) else "NUMERIC"


def _issues(body: Row) -> Iterator[Row]:
    for key in _TEXTS:
        if body.get(key) is not None and not isinstance(body[key], str):
            yield mistyped("string", body[key], key)
    name = body.get("name")
    if not isinstance(name, str):
        yield mistyped("string", name, "name")
    elif not name:
        yield too_small("string", 1, "name")
    yield from _value_issues(body.get("dataType"), body.get("value"))
    yield from _meta_issues(body)
    yield from _subject_issues(body)


def _value_issues(kind: object, value: object) -> Iterator[Row]:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is not None and kind not in DATA_TYPES:
        yield unlisted(DATA_TYPES, "dataType")
    elif kind in ("NUMERIC", "BOOLEAN") and not number:
        yield mistyped("number", value, "value")
    elif kind == "BOOLEAN" and value not in (0, 1):
        yield custom("Value must be either 0 or 1", "value")
    elif kind in ("CATEGORICAL", "TEXT", "CORRECTION") and not isinstance(value, str):
        yield mistyped("string", value, "value")
    elif kind is None and not number and not isinstance(value, str):
        yield mistyped("number", value, "value")
    elif kind == "TEXT" and not value:
        yield too_small("string", 1, "value")
    elif kind == "TEXT" and isinstance(value, str) and len(value) > TEXT_LIMIT:
        yield too_big("string", TEXT_LIMIT, "value")


def _meta_issues(body: Row) -> Iterator[Row]:
    environment, metadata, source = body.get("environment"), body.get("metadata"), body.get("source")
    if isinstance(environment, str) and not _ENVIRONMENT.fullmatch(environment):
        text = "Only alphanumeric lower case characters, hyphens and underscores are allowed"
        yield {
            "origin": "string",
            "code": "invalid_format",
            "format": "regex",
            "path": ["environment"],
            "message": text,
        }
    if metadata is not None and not isinstance(metadata, dict):
        yield mistyped("object", metadata, "metadata")
    if source is not None and source not in SOURCES:
        yield unlisted(SOURCES, "source")
    if source == "ANNOTATION" and not body.get("configId") and body.get("dataType") != "CORRECTION":
        yield custom("configId is required when source is ANNOTATION", "configId")
    if body.get("timestamp") is not None:
        normal(body["timestamp"], "timestamp")


def _subject_issues(body: Row) -> Iterator[Row]:
    subjects = [key for key in ("traceId", "sessionId", "datasetRunId") if body.get(key)]
    if len(subjects) != 1 or (body.get("observationId") and subjects != ["traceId"]):
        yield custom(_SUBJECT, "traceId", "sessionId", "datasetRunId", "observationId")
