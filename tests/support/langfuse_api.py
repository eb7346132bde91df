"""A plain HTTP client of an emulated Langfuse, and data for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from tracevet.testing.langfuse import LangfuseEmulator

TRACE, SPAN = "0" * 30 + "aa", "0" * 14 + "b1"
SCORE = {"id": "s", "traceId": TRACE, "name": "policy", "value": "weak-hash", "dataType": "CATEGORICAL"}
A, B, C = "a" * 16, "b" * 16, "c" * 16  # ids of observations
MORNING, NOON, NEXT_DAY = "2026-03-01T08:00:00.000Z", "2026-03-01T12:00:00.000Z", "2026-03-02T08:00:00.000Z"


class Api:
    """A plain HTTP client of one emulator."""

    def __init__(self, emulator: LangfuseEmulator) -> None:
        auth = (emulator.public_key, emulator.secret_key)
        self.client = httpx.Client(base_url=f"{emulator.url}/api/public", auth=auth, trust_env=False, verify=False)

    def get(self, path: str, **params: Any) -> Any:
        response = self.client.get(path, params=params)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, body: Any) -> httpx.Response:
        return self.client.post(path, json=body)

    def event(self, body: dict[str, Any], when: str, kind: str = "score-create") -> Any:
        event = {"id": "e", "type": kind, "timestamp": when, "body": body}
        return self.post("/ingestion", {"batch": [event]}).json()

    def span_ids(self, **params: Any) -> list[str]:
        return [row["id"] for row in self.get("/v2/observations", **params)["data"]]


@contextmanager
def served(*version: Any, **options: Any) -> Iterator[tuple[LangfuseEmulator, Api]]:
    """Run an emulator, with a client of its first project."""
    with LangfuseEmulator(*version, **options) as emulator:
        api = Api(emulator)
        try:
            yield emulator, api
        finally:
            api.client.close()


def row(span: str = SPAN, trace: str = TRACE, start: str = MORNING, **more: Any) -> dict[str, Any]:
    return {"id": span, "traceId": trace, "startTime": start, "endTime": more.pop("end", start), "name": "n", **more}


def values(emulator: LangfuseEmulator) -> list[tuple[str, Any]]:
    return [(score["name"], score["value"]) for score in emulator.state()["scores"]]


def otlp(scope: str = "langfuse-sdk", **attributes: Any) -> dict[str, Any]:
    """Make an OTLP/JSON request of one span; `__` in a name stands for a dot."""
    pairs = [{"key": key.replace("__", "."), "value": _any(value)} for key, value in attributes.items()]
    span: dict[str, Any] = {
        "traceId": TRACE,
        "spanId": SPAN,
        "name": "span",
        "startTimeUnixNano": "1772352000000000000",
    }
    span |= {"endTimeUnixNano": "1772352001500000000", "attributes": pairs}
    return {"resourceSpans": [{"scopeSpans": [{"scope": {"name": scope}, "spans": [span]}]}]}


def _any(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return {"arrayValue": {"values": [_any(entry) for entry in value]}}
    return {"stringValue": value}
