"""Answers and refusals in the shapes that Langfuse uses."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import orjson
from starlette.responses import Response

Row = dict[str, Any]  # one JSON object of the API
V4_ONLY = (
    "This endpoint is not available on deployments running in Langfuse v4 events_only mode. "
    "Learn more about Langfuse v4 at: https://langfuse.com/docs/v4"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a JSON body."""

    body: Any
    status: int = 200


class RefusalError(Exception):
    """A request that Langfuse refuses, with the status and body that it gives."""

    def __init__(self, status: int, body: Any) -> None:
        """Keep what is answered."""
        super().__init__(status)
        self.status = status
        self.body = body


def to_response(answer: Answer) -> Response:
    """Write an answer as JSON."""
    return Response(orjson.dumps(answer.body), answer.status, media_type="application/json; charset=utf-8")


def invalid(*issues: Row) -> RefusalError:
    """Refuse data that breaks the schema: 400 with one issue for each break."""
    return RefusalError(400, {"message": "Invalid request data", "error": list(issues)})


def bad_request(message: str) -> RefusalError:
    """Refuse a request that is well-formed and still impossible: 400."""
    return RefusalError(400, {"message": message, "error": "InvalidRequestError"})


def not_found(message: str) -> RefusalError:
    """Say that something does not exist: 404."""
    return RefusalError(404, {"message": message, "error": "LangfuseNotFoundError"})


def custom(message: str, *path: str | int) -> Row:
    """Describe a break of a rule between fields."""
    return {"code": "custom", "path": list(path), "message": message}


def mistyped(expected: str, received: object, *path: str | int) -> Row:
    """Describe a value of the wrong type."""
    text = f"Invalid input: expected {expected}, received {_type(received)}"
    return {"expected": expected, "code": "invalid_type", "path": list(path), "message": text}


def unlisted(options: Sequence[str], *path: str | int) -> Row:
    """Describe a value that is none of the options."""
    text = "Invalid option: expected one of " + "|".join(f'"{option}"' for option in options)
    return {"code": "invalid_value", "values": list(options), "path": list(path), "message": text}


def too_big(kind: str, maximum: int, *path: str | int) -> Row:
    """Describe a number, string or array above its limit."""
    return {"origin": kind, "code": "too_big", "maximum": maximum, "inclusive": True, "path": list(path)} | {
        "message": f"Too big: expected {kind} to {_measure(kind, '<=', maximum)}"
    }


def too_small(kind: str, minimum: int, *path: str | int) -> Row:
    """Describe a number, string or array below its limit."""
    return {"origin": kind, "code": "too_small", "minimum": minimum, "inclusive": True, "path": list(path)} | {
        "message": f"Too small: expected {kind} to {_measure(kind, '>=', minimum)}"
    }


def whole(query: Callable[[str], str | None], name: str, default: int, maximum: int) -> int:
    """Read a positive whole number from the query.

    Raises:
        RefusalError: it is no number, below 1, or above the maximum.
    """
    text = query(name)
    if text is None or text == "":
        return default
    try:
        number = int(text)
    except ValueError:
        raise invalid(mistyped("number", float("nan"), name)) from None
    if number > maximum:
        raise invalid(too_big("number", maximum, name))
    if number < 1:
        raise invalid(too_small("number", 1, name))
    return number


def page(rows: Sequence[Row], query: Callable[[str], str | None], maximum: int = 100) -> Answer:
    """Cut one numbered page out of all rows, newest first as they are given."""
    number = whole(query, "page", 1, 1_000_000)
    limit = whole(query, "limit", 50, maximum)
    start = (number - 1) * limit
    meta = {"page": number, "limit": limit, "totalItems": len(rows), "totalPages": ceil(len(rows) / limit)}
    return Answer({"data": list(rows[start : start + limit]), "meta": meta})


def _measure(kind: str, sign: str, bound: int) -> str:
    unit = {"string": " characters", "array": " items"}.get(kind)
    return f"have {sign}{bound}{unit}" if unit else f"be {sign}{bound}"


def _type(value: object) -> str:
    if value is None:
        return "undefined"
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - only NaN differs from itself
        return "NaN"
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "array", dict: "object"}
    return names.get(type(value), "unknown")
