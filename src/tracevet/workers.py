"""Detectors in worker processes: in parallel over the cores, with a time limit that really ends a hung one."""

import hashlib
import json
import logging
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from tracevet.errors import PluginError, TracevetError
from tracevet.model import Finding, Gap, GapReason, Result, Snippet
from tracevet.plugin import Detector

T = TypeVar("T")

BATCH_SNIPPETS = 64  # a batch that fails is scanned again one by one, so it is kept small
BATCH_CHARACTERS = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A detector as it is set up: its class and its options, able to travel to another process."""

    cls: type[Detector]
    options: Mapping[str, object] = field(default_factory=dict)
    id: str = field(init=False)  # name@version#options: differs where the same snippet may give other findings

    def __post_init__(self) -> None:
        """Make the id; of an option that is a path, what stands there counts too."""
        options = hashlib.sha256(json.dumps(self.options, sort_keys=True, default=_told).encode())
        object.__setattr__(self, "id", f"{self.name}@{self.cls.version}#{options.hexdigest()[:8]}")

    @property
    def name(self) -> str:
        """The detector's name."""
        return self.cls.name

    def reads(self, snippet: Snippet) -> bool:
        """Tell whether the detector looks at snippets of this language and surface."""
        languages = self.cls.languages
        return snippet.surface in self.cls.surfaces and (not languages or snippet.language in languages)


def _told(option: object) -> object:
    """Spell an option that JSON has no word for."""
    if isinstance(option, Path):
        return [str(option), _content(option)]
    return sorted(map(repr, option)) if isinstance(option, set | frozenset) else str(option)


def _content(path: Path) -> str:
    """Give the digest of a file, or of all files below a directory; "" where there is nothing to be read."""
    try:
        if path.is_dir():
            below = (each for each in path.rglob("*") if each.is_file())
            parts = (f"{each.relative_to(path)}\0{_content(each)}" for each in sorted(below))
            return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:  # the detector itself says what is wrong with it
        return ""


class Scan:
    """A scan under way: some snippets by one detector."""

    def __init__(self, workers: "Workers", engine: Engine, snippets: Sequence[Snippet]) -> None:
        self._workers = workers
        self._engine = engine
        self._batches = [(batch, workers.schedule(engine, batch)) for batch in _batches(snippets)]

    def results(self) -> dict[str, Result]:
        """Wait, and give each snippet's result by its digest; what failed or took too long has a Gap."""
        said: dict[str, Result] = {}
        if self._batches:
            self._workers.opened(self._engine)
        for batch, future in self._batches:
            said |= self._settle(batch, future)
        return said

    def _settle(self, batch: Sequence[Snippet], future: "Future[dict[str, Result]]") -> dict[str, Result]:
        try:
            return future.result()
        except Exception as error:
            if len(batch) == 1:
                return {batch[0].digest: Result(gaps=(self._gap(batch[0], error),))}
        alone = [((snippet,), self._workers.schedule(self._engine, (snippet,))) for snippet in batch]
        said: dict[str, Result] = {}
        for one, its_future in alone:
            said |= self._settle(one, its_future)
        return said

    def _gap(self, snippet: Snippet, error: BaseException) -> Gap:
        name = self._engine.name
        if isinstance(error, FutureTimeoutError):
            reason, detail = GapReason.TIMED_OUT, f"{name} took longer than {self._workers.seconds:g} s"
        elif isinstance(error, ProcessExpired):
            reason, detail = GapReason.DETECTOR_FAILED, f"{name} ended its worker process (exit code {error.exitcode})"
        else:  # the text of the exception may quote the code: its class must do
            reason, detail = GapReason.DETECTOR_FAILED, f"{name} raised {type(error).__name__}"
        return Gap(reason=reason, detail=detail, snippet=snippet.digest, detector=name)


class Workers:
    """The pool of worker processes.

    A worker that exceeds its time on a snippet is killed and replaced; one that dies costs the snippet it died on.
    """

    def __init__(self, *, processes: int | None = None, seconds: float = 10.0, memory_mb: int = 2048) -> None:
        """Set up the pool; processes start with the first scan.

        Args:
            processes: how many; None is one per core.
            seconds: the limit for one snippet and one detector.
            memory_mb: private memory of one worker, where the system can limit it; 0 is no limit.
        """
        self.seconds = seconds
        self.processes = processes or os.cpu_count() or 1
        self._opening: dict[str, Future[None]] = {}
        self._pool = ProcessPool(
            max_workers=self.processes,
            initializer=_start,
            initargs=(memory_mb,),
            context=multiprocessing.get_context("spawn"),  # a fork would copy our threads' locks
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._pool.stop()  # type: ignore[no-untyped-call]  # pebble leaves it unannotated
        self._pool.join()

    def scan(self, engine: Engine, snippets: Sequence[Snippet]) -> Scan:
        """Start scanning the snippets, which must differ in digest, with one detector."""
        return Scan(self, engine, snippets)

    def opened(self, engine: Engine) -> None:
        """Wait until a worker has built the detector once.

        Raises:
            PluginError: it can't be built; every scan would fail.
        """
        try:
            self._opening[engine.id].result()
        except TracevetError:
            raise
        except Exception as error:
            raise PluginError(
                f"detector '{engine.name}' could not be started: {type(error).__name__}; "
                "`tracevet plugins doctor` shows more"
            ) from error

    def schedule(self, engine: Engine, batch: Sequence[Snippet]) -> "Future[dict[str, Result]]":
        """Queue one batch; the time limit holds from its start in a worker."""
        if engine.id not in self._opening:
            self._opening[engine.id] = self._queue(_open, engine)
        bare = [replace(snippet, span="", pointer="", path=None, lines=None, call=None) for snippet in batch]
        return self._queue(_scan, engine, bare, timeout=self.seconds)

    def _queue(self, task: Callable[..., T], *arguments: object, timeout: float | None = None) -> "Future[T]":
        try:
            future: Future[T] = self._pool.schedule(task, args=arguments, timeout=timeout)
        except RuntimeError as error:
            raise TracevetError(
                "worker processes can't be started; a script that uses tracevet needs `if __name__ == '__main__':`"
            ) from error
        return future


def _batches(snippets: Sequence[Snippet]) -> Iterator[Sequence[Snippet]]:
    batch: list[Snippet] = []
    size = 0
    for snippet in snippets:
        if batch and (len(batch) >= BATCH_SNIPPETS or size + len(snippet.text) > BATCH_CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(snippet)
        size += len(snippet.text)
    if batch:
        yield batch


# What follows runs in the worker processes.

_detectors: dict[str, Detector] = {}


def _start(memory_mb: int) -> None:
    """Prepare a worker: its memory has a limit, and nothing a detector logs of hostile code reaches the terminal."""
    logging.disable(logging.CRITICAL)
    if memory_mb and os.name == "posix":
        import resource

        limit = memory_mb * 1024 * 1024
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))


def _open(engine: Engine) -> None:
    if engine.id not in _detectors:
        _detectors[engine.id] = engine.cls(**engine.options)


def _scan(engine: Engine, snippets: Sequence[Snippet]) -> dict[str, Result]:
    _open(engine)
    detector = _detectors[engine.id]
    findings: dict[str, list[Finding]] = {snippet.digest: [] for snippet in snippets}
    gaps: dict[str, list[Gap]] = {snippet.digest: [] for snippet in snippets}
    for said in detector.scan(snippets):
        if isinstance(said, Finding):
            findings[said.snippet].append(said)
        else:
            gaps[said.snippet or ""].append(said)
    return {digest: Result(tuple(findings[digest]), tuple(gaps[digest])) for digest in findings}
