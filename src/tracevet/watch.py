"""Watching a platform: pass after pass over what is new, each followed by writing what is due; restartable anywhere."""

import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tracevet.errors import BusyError, UsageError
from tracevet.ledger import Ledger
from tracevet.model import Receipt, Status, Verdict
from tracevet.pipeline import Setup
from tracevet.plugin import Cursor, Page, Platform, Window
from tracevet.run import Run
from tracevet.workers import Workers
from tracevet.write import Drained, drain

MARK = "watched"  # key of the bookmark: up to when everything was read
ACCOUNT = "account"  # key of the bookmark: what the ledger's verdicts on this platform belong to
OVERLAP = timedelta(minutes=1)  # read again in each pass: what became readable late
LOOK_BACK = timedelta(minutes=15)  # read again now and then: what became readable very late, or by a slow clock
LOOK_BACK_EVERY = timedelta(minutes=5)
STRETCH = timedelta(hours=1)  # read at once while catching up
LONGEST_STRETCH = timedelta(days=2)  # where there is nothing
SESSIONS = timedelta(days=1)  # without news, after which a session is forgotten
BEAT = timedelta(minutes=1)


@dataclass(slots=True, kw_only=True)
class Seen:
    """What was done since the start."""

    traces: int = 0
    violations: int = 0  # open ones
    written: int = 0
    parked: int = 0
    dropped: int = 0
    mark: datetime | None = None  # everything that ended before was read


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a watch knows of the world."""

    say: Callable[[str], None] = lambda line: None  # shows a line to whoever runs it
    stopped: Callable[[], bool] = lambda: False  # asked often; once it says True the watch ends in good order
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    rest: Callable[[float], object] = time.sleep  # waits for some seconds, or until stopped


class Watch:
    """Vets what is new on a platform and writes the verdicts back, for ever or once.

    Where it stopped, however it stopped, the next one on the same ledger goes on: a stretch of time counts as read
    when its verdicts are committed, and a verdict stays in the outbox until the platform has it.
    """

    def __init__(
        self,
        platform: Platform,
        setup: Setup,
        ledger: Ledger,
        workers: Workers,
        *,
        since: datetime | None = None,
        around: Surroundings | None = None,
    ) -> None:
        """Set up the watch.

        Args:
            platform: where the traces are, and where verdicts go.
            setup: how traces are vetted.
            ledger: what is known; it keeps the outbox and how far was read.
            workers: the pool that runs the detectors; it stays the caller's.
            since: where to begin; none is where the last watch stopped, else a day ago.
            around: what the watch knows of the world.
        """
        self.seen = Seen()
        self._platform = _Noting(platform)
        self._setup, self._ledger, self._workers = setup, ledger, workers
        self._since = since
        around = around or Surroundings()
        self._say, self._stopped, self._clock, self._rest = around.say, around.stopped, around.clock, around.rest
        self._looked_back: datetime | None = None
        self._beat: datetime | None = None
        self._told: set[str] = set()

    def once(self) -> None:
        """Read everything up to now, and write what is due.

        Raises:
            PlatformError: the platform can't be read or written now.
            LedgerError: the ledger can't be read or written.
        """
        self._require_account()
        self._read()
        self._write()
        self._heartbeat(always=True)

    def forever(self, interval: float) -> None:
        """Do so again and again, `interval` seconds apart, until stopped; an unreachable platform is waited for.

        Raises:
            PlatformError: the platform refuses, so that somebody must act.
            LedgerError: the ledger can't be read or written.
        """
        failures = 0
        while not self._stopped():
            pause = interval
            try:
                self._require_account()
                self._read()
                self._write()
                failures = 0
            except BusyError as error:
                failures += 1
                pause = max(interval * min(2**failures, 32), error.after or 0.0)
                self._say(f"waiting {pause:.0f} s: {error}")
            self._heartbeat()
            if not self._stopped():
                self._rest(pause)
        self._heartbeat(always=True)

    def _require_account(self) -> None:
        """Refuse to mix what belongs to two accounts in one ledger: verdicts would look for traces that aren't there.

        Raises:
            UsageError: the ledger belongs to another account.
        """
        account, kept = self._platform.inner.account(), self._ledger.cursor(self._platform.name, ACCOUNT)
        if kept is None:
            self._ledger.set_cursor(self._platform.name, ACCOUNT, account)
        elif kept != account:
            raise UsageError(
                f"ledger {self._ledger.location} holds verdicts of {self._platform.name} project {kept}, and the keys "
                f"open project {account}; set the keys of {kept}, or name another ledger with --ledger"
            )

    def _read(self) -> None:
        """Vet the stretches between the mark, or where it was told to begin, and now."""
        end = self._clock()
        start = self._since or self._begin(end)
        size = STRETCH
        while start < end and not self._stopped():
            stop = min(start + size, end)
            found = self._pass(Window(start, stop))
            if self._stopped():
                return
            self._set_mark(stop)
            if self._since is not None:
                self._since = stop
            if found:
                self._write()
            size = STRETCH if found else min(size * 2, LONGEST_STRETCH)
            start = stop
        self._since = None

    def _begin(self, now: datetime) -> datetime:
        kept = self._ledger.cursor(self._platform.name, MARK)
        if kept is None:
            return now - timedelta(days=1)
        mark = datetime.fromisoformat(kept)
        if self._looked_back is None or now - self._looked_back >= LOOK_BACK_EVERY:
            self._looked_back = now
            self._ledger.drop_sessions(now - SESSIONS)
            return mark - LOOK_BACK
        return mark - OVERLAP

    def _pass(self, window: Window) -> int:
        """Vet the traces of a window, writing as it goes; give their number."""
        run = Run(self._platform, self._setup, self._ledger, self._workers)
        count = 0
        with closing(_closable(run.verdicts(window, self._platform.cursor))) as verdicts:
            for verdict in verdicts:
                count += 1
                self.seen.traces += 1
                self.seen.violations += sum(one.status is Status.OPEN for one in verdict.violations)
                if self._stopped():
                    break
                self._heartbeat()
        return count

    def _set_mark(self, stop: datetime) -> None:
        kept = self._ledger.cursor(self._platform.name, MARK)
        mark = max(stop, datetime.fromisoformat(kept)) if kept else stop
        self._ledger.set_cursor(self._platform.name, MARK, mark.isoformat())
        self.seen.mark = mark

    def _write(self) -> None:
        drained = drain(self._platform.inner, self._ledger, self._clock, stopped=self._stopped)
        self._count(drained)

    def _count(self, drained: Drained) -> None:
        self.seen.written += drained.written
        self.seen.parked += drained.parked
        self.seen.dropped += drained.dropped
        for note in drained.notes:
            if note not in self._told and len(self._told) < 1000:  # noqa: PLR2004 - a bound on memory
                self._told.add(note)
                self._say(note)

    def _heartbeat(self, *, always: bool = False) -> None:
        now = self._clock()
        if not always and self._beat is not None and now - self._beat < BEAT:
            return
        self._beat = now
        seen, counts = self.seen, self._ledger.outbox_counts()
        mark = f"{seen.mark:%Y-%m-%d %H:%M:%S} UTC" if seen.mark else "nowhere yet"
        self._say(
            f"{self._platform.name}: read up to {mark}; {seen.traces} traces, {seen.violations} violations; "
            f"{seen.written} verdicts settled, {counts.due + counts.waiting} to be written, {counts.parked} parked"
        )


class _Noting(Platform):
    """Stands for a platform, and notes the cursor: the next pass asks only for what was not given yet."""

    def __init__(self, inner: Platform) -> None:
        self.inner = inner
        self.cursor: Cursor | None = None
        self.name = inner.name  # type: ignore[misc]  # it stands for the other in everything
        self.cursor_is_memory = inner.cursor_is_memory  # type: ignore[misc]  # likewise

    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        for page in self.inner.traces(window, cursor):
            self.cursor = None if self.inner.cursor_is_memory else page.cursor
            yield page

    def write(self, verdict: Verdict) -> Receipt:
        return self.inner.write(verdict)


def _closable(verdicts: Iterator[Verdict]) -> Generator[Verdict, None, None]:
    yield from verdicts
