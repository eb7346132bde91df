"""Watching a platform: pass after pass over what is new, each followed by writing what is due; restartable anywhere."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta

from tracevet.errors import BusyError, PlatformError, RefusedError
from tracevet.ledger import Ledger
from tracevet.listening import Listening
from tracevet.metrics import Meters
from tracevet.model import Receipt, Status, Verdict
from tracevet.pipeline import Setup
from tracevet.plugin import Cursor, Page, Platform, Window
from tracevet.run import Run
from tracevet.stretches import Unread
from tracevet.workers import Workers
from tracevet.write import Drained, drain, pace, require_account

MARK = "watched"  # key of the bookmark: up to when everything was read
OVERLAP = timedelta(minutes=1)  # read again in each pass: what became readable late
LOOK_BACK = timedelta(minutes=15)  # read again now and then: what became readable very late, or by another clock
LOOK_BACK_EVERY = timedelta(minutes=5)
STRETCH = timedelta(hours=1)  # read at once while catching up
LONGEST_STRETCH = timedelta(days=2)  # where there is nothing
DAY = timedelta(days=1)  # where a first watch begins, and one whose clock went back
PATIENCE = 5  # looks in a row at a stretch that can't be read, until it is left for later
BEAT = timedelta(minutes=1)
OTHERS = 1.0  # seconds between two looks whether others have read what they read
WRITE_EVERY = 5.0  # seconds in a long pass, and
WRITE_TRACES = 500  # traces, after the first of which what is due is written


@dataclass(slots=True, kw_only=True)
class Seen:
    """What was done since the start."""

    traces: int = 0
    violations: int = 0  # open ones
    written: int = 0
    parked: int = 0
    dropped: int = 0
    unread: int = 0  # stretches of time that were left for later
    deaf: bool = False  # the reviews could not be read
    mark: datetime | None = None  # everything that ended before was read


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a watch knows of the world."""

    say: Callable[[str], None] = lambda line: None  # shows a line to whoever runs it
    stopped: Callable[[], bool] = lambda: False  # asked often; once it says True the watch ends in good order
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    rest: Callable[[float], object] = time.sleep  # waits for some seconds, or until stopped
    meters: Meters = field(default_factory=Meters)  # told what is done
    alert: Callable[[], Iterable[str]] = lambda: ()  # tells people of what is new; gives what went wrong


class Watch:
    """Vets what is new on a platform and writes the verdicts back, for ever or once.

    Several may watch one platform on one ledger: each reads other stretches of time, vets other sessions and writes
    other verdicts, and what one that ended had begun, the others do.
    Where it stopped, however it stopped, the next one on the same ledger goes on: a stretch of time counts as read
    when its verdicts are committed, and a verdict stays in the outbox until the platform has it. A stretch that
    can't be read again and again is told of, left for later, and tried until it can.
    """

    def __init__(
        self,
        platform: Platform,
        setup: Setup,
        ledger: Ledger,
        workers: Workers,
        *,
        since: datetime | None = None,
        write: bool = True,
        around: Surroundings | None = None,
    ) -> None:
        """Set up the watch.

        Args:
            platform: where the traces are, and where verdicts go.
            setup: how traces are vetted.
            ledger: what is known; it keeps the outbox and how far was read.
            workers: the pool that runs the detectors; it stays the caller's.
            since: where to begin; none is where the last watch stopped, else a day ago.
            write: False leaves what is to be written in the outbox.
            around: what the watch knows of the world.
        """
        self.seen = Seen()
        self._platform = _Noting(platform)
        self._setup, self._ledger, self._workers = setup, ledger, workers
        self._since, self._writes = since, write
        around = around or Surroundings()
        self._say, self._stopped, self._clock, self._rest = around.say, around.stopped, around.clock, around.rest
        self._meters = around.meters
        self._readings = ledger.readings
        pace(platform, ledger)
        self._alert = around.alert
        self._listening = Listening(platform, ledger, self._clock)
        self._unread = Unread(ledger, platform.name)
        self._looked_back: datetime | None = None
        self._beat: datetime | None = None
        self._told: set[str] = set()

    def once(self) -> None:
        """Read everything up to now, and write what is due.

        Raises:
            PlatformError: the platform can't be read or written now.
            LedgerError: the ledger can't be read or written.
        """
        try:
            end = self._clock()
            self._look()
            while not self._stopped() and not self._all_read(end):
                self._rest(OTHERS)
                self._look()
        finally:
            self._tell()
        self._heartbeat(always=True)

    def _all_read(self, end: datetime) -> bool:
        """Tell whether all is read up to a moment, or nobody else is at it."""
        mark = self.seen.mark
        return (mark is not None and mark >= end) or not self._readings.others(self._platform.name)

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
                self._look()
                failures = 0
            except BusyError as error:
                failures += 1
                pause = max(interval * min(2**failures, 32), error.after or 0.0)
                self._meters.failed("busy")
                self._say(f"waiting {pause:.0f} s: {error}")
            self._tell()
            self._heartbeat()
            if not self._stopped():
                self._rest(pause)
        self._heartbeat(always=True)

    def _look(self) -> None:
        with self._meters.doing("look"):
            require_account(self._platform.inner, self._ledger)
            self._ledger.suppressions.settle()
            self._listen()
            if self._read():
                self._read_what_was_left()
            self.seen.unread = len(self._unread)
            self._write()
        self._meters.looked(self.seen.mark, self.seen.unread)

    def _listen(self) -> None:
        """Take in what people said; where that fails, it is said, and tried again at the next look."""
        try:
            self._listening.listen()
            self.seen.deaf = False
        except PlatformError as error:
            self.seen.deaf = True
            self._meters.failed("reviews")
            self._say_once(f"reviews can't be read: {error}")

    def _read(self) -> bool:
        """Vet the stretches between the mark, or where it was told to begin, and now; tell whether all can be read."""
        end = self._clock()
        start = self._since or self._begin(end)
        size, sound = STRETCH, True
        while start < end and not self._stopped():
            first, stop = self._claim(start, min(start + size, end))
            try:
                found = self._pass_or_leave(Window(first, stop)) if first < stop else 0
                if self._stopped():
                    return False
            except BaseException:
                self._readings.drop(self._platform.name)
                raise
            sound &= found is not None
            self._set_mark(self._readings.finish(self._platform.name, stop), end)
            self._unread.passed(start, stop)
            if self._since is not None:
                self._since = stop
            if found:
                self._write()
                self._tell()
            size = STRETCH if found else min(size * 2, LONGEST_STRETCH)
            start = stop
        self._since = None
        return sound

    def _claim(self, start: datetime, stop: datetime) -> tuple[datetime, datetime]:
        """Take the first part that was not left for later, and that no other watch reads; an empty one where all is."""
        self._unread.refresh()
        first, stop = self._unread.around(start, stop)
        return self._readings.claim(self._platform.name, first, stop) if first < stop else (first, stop)

    def _pass_or_leave(self, window: Window) -> int | None:
        """Vet the traces of a window; None: it can't be read for so long that it was left for later."""
        assert window.start  # noqa: S101 - the caller's
        assert window.end  # noqa: S101 - the caller's
        try:
            found = self._pass(window)
        except (BusyError, RefusedError) as error:
            if self._unread.failed(window.start, window.end) < PATIENCE:
                raise
            self._meters.failed("unreadable")
            left = self._unread.leave(window.start, window.end, self._clock())
            self._say(f"{left} can't be read, and is left for later: {error}")
            return None
        finally:
            self.seen.unread = len(self._unread)
        return found

    def _read_what_was_left(self) -> None:
        """Try the stretches that were left for later, until one fails again, or another watch is at it."""
        while not self._stopped() and (left := self._unread.due(self._clock())):
            if self._readings.claim(self._platform.name, left.start, left.stop) != (left.start, left.stop):
                self._readings.drop(self._platform.name)
                return
            try:
                self._pass(Window(left.start, left.stop))
            except (BusyError, RefusedError) as error:
                self._unread.again(left, self._clock())
                self._say(f"{left} still can't be read: {error}")
                return
            finally:
                self._readings.drop(self._platform.name)
            if not self._stopped():
                self._unread.read(left)
                self._say(f"{left} was read after all")

    def _begin(self, now: datetime) -> datetime:
        kept = self._ledger.cursor(self._platform.name, MARK)
        if kept is None:
            return now - DAY
        mark = datetime.fromisoformat(kept)
        if mark > now + OVERLAP:
            self._say(f"the clock went back from {mark:%Y-%m-%d %H:%M:%S} UTC; the last day is read again")
            return now - DAY
        if self._looked_back is None or now - self._looked_back >= LOOK_BACK_EVERY or self._looked_back > now:
            self._looked_back = now
            return min(mark, now) - LOOK_BACK
        return min(mark, now) - OVERLAP

    def _pass(self, window: Window) -> int:
        """Vet the traces of a window, writing as it goes; give their number."""
        run = Run(self._platform, self._setup, self._ledger, self._workers)
        count, written = 0, time.monotonic()
        with (
            self._meters.doing("pass"),
            self._meters.counting(run.progress),
            closing(_closable(run.verdicts(window, self._platform.cursor))) as verdicts,
        ):
            for count, verdict in enumerate(verdicts, 1):
                self._see(verdict)
                if self._stopped():
                    break
                self._heartbeat()
                if count % WRITE_TRACES == 0 or time.monotonic() - written > WRITE_EVERY:
                    self._write_meanwhile()
                    written = time.monotonic()
        for gap in run.progress.gaps:
            self._say_once(f"not vetted: {gap.reason}: {gap.detail}")
        return count

    def _see(self, verdict: Verdict) -> None:
        self.seen.traces += 1
        self.seen.violations += sum(one.status is Status.OPEN for one in verdict.violations)
        self._meters.vetted(verdict)

    def _write_meanwhile(self) -> None:
        """Write what is due; where that fails, the pass goes on, and the write at its end will tell."""
        try:
            self._write()
        except PlatformError:
            self._meters.failed("write")
        self._tell()

    def _set_mark(self, stop: datetime, now: datetime) -> None:
        """Note that everything before was read; a mark in the future is none."""
        kept = self._ledger.cursor(self._platform.name, MARK)
        marks = [stop, *([datetime.fromisoformat(kept)] if kept else [])]
        mark = max([each for each in marks if each <= now], default=stop)
        self._ledger.set_cursor(self._platform.name, MARK, mark.isoformat())
        self.seen.mark = mark

    def _write(self) -> None:
        if self._writes:
            with self._meters.doing("write"):
                self._count(drain(self._platform.inner, self._ledger, self._clock, stopped=self._stopped))

    def _tell(self) -> None:
        """Tell people of what is new, also while the platform can't be reached."""
        for note in self._alert():
            self._say_once(note)

    def _count(self, drained: Drained) -> None:
        self.seen.written += drained.written
        self.seen.parked += drained.parked
        self.seen.dropped += drained.dropped
        self._meters.wrote(written=drained.written, again=drained.again, parked=drained.parked, dropped=drained.dropped)
        for note in drained.notes:
            self._say_once(note)

    def _say_once(self, note: str) -> None:
        if note not in self._told and len(self._told) < 1000:  # noqa: PLR2004 - a bound on memory
            self._told.add(note)
            self._say(note)

    def _heartbeat(self, *, always: bool = False) -> None:
        now = self._clock()
        if not always and self._beat is not None and now - self._beat < BEAT:
            return
        self._beat = now
        seen, counts = self.seen, self._ledger.outbox_counts()
        self._meters.outbox(asdict(counts))
        mark = f"{seen.mark:%Y-%m-%d %H:%M:%S} UTC" if seen.mark else "nowhere yet"
        mark += f" but for {len(self._unread)} stretches" if len(self._unread) else ""
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
