"""Vet buckets, one after the other, with detectors that stay warm: a worker's part of a backfill."""

import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack
from functools import cached_property
from types import TracebackType
from typing import ClassVar, Self, TypeAlias

from tracevet.assembly import Assembly
from tracevet.backfill.job import BackfillJob
from tracevet.backfill.rows import assemble
from tracevet.backfill.told import Vetted
from tracevet.ledger import Ledger
from tracevet.model import Receipt, Result, Snippet, Trace, Verdict
from tracevet.plugin import Cursor, Page, Platform, Window
from tracevet.run import Run
from tracevet.tally import Tally
from tracevet.workers import Engine, Scan, Workers

KEPT = 20_000  # results of each engine
PAGE_TRACES = 50
PAGE_BYTES = 4 * 1024 * 1024

Parts: TypeAlias = Iterable[tuple[bool, bytes, int]]  # of one trace, by file and number: `parent`, `body`, `size`


class Vetter:
    """Vets buckets of one job. A context manager; belongs to one thread."""

    def __init__(self, job: BackfillJob) -> None:
        """Open the ledger, load the plugins, and prepare one process for the detectors.

        Raises:
            TracevetError: the ledger can't be opened, or the configuration does not hold here.
        """
        self._job, self._stack = job, ExitStack()
        assembly, settings = Assembly.of(job.config), job.config.workers
        self._ledger = self._stack.enter_context(_Warm.open(job.ledger))
        self._workers = self._stack.enter_context(
            _InStep(processes=1, seconds=settings.seconds, memory_mb=settings.memory_mb)
        )
        self._setup = assembly.setup(self._ledger.key)

    def __enter__(self) -> Self:
        """Give the vetter, to be closed at the end."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """End the process of the detectors, and close the ledger."""
        self._stack.close()

    def vet(self, bucket: int, traces: Iterable[Parts]) -> Vetted:
        """Vet the traces of a bucket, sorted by session and time, and commit their verdicts; then note it is done.

        Each trace once, however often this is called; the memory that it takes is that of one page of traces.

        Raises:
            TracevetError: the ledger can't be written, or a detector can't be started. What was committed is kept.
        """
        started, tally = time.monotonic(), Tally()
        source = SOURCES[self._job.plan.platform](traces)
        run = Run(source, self._setup, self._ledger, self._workers, again=self._job.again)
        for verdict in run.verdicts(Window()):
            tally.add(verdict)
        totals = tally.totals(run.progress)
        vetted = Vetted(
            bucket=bucket,
            traces=source.traces_read,
            spans=source.spans_read,
            unchanged=totals.unchanged,
            violating=totals.violating,
            violations=totals.violations,
            snippets=totals.snippets,
            scanned=totals.scanned,
            remembered=totals.remembered,
            gaps=totals.gaps,
            seconds=round(time.monotonic() - started, 3),
        )
        self._ledger.set_cursor(source.name, self._job.checkpoint(bucket), vetted.model_dump_json())
        return vetted


class _Warm(Ledger):
    """A ledger that is asked once for what is known of a snippet, however many buckets it stands in."""

    def results(self, engine: str, digests: Collection[str]) -> dict[str, Result]:
        """Give what the engine said of those snippets that it has scanned."""
        kept = self._kept.setdefault(engine, {})
        found = {digest: kept[digest] for digest in digests if digest in kept}
        asked = super().results(engine, [digest for digest in digests if digest not in kept])
        kept |= asked
        while len(kept) > KEPT:
            del kept[next(iter(kept))]
        return found | asked

    @cached_property
    def _kept(self) -> dict[str, dict[str, Result]]:
        return {}


class _Finished(Scan):
    """A scan that was waited for."""

    def __init__(self, workers: Workers, engine: Engine, snippets: Sequence[Snippet]) -> None:
        super().__init__(workers, engine, snippets)
        self._said = super().results()

    def results(self) -> dict[str, Result]:
        """Give each snippet's result by its digest."""
        return self._said


class _InStep(Workers):
    """Detectors that run while their caller waits: a worker of a backfill takes one core, not two."""

    def scan(self, engine: Engine, snippets: Sequence[Snippet]) -> Scan:
        """Scan the snippets."""
        return _Finished(self, engine, snippets)


class _Bucket(Platform):
    """The traces of one bucket, as a platform of which only the reading is asked for."""

    summary: ClassVar[str] = "A bucket of an export."

    def __init__(self, traces: Iterable[Parts]) -> None:
        self._parts = traces
        self.traces_read = 0
        self.spans_read = 0

    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        """Yield the traces in the order in which they were given."""
        page: list[Trace] = []
        size = 0
        for parts in self._parts:
            trace, taken = assemble(parts, self.name)
            if trace is None:
                continue
            self.traces_read += 1
            self.spans_read += len(trace.spans)
            page.append(trace)
            size += taken
            if len(page) >= PAGE_TRACES or size >= PAGE_BYTES:
                yield Page(traces=tuple(page))
                page, size = [], 0
        yield Page(traces=tuple(page))

    def write(self, verdict: Verdict) -> Receipt:
        """Refuse: what is vetted stays queued in the ledger."""
        raise NotImplementedError


class _Langfuse(_Bucket):
    name: ClassVar[str] = "langfuse"


class _LangSmith(_Bucket):
    name: ClassVar[str] = "langsmith"


SOURCES: dict[str, type[_Bucket]] = {source.name: source for source in (_Langfuse, _LangSmith)}
