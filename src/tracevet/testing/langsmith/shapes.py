"""A run as the two APIs show it."""

from collections.abc import Callable, Collection, Iterable, Mapping
from statistics import stdev
from typing import Any

import orjson

from tracevet.testing.langsmith.answers import Row
from tracevet.testing.langsmith.stored import metadata, thread
from tracevet.testing.langsmith.times import naive, seconds_between
from tracevet.testing.langsmith.workspace import Workspace

PREVIEW = 250  # characters
_V1_REQUIRED = ("id", "name", "run_type", "trace_id", "dotted_order", "status", "session_id", "app_path", "start_time")
_V1_TIMES = ("start_time", "end_time", "first_token_time")
_COUNTS = ("total_tokens", "prompt_tokens", "completion_tokens")


def v1_shape(workspace: Workspace, row: Row, selected: Collection[str] | None = None) -> Row:
    """Show a run as version 1 does: times without a zone, feedback counted; what isn't selected is left out."""
    shown = {**dict.fromkeys(_COUNTS, 0), **row, "app_path": _path(workspace, row), "thread_id": thread(row)}
    shown |= {key: naive(row[key]) for key in _V1_TIMES if row.get(key)}
    shown["parent_run_ids"] = workspace.runs.ancestors(row)
    shown["feedback_stats"] = feedback_stats(workspace, row["id"])
    if selected is None:
        return shown
    return {key: shown.get(key) for key in (*_V1_REQUIRED, *selected)}


def v2_shape(workspace: Workspace, row: Row, selects: Iterable[str]) -> Row:
    """Show the selected properties of a run as version 2 does; what the run lacks is left out, except its end."""
    found = {name.lower(): SELECTS[name](workspace, row) for name in selects}
    return {key: value for key, value in found.items() if value is not None or key == "end_time"}


def feedback_stats(workspace: Workspace, run: str) -> dict[str, Row]:
    """Count the feedback on a run by key."""
    by_key: dict[str, list[Row]] = {}
    for row in workspace.feedback_on(run):
        by_key.setdefault(row["key"], []).append(row)
    return {key: _stats(rows) for key, rows in by_key.items()}


def _stats(rows: list[Row]) -> Row:
    scores = [float(row["score"]) for row in rows if row["score"] is not None]
    values: dict[str, int] = {}
    for row in rows:
        if isinstance(row["value"], str):
            values[row["value"]] = values.get(row["value"], 0) + 1
    numbers = {"avg": sum(scores) / len(scores), "min": min(scores), "max": max(scores)} if scores else {}
    spread = {"stdev": stdev(scores)} if len(scores) > 1 else {}
    comments = [row["comment"] for row in rows if row["comment"]]
    sources = sorted({str(row["feedback_source"]["type"]) for row in rows})
    counts = {"n": len(rows), "errors": 0, "values": values, "contains_thread_feedback": False}
    return {**counts, **numbers, **spread, "comments": comments, "sources": sources}


def _path(workspace: Workspace, row: Row) -> str:
    query = f"?trace_id={row['trace_id']}&start_time={naive(row['start_time'])}"
    return f"/o/{workspace.id}/projects/p/{row['session_id']}/r/{row['id']}{query}"


def _preview(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()[:PREVIEW]


def _events(row: Row) -> list[Row] | None:
    events = row.get("events")
    if not isinstance(events, list):
        return None
    return [event for event in events if isinstance(event, dict)]


def _stored(key: str) -> Callable[[Workspace, Row], Any]:
    return lambda workspace, row: row.get(key)


SELECTS: Mapping[str, Callable[[Workspace, Row], Any]] = {
    **{
        key.upper(): _stored(key)
        for key in (
            *("id", "name", "start_time", "end_time", "first_token_time", "error", "extra", "inputs", "outputs"),
            *("trace_id", "dotted_order", "reference_example_id", "reference_dataset_id", "prompt_cost", "tags"),
            *("total_tokens", "prompt_tokens", "completion_tokens", "total_cost", "completion_cost", "share_url"),
            *("prompt_token_details", "completion_token_details", "prompt_cost_details", "completion_cost_details"),
            *("price_model_id", "thread_evaluation_time", "is_in_dataset", "last_queued_at", "ls_user_id"),
        )
    },
    "RUN_TYPE": lambda workspace, row: row["run_type"].upper(),
    "STATUS": lambda workspace, row: row["status"].upper(),
    "LATENCY_SECONDS": lambda workspace, row: seconds_between(row["start_time"], row["end_time"]),
    "ERROR_PREVIEW": lambda workspace, row: row["error"] and str(row["error"])[:PREVIEW],
    "METADATA": lambda workspace, row: metadata(row),
    "EVENTS": lambda workspace, row: _events(row),
    "INPUTS_PREVIEW": lambda workspace, row: _preview(row["inputs"]),
    "OUTPUTS_PREVIEW": lambda workspace, row: _preview(row["outputs"]),
    "MANIFEST": _stored("serialized"),
    "PARENT_RUN_IDS": lambda workspace, row: workspace.runs.ancestors(row),
    "PROJECT_ID": _stored("session_id"),
    "THREAD_ID": lambda workspace, row: thread(row),
    "IS_ROOT": lambda workspace, row: row["parent_run_id"] is None,
    "APP_PATH": _path,
    "ATTACHMENTS": _stored("s3_urls"),
    "FEEDBACK_STATS": lambda workspace, row: feedback_stats(workspace, row["id"]),
}
