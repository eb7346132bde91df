"""Runs of LangSmith, from the API and from a bulk export, make the same trace."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from tracevet import GapReason, SpanKind
from tracevet.records import langsmith

ROWS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data/records/langsmith.json").read_text())


def bulk(run: dict[str, Any]) -> dict[str, Any]:
    """Write a run as a bulk export does: objects as text, metadata beside the rest of `extra`."""
    kept = {key: json.dumps(run[key]) for key in ("inputs", "outputs")}
    return {**run, **kept, "extra": json.dumps({"runtime": {}}), "metadata": json.dumps(run["extra"]["metadata"])}


def test_a_trace_is_read_whole() -> None:
    trace = langsmith.trace(ROWS)
    assert (trace.id, trace.name, trace.platform) == (ROWS[0]["trace_id"], "opencode.session", "langsmith")
    assert [(span.kind, span.name) for span in trace.spans] == [
        (SpanKind.AGENT, "opencode.session"),
        (SpanKind.GENERATION, "opencode.assistant.turn"),
        (SpanKind.TOOL, "write"),
    ]
    assert [span.input for span in trace.spans] == [run["inputs"] for run in ROWS]
    assert [span.output for span in trace.spans] == [run["outputs"] for run in ROWS]
    assert [span.metadata for span in trace.spans] == [run["extra"]["metadata"] for run in ROWS]
    assert trace.metadata["repository_name"] == "acme/shop-api"
    assert trace.spans[1].model == "claude-sonnet-4-5"


def test_a_bulk_export_gives_the_same_trace() -> None:
    assert langsmith.trace([bulk(run) for run in ROWS]) == langsmith.trace(ROWS)


def v2(run: dict[str, Any], ancestors: list[str]) -> dict[str, Any]:
    """Write a run as the v2 API gives it: ancestors in place of the parent, words in upper case, no `session_id`."""
    renamed = {
        "run_type": run["run_type"].upper(),
        "project_id": run["session_id"],
        "metadata": run["extra"]["metadata"],
    }
    gone = ("parent_run_id", "session_id")
    kept = {key: value for key, value in run.items() if key not in gone}
    return kept | renamed | {"parent_run_ids": ancestors, "is_root": not ancestors}


def test_the_v2_api_gives_the_same_trace() -> None:
    above = {run["id"]: run.get("parent_run_id") for run in ROWS}

    def ancestors(run: str) -> list[str]:
        parent = above[run]
        return [*ancestors(parent), parent] if parent else []

    rows = [v2(run, ancestors(run["id"])) for run in ROWS]
    assert langsmith.trace(rows) == langsmith.trace(ROWS)
    assert [span.parent_id for span in langsmith.trace(rows).spans] == [above[run["id"]] for run in ROWS]


def test_a_thread_that_only_the_server_names_is_the_session() -> None:
    run: Any = {"id": "1", "trace_id": "1", "thread_id": "t", "extra": {}}
    assert langsmith.trace([run]).session_id == "t"
    assert langsmith.trace([{**run, "extra": {"metadata": {"conversation_id": "c"}}}]).session_id == "c"


def test_attachments_are_a_gap_and_their_addresses_are_not_kept() -> None:
    run: Any = {"id": "1", "trace_id": "1", "attachments": {"a.png": "https://x/?sig=1", "b": "https://x/?sig=2"}}
    trace = langsmith.trace([run])
    assert [(gap.reason, gap.count) for gap in trace.gaps] == [(GapReason.NOT_RECORDED, 2)]
    assert "sig" not in repr(trace)


def test_order_and_repetition_of_rows_change_nothing_and_the_finished_run_is_kept() -> None:
    pending = [{**run, "end_time": None, "outputs": None} for run in ROWS]
    shuffled = [*ROWS, *pending, *ROWS]
    random.Random(5).shuffle(shuffled)
    assert langsmith.trace(shuffled) == langsmith.trace(ROWS)


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        ({"thread_id": "c", "conversation_id": "b", "session_id": "a"}, "a"),
        ({"thread_id": "c", "conversation_id": "b"}, "b"),
        ({"thread_id": "c"}, "c"),
        ({}, None),
    ],
)
def test_the_session_is_the_thread_and_never_the_project(metadata: dict[str, str], expected: str | None) -> None:
    run: Any = {"id": "1", "trace_id": "1", "session_id": "project", "extra": {"metadata": metadata}}
    assert langsmith.trace([run]).session_id == expected


def test_litellm_metadata_is_found_right_in_extra() -> None:
    run: Any = {"id": "1", "trace_id": "1", "run_type": "llm", "extra": {"user_api_key_alias": "dana", "runtime": {}}}
    assert langsmith.trace([run]).spans[0].metadata == {"user_api_key_alias": "dana"}


@pytest.mark.parametrize(
    ("word", "parent", "metadata", "expected"),
    [
        ("chain", None, {}, SpanKind.AGENT),
        ("chain", "root", {}, SpanKind.SPAN),
        ("chain", "root", {"ls_agent_purpose": "coding"}, SpanKind.AGENT),
        ("TOOL", "root", {}, SpanKind.TOOL),
        ("llm", None, {}, SpanKind.GENERATION),
        ("retriever", "root", {}, SpanKind.SPAN),
        (None, "root", {}, SpanKind.SPAN),
    ],
)
def test_run_types_become_kinds(word: Any, parent: str | None, metadata: dict[str, Any], expected: SpanKind) -> None:
    run = {"id": "1", "trace_id": "t", "run_type": word, "parent_run_id": parent, "extra": {"metadata": metadata}}
    assert langsmith.trace([run]).spans[0].kind == expected


def test_content_in_object_storage_is_a_gap() -> None:
    run: Any = {"id": "1", "trace_id": "1", "inputs": {}, "inputs_s3_urls": {"ROOT": "s3://x"}, "outputs": {"a": 1}}
    gaps = langsmith.trace([{**run, "outputs_s3_urls": {"ROOT": "s3://y"}}]).gaps
    assert [(gap.reason, gap.pointer) for gap in gaps] == [(GapReason.NOT_RECORDED, "/input")]


def test_only_a_whole_address_is_an_address() -> None:
    run: Any = {"id": "1", "trace_id": "1", "app_path": "/o/x/projects/p/y/r/1"}
    assert langsmith.trace([run]).url is None
    assert langsmith.trace([{**run, "app_path": "https://smith.example.com/r/1"}]).url is not None


def test_invalid_dates_cycles_and_wrong_types_make_a_trace_all_the_same() -> None:
    runs: list[Any] = [
        {"id": "a", "trace_id": "t", "parent_run_id": "b", "start_time": "soon", "extra": "{", "tags": "x"},
        {"id": "b", "trace_id": "t", "parent_run_id": "a", "end_time": [], "extra": {"metadata": "x"}, "inputs": 7},
        {"trace_id": "t", "dotted_order": 7, "name": {}},
    ]
    trace = langsmith.trace(runs)
    assert [gap.detail for gap in trace.gaps] == ["start_time is no date", "end_time is no date"]
    assert len(trace.spans) == 3
    assert langsmith.trace(runs[::-1]).content == trace.content
