"""What a project holds, without what differs between two equal runs."""

from typing import Any

from tracevet.testing.langfuse.answers import Row
from tracevet.testing.langfuse.project import Project

_SCORE = ("id", "name", "value", "dataType", "traceId", "observationId", "sessionId", "datasetRunId")
_MORE = ("environment", "comment", "metadata", "source", "authorUserId", "timestamp")


def snapshot(project: Project) -> dict[str, list[Any]]:
    """List scores, comments, queues, items, configs, dashboards, traces' own tags and observations, each sorted.

    Ids that the server chose are left out, or replaced by names. A score's timestamp is there only where the
    client sent it.
    """
    configs = {config["id"]: config["name"] for config in project.configs}
    queues = {queue["id"]: queue["name"] for queue in project.queues}
    return {
        "scores": _sorted(_score(row, configs) for row in project.scores.find()),
        "comments": _sorted(_picked(row, "objectType", "objectId", "content") for row in project.comments),
        "configs": _sorted(_picked(row, "name", "dataType", "categories", "isArchived") for row in project.configs),
        "queues": _sorted(
            {"name": row["name"], "configs": sorted(configs[key] for key in row["scoreConfigIds"])}
            for row in project.queues
        ),
        "items": _sorted(
            {"queue": queues[row["queueId"]], **_picked(row, "objectType", "objectId", "status")}
            for row in project.items
        ),
        "dashboards": _sorted(
            {"name": row["name"], "charts": len(row["definition"]["widgets"])} for row in project.dashboards
        ),
        "tags": _sorted({"trace": key, "tags": row["tags"]} for key, row in project.traces.items()),
        "observations": _sorted(_picked(row, "traceId", "id", "name", "tags") for row in project.observations.scan()),
    }


def _score(row: Row, configs: dict[str, str]) -> Row:
    picked = _picked(row, *_SCORE, *_MORE)
    if not row["timed"]:
        del picked["timestamp"]
    return picked | {"config": configs.get(row["configId"] or "")}


def _picked(row: Row, *keys: str) -> Row:
    return {key: row[key] for key in keys}


def _sorted(rows: Any) -> list[Row]:
    return sorted(rows, key=repr)
