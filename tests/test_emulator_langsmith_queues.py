"""Configs, queues, projects and views of the emulated LangSmith are kept, listed and refused as in the real one."""

from collections.abc import Iterator
from typing import Any

import pytest
from langsmith_api import Api, run, served, uid

from tracevet.testing.langsmith import LangSmithEmulator, Rules

CONFIG = {"feedback_key": "policy.review", "feedback_config": {"type": "freeform"}}


@pytest.fixture
def pair() -> Iterator[tuple[LangSmithEmulator, Api]]:
    with served() as (emulator, api):
        emulator.seed([run("turn"), run("write", "turn")])
        yield emulator, api


@pytest.fixture
def emulator(pair: tuple[LangSmithEmulator, Api]) -> LangSmithEmulator:
    return pair[0]


@pytest.fixture
def api(pair: tuple[LangSmithEmulator, Api]) -> Api:
    return pair[1]


@pytest.fixture
def queue(api: Api) -> str:
    api.post("/feedback-configs", CONFIG)
    wanted = {"id": uid("queue"), "name": "review", "rubric_items": [{"feedback_key": "policy.review"}]}
    return str(api.post("/annotation-queues", wanted).json()["id"])


CONFIGS: list[tuple[dict[str, Any], int]] = [
    (CONFIG, 200),
    ({**CONFIG, "is_lower_score_better": False, "is_enforced": False}, 200),
    ({**CONFIG, "feedback_config": {"type": "continuous", "min": 0, "max": 1}}, 400),
    ({**CONFIG, "is_lower_score_better": True}, 400),
    ({**CONFIG, "feedback_config": {"type": "number"}}, 422),
    ({"feedback_config": {"type": "freeform"}}, 422),
]


@pytest.mark.parametrize(("config", "status"), CONFIGS)
def test_a_config_may_be_created_again_but_not_redefined(config: dict[str, Any], status: int, api: Api) -> None:
    api.post("/feedback-configs", CONFIG)
    before = api.emulator.state()["configs"]

    assert api.post("/feedback-configs", config).status_code == status
    assert api.emulator.state()["configs"] == before


def test_an_enforced_config_is_there_once(api: Api) -> None:
    enforced = {**CONFIG, "is_enforced": True}

    assert [api.post("/feedback-configs", enforced).status_code for _ in range(2)] == [200, 409]


def test_only_an_administrator_creates_configs_and_anyone_lists_them() -> None:
    with served(rules=Rules(admin=False)) as (_, api):
        assert api.post("/feedback-configs", CONFIG).status_code == 403
        assert api.get("/feedback-configs") == []


def test_configs_are_found_by_key_and_part_of_it(api: Api) -> None:
    for key in ("policy.b", "policy.a", "other"):
        api.post("/feedback-configs", {**CONFIG, "feedback_key": key})

    assert [row["feedback_key"] for row in api.get("/feedback-configs", name_contains="POLICY")] == [
        "policy.a",
        "policy.b",
    ]
    assert [row["feedback_key"] for row in api.get("/feedback-configs", key=["other"])] == ["other"]
    assert [row["feedback_key"] for row in api.get("/feedback-configs", limit=1, offset=1)] == ["policy.a"]


QUEUES: list[tuple[dict[str, Any], int]] = [
    ({"name": ""}, 422),
    ({"name": "other", "id": uid("queue")}, 409),
    ({"name": "other", "rubric_items": [{"feedback_key": "unknown"}]}, 400),
    ({"name": "review"}, 200),
]


@pytest.mark.parametrize(("body", "status"), QUEUES)
def test_a_queue_needs_a_name_a_new_id_and_known_rubrics(body: Any, status: int, queue: str, api: Api) -> None:
    assert api.post("/annotation-queues", body).status_code == status
    assert len(api.get("/annotation-queues")) == (2 if status == 200 else 1)


def test_a_queue_is_read_with_its_rubric_changed_and_deleted(queue: str, api: Api) -> None:
    path = f"/annotation-queues/{queue}"
    assert api.get(path)["rubric_items"] == [{"feedback_key": "policy.review"}]
    assert "rubric_items" not in api.get("/annotation-queues", name="review")[0]

    changed = api.client.patch(path, json={"description": "look here", "rubric_items": []})
    assert (changed.status_code, api.get(path)["description"], api.get(path)["rubric_items"]) == (200, "look here", [])
    assert api.client.patch(path, json={"rubric_items": [{"feedback_key": "x"}]}).status_code == 400
    assert api.client.delete(path).status_code == 200
    assert api.client.get(path).status_code == 404


ADDED: list[tuple[str, Any, int]] = [
    ("/runs", [uid("turn")], 200),
    ("/runs", [{"run_id": uid("turn")}], 200),
    ("/runs/by-key", [{"run_id": uid("turn"), "session_id": "?", "start_time": "2026-03-02T08:00:00Z"}], 200),
    ("/items", {"items": [{"item_type": "RUN", "run_id": uid("turn"), "project_id": "?"}]}, 201),
    ("/runs", [uid("nowhere")], 404),
    ("/runs", [uid("turn"), uid("nowhere")], 404),
    ("/runs", {}, 422),
    ("/runs/by-key", [{"run_id": uid("turn"), "session_id": uid("elsewhere")}], 404),
    ("/items", {"items": "all"}, 400),
    ("/items", {"items": [{"run_id": uid("nowhere")}]}, 404),
]


@pytest.mark.parametrize(("path", "body", "status"), ADDED)
def test_known_runs_are_added_and_a_repetition_is_seen(path: str, body: Any, status: int, queue: str, api: Api) -> None:
    prefix = "/api/v1/platform" if path == "/items" else ""
    for entry in body if isinstance(body, list) else body.get("items", ()):
        if isinstance(entry, dict):
            entry.update({key: api.emulator.project() for key, value in entry.items() if value == "?"})
    answers = [api.post(f"{prefix}/annotation-queues/{queue}{path}", body).status_code for _ in range(2)]

    assert answers == [status, status]
    added = [{"queue": "review", "run_id": uid("turn"), "status": "needs_my_review"}] * 2
    assert api.emulator.state()["items"] == (added if status in (200, 201) else [])


def test_items_are_listed_by_section_page_by_page_and_reviewed(queue: str, api: Api) -> None:
    path = f"/api/v1/platform/annotation-queues/{queue}/items"
    items = api.post(path, {"items": [{"run_id": uid("turn")}, {"run_id": uid("write")}]}).json()["items"]
    first = api.get(path, status="needs_my_review", page_size=1)
    second = api.get(path, status="needs_my_review", page_size=1, cursor=first["next_cursor"])
    status = f"/api/v1/platform/annotation-queues/items/{items[0]['id']}/status"
    done = api.post(status, {"status": "completed"}).json()

    assert [page["items"][0]["run_id"] for page in (first, second)] == [uid("turn"), uid("write")]
    assert "next_cursor" not in second
    assert done["is_archived"]
    assert [row["run_id"] for row in api.get(path, status="archived")["items"]] == [uid("turn")]
    assert api.client.get(path, params={"status": "all"}).status_code == 400
    assert api.post(status.replace(items[0]["id"], uid("none")), {}).status_code == 404


def test_runs_of_a_queue_are_listed_and_removed(queue: str, api: Api) -> None:
    api.post(f"/annotation-queues/{queue}/runs", [uid("turn"), uid("write")])
    rows = api.get(f"/annotation-queues/{queue}/runs")
    items = f"/api/v1/platform/annotation-queues/{queue}/items/delete"

    assert [row["name"] for row in rows] == ["turn", "write"]
    assert api.get(f"/annotation-queues/{uid('turn')}/queues")[0]["id"] == queue
    assert api.get("/annotation-queues")[0]["total_runs"] == 2
    assert api.client.delete(f"/annotation-queues/{queue}/runs/{uid('turn')}").status_code == 200
    assert api.client.delete(f"/annotation-queues/{queue}/runs/{uid('turn')}").status_code == 404
    assert api.post(items, {"item_ids": [rows[1]["queue_run_id"]]}).status_code == 200
    assert api.emulator.state()["items"] == []


@pytest.mark.parametrize(("extend", "kept"), [("true", [uid("turn")]), ("false", [])])
def test_items_extend_the_retention_only_where_asked(extend: str, kept: list[str], queue: str, api: Api) -> None:
    path = f"/api/v1/platform/annotation-queues/{queue}/items?extend_trace_retention={extend}"
    api.post(path, {"items": [{"run_id": uid("write")}]})

    assert api.emulator.state()["long_traces"] == kept


def test_a_project_is_created_once_unless_it_may_be_there(api: Api) -> None:
    first = api.post("/sessions", {"name": "shop", "description": "d"}).json()

    assert api.post("/sessions", {"name": "shop"}).status_code == 409
    assert api.post("/sessions?upsert=True", {"name": "shop"}).json()["id"] == first["id"]
    assert api.client.patch(f"/sessions/{first['id']}", json={"description": "e"}).json()["description"] == "e"


def test_projects_are_found_by_name_part_id_and_metadata(api: Api) -> None:
    shop = api.post("/sessions", {"name": "shop", "extra": {"metadata": {"team": "a"}}}).json()["id"]

    def names(**params: Any) -> list[str]:
        return [row["name"] for row in api.get("/sessions", **params)]

    assert names() == ["shop", "default"]
    assert names(limit=1, offset=1) == ["default"]
    assert (
        names(name="shop") == names(name_contains="HO") == names(id=shop) == names(metadata='{"team": "a"}') == ["shop"]
    )
    assert names(name="sho") == names(metadata='{"team": "b"}') == []
    assert api.get("/sessions", name="default")[0]["run_count"] == 2
    assert api.client.get("/sessions", params={"metadata": "{"}).status_code == 422


@pytest.mark.parametrize(("project", "status"), [(uid("nowhere"), 404), ("x", 422)])
def test_a_project_that_is_not_there_has_no_views(project: str, status: int, api: Api) -> None:
    assert api.client.get(f"/sessions/{project}").status_code == status
    assert api.post(f"/sessions/{project}/views", {"display_name": "v"}).status_code == status


def test_views_are_saved_and_a_second_of_one_name_stands_beside_the_first(api: Api) -> None:
    path = f"/api/v1/sessions/{api.emulator.project()}/views"
    for _ in range(2):
        api.post(path, {"display_name": "policy: weak-hash", "filter_string": 'eq(feedback_key, "policy.weak-hash")'})

    assert [row["display_name"] for row in api.get(path, type="runs")] == ["policy: weak-hash"] * 2
    assert api.get(path, type="threads") == []
    assert api.emulator.state()["views"][0]["project"] == "default"
    assert api.post(path, {"display_name": ""}).status_code == 422
