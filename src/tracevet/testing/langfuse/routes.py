"""Which path is answered by what, on which release."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tracevet.testing.langfuse import (
    annotations,
    dashboards,
    ingestion,
    metrics,
    observations,
    score_reads,
    score_writes,
    traces,
)
from tracevet.testing.langfuse.answers import Answer
from tracevet.testing.langfuse.calls import Call

Handler = Callable[[Call], Answer]
_ROOT = "/api/public"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one path."""

    method: str
    path: str
    handler: Handler
    old: bool = False  # gone on an events-only server
    new: bool = False  # not there before 4.0
    public_key: bool = False  # the public key alone is enough


def endpoints() -> Iterator[Endpoint]:
    """Name every endpoint that needs keys."""
    for method, path, handler in _ALWAYS:
        yield Endpoint(method=method, path=_ROOT + path, handler=handler, public_key=path in _WITH_PUBLIC_KEY)
    for method, path, handler in _OLD:
        yield Endpoint(method=method, path=_ROOT + path, handler=handler, old=True)
    for method, path, handler in _NEW:
        yield Endpoint(method=method, path=_ROOT + path, handler=handler, new=True)


def _projects(call: Call) -> Answer:
    organization = {"id": "org-1", "name": "Org One"}
    project = {"id": call.project.id, "name": call.project.name, "organization": organization, "metadata": {}}
    return Answer({"data": [project]})


_QUEUE = "/annotation-queues/{queue}"
_ITEM = _QUEUE + "/items/{item}"
_WITH_PUBLIC_KEY = ("/scores", "/ingestion")
_ALWAYS: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/projects", _projects),
    ("POST", "/otel/v1/traces", traces.receive),
    ("POST", "/ingestion", ingestion.ingest),
    ("POST", "/scores", score_writes.create),
    ("DELETE", "/scores/{score}", score_writes.delete),
    ("DELETE", "/traces/{trace}", traces.delete_trace),
    ("POST", "/score-configs", annotations.create_config),
    ("GET", "/score-configs", annotations.list_configs),
    ("GET", "/score-configs/{config}", annotations.get_config),
    ("PATCH", "/score-configs/{config}", annotations.update_config),
    ("POST", "/comments", annotations.create_comment),
    ("GET", "/comments", annotations.list_comments),
    ("GET", "/comments/{comment}", annotations.get_comment),
    ("POST", "/annotation-queues", annotations.create_queue),
    ("GET", "/annotation-queues", annotations.list_queues),
    ("GET", _QUEUE, annotations.get_queue),
    ("POST", _QUEUE + "/items", annotations.create_item),
    ("GET", _QUEUE + "/items", annotations.list_items),
    ("GET", _ITEM, annotations.get_item),
    ("PATCH", _ITEM, annotations.update_item),
    ("DELETE", _ITEM, annotations.delete_item),
)
_OLD: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/observations", traces.list_observations),
    ("GET", "/observations/{observation}", traces.get_observation),
    ("GET", "/traces", traces.list_traces),
    ("GET", "/traces/{trace}", traces.get_trace),
    ("GET", "/sessions", traces.list_sessions),
    ("GET", "/scores", score_reads.read_v2),
    ("GET", "/scores/{score}", score_reads.read_one),
    ("GET", "/v2/scores", score_reads.read_v2),
    ("GET", "/v2/scores/{score}", score_reads.read_one),
)
_NEW: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/v2/observations", observations.read),
    ("GET", "/v2/metrics", metrics.read),
    ("GET", "/v3/scores", score_reads.read_v3),
    ("GET", "/unstable/dashboards", dashboards.list_dashboards),
    ("POST", "/unstable/dashboards", dashboards.create_dashboard),
    ("POST", "/unstable/dashboards/{dashboard}/placements", dashboards.place),
    ("GET", "/unstable/dashboard-widgets", dashboards.list_widgets),
    ("POST", "/unstable/dashboard-widgets", dashboards.create_widget),
)
