"""The real SDKs work with the emulated Langfuse: what they write, they read back."""

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from langfuse import Langfuse, propagate_attributes
from langfuse.api import (
    AnnotationQueueObjectType,
    ConfigCategory,
    CreateScoreRequest,
    ScoreConfigDataType,
    ScoreDataType,
)
from langfuse.api.core.api_error import ApiError

from tracevet.testing.langfuse import LangfuseEmulator, fail, reject

ROUND_TRIP_4 = Path(__file__).parent / "support" / "langfuse4_round_trip.py"
PYTHON_4 = "TRACEVET_TEST_LANGFUSE4_PYTHON"
MORNING = datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def emulator() -> Iterator[LangfuseEmulator]:
    with LangfuseEmulator() as running:
        yield running


@pytest.fixture
def sdk(emulator: LangfuseEmulator) -> Iterator[Langfuse]:
    client = Langfuse(public_key=emulator.public_key, secret_key=emulator.secret_key, base_url=emulator.url)
    yield client
    client.shutdown()


def traced(sdk: Langfuse) -> tuple[str, str]:
    """Trace one turn with a tool call, and return the ids of the trace and the call."""
    with (
        propagate_attributes(user_id="ada", session_id="s-1", tags=["assistant"], trace_name="Turn 1"),
        sdk.start_as_current_observation(name="turn", as_type="agent", input={"role": "user"}) as root,
        sdk.start_as_current_observation(name="Tool: Write", as_type="tool", metadata={"cwd": "/srv/shop"}) as tool,
    ):
        tool.update(input={"path": "a.py"}, output="ok")
    sdk.flush()
    return root.trace_id, tool.id


def score(trace: str, value: str) -> CreateScoreRequest:
    return CreateScoreRequest(
        id=f"policy-{value}", name="policy", value=value, data_type=ScoreDataType.CATEGORICAL, trace_id=trace
    )


def test_sdk_5_reads_back_the_trace_that_it_made(sdk: Langfuse) -> None:
    trace, tool_id = traced(sdk)
    groups = "core,basic,io,metadata,trace_context"
    tool, root = sdk.api.observations.get_many(trace_id=trace, fields=groups).data
    if tool.id != tool_id:  # both may have begun in one millisecond
        tool, root = root, tool

    assert (tool.type, tool.name, tool.input, tool.output) == ("TOOL", "Tool: Write", '{"path": "a.py"}', "ok")
    assert (tool.metadata or {})["cwd"] == "/srv/shop"
    assert (root.user_id, root.session_id, root.tags, root.trace_name) == ("ada", "s-1", ["assistant"], "Turn 1")
    assert (root.is_root_observation, tool.parent_observation_id) == (True, root.id)


def test_sdk_5_writes_scores_and_reads_them_back(sdk: Langfuse) -> None:
    answer = sdk.api.scores.create(request=[score("t", "weak-hash"), score("t", "sql-injection")])
    found = sdk.api.scores.get_many(trace_id="t", fields="subject,details").data
    sdk.api.scores.delete("policy-weak-hash")

    assert getattr(answer, "message", None) == "Accepted"
    assert {row.value for row in found} == {"weak-hash", "sql-injection"}
    assert [row.value for row in sdk.api.scores.get_many(trace_id="t").data] == ["sql-injection"]


def test_sdk_5_is_told_of_rejected_scores(emulator: LangfuseEmulator, sdk: Langfuse) -> None:
    emulator.faults.add(reject(1))
    answer = sdk.api.scores.create(request=[score("t", "weak-hash"), score("t", "sql-injection")])

    assert (getattr(answer, "accepted", None), getattr(answer, "rejected", None)) == (1, 1)


def test_sdk_5_is_told_of_a_rate_limit(emulator: LangfuseEmulator, sdk: Langfuse) -> None:
    emulator.faults.add(fail(429, retry_after=3))
    with pytest.raises(ApiError) as caught:
        sdk.api.scores.create(request=[score("t", "x")], request_options={"max_retries": 0})

    assert (caught.value.status_code, (caught.value.headers or {})["retry-after"]) == (429, "3")


def test_a_list_from_sdk_5_is_refused_by_an_older_server() -> None:
    with LangfuseEmulator("4.16.0") as emulator:
        sdk = Langfuse(public_key=emulator.public_key, secret_key=emulator.secret_key, base_url=emulator.url)
        with pytest.raises(ApiError) as caught:
            sdk.api.scores.create(request=[score("t", "x")])
        sdk.shutdown()

    assert caught.value.status_code == 400


def test_scores_that_sdk_5_queues_arrive_with_their_time(emulator: LangfuseEmulator, sdk: Langfuse) -> None:
    sdk.create_score(name="ok", value=1, data_type="BOOLEAN", trace_id="a" * 32, score_id="q", timestamp=MORNING)
    sdk.flush()

    assert [(row["id"], row["timestamp"]) for row in emulator.state()["scores"]] == [("q", "2026-03-01T08:00:00.000Z")]


def test_sdk_5_comments_and_fills_a_review_queue(emulator: LangfuseEmulator, sdk: Langfuse) -> None:
    trace, tool = traced(sdk)
    project = sdk.api.projects.get().data[0].id
    sdk.api.comments.create(project_id=project, object_type="OBSERVATION", object_id=tool, content="**weak-hash**")
    config = sdk.api.score_configs.create(
        name="policy.review",
        data_type=ScoreConfigDataType.CATEGORICAL,
        categories=[ConfigCategory(value=1, label="confirmed"), ConfigCategory(value=0, label="false positive")],
    )
    queue = sdk.api.annotation_queues.create_queue(name="to review", score_config_ids=[config.id])
    kind = AnnotationQueueObjectType.TRACE
    sdk.api.annotation_queues.create_queue_item(queue.id, object_id=trace, object_type=kind)
    comments = sdk.api.comments.get(object_type="OBSERVATION", object_id=tool).data
    items = sdk.api.annotation_queues.list_queue_items(queue.id).data

    assert [comment.content for comment in comments] == ["**weak-hash**"]
    assert [item.object_id for item in items] == [trace]
    assert [row["name"] for row in emulator.state()["configs"]] == ["policy.review"]


@pytest.fixture
def python_4() -> str:
    """Find the interpreter that has SDK 4; it can't share an environment with SDK 5."""
    python = os.environ.get(PYTHON_4)
    if python:
        return python
    if os.environ.get("CI") == "true":
        pytest.fail(f"{PYTHON_4} must name an interpreter that has langfuse 4 installed")
    pytest.skip(f"{PYTHON_4} names no interpreter with langfuse 4")


@pytest.mark.langfuse4
@pytest.mark.parametrize(("version", "mode"), [("3.160.0", "legacy"), ("4.16.0", "dual"), ("4.16.0", "events_only")])
def test_sdk_4_writes_and_reads_back(version: str, mode: str, python_4: str) -> None:
    with LangfuseEmulator(version, mode) as emulator:  # type: ignore[arg-type]  # one of the modes
        command = [python_4, str(ROUND_TRIP_4), emulator.url, emulator.public_key, emulator.secret_key, mode]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        state = emulator.state()

    assert done.returncode == 0, done.stderr
    assert [(row["id"], row["value"]) for row in state["scores"]] == [("posted", 1), ("queued", "weak-hash")]
    assert {row["name"] for row in state["observations"]} == {"turn", "write"}
    assert [row["tags"] for row in state["tags"]] == ([] if mode == "events_only" else [["policy:weak-hash"]])
