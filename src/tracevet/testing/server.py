"""An ASGI application on a free port of 127.0.0.1, served from a thread of this process."""

import asyncio
import socket
from threading import Event, Thread
from typing import Any

import uvicorn


class _Prompt(uvicorn.Server):
    """A server that says when it listens, and ends at once when it's told to, not at its next tick."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = Event()

    async def main_loop(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        self.listens.set()
        await self._ended.wait()

    def end(self) -> None:
        """Stop serving, and cut what is still open; from any thread."""
        self.force_exit = True
        if self.listens.is_set():
            self._loop.call_soon_threadsafe(self._ended.set)


class LocalServer:
    """Serves one application until it is stopped; keep-alive, many connections, one thread."""

    def __init__(self, app: Any, port: int = 0) -> None:
        """Bind to `port`, or to a free one."""
        # The protocol is named so that asyncio turns Nagle's algorithm off, which would cost 40 ms an answer.
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self._url = "http://{}:{}".format(*self._socket.getsockname())
        quiet: Any = {"log_level": "critical", "access_log": False, "date_header": False, "server_header": False}
        self._server = _Prompt(uvicorn.Config(app, ws="none", lifespan="off", backlog=512, **quiet))
        self._thread = Thread(target=self._server.run, args=([self._socket],), name="emulator", daemon=True)

    @property
    def url(self) -> str:
        """The address, without a slash at the end."""
        return self._url

    def start(self) -> None:
        """Return once requests are answered.

        Raises:
            RuntimeError: the server did not come up within ten seconds.
        """
        self._thread.start()
        if not self._server.listens.wait(10):
            raise RuntimeError(f"the emulator at {self.url} did not start")

    def stop(self) -> None:
        """Close the port and every connection; return when the thread has ended."""
        self._server.end()
        self._thread.join(10)
        self._socket.close()

    def cut(self, client: object) -> None:
        """Reset the connection with this client, as a broken network does. Only from the application itself."""
        for connection in list(self._server.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None and getattr(connection, "client", None) == client:
                transport.abort()
