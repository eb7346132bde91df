"""Runs are found in the emulated LangSmith as they are in the real one: without order, a day back, page by page."""

from collections.abc import Iterator
from typing import Any

import pytest
from langsmith_api import LAST_WEEK, MORNING, NOON, Api, run, served, uid

from tracevet.testing.langsmith import LangSmithEmulator, shorten

CODING = {"metadata": {"ls_agent_purpose": "coding", "thread_id": "t-1", "turn": 7}}
RUNS = [
    run("turn", extra=CODING, tags=["prod", "team:a"], inputs={"prompt": "Write a hash function"}),
    run("write", "turn", run_type="tool", start_time=NOON, end_time="2026-03-02T08:30:04.500000Z"),
    run("model", "turn", run_type="llm", error="overloaded", end_time=NOON),
    run("pending", end_time=None, start_time=NOON),
    run("old", start_time=LAST_WEEK, extra={"metadata": {"turn": 1, "purpose": "coding"}}),
]


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[LangSmithEmulator, Api]]:
    with served() as (emulator, api):
        emulator.seed(RUNS)
        emulator.review(uid("turn"), "policy.weak-hash", score=0.2)
        emulator.review(uid("turn"), "policy.sql-injection", score=0.9, value="high", comment="a query")
        yield emulator, api


@pytest.fixture
def api(pair: tuple[LangSmithEmulator, Api]) -> Api:
    return pair[1]


FILTERS = [
    ('eq(run_type, "tool")', ["write"]),
    ('eq(run_type, "TOOL")', ["write"]),
    ("and(eq(is_root, true), eq(status, 'success'))", ["old", "turn"]),
    ('eq(status, "pending")', ["pending"]),
    ("neq(error, null)", ["model"]),
    ('gt(end_time, "2026-03-02T08:30:00Z")', ["write"]),
    ('gte(end_time, "2026-03-02T09:30:00+01:00")', ["model", "write"]),
    ('lt(start_time, "2026-03-01")', ["old"]),
    ('lte(start_time, "2026-02-20T08:00:00Z")', ["old"]),
    ("gt(latency, 4)", ["model", "write"]),
    ('gt(latency, "5s")', ["model"]),
    ('in(name, ["write", "model"])', ["model", "write"]),
    ('has(tags, "prod")', ["turn"]),
    ('has(metadata, \'{"ls_agent_purpose": "coding"}\')', ["turn"]),
    ('has(metadata, "purpose")', ["old"]),
    ('search("HASH function")', ["turn"]),
    ('search(error, "overloaded")', ["model"]),
    ('and(eq(metadata_key, "ls_agent_purpose"), eq(metadata_value, "coding"))', ["turn"]),
    ('and(eq(metadata_key, "turn"), eq(metadata_value, "coding"))', []),
    ('and(eq(metadata_key, "turn"), eq(metadata_value, 7))', ["turn"]),
    ('eq(thread_id, "t-1")', ["turn"]),
    ('eq(feedback_key, "policy.weak-hash")', ["turn"]),
    ('and(eq(feedback_key, "policy.sql-injection"), gte(feedback_score, 0.7))', ["turn"]),
    ('and(eq(feedback_key, "policy.weak-hash"), gte(feedback_score, 0.7))', []),
    ('and(eq(feedback_key, "policy.weak-hash"), and(gte(feedback_score, 0.7)))', ["turn"]),
    ('and(eq(feedback_source, "app"), eq(feedback_value, "high"))', ["turn"]),
    ('or(eq(name, "old"), eq(name, "pending"))', ["old", "pending"]),
    ("not(eq(is_root, true))", ["model", "write"]),
    (r'eq(name, "a \"quoted\" name")', []),
]


@pytest.mark.parametrize(("text", "expected"), FILTERS)
def test_a_filter_finds_the_same_runs_by_both_apis(text: str, expected: list[str], api: Api) -> None:
    old = api.post("/runs/query", {"session": [api.emulator.project()], "filter": text}).json()

    assert api.names(filter=text) == expected
    assert sorted(row["name"] for row in old["runs"]) == expected


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("trace_filter", 'eq(name, "turn")', ["model", "turn", "write"]),
        ("trace_filter", 'eq(name, "write")', []),
        ("tree_filter", 'eq(name, "write")', ["model", "turn", "write"]),
        ("tree_filter", 'eq(feedback_key, "policy.weak-hash")', ["model", "turn", "write"]),
    ],
)
def test_filters_of_the_trace_find_every_run_of_it(name: str, text: str, expected: list[str], api: Api) -> None:
    old = api.post("/runs/query", {"session": [api.emulator.project()], name: text}).json()

    assert api.names(**{name: text}) == expected
    assert sorted(row["name"] for row in old["runs"]) == expected


WRONG_FILTERS = (
    *(
        "eq(name",
        "eq(name, 'x'))",
        "eq(nam, 'x')",
        "like(name, 'x')",
        "name",
        "eq('x', name)",
        "and(true)",
        "eq(name,, 1)",
    ),
    *("gt(start_time, 'soon')", "gt(latency, 'long')", "in(name, 'x')", "has(name, 'x')", "search(7)", "\x00", "("),
    "not(" * 30 + "eq(name, 'x')" + ")" * 30,
)


@pytest.mark.parametrize("text", WRONG_FILTERS)
def test_a_filter_that_is_none_is_refused_by_both_apis(text: str, api: Api) -> None:
    project = api.emulator.project()
    answers = [
        api.post("/runs/query", {"session": [project], "filter": text}),
        api.post("/api/v2/runs/query", {"project_ids": [project], "filter": text}),
    ]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert all("invalid filter" in answer.json()["detail"] for answer in answers)


CONDITIONS: list[tuple[dict[str, Any], list[str]]] = [
    ({"is_root": True}, ["old", "pending", "turn"]),
    ({"is_root": False}, ["model", "write"]),
    ({"run_type": "TOOL"}, ["write"]),
    ({"has_error": True}, ["model"]),
    ({"trace_id": uid("turn")}, ["model", "turn", "write"]),
    ({"ids": [uid("old"), uid("write"), uid("nowhere")]}, ["old", "write"]),
    ({"min_start_time": NOON}, ["pending", "write"]),
    ({"max_start_time": LAST_WEEK}, ["old"]),
    ({"min_start_time": MORNING, "max_start_time": MORNING}, ["model", "turn"]),
]


@pytest.mark.parametrize(("body", "expected"), CONDITIONS)
def test_the_plain_conditions_narrow_a_query(body: dict[str, Any], expected: list[str], api: Api) -> None:
    assert api.names(**body) == expected


def test_without_a_start_only_the_last_day_is_found(api: Api) -> None:
    assert api.names(min_start_time=None) == ["model", "pending", "turn", "write"]


def test_a_server_whose_clock_is_ahead_counts_the_day_by_its_own_clock() -> None:
    with served(skew=24 * 3600) as (emulator, api):
        emulator.seed(RUNS)

        assert api.names(min_start_time=None) == []
        assert "old" in api.names()


def test_without_selects_there_is_only_the_id(api: Api) -> None:
    assert api.page(ids=[uid("turn")])["items"] == [{"id": uid("turn")}]


def test_a_pending_run_has_a_null_end_and_what_is_missing_is_left_out(api: Api) -> None:
    (row,) = api.page(ids=[uid("pending")], selects=["STATUS", "END_TIME", "ERROR", "INPUTS", "IS_ROOT"])["items"]

    assert row == {"id": uid("pending"), "status": "PENDING", "end_time": None, "is_root": True}


def test_ancestors_come_from_the_root_down_and_feedback_is_counted() -> None:
    with served() as (emulator, api):
        leaf = run("leaf", "write") | {"trace_id": uid("turn")}
        emulator.seed([run("turn"), run("write", "turn"), leaf])
        for score in (0.2, 0.4):
            emulator.review(uid("leaf"), "policy.x", score=score, value="low")
        (row,) = api.page(ids=[uid("leaf")], selects=["PARENT_RUN_IDS", "FEEDBACK_STATS"])["items"]

    stats = row["feedback_stats"]["policy.x"]
    assert row["parent_run_ids"] == [uid("turn"), uid("write")]
    assert (stats["n"], stats["min"], stats["max"], stats["values"]) == (2, 0.2, 0.4, {"low": 2})


@pytest.fixture(scope="module")
def many() -> Iterator[tuple[LangSmithEmulator, Api]]:
    with served(seed=3) as (emulator, api):
        emulator.seed(run(f"run-{at:03}", start_time=f"2026-03-02T08:{at % 60:02}:00Z") for at in range(250))
        yield emulator, api


def walk(api: Api, size: int) -> list[list[str]]:
    pages, cursor = [], None
    while True:
        page = api.page(page_size=size, selects=["NAME"], cursor=cursor)
        pages.append([row["name"] for row in page["items"]])
        cursor = page.get("next_cursor")
        if cursor is None:
            return pages


def test_a_walk_meets_every_run_once_in_an_order_that_means_nothing(many: tuple[LangSmithEmulator, Api]) -> None:
    pages = walk(many[1], 100)
    met = [name for page in pages for name in page]

    assert [len(page) for page in pages] == [100, 100, 50]
    assert sorted(met) == [f"run-{at:03}" for at in range(250)]
    assert met != sorted(met)
    assert met != sorted(met, reverse=True)
    assert met != [name for page in walk(many[1], 100) for name in page]


def test_a_cursor_gives_the_same_page_again(many: tuple[LangSmithEmulator, Api]) -> None:
    cursor = many[1].page(page_size=10)["next_cursor"]

    assert many[1].page(page_size=10, cursor=cursor) == many[1].page(page_size=10, cursor=cursor)


def test_a_run_that_leaves_during_a_walk_moves_no_other() -> None:
    with served() as (emulator, api):
        emulator.seed(run(f"run-{at}") for at in range(30))
        first = api.page(page_size=10, selects=["NAME"])
        emulator.delete_trace(first["items"][0]["id"])
        rest = api.page(page_size=10, selects=["NAME"], cursor=first["next_cursor"])
        last = api.page(page_size=10, selects=["NAME"], cursor=rest["next_cursor"])

    assert len({row["name"] for page in (first, rest, last) for row in page["items"]}) == 30


def test_a_page_may_be_shorter_than_asked_for(many: tuple[LangSmithEmulator, Api]) -> None:
    emulator, api = many
    emulator.faults.add(shorten(7), path="*/runs/query")
    pages = walk(api, 100)
    emulator.faults.clear()

    assert {len(page) for page in pages[:-1]} == {7}
    assert len({name for page in pages for name in page}) == 250


def test_the_old_api_gives_the_newest_first_and_a_hundred_at_most(many: tuple[LangSmithEmulator, Api]) -> None:
    emulator, api = many
    wanted: dict[str, Any] = {"session": [emulator.project()], "select": ["name", "start_time"]}
    first = api.post("/runs/query", wanted).json()
    second = api.post("/runs/query", {**wanted, "cursor": first["cursors"]["next"]}).json()
    times = [row["start_time"] for row in first["runs"] + second["runs"]]

    assert times == sorted(times, reverse=True)
    assert times[0] == "2026-03-02T08:59:00.000000"
    assert (len(first["runs"]), first["cursors"]["prev"]) == (100, None)
    assert api.post("/runs/query", {**wanted, "limit": 101}).status_code == 400
    assert "inputs" not in first["runs"][0]


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"page_size": 0}, 400, "between 1 and 1000"),
    ({"page_size": 1001}, 400, "between 1 and 1000"),
    ({"run_type": "tool"}, 400, "run_type"),
    ({"selects": ["NAMES"]}, 400, "selects"),
    ({"min_start_time": "soon"}, 400, "RFC 3339"),
    ({"ids": ["x"]}, 400, "UUID"),
    ({"cursor": "e30="}, 400, "cursor"),
    ({"cursor": "!"}, 400, "cursor"),
    ({"project_ids": []}, 400, "project_ids"),
    ({"project_ids": [uid("nowhere")]}, 404, "project not found"),
]


@pytest.mark.parametrize(("body", "status", "text"), REFUSED)
def test_a_query_that_makes_no_sense_is_refused(body: dict[str, Any], status: int, text: str, api: Api) -> None:
    answer = api.post("/api/v2/runs/query", {"project_ids": [api.emulator.project()], **body})

    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert text in answer.json()["detail"]


def test_a_cursor_belongs_to_its_query(many: tuple[LangSmithEmulator, Api]) -> None:
    emulator, api = many
    cursor = api.page(page_size=10)["next_cursor"]
    answer = api.post("/api/v2/runs/query", {"project_ids": [emulator.project()], "cursor": cursor})

    assert (answer.status_code, answer.json()["detail"]) == (400, "cursor belongs to another query")


def test_a_whole_trace_is_given_with_its_project_alone(api: Api) -> None:
    path, project = f"/api/v2/traces/{uid('turn')}/runs", api.emulator.project()
    found = api.get(path, project_id=project, selects=["NAME"], filter='eq(run_type, "tool")')
    half = api.client.get(path, params={"project_id": project, "min_start_time": MORNING})

    assert found["items"] == [{"id": uid("write"), "name": "write"}]
    assert len(api.get(path, project_id=project, min_start_time=MORNING, max_start_time=MORNING)["items"]) == 2
    assert half.status_code == 400
    assert api.client.get(path).status_code == 400
    assert api.client.get(f"/api/v2/traces/{uid('nowhere')}/runs", params={"project_id": project}).status_code == 404


def test_one_run_is_given_by_both_apis(api: Api) -> None:
    project = api.emulator.project()

    assert api.get(f"/api/v1/runs/{uid('write')}") == api.get(f"/runs/{uid('write')}")
    assert api.emulator.received["GET /runs/{run}"] == 2
    assert api.get(f"/runs/{uid('write')}")["start_time"] == "2026-03-02T08:30:00.000000"
    assert api.get(f"/api/v2/runs/{uid('write')}", project_id=project, selects=["START_TIME"])["start_time"] == NOON
    assert api.client.get(f"/runs/{uid('nowhere')}").status_code == 404
    assert api.client.get(f"/api/v2/runs/{uid('nowhere')}", params={"project_id": project}).status_code == 404


@pytest.mark.parametrize(
    ("options", "old", "new", "items"),
    [
        ({"version": "0.12.0"}, 200, 404, 404),
        ({"version": "0.16.0"}, 200, 200, 404),
        ({"version": "0.16.14"}, 200, 200, 400),
        ({"version": "0.16.14", "v2": False}, 200, 404, 404),
        ({"v2": "only"}, 404, 200, 400),
    ],
)
def test_a_version_serves_the_apis_it_has(options: dict[str, Any], old: int, new: int, items: int) -> None:
    with served(**options) as (emulator, api):
        project = emulator.project()
        flags = api.get("/info")["instance_flags"]
        asked = [
            api.post("/runs/query", {"session": [project]}),
            api.post("/api/v2/runs/query", {"project_ids": [project]}),
            api.post(f"/api/v1/platform/annotation-queues/{uid('q')}/items", {}),
        ]

    assert [answer.status_code for answer in asked] == [old, new, items]
    assert (flags["ch_query_enabled"], flags["sdb_query_enabled"]) == (old == 200, new == 200)
