"""The emulated LangSmith fails on demand, limits rates, and lets nobody in without a key."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from langsmith.utils import LangSmithError
from langsmith_api import NOW, Api, Time, run, sdk, served, uid
from urllib3.util import Retry

from tracevet.testing.langsmith import LangSmithEmulator, Limits, cut, fail, html, slow


@pytest.fixture
def pair() -> Iterator[tuple[LangSmithEmulator, Api]]:
    with served() as (emulator, api):
        emulator.seed([run("turn")])
        yield emulator, api


@pytest.fixture
def emulator(pair: tuple[LangSmithEmulator, Api]) -> LangSmithEmulator:
    return pair[0]


@pytest.fixture
def api(pair: tuple[LangSmithEmulator, Api]) -> Api:
    return pair[1]


def test_errors_come_as_often_as_asked_and_then_the_request_works(emulator: LangSmithEmulator, api: Api) -> None:
    emulator.faults.add(fail(429, retry_after=7), method="POST", path="*/feedback", times=2)
    emulator.faults.add(fail(500), path="/sessions")
    answers = [api.feedback(score=0.5) for _ in range(3)]

    assert [(answer.status_code, answer.headers.get("retry-after")) for answer in answers] == [
        (429, "7"),
        (429, "7"),
        (200, None),
    ]
    assert api.client.get("/sessions").json() == {"detail": "Internal server error"}
    assert len(emulator.state()["feedback"]) == 1


@pytest.mark.parametrize(("after_effect", "stored"), [(False, 0), (True, 1)])
def test_a_cut_connection_is_an_error_before_or_after_the_effect(
    after_effect: bool, stored: int, emulator: LangSmithEmulator, api: Api
) -> None:
    emulator.faults.add(cut(after_effect=after_effect), times=1)
    with pytest.raises(httpx.TransportError):
        api.feedback()

    assert len(emulator.state()["feedback"]) == stored
    assert emulator.requests[-1].status is None
    assert api.feedback().status_code == (409 if stored else 200)


def test_a_slow_answer_is_held_back_and_a_page_of_html_is_none(emulator: LangSmithEmulator, api: Api) -> None:
    emulator.faults.add(slow(0.05), times=1)
    emulator.faults.add(html(), path="/info", times=1)

    assert "<html>" in api.client.get("/info").text
    assert api.get("/info")["version"] == "0.18.3"


def test_the_sdk_sends_runs_again_after_an_error_and_none_is_doubled() -> None:
    with LangSmithEmulator() as emulator, sdk(emulator) as client:
        emulator.faults.add(fail(500), path="*/runs/multipart", times=1)
        emulator.faults.add(cut(after_effect=True), path="*/runs/multipart", times=1)
        client.create_run("turn", {"a": 1}, "chain", id=uid("turn"), trace_id=uid("turn"), dotted_order=order())
        client.flush()

        assert [row["name"] for row in emulator.state()["runs"]] == ["turn"]


def order() -> str:
    return "20260302T080000000000Z" + uid("turn")


REFUSED: list[tuple[str, str, dict[str, str], int, Any]] = [
    ("GET", "/sessions", {}, 401, {"detail": "Invalid token"}),
    ("GET", "/sessions", {"x-api-key": "lsv2_pt_of_another_region"}, 401, {"detail": "Invalid token"}),
    ("POST", "/runs/multipart", {"x-api-key": "wrong"}, 403, {"error": "Forbidden"}),
    ("POST", "/api/v2/runs/query", {"x-api-key": "wrong"}, 401, {"detail": "Invalid token"}),
]


@pytest.mark.parametrize(("method", "path", "headers", "status", "body"), REFUSED)
def test_a_wrong_key_opens_nothing(
    method: str, path: str, headers: dict[str, str], status: int, body: Any, emulator: LangSmithEmulator
) -> None:
    answer = httpx.request(method, emulator.url + path, headers=headers, trust_env=False)

    assert (answer.status_code, answer.json()) == (status, body)


def test_a_key_of_one_workspace_opens_no_other(emulator: LangSmithEmulator, api: Api) -> None:
    other = emulator.add_workspace("Workspace Two", "lsv2_pt_two")
    wrong = api.client.get("/sessions", headers={"x-tenant-id": other.id})
    theirs = api.client.get("/sessions", headers={"x-api-key": "lsv2_pt_two"})

    assert (wrong.status_code, theirs.status_code, theirs.json()) == (403, 200, [])
    assert api.client.get("/sessions", headers={"x-api-key": emulator.org_key}).json()["error"] == (
        "org_scoped_key_requires_workspace"
    )
    chosen = {"x-api-key": emulator.org_key, "x-tenant-id": other.id}
    assert api.client.get("/settings", headers=chosen).json()["display_name"] == "Workspace Two"
    assert api.client.get("/settings", headers={**chosen, "x-tenant-id": uid("none")}).status_code == 403


def test_what_the_server_is_told_without_a_key(emulator: LangSmithEmulator) -> None:
    for path in ("/info", "/api/v1/info"):
        told = httpx.get(emulator.url + path, trust_env=False).json()
        assert {"size_limit", "scale_up_nthreads_limit", "scale_up_qsize_trigger"} <= told["batch_ingest_config"].keys()


def test_unknown_paths_and_methods_are_refused_in_json(api: Api) -> None:
    assert (api.client.get("/nowhere").status_code, api.client.get("/nowhere").json()) == (404, {"detail": "Not Found"})
    assert api.client.put("/feedback").status_code == 405
    assert api.client.post("/feedback", content=b"{").status_code == 422
    assert api.client.post("/feedback", json=[]).status_code == 422


WEEK = {"min_start_time": (NOW - timedelta(days=7)).isoformat()}
YEAR = {"min_start_time": (NOW - timedelta(days=365)).isoformat()}
LIMITED: list[tuple[str, dict[str, Any], int]] = [
    ("/runs/query", {}, 15),
    ("/api/v2/runs/query", {}, 10),
    ("/api/v2/runs/query", WEEK, 10),
    ("/api/v2/runs/query", YEAR, 3),
]


@pytest.mark.parametrize(("path", "body", "allowed"), LIMITED)
def test_the_documented_rates_are_allowed_and_no_more(path: str, body: dict[str, Any], allowed: int) -> None:
    time = Time()
    with served(limits=Limits.documented(), clock=time) as (emulator, api):
        wanted = {**body, "project_ids": [emulator.project()], "session": [emulator.project()]}
        answers = [api.post(path, wanted) for _ in range(allowed + 1)]
        time.now = NOW + timedelta(seconds=10)
        later = api.post(path, wanted)

    assert [answer.status_code for answer in answers] == [200] * allowed + [429]
    assert answers[-1].headers["retry-after"] == "10"
    assert later.status_code == 200


def test_rates_are_counted_for_each_kind_alone(api: Api) -> None:
    with served(limits=Limits(v1_query=1, feedback=1)) as (emulator, limited):
        emulator.seed([run("turn")])
        project = emulator.project()
        codes = [limited.post("/runs/query", {"session": [project]}).status_code for _ in range(2)]
        codes += [limited.feedback(id=uid(f"f{at}")).status_code for at in range(2)]
        codes += [limited.post("/api/v2/runs/query", {"project_ids": [project]}).status_code for _ in range(5)]

    assert codes == [200, 429, 200, 429, *[200] * 5]


def test_the_sdk_meets_the_limits_as_errors() -> None:
    at_once = Retry(0)  # its own retries wait for as long as the answer says
    with (
        served(limits=Limits(v1_query=0)) as (emulator, _),
        sdk(emulator, retry_config=at_once) as client,
        pytest.raises(LangSmithError, match="Rate limit exceeded"),
    ):
        client.request_with_retries("POST", "/runs/query", json={"session": [emulator.project()]})


def test_two_emulators_run_beside_each_other_with_keys_of_their_own() -> None:
    with LangSmithEmulator() as one, LangSmithEmulator() as two:
        assert (one.url, one.api_key, one.org_key) != (two.url, two.api_key, two.org_key)
        answer = httpx.get(f"{two.url}/sessions", headers={"x-api-key": one.api_key}, trust_env=False)
        assert answer.status_code == 401
