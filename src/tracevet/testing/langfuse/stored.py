"""The stored form of an observation, and the way from the API's form to it."""

from collections.abc import Mapping
from typing import Any

import orjson

from tracevet.testing.langfuse.answers import Row
from tracevet.testing.langfuse.times import normal

BLANK: Mapping[str, Any] = {  # what Langfuse 4.16 answers where nothing was sent: texts are empty, not null
    "parentObservationId": None,
    "type": "SPAN",
    "name": "",
    "level": "DEFAULT",
    "statusMessage": "",
    "version": "",
    "environment": "default",
    "bookmarked": False,
    "public": False,
    "userId": "",
    "sessionId": "",
    "completionStartTime": None,
    "input": None,
    "output": None,
    "model": "",
    "internalModelId": "",
    "modelParameters": {},
    "usageDetails": {},
    "inputUsage": 0,
    "outputUsage": 0,
    "totalUsage": 0,
    "costDetails": {},
    "inputCost": None,
    "outputCost": None,
    "totalCost": 0,
    "usagePricingTierId": None,
    "usagePricingTierName": None,
    "promptId": None,
    "promptName": None,
    "promptVersion": None,
    "timeToFirstToken": None,
    "modelId": None,
    "inputPrice": None,
    "outputPrice": None,
    "totalPrice": None,
    "traceName": "",
    "tags": [],
    "release": "",
}


def from_api(row: Mapping[str, Any], *, project: str, now: str) -> Row:
    """Store a row as the v2 API gives it; what it lacks is blank, and `now` is when it was created.

    Raises:
        RefusalError: a time that is none.
    """
    stored = {**BLANK, "createdAt": now, "updatedAt": now, **row, "projectId": project}
    stored["startTime"] = normal(row.get("startTime") or now, "startTime")
    ended = row.get("endTime")
    stored["endTime"] = None if ended is None else normal(ended, "endTime")
    stored["model"] = row.get("model", row.get("providedModelName", ""))
    stored["isRootObservation"] = row.get("isRootObservation", row.get("parentObservationId") is None)
    stored["metadata"] = {key: as_text(value) for key, value in (row.get("metadata") or {}).items()}
    for key in ("input", "output"):
        value = stored[key]
        stored[key] = value if value is None or isinstance(value, str) else orjson.dumps(value).decode()
    return stored


def as_text(value: object) -> str:
    """Write a value so that reading it back gives the same value: plain text, or JSON."""
    if isinstance(value, str) and from_text(value) == value:
        return value
    return orjson.dumps(value).decode()


def from_text(text: str) -> Any:
    """Read a stored text as JSON where it is JSON."""
    if text[:1] not in '{["-0123456789tfn':
        return text
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
