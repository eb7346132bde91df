"""The demo's part that needs the SDK: traces made by it, and what stands on them afterwards read back by it."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from tracevet import Json
from tracevet_langfuse.annotations import LISTED, paged
from tracevet_langfuse.connection import Connection

SHOWN = 110  # characters of a line
_FIELDS = ("input", "output", "metadata")


def send(rows: Iterable[Mapping[str, Json]]) -> int:
    """Let the SDK trace what the rows tell, now, to the server that the environment names; give the number of traces.

    The rows are observations as the v2 API shows them, parents before their children.
    """
    from langfuse import Langfuse, propagate_attributes

    client = Langfuse()
    traces: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        traces.setdefault(str(row["traceId"]), []).append(row)
    for trace, observations in traces.items():
        head = observations[0]
        whose = {"user_id": head.get("userId"), "session_id": head.get("sessionId"), "tags": head.get("tags")}
        with propagate_attributes(**{key: value for key, value in whose.items() if value}):
            _trace(client, trace, observations)
    client.flush()
    client.shutdown()
    return len(traces)


def shown() -> Iterator[str]:
    """Read back, by the SDK, the scores, comments and queue items on the server that the environment names."""
    connection = Connection("")
    for score in sorted(_scores(connection), key=lambda row: (row["trace"], row["observation"], row["name"])):
        place = f"observation {score['observation']}" if score["observation"] else f"trace {score['trace']}"
        yield f"score    {score['name']} = {score['value']} on {place}"
    for comment in paged(connection, "listing comments", connection.api.comments.get):
        text = " ".join(line for line in comment.content.splitlines() if line and not line.startswith("<!--"))
        yield f"comment  on {comment.object_type.lower()} {comment.object_id}: {text}"[:SHOWN]
    queues = connection.api.annotation_queues
    for queue in paged(connection, "listing review queues", queues.list_queues):
        for item in paged(connection, "listing the review queue", queues.list_queue_items, queue_id=queue.id):
            yield f"queue    {queue.name}: {item.object_type.lower()} {item.object_id}"


def _trace(client: Any, trace: str, observations: Iterable[Mapping[str, Any]]) -> None:
    made: dict[str, Any] = {}
    for row in observations:
        parent = made.get(str(row.get("parentObservationId")))
        options = {key: _parsed(row.get(key)) for key in _FIELDS} | {"name": row["name"], "as_type": _type(row)}
        options |= {"level": row["level"]} if row.get("level") else {}
        options |= {"model": row["model"]} if row.get("model") and options["as_type"] == "generation" else {}
        start = parent.start_observation if parent else client.start_observation
        made[str(row["id"])] = start(**options, **({} if parent else {"trace_context": {"trace_id": trace}}))
    for span in reversed(made.values()):
        span.end()


def _parsed(value: Any) -> Any:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _type(row: Mapping[str, Any]) -> str:
    from langfuse._client.constants import ObservationTypeLiteral

    known = {kind for group in get_args(ObservationTypeLiteral) for kind in (get_args(group) or (group,))}
    kind = str(row.get("type")).lower()
    return kind if kind in known else "span"


def _scores(connection: Connection) -> Iterator[dict[str, str]]:
    v3 = getattr(connection.api, "scores_v3", None)  # SDK 4
    request = v3.get_many_v3 if v3 is not None else connection.api.scores.get_many
    answer = connection.call("reading scores", request, fields="subject,details", limit=LISTED)
    for score in answer.data:
        on = score.subject
        inner = on.kind == "observation"
        trace, observation = (on.trace_id, on.id) if inner else (on.id, "")
        yield {"name": score.name, "value": str(score.value), "trace": trace, "observation": observation}
