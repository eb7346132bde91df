"""A span processor that notes spans as they end, and does nothing else on the application's threads."""

from collections.abc import Callable
from contextlib import suppress

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor


class Noting(SpanProcessor):
    """Hands each finished span on by reference, until it is closed; never raises."""

    def __init__(self, on_span: Callable[[object], None], on_flush: Callable[[float], None]) -> None:
        """Take who is told of spans, and of the client's flush."""
        self._on_span: Callable[[object], None] | None = on_span
        self._on_flush: Callable[[float], None] | None = on_flush

    def on_end(self, span: ReadableSpan) -> None:
        """Hand the span on."""
        note = self._on_span
        if note is not None:
            try:  # noqa: SIM105 - every span of the application waits for this; `suppress` takes ten times as long
                note(span)
            except Exception:  # noqa: S110 - whatever it is: it would reach the application
                pass

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Hand over what waits; the client's flush succeeds, whatever becomes of it."""
        flush = self._on_flush
        if flush is not None:
            with suppress(Exception):
                flush(timeout_millis / 1000)
        return True

    def close(self) -> None:
        """Fall silent."""
        self._on_span = self._on_flush = None
