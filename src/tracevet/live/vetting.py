"""The interpreter's main thread: what the application sends is put together, vetted, and committed to the ledger."""

import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from tracevet.assembly import Assembly
from tracevet.errors import LedgerError, TracevetError, UsageError
from tracevet.ledger import Ledger
from tracevet.live.frames import Message
from tracevet.live.gathering import GONE, Gathering, Group
from tracevet.live.inbox import Inbox
from tracevet.live.writing import Writing
from tracevet.model import Gap, GapReason, Receipt, Trace, Verdict
from tracevet.pipeline import Setup
from tracevet.plugin import Cursor, LivePlatform, Page, Platform, Window
from tracevet.run import Run
from tracevet.workers import Workers

TICK = 1.0  # seconds between two looks, at most
AGAIN = 10.0  # seconds until a ledger that failed is tried again
BATCH = 50  # traces vetted together

Say: TypeAlias = Callable[[Message], None]

log = logging.getLogger("tracevet.live")


def serve(inbox: Inbox, say: Say) -> None:
    """Vet what comes until the application lets go, then what is left; return when it is written, or can't be."""
    first = inbox.get()
    if first is None:
        return
    try:
        _serve(first[0], inbox, say)
    except TracevetError as error:
        say({"refused": str(error)})


def _serve(opening: Message, inbox: Inbox, say: Say) -> None:
    if hasattr(os, "nice"):
        os.nice(int(str(opening.get("nice") or 0)))
    environment, options = opening.get("environment"), opening.get("options")
    os.environ.update({key: str(value) for key, value in environment.items()} if isinstance(environment, dict) else {})
    config, ledger = opening.get("config"), opening.get("ledger")
    assembly = Assembly.load(Path(config) if isinstance(config, str) else None)
    name = str(opening.get("platform"))
    platform = assembly.platform(name, **(options if isinstance(options, dict) else {}))
    if not isinstance(platform, LivePlatform):
        raise UsageError(f"platform '{name}' can't be watched live")
    url = ledger if isinstance(ledger, str) else assembly.config.ledger.url
    limits = assembly.config.workers
    workers = Workers(processes=limits.processes or 1, seconds=limits.seconds, memory_mb=limits.memory_mb)
    with Ledger.open(url) as kept, workers:
        kept.leases.share(kept.leases.owner)
        writing = Writing(platform, url, say, owner=kept.leases.owner)
        writing.start()
        Desk(platform, assembly.begin(kept), kept, workers, writing, say).work(inbox)
        writing.finish()


class Desk:
    """Where spans become traces, and traces verdicts."""

    def __init__(
        self,
        platform: LivePlatform,
        setup: Setup,
        ledger: Ledger,
        workers: Workers,
        writing: Writing,
        say: Say,
    ) -> None:
        """Take what vetting takes; nothing is read yet."""
        self._platform, self._setup, self._ledger, self._workers = platform, setup, ledger, workers
        self._writing, self._say = writing, say
        self._gathering = Gathering()
        self._not_before = 0.0

    def work(self, inbox: Inbox) -> None:
        """Take messages until the end, vetting in between; then vet what is left."""
        while not inbox.over:
            came = inbox.get(self._pause())
            if came is not None:
                self._take(*came)
            if time.monotonic() >= self._not_before:
                self._vet(self._gathering.due(time.monotonic()))
        self._vet(self._gathering.all())

    def _pause(self) -> float:
        due = self._gathering.next_due()
        wait = TICK if due is None else max(due, self._not_before) - time.monotonic()
        return min(max(wait, 0.01), TICK)

    def _take(self, message: Message, size: int) -> None:
        now = time.monotonic()
        trace, lost, flush = message.get("trace"), message.get("lost"), message.get("flush")
        if isinstance(trace, str):
            last = message.get("last") is True
            if not self._gathering.add(trace, message.get("data"), last=last, size=size, now=now):
                self._say({"vetted": {trace: 1}})
        for name, count in lost.items() if isinstance(lost, dict) else ():
            self._gathering.lose(name, count if isinstance(count, int) else 1, now)
        if isinstance(flush, int):
            self._vet(self._gathering.all())
            self._writing.flush(flush)

    def _vet(self, groups: Iterable[tuple[str, Group]]) -> None:
        waiting = list(groups)
        for at in range(0, len(waiting), BATCH):
            try:
                self._vet_batch(dict(waiting[at : at + BATCH]))
            except LedgerError as error:
                self._say({"note": str(error)})
                self._not_before = time.monotonic() + AGAIN
                return

    def _vet_batch(self, groups: dict[str, Group]) -> None:
        self._writing.introduced()
        known = self._ledger.stored(self._platform.name, [name for name in groups if name not in self._writing.mine])
        traces = [trace for name, group in groups.items() if name not in known and (trace := self._trace(group))]
        run = Run(_Handed(self._platform, traces), self._setup, self._ledger, self._workers)
        if len(self._writing.mine) > GONE:
            self._writing.mine.clear()  # a late span of one of these is left to those who read its trace whole
        for verdict in run.verdicts(Window()):
            self._writing.mine.add(verdict.trace.id)
        self._say({"vetted": {name: self._settle(name, known) for name in groups}})
        self._writing.wake()

    def _settle(self, name: str, known: Iterable[str]) -> int:
        """Note that a trace was vetted; one that another process vetted first is left to those who read it whole."""
        return self._gathering.drop(name) if name in known else self._gathering.vetted(name)

    def _trace(self, group: Group) -> Trace | None:
        try:
            trace = self._platform.assemble(group.spans, self._writing.account)
        except Exception as error:  # a plugin's boundary
            log.debug("a trace could not be put together: %s", type(error).__name__)
            return None
        if trace is None or not group.lost:
            return trace
        gap = Gap(reason=GapReason.NOT_RECORDED, detail="spans that live vetting did not get", count=group.lost)
        return replace(trace, gaps=(*trace.gaps, gap), content="")


class _Handed(Platform):
    """Stands for a platform, and hands over the traces at hand."""

    def __init__(self, inner: Platform, traces: Iterable[Trace]) -> None:
        self.name = inner.name  # type: ignore[misc]  # it stands for the other in everything
        self._inner, self._traces = inner, tuple(traces)

    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        yield Page(traces=self._traces)

    def write(self, verdict: Verdict) -> Receipt:
        return self._inner.write(verdict)
