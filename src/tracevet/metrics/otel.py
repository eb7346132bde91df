"""Meters on OpenTelemetry: metrics for Prometheus, and traces of our own work, where the process exports any."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from opentelemetry import trace
from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricReader
from opentelemetry.trace import StatusCode

from tracevet.metrics.health import Health
from tracevet.metrics.meters import Counts, Meters, Trouble, Work
from tracevet.model import Status, Verdict

COUNTED = ("traces", "unchanged", "scanned", "remembered")  # of Counts


class OtelMeters(Meters):
    """Counts for a reader; labels come from fixed lists, and hold nothing of a trace, a person or a project."""

    def __init__(self, reader: MetricReader, health: Health) -> None:
        """Make the instruments."""
        self._provider = MeterProvider([reader])
        self._health = health
        self._tracer = trace.get_tracer("tracevet")  # does nothing unless the process exports traces
        self._mark: datetime | None = None
        self._unread = 0
        self._outbox: Mapping[str, int] = {}
        meter = self._provider.get_meter("tracevet")
        self._traces = meter.create_counter("tracevet.traces", description="Traces vetted, or met again unchanged")
        self._snippets = meter.create_counter("tracevet.snippets", description="Snippets, by who answered for them")
        self._violations = meter.create_counter("tracevet.violations", description="Open violations, by severity")
        self._gaps = meter.create_counter("tracevet.gaps", description="What could not be vetted, by reason")
        self._written = meter.create_counter("tracevet.verdicts", description="Verdicts to be written, by fate")
        self._errors = meter.create_counter("tracevet.errors", description="What went wrong, by kind")
        self._seconds = meter.create_histogram("tracevet.work", unit="s", description="Time that work took, by kind")
        lag = "Time since everything was read"
        meter.create_observable_gauge("tracevet.lag", callbacks=[self._lag], unit="s", description=lag)
        left = "Stretches of time left for later"
        meter.create_observable_gauge("tracevet.unread", callbacks=[self._left], description=left)
        depth = "Verdicts to be written, over all platforms, by state"
        meter.create_observable_gauge("tracevet.outbox", callbacks=[self._waiting], description=depth)

    def close(self) -> None:
        """Let go of the reader."""
        self._provider.shutdown()

    @contextmanager
    def doing(self, work: Work) -> Iterator[None]:
        """Measure it, as a span, too."""
        begun = time.monotonic()
        self._health.moved()
        with self._tracer.start_as_current_span(f"tracevet.{work}", record_exception=False) as span:
            try:
                yield
            except Exception as error:
                span.set_status(StatusCode.ERROR, type(error).__name__)  # its text may be a platform's
                raise
            finally:
                self._seconds.record(time.monotonic() - begun, {"kind": work})

    @contextmanager
    def counting(self, counts: Counts) -> Iterator[None]:
        """Add what a pass counted when it ends, and meanwhile with each verdict."""
        self._counts, self._added = counts, dict.fromkeys(COUNTED, 0)
        try:
            yield
        finally:
            self._add()
            self._counts = None

    def vetted(self, verdict: Verdict) -> None:
        """Count it."""
        self._health.moved()
        for violation in verdict.violations:
            if violation.status is Status.OPEN:
                self._violations.add(1, {"severity": violation.severity.value})
        for gap in verdict.gaps:
            self._gaps.add(gap.count, {"reason": gap.reason.value})
        self._add()

    def wrote(self, *, written: int, again: int, parked: int, dropped: int) -> None:
        """Count them."""
        fates = {"written": written, "again": again, "parked": parked, "dropped": dropped}
        for fate, number in fates.items():
            self._written.add(number, {"fate": fate})

    def failed(self, trouble: Trouble) -> None:
        """Count it."""
        self._errors.add(1, {"kind": trouble})

    def looked(self, mark: datetime | None, unread: int) -> None:
        """Keep it for whoever asks."""
        self._mark, self._unread = mark, unread
        self._health.looked()

    def outbox(self, counts: Mapping[str, int]) -> None:
        """Keep it for whoever asks."""
        self._outbox = dict(counts)

    _counts: Counts | None = None
    _added: dict[str, int]

    def _add(self) -> None:
        """Add what a pass counted since the last time."""
        if self._counts is None:
            return
        grown = {name: getattr(self._counts, name) - self._added[name] for name in COUNTED}
        self._added = {name: self._added[name] + grown[name] for name in COUNTED}
        self._traces.add(max(0, grown["traces"] - grown["unchanged"]), {"source": "vetted"})
        self._traces.add(grown["unchanged"], {"source": "unchanged"})
        self._snippets.add(grown["scanned"], {"source": "scanned"})
        self._snippets.add(grown["remembered"], {"source": "remembered"})

    def _lag(self, options: CallbackOptions) -> Iterable[Observation]:
        del options
        return [Observation((datetime.now(UTC) - self._mark).total_seconds())] if self._mark else []

    def _waiting(self, options: CallbackOptions) -> Iterable[Observation]:
        del options
        return [Observation(number, {"state": state}) for state, number in self._outbox.items()]

    def _left(self, options: CallbackOptions) -> Iterable[Observation]:
        del options
        return [Observation(self._unread)]
