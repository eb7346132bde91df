"""A plain HTTP client of an emulated LangSmith, the real SDK's client, and data for them."""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import NAMESPACE_URL, uuid5

import httpx
from langsmith import Client

from tracevet.testing.langsmith import LangSmithEmulator

Result = TypeVar("Result")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
MORNING, NOON = "2026-03-02T08:00:00.000000Z", "2026-03-02T08:30:00.000000Z"
LAST_WEEK = "2026-02-20T08:00:00.000000Z"
ALL_TIME = {"min_start_time": "2020-01-01T00:00:00Z"}


def uid(name: str) -> str:
    """Make the UUID that stands for a name."""
    return str(uuid5(NAMESPACE_URL, name))


def run(name: str, parent: str | None = None, **more: Any) -> dict[str, Any]:
    """Make a run that has ended, the root of its own trace or below another one."""
    place = {"trace_id": uid(parent), "parent_run_id": uid(parent)} if parent else {"trace_id": uid(name)}
    times = {"start_time": MORNING, "end_time": more.pop("end_time", more.get("start_time", MORNING))}
    return {"id": uid(name), "name": name, "run_type": "chain", **place, **times, **more}


class Time:
    """A clock that stands still until it's told to go on."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class Api:
    """A plain HTTP client of one emulator's first workspace."""

    def __init__(self, emulator: LangSmithEmulator) -> None:
        self.emulator = emulator
        headers = {"x-api-key": emulator.api_key}
        self.client = httpx.Client(base_url=emulator.url, headers=headers, trust_env=False, verify=False)

    def get(self, path: str, **params: Any) -> Any:
        response = self.client.get(path, params=params)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, body: Any) -> httpx.Response:
        return self.client.post(path, json=body)

    def page(self, project: str = "default", **body: Any) -> Any:
        """Query runs by version 2, over all time unless the body says otherwise."""
        wanted = {"project_ids": [self.emulator.project(project)], **ALL_TIME, **body}
        response = self.post("/api/v2/runs/query", {key: value for key, value in wanted.items() if value is not None})
        assert response.status_code == 200, response.text
        return response.json()

    def names(self, **body: Any) -> list[str]:
        """Query every run by version 2 and name them, sorted."""
        found, cursor = [], None
        while True:
            page = self.page(**body, selects=["NAME"], cursor=cursor)
            found += [row["name"] for row in page["items"]]
            cursor = page.get("next_cursor")
            if cursor is None:
                return sorted(found)

    def feedback(self, **more: Any) -> httpx.Response:
        """Give feedback on the run `turn`."""
        fields = {"id": uid("feedback"), "run_id": uid("turn"), "key": "policy.weak-hash", **more}
        return self.post("/feedback", {"extend_trace_retention": False, **fields})


@contextmanager
def served(*version: Any, **options: Any) -> Iterator[tuple[LangSmithEmulator, Api]]:
    """Run an emulator whose clock stands at `NOW`, with a client of its first workspace."""
    with LangSmithEmulator(*version, **{"clock": Time(), **options}) as emulator:
        api = Api(emulator)
        try:
            yield emulator, api
        finally:
            api.client.close()


@contextmanager
def sdk(emulator: LangSmithEmulator, **options: Any) -> Iterator[Client]:
    """Open the real SDK's client, and close it with what it left waiting written."""
    client = Client(**{"api_url": emulator.url, "api_key": emulator.api_key, **options})
    try:
        yield client
    finally:
        client.close()


def awaited(client: Client, work: Coroutine[Any, Any, Result]) -> Result:
    """Run what the SDK does asynchronously in a loop of its own, and close the connections that it opened there."""

    async def closing() -> Result:
        try:
            return await work
        finally:
            # SDK 0.15 has no public way to close these, and they can't outlive their loop.
            await client._get_langsmith_api().close()
            client._langsmith_api = None

    return asyncio.run(closing())
