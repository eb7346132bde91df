"""Both ends of live vetting: the SDK's client, watched in the application, and traces made of what it sent."""

import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tracevet import Json, LiveSpan, Tap, Trace
from tracevet_langsmith.failures import CONFLICT, HOST, KEY, WORKSPACE
from tracevet_langsmith.reading import made
from tracevet_langsmith.sent import Operation, merged, operations

ACCEPTED = range(200, 300)

log = logging.getLogger("tracevet.live")


def tap(client: object) -> "LangSmithTap | None":
    """Watch a client of the SDK; None: it is none. Where the SDK was not imported, nothing is its client."""
    kind = getattr(sys.modules.get("langsmith.client"), "Client", None)
    if not isinstance(kind, type) or not isinstance(client, kind):
        return None
    return LangSmithTap(client)


class LangSmithTap(Tap):
    """Watches what one client sends, as the server accepts it.

    It listens at the client's HTTP session, on the SDK's own thread: the calls of the application do not pass here.
    So a run is seen only once the server knows it, and as the client masked it; one that was not sampled never is.
    """

    def __init__(self, client: Any) -> None:
        """Take the application's client."""
        self._client = client

    def environment(self) -> Mapping[str, str]:
        """Give the client's key, workspace and endpoint."""
        named = {KEY: "api_key", WORKSPACE: "workspace_id", HOST: "api_url"}
        found = {variable: getattr(self._client, name, None) for variable, name in named.items()}
        return {variable: str(value) for variable, value in found.items() if value}

    def options(self) -> Mapping[str, Json]:
        """Give the client's own server and workspace: they win over the configuration's, as do all its projects."""
        found = self.environment()
        return {"host": found.get(HOST, ""), "workspace": found.get(WORKSPACE, ""), "projects": []}

    def open(self, on_span: Callable[[object], None], on_flush: Callable[[float], None]) -> Callable[[], None]:
        """Listen to the responses of the client's session."""
        del on_flush  # the client tells of none; what it sends at its end is seen nevertheless
        listener = _Listener(self._client.api_url, self._client.api_key, on_span)
        hooks = self._client.session.hooks["response"]
        hooks.append(listener)

        def close() -> None:
            listener.on_span = None
            if listener in hooks:
                hooks.remove(listener)

        return close

    def trace(self, span: object) -> str:
        """Name the trace of an operation."""
        return span.trace if isinstance(span, Operation) else ""

    def read(self, span: object) -> LiveSpan | None:
        """Read an operation as it was sent."""
        if not isinstance(span, Operation) or not span.trace:
            return None
        row = span.row()
        ended = row.get("end_time") is not None
        return LiveSpan(
            trace=span.trace, data={"kind": span.kind, "run": row}, last=ended and row.get("id") == span.trace
        )


@dataclass(slots=True, eq=False)
class _Listener:
    """Takes the operations out of what the server accepted; called by the session, and never raises."""

    api_url: str
    api_key: str | None
    on_span: Callable[[object], None] | None

    def __call__(self, response: Any, *args: object, **kwargs: object) -> None:
        del args, kwargs
        try:
            if self.on_span is not None and self._is_ours(response):
                request = response.request
                path = urlsplit(request.url).path
                for operation in operations(path, request.headers, _body(request.body)):
                    self.on_span(operation)
        except Exception as error:  # nothing of ours may reach the application
            log.debug("a request could not be read, its runs are not vetted: %s", type(error).__name__)

    def _is_ours(self, response: Any) -> bool:
        """Tell whether runs were accepted, by the server that the client reads from."""
        request = response.request
        return (
            request.method in ("POST", "PATCH")
            and "/runs" in request.url
            and (response.status_code in ACCEPTED or response.status_code == CONFLICT)
            and _server(request.url) == _server(self.api_url)
            and request.headers.get("x-api-key") == self.api_key
        )


def _server(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme.lower(), parts.netloc.lower()


def _body(body: Any) -> bytes:
    """Give all of a request's body, sent though it is."""
    if isinstance(body, str):
        return body.encode()
    for name in ("to_bytes", "getvalue"):
        if hasattr(body, name):
            return bytes(getattr(body, name)())
    return bytes(body or b"")


def assembled(spans: Sequence[Json]) -> Trace | None:
    """Make the trace of its operations as it is read later; None where there is none."""
    every = [one for one in spans if isinstance(one, dict)]
    rows = merged((str(one.get("kind")), run) for one in every if isinstance(run := one.get("run"), dict))
    return made(rows) if rows else None
