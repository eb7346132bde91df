"""Checks inside the application, within a time: for what must be known before a span leaves it."""

import logging
import os
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from queue import Full, Queue

from tracevet.assembly import Assembly
from tracevet.errors import TracevetError
from tracevet.model import Finding, Result, Session, Snippet, Status, Trace
from tracevet.pipeline import Setup, vet
from tracevet.plugin import Detector
from tracevet.workers import Engine

AHEAD = 50  # traces that may wait
KNOWN = 10_000  # traces whose policies are remembered

log = logging.getLogger("tracevet.live")


class QuickCheck:
    """Some detectors in a thread of this process, built in the background.

    Never raises once it is made. The thread can't be stopped in the middle of a snippet: give it detectors that are
    quick, and short snippets.
    """

    def __init__(self, detectors: Collection[str], *, config: str | Path | None = None, longest: int = 20_000) -> None:
        """Start to build them.

        Args:
            detectors: names; one that is not installed is left out.
            config: configuration; none is where it usually is.
            longest: characters of a snippet that is still looked at.
        """
        self._names, self._config, self._longest = frozenset(detectors), config, longest
        self._off = False
        self._known: OrderedDict[str, frozenset[str]] = OrderedDict()
        self._start()

    def policies(self, traces: Sequence[Trace], seconds: float) -> Mapping[str, frozenset[str]]:
        """Give the ids of the policies that each trace violates, by its id, as far as that is known in this time.

        What becomes known later is given with the next call for the same trace; what was said of it stays said.
        """
        deadline = time.monotonic() + seconds
        if self._off:
            return {}
        if self._process != os.getpid():
            self._start()  # threads don't follow into a fork
        done = [event for trace in traces if (event := self._ask(trace))]
        for event in done:
            event.wait(max(0.0, deadline - time.monotonic()))
        return {trace.id: self._known.get(trace.id, frozenset()) for trace in traces}

    def _start(self) -> None:
        self._process = os.getpid()
        self._jobs: Queue[tuple[Trace, threading.Event]] = Queue(AHEAD)
        threading.Thread(target=self._work, name="tracevet-quick", daemon=True).start()

    def _ask(self, trace: Trace) -> threading.Event | None:
        done = threading.Event()
        try:
            self._jobs.put_nowait((trace, done))
        except Full:
            return None
        return done

    def _work(self) -> None:
        try:
            setup, detectors = self._build()
        except Exception as error:  # the application must not see it; only the text of our own errors is fit to be told
            self._off = True
            log.warning("no policy tags: %s", error if isinstance(error, TracevetError) else type(error).__name__)
            return
        jobs = self._jobs
        while True:
            trace, done = jobs.get()
            try:
                self._learn(trace.id, self._violated(trace, setup, detectors))
            except Exception as error:  # nothing of ours may reach the application
                log.debug("a trace could not be checked: %s", type(error).__name__)
            done.set()

    def _build(self) -> tuple[Setup, Mapping[str, Detector]]:
        assembly = Assembly.load(Path(self._config) if self._config else None)
        whole = assembly.setup(secrets.token_bytes(32))  # the key stands for masked values that nobody keeps
        engines, detectors = [], {}
        for engine in whole.engines:
            if engine.name not in self._names:
                continue
            try:
                detectors[engine.id] = engine.cls(**engine.options)
            except Exception as error:  # a plugin's boundary
                log.warning("no policy tags of detector '%s': %s", engine.name, type(error).__name__)
            else:
                engines.append(engine)
        setup = Setup(extractors=whole.extractors, engines=tuple(engines), policies=whole.policies, key=whole.key)
        return setup, detectors

    def _violated(self, trace: Trace, setup: Setup, detectors: Mapping[str, Detector]) -> frozenset[str]:
        def scan(engine: Engine, snippets: Sequence[Snippet]) -> Mapping[str, Result]:
            return self._scan(detectors[engine.id], snippets)

        verdict, _ = vet(trace, Session(id=trace.session_id or trace.id), setup, scan)
        return frozenset(one.policy for one in verdict.violations if one.status is Status.OPEN)

    def _scan(self, detector: Detector, snippets: Sequence[Snippet]) -> Mapping[str, Result]:
        found: dict[str, list[Finding]] = {one.digest: [] for one in snippets if len(one.text) <= self._longest}
        try:
            for said in detector.scan([one for one in snippets if one.digest in found]):
                if isinstance(said, Finding):
                    found[said.snippet].append(said)
        except Exception as error:  # a plugin's boundary: what it said before counts
            log.debug("detector '%s' raised %s", detector.name, type(error).__name__)
        return {digest: Result(tuple(findings)) for digest, findings in found.items()}

    def _learn(self, trace: str, policies: frozenset[str]) -> None:
        self._known[trace] = self._known.pop(trace, frozenset()) | policies
        while len(self._known) > KNOWN:
            self._known.popitem(last=False)
