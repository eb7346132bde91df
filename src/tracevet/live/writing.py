"""The interpreter's second thread: verdicts from the ledger to the platform, however long it takes to answer."""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeAlias

from tracevet.errors import BusyError, GoneError, LedgerError, PlatformError, TracevetError
from tracevet.ledger import Ledger
from tracevet.live.frames import Message
from tracevet.model import Receipt, Verdict
from tracevet.plugin import Cursor, Page, Platform, Window
from tracevet.write import ACCOUNT, drain, pace, require_account

LOOK = 2.0  # seconds between two looks into the outbox
LONGEST_WAIT = 60.0  # seconds between two tries of a platform that is down
INTRODUCTION = 3.0  # seconds
YOUNG = 600.0  # seconds in which a trace that can't be read yet is not taken for deleted
PATIENCE = (0.3, 0.7, 1.5, 3.0)  # seconds between the first tries of a trace that can't be read yet

Say: TypeAlias = Callable[[Message], None]

log = logging.getLogger("tracevet.live")


class Writing:
    """Writes what is due, again and again, with a ledger of its own; only `introduced` and `finish` wait."""

    def __init__(self, platform: Platform, ledger: str | None, say: Say, *, owner: str | None = None) -> None:
        """Prepare; `ledger` is opened by the thread, as one object belongs to one thread.

        What is queued for `owner` is written here, and by no other process while this one lives.
        """
        self._owner = owner
        self.account = ""  # what the credentials open, once it is known
        self.mine: set[str] = set()  # traces of which the ledger's verdict is ours
        self._patient, self._url, self._say = _Patient(platform, self.mine), ledger, say
        self._known = False
        self._asked = threading.Event()  # for the account, with or without an answer
        self._wake = threading.Event()
        self._flushes: list[int] = []
        self._ending = False
        self._thread = threading.Thread(target=self._work, name="writing", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def introduced(self) -> None:
        """Wait for the first answer of the platform, or some seconds, once: addresses of traces name the account."""
        self._asked.wait(INTRODUCTION)
        self._asked.set()

    def wake(self) -> None:
        """Say that there is something new."""
        self._wake.set()

    def flush(self, number: int) -> None:
        """Answer with this number once everything is written."""
        self._flushes.append(number)
        self._wake.set()

    def finish(self) -> None:
        """Wait until everything is written; whoever calls this sets a bound."""
        self._ending = True
        self._wake.set()
        self._thread.join()

    def _work(self) -> None:
        try:
            with Ledger.open(self._url) as ledger:
                ledger.leases.share(self._owner or ledger.leases.owner)
                ledger.leases.join()
                pace(self._patient.inner, ledger)
                self._write(ledger)
        except TracevetError as error:
            self._say({"refused": str(error)})

    def _write(self, ledger: Ledger) -> None:
        failures = 0
        while True:
            wait, settled = LOOK, False
            asked = list(self._flushes)
            try:
                self._require_account(ledger)
                self._wake.clear()
                asked = list(self._flushes)
                drained = drain(self._patient, ledger, lambda: datetime.now(UTC))
                settled = not self._patient.waiting
                failures = 0
                for note in drained.notes:
                    log.debug("%s", note)
            except (BusyError, LedgerError) as error:
                failures += 1
                after = error.after if isinstance(error, BusyError) else None
                wait = min(max(LOOK * 2.0 ** min(failures, 9), after or 0.0), LONGEST_WAIT)
            finally:
                self._asked.set()
            if settled and asked:
                del self._flushes[: len(asked)]
                self._say({"flushed": asked[-1], "left": 0})
            if self._ending and settled:
                return
            self._wake.wait(wait)

    def _require_account(self, ledger: Ledger) -> None:
        if not self._known:
            require_account(self._patient.inner, ledger)
            self.account, self._known = ledger.cursor(self._patient.name, ACCOUNT) or "", True


class _Patient(Platform):
    """Stands for a platform on which a trace that was just sent can't be read yet."""

    def __init__(self, inner: Platform, mine: Collection[str]) -> None:
        self.name = inner.name  # type: ignore[misc]  # it stands for the other in everything
        self.inner = inner
        self.waiting: set[str] = set()  # traces of ours that are to be tried again
        self._mine = mine
        self._met: dict[str, float] = {}

    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        return self.inner.traces(window, cursor)

    def write(self, verdict: Verdict) -> Receipt:
        return self.inner.write(verdict)

    def write_all(self, verdicts: Sequence[Verdict]) -> Sequence[Receipt | PlatformError]:
        """Write them; those whose traces are not there yet are tried again, soon at first."""
        results = list(self.inner.write_all(verdicts))
        for pause in PATIENCE:
            tried = [at for at, verdict in enumerate(verdicts) if verdict.trace.id in self._mine]
            early = [at for at in tried if self._early(verdicts[at], results[at])]
            if not early:
                break
            time.sleep(pause)
            for at, result in zip(early, self.inner.write_all([verdicts[at] for at in early]), strict=True):
                results[at] = result
        return [self._seen(verdict, result) for verdict, result in zip(verdicts, results, strict=True)]

    def _early(self, verdict: Verdict, result: Receipt | PlatformError) -> bool:
        now = time.monotonic()
        if len(self._met) > 100_000:  # noqa: PLR2004 - a bound on memory
            self._met.clear()
        return isinstance(result, GoneError) and now - self._met.setdefault(verdict.trace.id, now) < YOUNG

    def _seen(self, verdict: Verdict, result: Receipt | PlatformError) -> Receipt | PlatformError:
        if self._early(verdict, result):
            result = BusyError(str(result))
        if isinstance(result, BusyError) and verdict.trace.id in self._mine:
            self.waiting.add(verdict.trace.id)
        else:
            self.waiting.discard(verdict.trace.id)
        return result
