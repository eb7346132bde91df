"""Draining the outbox: a verdict leaves it only when the platform has it, its trace is gone, or it is parked."""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from ledger_parts import Clock, verdict, violation
from simple_parts import Shelf
from sqlalchemy import Connection

from tracevet import BusyError, GoneError, PlatformError, Receipt, RefusedError, Verdict
from tracevet.ledger import Entry, Ledger
from tracevet.write import BATCH, drain

HOURS = timedelta(hours=2)


class Answering(Shelf):
    """Answers each verdict as it is told; every other one it takes."""

    name = "langfuse"

    def __init__(self, answers: dict[str, PlatformError] | None = None) -> None:
        super().__init__(())
        self.answers = answers or {}
        self.taken: list[str] = []
        self.batches: list[int] = []

    def write(self, verdict: Verdict) -> Receipt:
        if error := self.answers.get(verdict.trace.id):
            raise error
        self.taken.append(verdict.trace.id)
        return super().write(verdict)

    def write_all(self, verdicts: Sequence[Verdict]) -> Sequence[Receipt | PlatformError]:
        self.batches.append(len(verdicts))
        return super().write_all(verdicts)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> Iterator[Ledger]:
    with Ledger.open(str(tmp_path / "ledger.db"), clock=clock) as opened:
        yield opened


def queue(ledger: Ledger, *traces: str) -> None:
    entries = [
        Entry(verdict=verdict(trace, violation(trace_id=trace)), content="c", setup="s", write=True) for trace in traces
    ]
    ledger.commit(entries)


def test_everything_due_is_written_in_batches_and_leaves_the_outbox(ledger: Ledger, clock: Clock) -> None:
    platform = Answering()
    queue(ledger, *(f"t{n}" for n in range(BATCH + 7)))
    drained = drain(platform, ledger, clock)
    assert (drained.written, platform.batches) == (BATCH + 7, [BATCH, 7])
    assert drain(platform, ledger, clock).written == 0


def test_a_batch_is_settled_together(ledger: Ledger, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = Answering({"t3": BusyError("busy"), "t4": RefusedError("no"), "t5": GoneError("gone")})
    queue(ledger, *(f"t{n}" for n in range(BATCH)))
    plain, written = ledger._database.writing, list[int]()

    def writing() -> AbstractContextManager[Connection]:
        written.append(1)
        return plain()

    monkeypatch.setattr(ledger._database, "writing", writing)
    drained = drain(platform, ledger, clock)
    assert (drained.written, drained.again, len(written)) == (BATCH - 3, 3, 1)


def test_a_busy_platform_is_tried_again_later_and_later_and_never_given_up(ledger: Ledger, clock: Clock) -> None:
    platform = Answering({"t1": BusyError("busy")})
    queue(ledger, "t1", "t2")
    for _ in range(12):
        assert drain(platform, ledger, clock).parked == 0
        assert ledger.pending("langfuse") == []
        clock.now += HOURS
    platform.answers.clear()
    assert drain(platform, ledger, clock).written == 1
    assert platform.taken == ["t2", "t1"]


def test_the_wait_that_the_platform_asks_for_is_kept(ledger: Ledger, clock: Clock) -> None:
    platform = Answering({"t1": BusyError("busy", after=3000)})
    queue(ledger, "t1")
    drain(platform, ledger, clock)
    clock.now += timedelta(seconds=2999)
    assert ledger.pending("langfuse") == []
    clock.now += timedelta(seconds=2)
    assert len(ledger.pending("langfuse")) == 1


def test_a_refused_verdict_is_parked_with_its_reason_after_three_attempts(ledger: Ledger, clock: Clock) -> None:
    platform = Answering({"t1": RefusedError("the value is too long")})
    queue(ledger, "t1")
    for _ in range(3):
        drained = drain(platform, ledger, clock)
        clock.now += HOURS
    assert (drained.parked, drained.notes) == (1, ("the value is too long",))
    assert ledger.outbox_counts().parked == 1


def test_a_verdict_whose_trace_is_gone_is_dropped_with_a_note(ledger: Ledger, clock: Clock) -> None:
    platform = Answering({"t1": GoneError("trace t1 is gone")})
    queue(ledger, "t1")
    for _ in range(3):
        drained = drain(platform, ledger, clock)
        clock.now += HOURS
    assert (drained.dropped, drained.notes) == (1, ("trace t1 is gone",))
    counts = ledger.outbox_counts()
    assert (counts.due, counts.waiting, counts.parked) == (0, 0, 0)


def test_what_can_not_be_written_at_all_stays_due(ledger: Ledger, clock: Clock) -> None:
    platform = Answering({"t1": PlatformError("wrong keys; set other ones")})
    queue(ledger, "t1")
    with pytest.raises(PlatformError, match="wrong keys"):
        drain(platform, ledger, clock)
    assert len(ledger.pending("langfuse")) == 1


def test_nothing_more_is_written_once_it_is_stopped(ledger: Ledger, clock: Clock) -> None:
    platform = Answering()
    queue(ledger, "t1")
    assert drain(platform, ledger, clock, stopped=lambda: True).written == 0
    assert platform.batches == []
