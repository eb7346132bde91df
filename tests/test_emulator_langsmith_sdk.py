"""The real SDK works with the emulated LangSmith: what it writes, it reads back."""

import warnings
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from langsmith import Client, RunTree, traceable
from langsmith._exceptions import NotFoundError
from langsmith.run_helpers import tracing_context
from langsmith.utils import LangSmithConflictError, LangSmithError, LangSmithNotFoundError, LangSmithUserError
from langsmith_api import awaited, sdk, uid

from tracevet.testing.langsmith import LangSmithEmulator

SELECTS: Any = ["NAME", "RUN_TYPE", "STATUS", "INPUTS", "OUTPUTS", "METADATA", "TAGS", "TRACE_ID", "PARENT_RUN_IDS"]
CONFIG: Any = {"type": "continuous", "min": 0, "max": 1}


@pytest.fixture
def emulator() -> Iterator[LangSmithEmulator]:
    with LangSmithEmulator() as running:
        yield running


@pytest.fixture
def client(emulator: LangSmithEmulator) -> Iterator[Client]:
    with sdk(emulator) as opened:
        yield opened


def traced(client: Client) -> UUID:
    """Trace one turn with a tool call, and return the id of the trace."""

    @traceable(client=client, run_type="tool", tags=["applied"])
    def write(path: str) -> dict[str, str]:
        return {"result": f"wrote {path}"}

    @traceable(client=client, project_name="shop", metadata={"ls_agent_purpose": "coding", "thread_id": "t1"})
    def turn(prompt: str) -> str:
        del prompt
        return write("a.py")["result"]

    ids: list[UUID] = []
    with tracing_context(enabled=True):
        turn("write a.py", langsmith_extra={"on_end": lambda tree: ids.append(tree.id)})
    client.flush()
    return ids[0]


def read_back(client: Client, **wanted: Any) -> list[Any]:
    async def read() -> list[Any]:
        projects = [str(client.read_project(project_name="shop").id)]
        return [run async for run in client.runs.query(project_ids=projects, selects=SELECTS, **wanted)]

    return awaited(client, read())


def test_a_trace_is_read_back_by_the_new_api(client: Client) -> None:
    trace = traced(client)
    root, tool = sorted(read_back(client), key=lambda run: len(run.parent_run_ids))

    assert (root.name, root.run_type, root.status, root.inputs) == (
        "turn",
        "CHAIN",
        "SUCCESS",
        {"prompt": "write a.py"},
    )
    assert (tool.name, tool.run_type, tool.tags, tool.outputs) == (
        "write",
        "TOOL",
        ["applied"],
        {"result": "wrote a.py"},
    )
    assert root.metadata["ls_agent_purpose"] == "coding"
    assert (tool.parent_run_ids, tool.trace_id) == ([str(trace)], str(trace))


def test_pages_of_the_new_api_are_walked_to_the_end(client: Client) -> None:
    traced(client)

    assert sorted(run.name for run in read_back(client, page_size=1)) == ["turn", "write"]


def test_a_whole_trace_is_read_in_one_call(client: Client) -> None:
    trace = traced(client)
    project = str(client.read_project(project_name="shop").id)

    found = awaited(client, _runs_of(client, str(trace), project))

    assert sorted(run.name for run in found) == ["turn", "write"]


async def _runs_of(client: Client, trace: str, project: str) -> list[Any]:
    answer = await client.traces.list_runs(trace, project_id=project, selects=["NAME"])
    return list(answer.items or ())


@pytest.mark.filterwarnings("ignore:.*deprecated:DeprecationWarning")  # langsmith: the old API's days are counted
def test_a_trace_is_read_back_by_the_old_api_of_an_older_server() -> None:
    with LangSmithEmulator("0.12.0") as emulator, sdk(emulator, api_url=f"{emulator.url}/api/v1") as client:
        trace = traced(client)
        runs = list(client.list_runs(project_name="shop"))

        assert [(run.name, run.run_type, run.status) for run in runs] == [
            ("write", "tool", "success"),
            ("turn", "chain", "success"),
        ]
        assert client.read_run(trace).name == "turn"
        with pytest.raises(NotFoundError):
            read_back(client)


@pytest.mark.parametrize("variable", ["LANGSMITH_DISABLE_RUN_COMPRESSION", "nothing"])
def test_runs_arrive_packed_and_plain(
    variable: str, emulator: LangSmithEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, "true")
    with sdk(emulator) as client:
        traced(client)

    assert {row["name"] for row in emulator.state()["runs"]} == {"turn", "write"}
    assert emulator.received["POST /runs/multipart"] >= 1


def test_a_run_tree_that_begins_and_ends_in_two_requests_is_one_run(emulator: LangSmithEmulator) -> None:
    with sdk(emulator) as client:
        tree = RunTree(name="turn", run_type="chain", inputs={"a": 1}, project_name="shop", ls_client=client)
        tree.post()
        client.flush()
        begun = emulator.state()["runs"]
        tree.end(outputs={"b": 2})
        tree.patch()
        client.flush()

    assert [row["end_time"] for row in begun] == [None]
    assert [bool(row["end_time"]) for row in emulator.state()["runs"]] == [True]


def test_an_ended_run_cannot_be_changed(client: Client, emulator: LangSmithEmulator) -> None:
    trace = traced(client)
    before = emulator.state()

    with pytest.raises(LangSmithConflictError, match="payload already received"):
        client.request_with_retries("PATCH", f"/runs/{trace}", json={"tags": ["policy:weak-hash"]})
    with pytest.raises(LangSmithConflictError):
        client.update_run(trace, tags=["policy:weak-hash"])

    assert emulator.state() == before


def test_feedback_is_written_found_and_changed(client: Client, emulator: LangSmithEmulator) -> None:
    trace = traced(client)
    project = client.read_project(project_name="shop").id
    where: dict[str, Any] = {"run_id": trace, "trace_id": trace, "session_id": project}
    client.create_feedback(
        key="policy.weak-hash", score=0.75, value="high", feedback_id=uid("f"), extend_trace_retention=False, **where
    )
    client.update_feedback(uid("f"), score=0.0, value="cleared")

    (found,) = client.list_feedback(run_ids=[trace], feedback_key=["policy.weak-hash"])
    assert (str(found.id), found.score, found.value, found.session_id) == (uid("f"), 0.0, "cleared", project)
    assert emulator.state()["long_traces"] == []


def test_feedback_sent_in_the_background_extends_the_retention(client: Client, emulator: LangSmithEmulator) -> None:
    trace = traced(client)
    project = client.read_project(project_name="shop").id
    client.create_feedback(run_id=trace, trace_id=trace, session_id=project, key="policy.weak-hash", score=1)
    client.flush()

    assert [row["key"] for row in emulator.state()["feedback"]] == ["policy.weak-hash"]
    assert emulator.state()["long_traces"] == [str(trace)]
    assert "POST /feedback" not in emulator.received


def test_a_config_is_created_once_and_never_redefined(client: Client) -> None:
    first, again = (client.create_feedback_config("policy.x", feedback_config=CONFIG) for _ in range(2))

    assert first == again
    assert [config.feedback_key for config in client.list_feedback_configs()] == ["policy.x"]
    with pytest.raises(LangSmithError, match="Feedback config already exists"):
        client.create_feedback_config("policy.x", feedback_config={"type": "freeform"})


def test_a_queue_takes_runs_by_both_apis(client: Client) -> None:
    trace = traced(client)
    project = client.read_project(project_name="shop").id
    client.create_feedback_config("policy.review", feedback_config=CONFIG)
    queue = client.create_annotation_queue(name="review", rubric_items=[{"feedback_key": "policy.review"}])
    (run,) = (run for run in read_back(client, is_root=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        key: Any = {"run_id": run.id, "session_id": project, "start_time": "2026-03-02T08:00:00Z"}
        client.add_runs_to_annotation_queue(queue.id, runs=[key])

    items = awaited(client, _queued(client, str(queue.id), str(trace)))

    assert items == [str(trace), str(trace)]
    assert client.read_annotation_queue(queue.id).rubric_items == [{"feedback_key": "policy.review"}]
    assert [found.name for found in client.list_annotation_queues(name="review")] == ["review"]


async def _queued(client: Client, queue: str, run: str) -> list[Any]:
    items = client.annotation_queues.items
    await items.create(queue, items=[{"item_type": "RUN", "run_id": run}])
    return [item.run_id async for item in items.list(queue, status="needs_my_review")]


def test_a_key_of_the_organisation_needs_a_workspace(emulator: LangSmithEmulator) -> None:
    with (
        sdk(emulator, api_key=emulator.org_key) as client,
        pytest.raises(LangSmithUserError, match="requires workspace"),
    ):
        list(client.list_projects())
    with sdk(emulator, api_key=emulator.org_key, workspace_id=emulator.workspace.id) as client:
        assert list(client.list_projects()) == []


def test_projects_are_found_by_name_and_listed(client: Client) -> None:
    traced(client)
    client.create_project("empty")

    assert [project.name for project in client.list_projects()] == ["empty", "shop"]
    assert client.has_project("shop")
    with pytest.raises(LangSmithNotFoundError):
        client.read_project(project_name="shopp")
