"""Watching: nothing is missed, nothing is read for nothing, and it goes on where it stopped."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from ledger_parts import Clock
from odd_detectors import Marks
from simple_parts import POLICY, Inputs, Shelf, trace

from tracevet import BusyError, Cursor, Page, PlatformError, Receipt, Trace, UsageError, Verdict, Window
from tracevet.ledger import Ledger
from tracevet.pipeline import Setup
from tracevet.stretches import Unread
from tracevet.watch import LOOK_BACK, LOOK_BACK_EVERY, OVERLAP, PATIENCE, Surroundings, Watch
from tracevet.workers import Engine, Workers

MINUTE = timedelta(minutes=1)


class Timed(Shelf):
    """Gives the traces that ended in the window, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__([])
        self.all: list[tuple[datetime, Trace]] = []
        self.asked: list[Window] = []
        self.cursors: list[Cursor | None] = []
        self.written: list[str] = []
        self.handed: set[str] = set()
        self.failures: list[PlatformError] = []
        self.owner = "project-1"

    def put(self, at: datetime, *traces: Trace) -> None:
        self.all += [(at, replace(one, start=at, end=at)) for one in traces]

    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        self.asked.append(window)
        self.cursors.append(cursor)
        if self.failures:
            raise self.failures.pop()
        start, end = window.start, window.end
        assert start
        assert end
        inside = (one for at, one in self.all if start <= at < end)
        found = tuple(one for one in inside if cursor is None or one.id not in self.handed)
        self.handed |= {one.id for one in found}
        yield Page(traces=found, cursor=Cursor("more"))

    def write(self, verdict: Verdict) -> Receipt:
        self.written.append(verdict.trace.id)
        return super().write(verdict)

    def account(self) -> str:
        return self.owner


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(processes=1, seconds=5.0) as pool:
        yield pool


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> Iterator[Ledger]:
    with Ledger.open(str(tmp_path / "ledger.db"), clock=clock) as opened:
        yield opened


def make(shelf: Shelf, ledger: Ledger, workers: Workers, clock: Clock, **options: object) -> Watch:
    setup = Setup(extractors=(Inputs(),), engines=(Engine(cls=Marks),), policies=(POLICY,), key=ledger.key)
    since, write = options.pop("since", None), bool(options.pop("write", True))
    around = Surroundings(clock=clock, **options)  # type: ignore[arg-type]  # the fields, as the test names them
    assert since is None or isinstance(since, datetime)
    return Watch(shelf, setup, ledger, workers, since=since, write=write, around=around)


def test_what_is_new_is_vetted_and_written_once(ledger: Ledger, workers: Workers, clock: Clock) -> None:
    shelf = Timed()
    shelf.put(clock.now - 5 * MINUTE, trace("t1", "BAD"), trace("t2", "good"))
    watching = make(shelf, ledger, workers, clock)
    watching.once()
    clock.now += MINUTE
    shelf.put(clock.now - timedelta(seconds=1), trace("t3", "BAD, too"))
    watching.once()
    assert sorted(shelf.written) == ["t1", "t2", "t3"]
    assert (watching.seen.violations, watching.seen.written) == (2, 3)


def test_another_watch_goes_on_where_the_last_one_stopped(ledger: Ledger, workers: Workers, clock: Clock) -> None:
    shelf = Timed()
    make(shelf, ledger, workers, clock).once()
    stopped, shelf.asked = clock.now, []
    clock.now += 30 * MINUTE
    shelf.put(stopped + MINUTE, trace("t1", "BAD"))
    make(shelf, ledger, workers, clock).once()
    assert shelf.asked[0].start == stopped - LOOK_BACK
    assert shelf.asked[-1].end == clock.now
    assert shelf.written == ["t1"]


def test_each_pass_reads_a_little_again_and_now_and_then_more(ledger: Ledger, workers: Workers, clock: Clock) -> None:
    shelf = Timed()
    watching = make(shelf, ledger, workers, clock)
    watching.once()
    backs = []
    for _ in range(12):
        mark, shelf.asked = clock.now, []
        clock.now += MINUTE
        watching.once()
        assert shelf.asked[0].start is not None
        backs.append(mark - shelf.asked[0].start)
    assert set(backs) == {OVERLAP, LOOK_BACK}
    assert backs.count(LOOK_BACK) == 1 + 11 // (LOOK_BACK_EVERY // MINUTE)


def test_what_arrives_late_is_found(ledger: Ledger, workers: Workers, clock: Clock) -> None:
    shelf = Timed()
    watching = make(shelf, ledger, workers, clock)
    watching.once()
    shelf.put(clock.now - timedelta(seconds=40), trace("late", "BAD"))
    clock.now += timedelta(seconds=10)
    watching.once()
    assert shelf.written == ["late"]


def test_the_mark_stays_where_a_pass_failed(ledger: Ledger, workers: Workers, clock: Clock) -> None:
    shelf = Timed()
    make(shelf, ledger, workers, clock).once()
    mark = ledger.cursor("shelf", "watched")
    clock.now += MINUTE
    shelf.failures.append(PlatformError("the shelf broke; mend it"))
    with pytest.raises(PlatformError, match="mend it"):
        make(shelf, ledger, workers, clock).once()
    assert ledger.cursor("shelf", "watched") == mark


def test_an_unreachable_platform_is_waited_for_ever_longer(ledger: Ledger, workers: Workers, clock: Clock) -> None:
    shelf = Timed()
    shelf.put(clock.now - MINUTE, trace("t1", "BAD"))
    shelf.failures += [BusyError("unreachable") for _ in range(3)]
    pauses: list[float] = []
    lines: list[str] = []
    watching = make(
        shelf, ledger, workers, clock, rest=pauses.append, say=lines.append, stopped=lambda: len(pauses) == 4
    )
    watching.forever(10)
    assert pauses == [20, 40, 80, 10]
    assert shelf.written == ["t1"]
    assert sum("unreachable" in line for line in lines) == 3


def test_a_stop_loses_nothing(ledger: Ledger, workers: Workers, clock: Clock) -> None:
    shelf = Timed()
    shelf.put(clock.now - MINUTE, *(trace(f"t{n}", f"BAD {n}") for n in range(30)))
    asked = iter([False] * 4)
    make(shelf, ledger, workers, clock, stopped=lambda: next(asked, True)).once()
    assert len(shelf.written) < 30
    make(shelf, ledger, workers, clock).once()
    assert sorted(shelf.written) == sorted(f"t{n}" for n in range(30))


def test_the_platform_is_asked_for_what_it_has_not_given(ledger: Ledger, workers: Workers, clock: Clock) -> None:
    shelf = Timed()
    watching = make(shelf, ledger, workers, clock)
    watching.once()
    clock.now += MINUTE
    watching.once()
    assert (shelf.cursors[0], shelf.cursors[-1]) == (None, "more")


def test_a_long_time_without_traces_is_passed_in_growing_steps(ledger: Ledger, workers: Workers, clock: Clock) -> None:
    shelf = Timed()
    make(shelf, ledger, workers, clock, since=clock.now - timedelta(days=30)).once()
    assert len(shelf.asked) < 30
    assert all(one.end == other.start for one, other in zip(shelf.asked, shelf.asked[1:], strict=False))


def test_the_keys_of_another_project_are_refused(ledger: Ledger, workers: Workers, clock: Clock) -> None:
    shelf = Timed()
    make(shelf, ledger, workers, clock).once()
    shelf.owner = "project-2"
    with pytest.raises(UsageError, match=r"project-1.*project-2.*--ledger"):
        make(shelf, ledger, workers, clock).once()


def test_a_line_tells_how_far_it_is(ledger: Ledger, workers: Workers, clock: Clock) -> None:
    shelf = Timed()
    shelf.put(clock.now - MINUTE, trace("t1", "BAD"))
    lines: list[str] = []
    make(shelf, ledger, workers, clock, say=lines.append).once()
    assert lines[-1] == (
        "shelf: read up to 2025-06-01 12:00:00 UTC; 1 traces, 1 violations; "
        "1 verdicts settled, 0 to be written, 0 parked"
    )


def far(lines: list[str], text: str) -> int:
    return sum(text in line for line in lines)


class Poisoned(Timed):
    """Can't read a stretch of time in which one trace stands, until it is cured."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at, self.cured = at, False

    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        assert window.start
        assert window.end
        if not self.cured and window.start <= self.at < window.end:
            raise BusyError("500 on reading")
        yield from super().traces(window, cursor)


def test_a_stretch_that_can_not_be_read_is_told_of_passed_by_and_read_later(
    ledger: Ledger, workers: Workers, clock: Clock
) -> None:
    shelf, lines = Poisoned(clock.now - 50 * MINUTE), list[str]()
    shelf.put(clock.now - 55 * MINUTE, trace("before", "BAD 1"))
    shelf.put(shelf.at, trace("poison", "BAD 2"))
    shelf.put(clock.now - 5 * MINUTE, trace("after", "BAD 3"))

    def look() -> Watch:
        watching = make(shelf, ledger, workers, clock, say=lines.append)
        watching.once()
        return watching

    failed, watching = 0, None
    while watching is None:
        clock.now += MINUTE
        try:
            watching = look()
        except BusyError:
            failed += 1
    assert PATIENCE - 1 <= failed < 3 * PATIENCE
    assert watching.seen.unread == 1
    assert far(lines, "can't be read, and is left for later: 500 on reading") == 1
    shelf.put(clock.now, trace("new", "BAD 4"))
    for _ in range(60):
        clock.now += MINUTE
        look()
    assert sorted(shelf.written) == ["after", "before", "new"]
    assert far(lines, "still can't be read") < 30
    left = Unread(ledger, "shelf")
    assert len(left) == 1
    shelf.cured = True
    clock.now += timedelta(hours=2)
    assert look().seen.unread == 0
    assert sorted(shelf.written) == ["after", "before", "new", "poison"]
    assert far(lines, "was read after all") > 1


def test_a_platform_that_is_down_for_long_loses_nothing(ledger: Ledger, workers: Workers, clock: Clock) -> None:
    shelf, pauses = Timed(), list[float]()

    def rest(seconds: float) -> None:
        clock.now += timedelta(seconds=seconds)
        pauses.append(seconds)
        shelf.put(clock.now - timedelta(seconds=5), trace(f"t{len(pauses)}", f"BAD {len(pauses)}"))

    shelf.failures += [BusyError("unreachable") for _ in range(40)]
    make(shelf, ledger, workers, clock, rest=rest, stopped=lambda: len(pauses) == 60).forever(600)
    assert not shelf.failures
    assert sorted(shelf.written) == sorted(f"t{n}" for n in range(1, 60))
    assert len(Unread(ledger, "shelf")) == 0


def test_a_clock_that_went_back_hides_nothing(ledger: Ledger, workers: Workers, clock: Clock) -> None:
    shelf, lines, right = Timed(), list[str](), clock.now
    clock.now = right + timedelta(hours=9)
    make(shelf, ledger, workers, clock).once()
    clock.now = right + MINUTE
    shelf.put(right, trace("t1", "BAD"))
    make(shelf, ledger, workers, clock, say=lines.append).once()
    assert shelf.written == ["t1"]
    assert far(lines, "the clock went back") == 1
    assert ledger.cursor("shelf", "watched") == clock.now.isoformat()


@pytest.mark.parametrize("ahead", [-10, 10], ids=["behind", "ahead"])
def test_a_clock_some_minutes_off_loses_no_trace(ledger: Ledger, workers: Workers, clock: Clock, ahead: int) -> None:
    shelf, true = Timed(), clock.now
    watching = make(shelf, ledger, workers, clock)
    for number in range(30):
        now = true + number * MINUTE
        shelf.put(now - timedelta(seconds=1), trace(f"t{number}", f"BAD {number}"))
        clock.now = now + ahead * MINUTE
        watching.once()
    clock.now += 15 * MINUTE
    watching.once()
    assert sorted(shelf.written) == sorted(f"t{n}" for n in range(30))


def test_what_is_not_to_be_written_stays_queued(ledger: Ledger, workers: Workers, clock: Clock) -> None:
    shelf = Timed()
    shelf.put(clock.now - MINUTE, trace("t1", "BAD"))
    make(shelf, ledger, workers, clock, write=False).once()
    assert (shelf.written, ledger.outbox_counts().due) == ([], 1)
    make(shelf, ledger, workers, clock).once()
    assert shelf.written == ["t1"]


def test_where_it_was_told_to_begin_is_not_forgotten_when_a_look_fails(
    ledger: Ledger, workers: Workers, clock: Clock
) -> None:
    shelf = Timed()
    shelf.put(clock.now - timedelta(days=9), trace("old", "BAD"))
    shelf.failures.append(BusyError("unreachable"))
    pauses: list[float] = []
    begin = clock.now - timedelta(days=10)
    make(shelf, ledger, workers, clock, since=begin, rest=pauses.append, stopped=lambda: len(pauses) == 2).forever(10)
    assert [window.start for window in shelf.asked[:2]] == [begin, begin]
    assert shelf.written == ["old"]
