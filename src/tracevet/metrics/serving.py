"""The page for Prometheus, and what Kubernetes asks, on one port of this machine."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tracevet.errors import UsageError
from tracevet.metrics.health import Health
from tracevet.metrics.meters import Meters

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry

TEXT = "text/plain; charset=utf-8"
SECONDS = 10.0  # for one request

Page = tuple[int, str, bytes]  # status, content type, body


@contextmanager
def serving(host: str, port: int | None, say: Callable[[str], None] = lambda line: None) -> Iterator[Meters]:
    """Give meters, and serve what they show on `/metrics`, `/ready` and `/live`; without a port they do nothing.

    Port 0 takes a free one; `say` is told the address.

    Raises:
        UsageError: tracevet[metrics] is not installed, or the address can't be listened on.
    """
    if port is None:
        yield Meters()
        return
    try:
        from opentelemetry.exporter.prometheus import PrometheusMetricReader
        from prometheus_client import CollectorRegistry

        from tracevet.metrics.otel import OtelMeters
    except ImportError:
        raise UsageError("--metrics-port needs OpenTelemetry; install tracevet[metrics]") from None
    health, registry = Health(), CollectorRegistry()  # our own: what else the process counts is not ours to show
    meters = OtelMeters(PrometheusMetricReader(True, scope_info_enabled=False, registry=registry), health)
    try:
        with _listening(host, port, _pages(registry, health)) as address:
            say(f"metrics on http://{address[0]}:{address[1]}/metrics")
            yield meters
    finally:
        meters.close()


def _pages(registry: "CollectorRegistry", health: Health) -> dict[str, Callable[[], Page]]:
    from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

    def said(sound: bool) -> Page:
        return (200, TEXT, b"yes\n") if sound else (503, TEXT, b"no\n")

    return {
        "/metrics": lambda: (200, CONTENT_TYPE_LATEST, generate_latest(registry)),
        "/ready": lambda: said(health.ready),
        "/live": lambda: said(health.alive),
    }


@contextmanager
def _listening(host: str, port: int, pages: dict[str, Callable[[], Page]]) -> Iterator[tuple[str, int]]:
    class Handler(BaseHTTPRequestHandler):
        timeout = SECONDS
        server_version, sys_version = "tracevet", ""

        def do_GET(self) -> None:
            status, kind, body = pages.get(self.path.partition("?")[0], lambda: (404, TEXT, b"nothing here\n"))()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as http.server names it
            """Log nothing: a path is whatever a client sends."""

    try:
        server = ThreadingHTTPServer((host, port), Handler)
    except OSError as error:
        raise UsageError(f"--metrics-port {port} on {host} can't be listened on: {error.strerror}") from None
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, name="metrics", daemon=True)
    thread.start()
    try:
        yield (host, server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
