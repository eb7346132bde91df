"""The notifier keeps the promises of the kit, with Apprise's own JSON scheme."""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tracevet import Notifier
from tracevet.testing import NotifierSuite
from tracevet_apprise import AppriseNotifier

SECRET = "hunter2"


class Service(ThreadingHTTPServer):
    daemon_threads = True
    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[str] = []


class _Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.server.status < 300:
            self.server.got.append(f"{said['title']}\n{said['message']}")
        self.send_response(self.server.status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


class TestApprise(NotifierSuite):
    @pytest.fixture
    def service(self) -> Iterator[Service]:
        server = Service()
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        server.server_close()
        thread.join()

    @pytest.fixture
    def notifier(self, service: Service, monkeypatch: pytest.MonkeyPatch) -> Notifier:
        monkeypatch.setenv("CHAT_TOKEN", SECRET)
        return AppriseNotifier(url=f"json://user:${{CHAT_TOKEN}}@127.0.0.1:{service.server_port}")

    @pytest.fixture
    def inbox(self, service: Service) -> Callable[[], Sequence[str]]:
        return lambda: service.got

    @pytest.fixture
    def refuse(self, service: Service) -> Callable[[], None]:
        def refusing() -> None:
            service.status = 500

        return refusing

    @pytest.fixture
    def secret(self) -> str:
        return SECRET
