"""What the tests of alerts share: a notifier that remembers, routes, and a receiver of webhooks."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from ledger_parts import START, Clock, entry, verdict

from tracevet import Alert, Notifier, PlatformError, Violation
from tracevet.alerts.alerting import Alerting
from tracevet.alerts.routes import Route
from tracevet.ledger import Ledger
from tracevet.routing import RouteOptions

__all__ = ["START", "Answer", "Clock", "Office", "Receiver", "Remembering", "receiving", "route"]


class Remembering(Notifier):
    """Keeps what it is given, or fails as it is told."""

    name = "remembering"
    summary = "Keeps alerts in memory."

    def __init__(self) -> None:
        self.got: list[Alert] = []
        self.failing: PlatformError | None = None
        self.before: Callable[[Alert], None] = lambda alert: None

    @property
    def addressable(self) -> bool:
        return True

    def notify(self, alert: Alert) -> None:
        self.before(alert)
        if self.failing:
            raise self.failing
        self.got.append(alert)

    @property
    def fingerprints(self) -> list[str]:
        return [item.violation.fingerprint for alert in self.got for item in alert.items]


def route(name: str = "security", addresses: dict[str, str] | None = None, **options: object) -> Route:
    plain: dict[str, object] = {"channel": "chat", "severity": "low", **options}
    return Route(name=name, options=RouteOptions.model_validate(plain, strict=False), developers=addresses or {})


class Office:
    """A ledger, its clock, and channels by name."""

    def __init__(self, url: str, *routes: Route) -> None:
        self.clock = Clock()
        self.ledger = Ledger.open(url, clock=self.clock)
        self.channels = {"chat": Remembering(), "pager": Remembering()}
        self.routes = routes

    @property
    def chat(self) -> Remembering:
        return self.channels["chat"]

    @property
    def pager(self) -> Remembering:
        return self.channels["pager"]

    def commit(self, trace: str, *violations: Violation, **changes: object) -> None:
        self.ledger.commit([entry(verdict(trace, *violations), **changes)])

    def alerting(self) -> Alerting:
        return Alerting(self.ledger, self.routes, self.channels.__getitem__, self.clock)

    def run(self) -> None:
        self.alerting().run()


class Answer:
    """How a receiver answers: status, headers, body; or not at all."""

    def __init__(self, status: int = 204, body: bytes = b"", **headers: str) -> None:
        self.status, self.body = status, body
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Receiver(ThreadingHTTPServer):
    """Keeps every request, and answers as it is told."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: dict[str, Answer] = {}
        self.silent = threading.Event()  # set: a request to /hang is let go
        self.log: Path | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append((self.path, headers, body))
        if self.server.log:
            with self.server.log.open("a") as log:
                log.write(json.dumps({"id": headers.get("webhook-id"), "body": body.decode()}) + "\n")
        if self.path == "/hang":
            self.server.silent.wait(30)
            return
        answer = self.server.answers.get(self.path, Answer())
        self.send_response(answer.status)
        for name, value in {"content-length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.silent.set()
        server.shutdown()
        server.server_close()
        thread.join()
