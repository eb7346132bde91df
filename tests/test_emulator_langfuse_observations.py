"""Reading observations from the emulated Langfuse: pages, filters, cut metadata."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from langfuse_api import MORNING, NEXT_DAY, NOON, SPAN, A, Api, B, C, row, served

from tracevet.testing.langfuse import LangfuseEmulator


@pytest.fixture
def pair() -> Iterator[tuple[LangfuseEmulator, Api]]:
    with served() as pair:
        yield pair


@pytest.fixture
def emulator(pair: tuple[LangfuseEmulator, Api]) -> LangfuseEmulator:
    return pair[0]


@pytest.fixture
def api(pair: tuple[LangfuseEmulator, Api]) -> Api:
    return pair[1]


def test_pages_hold_every_row_once_newest_first(emulator: LangfuseEmulator, api: Api) -> None:
    first = datetime(2026, 3, 1, tzinfo=UTC)
    rows = [row(f"{n:016x}", f"{n % 7:032x}", (first + timedelta(seconds=n // 3)).isoformat()) for n in range(103)]
    emulator.seed(rows)
    seen, cursor = [], None
    while True:
        page = api.get("/v2/observations", limit=10, **({"cursor": cursor} if cursor else {}))
        seen += [(found["startTime"], found["id"]) for found in page["data"]]
        cursor = page["meta"].get("cursor")
        if cursor is None:
            break

    assert len(seen) == len(set(seen)) == 103
    assert [start for start, _ in seen] == sorted((start for start, _ in seen), reverse=True)


FILTERS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "traces": ({"type": "stringOptions", "column": "traceId", "operator": "any of", "value": ["1", "3"]}, [C, A]),
    "end": ({"type": "datetime", "column": "endTime", "operator": ">=", "value": NOON}, [C, B]),
    "start": ({"type": "datetime", "column": "startTime", "operator": "<", "value": NOON}, [A]),
    "tags": ({"type": "arrayOptions", "column": "tags", "operator": "any of", "value": ["x"]}, [B]),
    "all tags": ({"type": "arrayOptions", "column": "traceTags", "operator": "all of", "value": ["x", "z"]}, []),
    "environment": (
        {"type": "stringOptions", "column": "environment", "operator": "none of", "value": ["dev"]},
        [B, A],
    ),
    "name": ({"type": "string", "column": "name", "operator": "starts with", "value": "Tool"}, [B]),
    "part of a name": ({"type": "string", "column": "name", "operator": "contains", "value": "WRITE"}, [B]),
    "not part": ({"type": "string", "column": "name", "operator": "does not contain", "value": "write"}, [C, A]),
    "end of a name": ({"type": "string", "column": "name", "operator": "ends with", "value": "n"}, [C, A]),
    "type": ({"type": "string", "column": "type", "operator": "=", "value": "TOOL"}, [B]),
    "root": ({"type": "boolean", "column": "isRootObservation", "operator": "=", "value": True}, [C, A]),
    "metadata": ({"type": "stringObject", "column": "metadata", "key": "cwd", "operator": "=", "value": "/x"}, [A]),
    "slow": ({"type": "number", "column": "latency", "operator": ">", "value": 60}, [B]),
    "no user": ({"type": "null", "column": "userId", "operator": "is null"}, [C, B]),
}


@pytest.fixture
def three(emulator: LangfuseEmulator) -> None:
    emulator.seed(
        [
            row(A, "1", MORNING, metadata={"cwd": "/x"}, userId="ada"),
            row(B, "2", NOON, end=NEXT_DAY, type="TOOL", name="Tool: Write", parentObservationId=A, tags=["x", "y"]),
            row(C, "3", NEXT_DAY, environment="dev"),
        ]
    )


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(("condition", "found"), FILTERS.values(), ids=FILTERS)
def test_a_filter_finds_its_rows(condition: dict[str, Any], found: list[str], api: Api) -> None:
    assert api.span_ids(filter=json.dumps([condition])) == found


PARAMETERS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "trace": ({"traceId": "1"}, [A]),
    "from": ({"fromStartTime": NOON}, [C, B]),
    "to": ({"toStartTime": NOON}, [A]),
    "environments": ({"environment": ["dev", "default"]}, [C, B, A]),
    "environment": ({"environment": "dev"}, [C]),
    "root": ({"isRootObservation": "true"}, [C, A]),
    "no parent": ({"parentObservationId": ""}, [C, A]),
    "user": ({"userId": "ada"}, [A]),
    "the filter wins": ({"type": "SPAN", "filter": json.dumps([FILTERS["type"][0]])}, [B]),
}


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(("params", "found"), PARAMETERS.values(), ids=PARAMETERS)
def test_a_query_parameter_finds_its_rows(params: dict[str, Any], found: list[str], api: Api) -> None:
    assert api.span_ids(**params) == found


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{}",
        "[1]",
        '[{"type": "colour"}]',
        '[{"type": "string", "column": "name", "operator": "like", "value": ""}]',
    ],
)
def test_a_filter_that_is_none_is_refused(text: str, api: Api) -> None:
    assert api.client.get("/v2/observations", params={"filter": text}).status_code == 400


def test_metadata_is_cut_unless_its_key_is_expanded(emulator: LangfuseEmulator, api: Api) -> None:
    emulator.seed([row(metadata={"long": "x" * 300, "edits": {"a": "y" * 300}, "n": 5, "digits": "5"})])

    (cut_row,) = api.get("/v2/observations", fields="metadata")["data"]
    (whole,) = api.get("/v2/observations", fields="metadata", expandMetadata="long,edits")["data"]

    assert (len(cut_row["metadata"]["long"]), len(cut_row["metadata"]["edits"])) == (200, 200)
    assert whole["metadata"] == {"long": "x" * 300, "edits": {"a": "y" * 300}, "n": 5, "digits": "5"}


def test_a_heavy_page_ends_early_with_a_cursor() -> None:
    with served(response_cap=1000) as (emulator, api):
        emulator.seed(row(f"{n:016x}", input="x" * 600) for n in range(3))
        page = api.get("/v2/observations", fields="core,io")

    assert (len(page["data"]), "cursor" in page["meta"]) == (1, True)


def test_a_row_sent_again_replaces_the_first_and_one_seeded_twice_stands_beside_it(
    emulator: LangfuseEmulator, api: Api
) -> None:
    emulator.seed([row(input="old")])
    emulator.seed([row(input="new")])
    assert [found["input"] for found in api.get("/v2/observations", fields="io")["data"]] == ["new"]
    emulator.seed([row(input="new")], twice=True)

    assert api.span_ids() == [SPAN, SPAN]
