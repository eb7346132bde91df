"""What a workspace holds, without what differs between two equal runs."""

from typing import Any

from tracevet.testing.langsmith.answers import Row
from tracevet.testing.langsmith.workspace import Workspace

_FEEDBACK = ("id", "key", "run_id", "trace_id", "session_id", "score", "value", "comment", "correction")
_CONFIG = ("feedback_key", "feedback_config", "is_lower_score_better", "is_enforced")
_QUEUE = ("name", "description", "rubric_instructions", "rubric_items")
_VIEW = ("display_name", "type", "filter_string", "trace_filter_string", "tree_filter_string")


def snapshot(workspace: Workspace) -> dict[str, list[Any]]:
    """List feedback, configs, queues, items, views, charts, projects, runs and long traces, each sorted.

    Ids that the server chose are left out, or replaced by names; ids of feedback are the client's, and stay.
    """
    queues = {row["id"]: row["name"] for row in workspace.queues}
    projects = {key: row["name"] for key, row in workspace.projects.items()}
    return {
        "feedback": _sorted(_feedback(row) for row in workspace.feedback.values()),
        "configs": _sorted(_picked(row, *_CONFIG) for row in workspace.configs),
        "queues": _sorted(_picked(row, *_QUEUE) for row in workspace.queues),
        "items": _sorted(
            {"queue": queues[row["queue_id"]], **_picked(row, "run_id", "status")} for row in workspace.items
        ),
        "views": _sorted({"project": projects[row["session_id"]], **_picked(row, *_VIEW)} for row in workspace.views),
        "charts": _sorted(_picked(row, "title", "chart_type") for row in workspace.charts),
        "projects": sorted(projects.values()),
        "runs": _sorted(_picked(row, "trace_id", "id", "name", "end_time", "tags") for row in workspace.runs.all()),
        "long_traces": sorted(workspace.long_traces),
    }


def _feedback(row: Row) -> Row:
    source = row["feedback_source"]
    return _picked(row, *_FEEDBACK) | {"source": source["type"], "source_metadata": source["metadata"]}


def _picked(row: Row, *keys: str) -> Row:
    return {key: row[key] for key in keys}


def _sorted(rows: Any) -> list[Row]:
    return sorted(rows, key=repr)
