"""A long pass: what it finds is written while it reads on, and a platform that takes nothing does not end it."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from ledger_parts import START, Clock
from odd_detectors import Marks
from simple_parts import POLICY, Inputs, Shelf, trace

from tracevet import BusyError, Cursor, Page, PlatformError, Receipt, RefusedError, Verdict, Window
from tracevet import run as running
from tracevet import watch as watching
from tracevet.ledger import Ledger
from tracevet.pipeline import Setup
from tracevet.stretches import Unread
from tracevet.watch import Surroundings, Watch
from tracevet.workers import Engine, Workers

PAGES = 6


class Long(Shelf):
    """Many pages in one stretch of time; notes how much was written when each page was asked for."""

    def __init__(self, failure: PlatformError | None = None) -> None:
        super().__init__(())
        self.written: list[str] = []
        self.by_page: list[int] = []
        self.failure = failure

    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        for page in range(PAGES):
            self.by_page.append(len(self.written))
            yield Page(traces=tuple(trace(f"t{page}-{n}", f"BAD {page} {n}") for n in range(10)))

    def write_all(self, verdicts: Sequence[Verdict]) -> Sequence[Receipt | PlatformError]:
        if self.failure:
            raise self.failure
        self.written += [one.trace.id for one in verdicts]
        return [Receipt(verdict=one.id) for one in verdicts]


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commit and write after few traces."""
    monkeypatch.setattr(running, "AHEAD_TRACES", 5)
    monkeypatch.setattr(running, "COMMIT_TRACES", 5)
    monkeypatch.setattr(watching, "WRITE_TRACES", 10)


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(processes=1, seconds=5.0) as pool:
        yield pool


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(str(tmp_path / "ledger.db"), clock=Clock()) as opened:
        yield opened


def make(platform: Long, ledger: Ledger, workers: Workers) -> Watch:
    setup = Setup(extractors=(Inputs(),), engines=(Engine(cls=Marks),), policies=(POLICY,), key=ledger.key)
    since = START - timedelta(minutes=30)
    return Watch(platform, setup, ledger, workers, since=since, around=Surroundings(clock=Clock()))


def test_a_long_pass_writes_as_it_goes(ledger: Ledger, workers: Workers) -> None:
    platform = Long()
    make(platform, ledger, workers).once()
    assert platform.by_page == sorted(platform.by_page)
    assert platform.by_page[-1] >= 10 * (PAGES - 3)
    assert len(platform.written) == 10 * PAGES


@pytest.mark.parametrize("failure", [BusyError("busy"), RefusedError("no"), PlatformError("wrong keys")])
def test_a_platform_that_takes_nothing_is_told_of_after_all_was_read(
    ledger: Ledger, workers: Workers, failure: PlatformError
) -> None:
    platform = Long(failure)
    with pytest.raises(type(failure)):
        make(platform, ledger, workers).once()
    assert ledger.stats().counts["verdicts"] == 10 * PAGES
    assert (ledger.cursor("shelf", "watched"), len(Unread(ledger, "shelf"))) == (START.isoformat(), 0)
    platform.failure = None
    make(platform, ledger, workers).once()
    assert sorted(platform.written) == sorted(f"t{page}-{n}" for page in range(PAGES) for n in range(10))


def test_what_several_watches_leave_for_later_is_kept_together(ledger: Ledger) -> None:
    one, other, hour = Unread(ledger, "shelf"), Unread(ledger, "shelf"), timedelta(hours=1)
    one.leave(START, START + hour, START)
    other.leave(START + 5 * hour, START + 6 * hour, START)
    assert len(Unread(ledger, "shelf")) == 2
    due = one.due(START + 2 * hour)
    assert due is not None
    other.due(START + 2 * hour)
    other.read(due)
    one.again(due, START + 2 * hour)
    assert len(Unread(ledger, "shelf")) == 1
