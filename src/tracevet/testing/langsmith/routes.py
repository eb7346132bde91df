"""Which path is answered by what, on which release."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tracevet.testing.langsmith import (
    charts,
    configs,
    feedback,
    ingestion,
    old_queries,
    projects,
    queries,
    queues,
    tenants,
)
from tracevet.testing.langsmith.answers import Answer
from tracevet.testing.langsmith.calls import Call
from tracevet.testing.langsmith.release import Release

Handler = Callable[[Call], Answer]
Table = tuple[tuple[str, str, Handler], ...]
PREFIXES = ("", "/api/v1")  # the cloud answers without, a self-hosted server with


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One method of one path."""

    method: str
    path: str
    handler: Handler
    served: Callable[[Release], bool] = lambda release: True
    platform: bool = False  # answered by another service, with errors of its own
    packed: bool = False  # the body may be compressed
    limit: Callable[[Call], str | None] = lambda call: None  # which rate limit counts the request

    @property
    def name(self) -> str:
        """Name it alike on every server: `POST /feedback`, `POST /v2/runs/query`, `POST /platform/annotation-...`."""
        return f"{self.method} {self.path.removeprefix('/api').removeprefix('/v1')}"


def endpoints() -> Iterator[Endpoint]:
    """Name every endpoint that needs a key."""
    for prefix in PREFIXES:
        yield from _each(_PLAIN, prefix)
        yield from _each(_INGESTION, prefix, platform=True, packed=True)
        yield from _each(_FEEDBACK, prefix, limit=lambda call: "feedback")
        yield from _each(_OLD, prefix, served=lambda release: release.v1, limit=lambda call: "v1_query")
    for prefix in ("/v2", "/api/v2"):
        yield from _each(_WHOLE, prefix, served=lambda release: release.v2)
        yield from _each(_NEW, prefix, served=lambda release: release.v2, limit=_width)
    for prefix in ("/v1/platform", "/api/v1/platform"):
        yield from _each(_ITEMS, prefix, served=lambda release: release.items)


def _each(table: Table, prefix: str, **options: Any) -> Iterator[Endpoint]:
    for method, path, handler in table:
        yield Endpoint(method=method, path=prefix + path, handler=handler, **options)


def _width(call: Call) -> str:
    return "v2_wide_query" if queries.wide(call) else "v2_query"


_QUEUE = "/annotation-queues/{queue}"
_PLAIN: Table = (
    ("GET", "/settings", tenants.settings),
    ("GET", "/workspaces", tenants.workspaces),
    ("GET", "/tenants", tenants.workspaces),
    ("GET", "/sessions", projects.listed),
    ("POST", "/sessions", projects.create),
    ("GET", "/sessions/{session}", projects.get),
    ("PATCH", "/sessions/{session}", projects.update),
    ("GET", "/sessions/{session}/views", projects.list_views),
    ("POST", "/sessions/{session}/views", projects.create_view),
    ("GET", "/runs/{run}", old_queries.one_run),
    ("GET", "/feedback", feedback.listed),
    ("GET", "/feedback/{feedback}", feedback.read),
    ("PATCH", "/feedback/{feedback}", feedback.update),
    ("DELETE", "/feedback/{feedback}", feedback.delete),
    ("POST", "/feedback-configs", configs.create),
    ("GET", "/feedback-configs", configs.listed),
    ("POST", "/annotation-queues", queues.create_queue),
    ("GET", "/annotation-queues", queues.list_queues),
    ("POST", "/charts", charts.listed),
    ("POST", "/charts/create", charts.create),
    ("POST", "/charts/section", charts.create_section),
    ("GET", "/charts/section", charts.list_sections),
    ("GET", _QUEUE, queues.get_queue),
    ("PATCH", _QUEUE, queues.update_queue),
    ("DELETE", _QUEUE, queues.delete_queue),
    ("POST", _QUEUE + "/runs", queues.add_runs),
    ("POST", _QUEUE + "/runs/by-key", queues.add_runs),
    ("GET", _QUEUE + "/runs", queues.list_runs),
    ("DELETE", _QUEUE + "/runs/{run}", queues.remove_run),
    ("GET", "/annotation-queues/{run}/queues", queues.queues_of_run),
)
_INGESTION: Table = (
    ("POST", "/runs", ingestion.create),
    ("POST", "/runs/batch", ingestion.batch),
    ("POST", "/runs/multipart", ingestion.multipart),
    ("PATCH", "/runs/{run}", ingestion.update),
)
_ITEMS: Table = (
    ("POST", _QUEUE + "/items", queues.create_items),
    ("GET", _QUEUE + "/items", queues.list_items),
    ("POST", _QUEUE + "/items/delete", queues.delete_items),
    ("POST", "/annotation-queues/items/{item}/status", queues.set_status),
)
_FEEDBACK: Table = (("POST", "/feedback", feedback.create),)
_OLD: Table = (("POST", "/runs/query", old_queries.query),)
_NEW: Table = (("POST", "/runs/query", queries.query),)
_WHOLE: Table = (
    ("GET", "/traces/{trace}/runs", queries.trace_runs),
    ("GET", "/runs/{run}", queries.one_run),
)
