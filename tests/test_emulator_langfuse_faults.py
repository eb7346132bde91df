"""The emulated Langfuse fails on demand, keeps what it should, and forgets when told to."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from langfuse_api import MORNING, NOON, SCORE, SPAN, TRACE, A, Api, B, otlp, row, served

from tracevet.testing.langfuse import Delays, LangfuseEmulator, cut, fail, html, reject, shorten, slow


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


def values(emulator: LangfuseEmulator) -> list[tuple[str, Any]]:
    return [(score["name"], score["value"]) for score in emulator.state()["scores"]]


def test_errors_come_as_often_as_asked_and_then_the_request_works(emulator: LangfuseEmulator, api: Api) -> None:
    emulator.faults.add(fail(429, retry_after=7), method="POST", path="*/scores", times=2)
    emulator.faults.add(fail(500), path="*/comments")
    answers = [api.post("/scores", SCORE) for _ in range(3)]

    assert [(answer.status_code, answer.headers.get("retry-after")) for answer in answers] == [
        (429, "7"),
        (429, "7"),
        (200, None),
    ]
    assert values(emulator) == [("policy", "weak-hash")]


@pytest.mark.parametrize(("after_effect", "stored"), [(False, 0), (True, 1)])
def test_a_cut_connection_is_an_error_before_or_after_the_effect(
    after_effect: bool, stored: int, emulator: LangfuseEmulator, api: Api
) -> None:
    emulator.faults.add(cut(after_effect=after_effect), times=1)
    with pytest.raises(httpx.TransportError):
        api.post("/scores", SCORE)

    assert len(emulator.state()["scores"]) == stored
    assert emulator.requests[-1].status is None
    assert api.post("/scores", SCORE).status_code == 200


def test_a_page_of_html_is_answered_as_a_proxy_does(emulator: LangfuseEmulator, api: Api) -> None:
    emulator.faults.add(html())
    response = api.client.get("/health")
    emulator.faults.clear()

    assert response.headers["content-type"].startswith("text/html")
    assert api.get("/health")["status"] == "OK"


def test_a_slow_answer_holds_up_no_other(emulator: LangfuseEmulator, api: Api) -> None:
    emulator.faults.add(slow(30), path="*/projects")
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(api.client.get, "/projects", timeout=0.3)
        assert api.get("/health")["status"] == "OK"
        with pytest.raises(httpx.ReadTimeout):
            waiting.result()


def test_items_of_a_batch_are_rejected_on_demand(emulator: LangfuseEmulator, api: Api) -> None:
    emulator.faults.add(reject(1), times=2)
    scores = api.post("/scores", [SCORE, SCORE | {"id": "t"}])
    events = api.event(SCORE, NOON)

    assert (scores.status_code, scores.json()["rejected"]) == (207, 1)
    assert (events["successes"], events["errors"][0]["status"]) == ([], 500)
    assert [score["id"] for score in emulator.state()["scores"]] == ["t"]


def test_an_empty_page_with_a_cursor_is_no_end(emulator: LangfuseEmulator, api: Api) -> None:
    emulator.seed([row(A), row(B)])
    emulator.faults.add(shorten(1), times=1)
    page = api.get("/v2/observations")

    assert len(page["data"]) == 1
    assert api.span_ids(cursor=page["meta"]["cursor"]) == [A]


def test_the_same_seed_gives_the_same_faults() -> None:
    def drawn(seed: int) -> list[bool]:
        emulator = LangfuseEmulator(seed=seed)
        emulator.faults.add(fail(500), share=0.2)
        return [bool(emulator.faults.draw("GET", "/")) for _ in range(200)]

    assert drawn(1) == drawn(1) != drawn(2)
    assert 20 < sum(drawn(1)) < 60


def test_a_rate_limit_says_how_long_to_wait() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    with served(requests_per_minute=2, clock=lambda: moment) as (_, api):
        statuses = [api.client.get("/projects").status_code for _ in range(2)]
        moment += timedelta(seconds=20)
        refused = api.client.get("/projects")
        moment += timedelta(seconds=40)
        again = api.client.get("/projects").status_code

    assert (statuses, refused.status_code, refused.headers["retry-after"], again) == ([200, 200], 429, "40", 200)


def test_what_was_written_can_be_read_after_its_delay() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    delays = Delays(spans=1, scores=5, deletes=0.5)
    with served(delays=delays, clock=lambda: moment) as (_, api):
        api.post("/otel/v1/traces", otlp())
        api.post("/scores", [SCORE])
        seen = []
        for seconds in (0, 1, 4):
            moment += timedelta(seconds=seconds)
            seen.append((api.span_ids(), [score["id"] for score in api.get("/v3/scores")["data"]]))

    assert seen == [([], []), ([SPAN], []), ([SPAN], ["s"])]


def test_the_state_counts_what_is_still_on_its_way() -> None:
    with served(delays=Delays(scores=3600)) as (emulator, api):
        api.post("/scores", [SCORE])

    assert values(emulator) == [("policy", "weak-hash")]


def test_forgetting_keeps_only_the_counts(emulator: LangfuseEmulator, api: Api) -> None:
    emulator.seed([row(A, "1", MORNING), row(B, "2", NOON)])
    for trace in ("1", "2"):
        api.post("/scores", SCORE | {"id": trace, "traceId": trace})
        api.post("/comments", {"projectId": "project-1", "objectType": "TRACE", "objectId": trace, "content": "x"})

    assert emulator.forget(before=datetime(2026, 3, 1, 9, tzinfo=UTC)) == 1
    state = emulator.state()
    assert [len(state[kind]) for kind in ("observations", "scores", "comments")] == [1, 1, 1]
    assert emulator.forget() == 1
    assert not any(emulator.state().values())
    assert emulator.received["seeded"] == 2


def test_a_deleted_trace_is_gone(emulator: LangfuseEmulator, api: Api) -> None:
    emulator.seed([row()])
    api.post("/scores", SCORE)
    emulator.delete_trace(TRACE)

    assert (api.span_ids(), values(emulator)) == ([], [])


def test_stopping_is_quick_while_a_client_is_connected() -> None:
    emulator = LangfuseEmulator().start()
    api = Api(emulator)
    api.get("/health")
    before = time.monotonic()
    emulator.stop()
    api.client.close()

    assert time.monotonic() - before < 5
    with pytest.raises(RuntimeError, match="not running"):
        _ = emulator.url
