"""Answers and refusals in the shapes that LangSmith's services use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.responses import Response

Row = dict[str, Any]  # one JSON object of the API


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a JSON body."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusalError(Exception):
    """A request that LangSmith refuses, with the answer that it gives."""

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        """Keep what is answered."""
        super().__init__(status)
        self.answer = Answer(body, status, headers or {})


def to_response(answer: Answer) -> Response:
    """Write an answer as JSON."""
    return Response(orjson.dumps(answer.body), answer.status, dict(answer.headers), media_type="application/json")


def refused(status: int, detail: str) -> RefusalError:
    """Refuse as the API of version 1 does."""
    return RefusalError(status, {"detail": detail})


def rejected(status: int, error: str) -> RefusalError:
    """Refuse as the ingestion does."""
    return RefusalError(status, {"error": error})


def problem(status: int, title: str, detail: str) -> RefusalError:
    """Refuse as the API of version 2 does: RFC 9457."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return RefusalError(status, body, {"content-type": "application/problem+json"})


def unprocessable(message: str, *place: str | int, kind: str = "value_error") -> RefusalError:
    """Refuse data that breaks the schema: 422, with the place of the break."""
    return RefusalError(422, {"detail": [{"loc": list(place), "msg": message, "type": kind}]})
