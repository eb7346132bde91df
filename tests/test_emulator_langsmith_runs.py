"""Runs arrive in the emulated LangSmith as they do in the real one, whole or in parts, early or late."""

import gzip
import math
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import orjson
import pytest
import zstandard
from langsmith_api import MORNING, NOON, NOW, Api, Time, run, served, uid

from tracevet.testing.langsmith import Delays, LangSmithEmulator, Limits

BOUNDARY = "a-boundary"


@pytest.fixture
def pair() -> Iterator[tuple[LangSmithEmulator, Api]]:
    with served(limits=Limits(payload=100_000)) as pair:
        yield pair


@pytest.fixture
def emulator(pair: tuple[LangSmithEmulator, Api]) -> LangSmithEmulator:
    return pair[0]


@pytest.fixture
def api(pair: tuple[LangSmithEmulator, Api]) -> Api:
    return pair[1]


def parts(*named: tuple[str, Any]) -> bytes:
    lines = []
    for name, value in named:
        body = value if isinstance(value, bytes) else orjson.dumps(value)
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n'
        lines.append(head.encode() + b"Content-Type: application/json\r\n\r\n" + body + b"\r\n")
    return b"".join(lines) + f"--{BOUNDARY}--\r\n".encode()


def send(api: Api, body: bytes, encoding: str = "") -> httpx.Response:
    headers = {"content-type": f"multipart/form-data; boundary={BOUNDARY}", "content-encoding": encoding}
    return api.client.post("/runs/multipart", content=body, headers=headers)


def whole(name: str, **more: Any) -> bytes:
    fields = run(name, **more)
    return parts((f"post.{fields['id']}", fields), (f"post.{fields['id']}.inputs", {"prompt": "ü"}))


PACKERS = [("", bytes), ("gzip", gzip.compress), ("zstd", zstandard.compress)]


@pytest.mark.parametrize(("encoding", "pack"), PACKERS)
def test_parts_make_one_run_however_they_are_packed(encoding: str, pack: Any, api: Api) -> None:
    answer = send(api, pack(whole("turn")), encoding)

    assert answer.status_code == 202
    assert api.get(f"/runs/{uid('turn')}")["inputs"] == {"prompt": "ü"}


def test_an_attachment_is_known_by_name(api: Api) -> None:
    key = uid("turn")
    send(api, parts((f"post.{key}", run("turn")), (f"attachment.{key}.shot", b"\x00\xff\r\n--x")))

    assert api.get(f"/runs/{key}")["s3_urls"] == {"shot": f"attachments/{key}/shot"}


BAD_BODIES = [
    (b"nothing", "", 422),
    (b"nothing", "zstd", 400),
    (b"nothing", "gzip", 400),
    (zstandard.compress(b"x" * 200_000), "zstd", 413),
    (gzip.compress(b"x" * 200_000), "gzip", 413),
    (b"x" * 200_000, "", 413),
    (zstandard.compress(whole("turn"))[:-9], "zstd", 422),
    (parts((f"post.{uid('turn')}", b"{")), "", 422),
    (parts((f"post.{uid('turn')}", [])), "", 422),
    (parts((f"post.{uid('turn')}.inputs", {})), "", 422),
    (parts(("post.x", {"id": "x"})), "", 422),
    (parts(("mystery", {})), "", 422),
    (parts((f"post.{uid('turn')}", {**run("turn"), "run_type": "robot"})), "", 422),
    (parts((f"post.{uid('turn')}", {**run("turn"), "start_time": "soon"})), "", 422),
]


@pytest.mark.parametrize(("body", "encoding", "status"), BAD_BODIES)
def test_a_body_that_makes_no_sense_stores_nothing(body: bytes, encoding: str, status: int, api: Api) -> None:
    assert send(api, body, encoding).status_code == status
    assert api.emulator.state()["runs"] == []


def test_one_at_a_time_and_in_batches_runs_are_the_same(emulator: LangSmithEmulator, api: Api) -> None:
    begun = run("turn", end_time=None)
    api.post("/runs", {**begun, "session_name": "shop"})
    api.client.patch(f"/runs/{uid('turn')}", json={"end_time": NOON, "outputs": {"a": 1}})
    one = emulator.state()["runs"]
    emulator.forget()
    other = {"post": [run("other", end_time=None)], "patch": [{"id": uid("other"), "end_time": NOON}]}
    answer = api.post("/runs/batch", other)

    assert answer.status_code == 202
    assert [row["end_time"] for row in (*one, *emulator.state()["runs"])] == [NOON, NOON]
    assert emulator.state()["projects"] == ["default", "shop"]


@pytest.mark.parametrize("body", [{"post": "x"}, {"post": [7]}, {"patch": [{"id": 7}]}, {"post": [{}]}])
def test_a_batch_that_makes_no_sense_is_refused(body: Any, api: Api) -> None:
    assert api.post("/runs/batch", body).status_code == 422


def test_what_was_done_already_is_a_conflict_and_changes_nothing(emulator: LangSmithEmulator, api: Api) -> None:
    api.post("/runs", run("turn", outputs={"a": 1}))
    before = emulator.state()
    answers = [
        api.post("/runs", run("turn", outputs={"a": 2})),
        api.client.patch(f"/runs/{uid('turn')}", json={"tags": ["late"]}),
        api.post("/runs/batch", {"post": [run("turn")]}),
    ]

    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (409, {"error": "Conflict: payload already received: payloads already received"})
    ] * 3
    assert emulator.state() == before


def test_what_is_new_in_a_batch_is_taken_beside_what_is_not(emulator: LangSmithEmulator, api: Api) -> None:
    api.post("/runs", run("turn"))

    assert api.post("/runs/batch", {"post": [run("turn"), run("next")]}).status_code == 202
    assert {row["name"] for row in emulator.state()["runs"]} == {"turn", "next"}


def test_a_change_that_comes_before_its_run_is_kept_for_it(emulator: LangSmithEmulator, api: Api) -> None:
    api.client.patch(f"/runs/{uid('turn')}", json={"end_time": NOON})
    assert emulator.state()["runs"] == []
    api.post("/runs", run("turn", end_time=None))

    assert [row["end_time"] for row in emulator.state()["runs"]] == [NOON]


def test_runs_are_readable_after_their_delay_and_ends_after_theirs() -> None:
    time = Time()
    with served(clock=time, delays=Delays(runs=5, ends=10)) as (emulator, api):
        api.post("/runs", run("turn", outputs={"a": 1}))
        seen = []
        for seconds in (4, 6, 16):
            time.now = NOW + timedelta(seconds=seconds)
            emulator.project()
            rows = api.page(selects=["STATUS", "OUTPUTS"])["items"]
            seen.append([(row["status"], row.get("outputs")) for row in rows])

    assert seen == [[], [("PENDING", None)], [("SUCCESS", {"a": 1})]]


def test_a_run_may_stay_pending_for_ever() -> None:
    time = Time()
    with served(clock=time, delays=Delays(ends=math.inf)) as (emulator, api):
        emulator.project()
        api.post("/runs", run("turn"))
        time.now = NOW + timedelta(days=30)

        assert [row["status"] for row in api.page(selects=["STATUS"])["items"]] == ["PENDING"]


def test_seeded_runs_may_be_in_the_form_of_either_api(emulator: LangSmithEmulator, api: Api) -> None:
    new: dict[str, Any] = {
        "id": uid("a"),
        "name": "a",
        "run_type": "TOOL",
        "start_time": MORNING,
        "parent_run_ids": [uid("b"), uid("c")],
    }
    new |= {"trace_id": uid("b"), "project_id": emulator.project("shop"), "metadata": {"thread_id": "t"}}
    emulator.seed([new, run("old")], project="other")
    (row,) = api.page("shop", selects=["METADATA", "RUN_TYPE", "STATUS"])["items"]

    assert (row["metadata"], row["run_type"], row["status"]) == ({"thread_id": "t"}, "TOOL", "PENDING")
    assert api.get(f"/runs/{uid('a')}")["parent_run_id"] == uid("c")
    assert api.names(project="other") == ["old"]
    assert emulator.received["seeded"] == 2


def test_a_seeded_run_takes_the_place_of_the_one_before(emulator: LangSmithEmulator, api: Api) -> None:
    emulator.seed([run("turn", end_time=None)])
    emulator.seed([run("turn")])

    assert [row["status"] for row in api.page(selects=["STATUS"])["items"]] == ["SUCCESS"]


def test_two_emulators_that_were_told_the_same_are_in_the_same_state() -> None:
    states = []
    for _ in range(2):
        with served() as (emulator, api):
            emulator.seed([run("turn")], project="shop")
            api.feedback(score=0.5)
            states.append(emulator.state())

    assert states[0] == states[1]
    assert states[0]["feedback"]


def test_a_deleted_trace_takes_its_feedback_and_its_items_along(emulator: LangSmithEmulator, api: Api) -> None:
    emulator.seed([run("turn"), run("write", "turn")])
    queue = api.post("/annotation-queues", {"name": "review"}).json()["id"]
    api.post(f"/annotation-queues/{queue}/runs", [uid("turn")])
    api.feedback(score=1, extend_trace_retention=True)
    emulator.delete_trace(uid("turn"))
    state = emulator.state()

    assert [state[key] for key in ("runs", "feedback", "items", "long_traces")] == [[], [], [], []]
