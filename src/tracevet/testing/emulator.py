"""The base of an emulator: a server on 127.0.0.1 with faults on demand and a record of its requests."""

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import ClassVar, Self
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracevet.testing.faults import Fault, FaultKind, Faults
from tracevet.testing.server import LocalServer

PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
KEPT_BODY = 65_536  # bytes of a request's body that are remembered; longer ones are not


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One request that came in; `status` is None where the connection was cut."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: bytes
    status: int | None


class Emulator(ABC):
    """A platform on 127.0.0.1; use it in a `with` block, or call `start` and `stop`.

    `faults` decides what goes wrong; `requests` holds the last ones, oldest first, without their headers.
    """

    log_size: ClassVar[int] = 10_000

    def __init__(self, *, seed: int = 0, port: int = 0) -> None:
        """Prepare the server; `seed` makes the faults repeatable, `port` 0 is any free one."""
        self.faults = Faults(seed)
        self.requests: deque[Logged] = deque(maxlen=self.log_size)
        self._port = port
        self._server: LocalServer | None = None

    @abstractmethod
    def routes(self) -> Sequence[BaseRoute]:
        """Say which paths are answered, and by what."""

    def refusal(self, request: Request) -> Response | None:
        """Refuse a request before it is looked at (a rate limit); None lets it pass."""
        del request
        return None

    def error(self, status: int, retry_after: int | None) -> Response:
        """Answer with an error, in the shape that this platform uses."""
        headers = {} if retry_after is None else {"retry-after": str(retry_after)}
        return Response(f"error {status}", status, headers)

    @property
    def url(self) -> str:
        """The address of the running server, without a slash at the end."""
        if self._server is None:
            raise RuntimeError(f"{type(self).__name__} is not running; use it in a with block")
        return self._server.url

    def start(self) -> Self:
        """Return once requests are answered."""
        app = Starlette(routes=self.routes())
        self._server = LocalServer(_Gate(self, app), self._port)
        self._server.start()
        return self

    def stop(self) -> None:
        """Close the port and every connection; what was stored can still be read."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    def cut(self, client: object) -> None:
        """Reset the connection with a client."""
        if self._server is not None:
            self._server.cut(client)


class _Gate:
    """What every request passes: faults first, then the platform, then the log."""

    def __init__(self, emulator: Emulator, app: ASGIApp) -> None:
        self._emulator = emulator
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        faults = self._emulator.faults.draw(scope["method"], scope["path"])
        await asyncio.sleep(sum(fault.seconds for fault in faults))
        scope["faults"] = faults
        answer = None
        if not _has(faults, FaultKind.CUT_BEFORE):
            answer = _Answer()
            await (self._instead(faults, scope) or self._app)(scope, _replay(body), answer)
        if answer is None or _has(faults, FaultKind.CUT_AFTER):
            self._log(scope, body, None)
            self._emulator.cut(scope["client"])
            return
        self._log(scope, body, answer.status)
        for message in answer.messages:
            await send(message)

    def _instead(self, faults: Sequence[Fault], scope: Scope) -> ASGIApp | None:
        """Find what answers in the platform's place, if anything does."""
        for fault in faults:
            if fault.kind is FaultKind.FAIL:
                return self._emulator.error(fault.status, fault.retry_after)
            if fault.kind is FaultKind.HTML:
                return HTMLResponse(PAGE, fault.status)
        return self._emulator.refusal(Request(scope))

    def _log(self, scope: Scope, body: bytes, status: int | None) -> None:
        query = tuple(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        kept = body if len(body) <= KEPT_BODY else b""
        self._emulator.requests.append(
            Logged(method=scope["method"], path=scope["path"], query=query, body=kept, status=status)
        )


class _Answer:
    """What the platform sends, held back until it's clear that it arrives."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.messages.append(message)


def _has(faults: Sequence[Fault], kind: FaultKind) -> bool:
    return any(fault.kind is kind for fault in faults)


async def _read(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


def _replay(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
