"""A watch clears on the platform what is suppressed, and writes it back when its day has come."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from ledger_parts import DAY, Clock
from odd_detectors import Marks
from simple_parts import POLICY, Inputs, Shelf, trace

from tracevet import Receipt, Verdict
from tracevet.ledger import Ledger
from tracevet.model import Status
from tracevet.pipeline import Setup
from tracevet.policy import Suppression
from tracevet.watch import Surroundings, Watch
from tracevet.workers import Engine, Workers


class Written(Shelf):
    """Remembers what was written."""

    def __init__(self) -> None:
        super().__init__([trace("t1", "BAD")])
        self.said: list[tuple[Status, str]] = []

    def write(self, verdict: Verdict) -> Receipt:
        self.said += [(one.status, one.because) for one in verdict.violations]
        return super().write(verdict)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock) -> Iterator[Ledger]:
    with Ledger.open(str(tmp_path / "ledger.db"), clock=clock) as opened:
        yield opened


def test_it_is_cleared_at_once_and_written_again_by_the_watch_after_its_day(ledger: Ledger, clock: Clock) -> None:
    shelf = Written()
    setup = Setup(extractors=(Inputs(),), engines=(Engine(cls=Marks),), policies=(POLICY,), key=ledger.key)
    with Workers(processes=1, seconds=5.0) as workers:
        watching = Watch(shelf, setup, ledger, workers, around=Surroundings(clock=clock))
        watching.once()
        [found] = next(ledger.verdicts()).violations
        until = clock.now.date() + timedelta(days=5)
        ledger.suppressions.add(
            Suppression(fingerprint=found.fingerprint, reason="a fixture", owner="kim", expires=until)
        )
        watching.once()
        watching.once()
        clock.now += 6 * DAY
        watching.once()
        watching.once()
    why = f"a fixture (until {until})"
    assert shelf.said == [(Status.OPEN, ""), (Status.SUPPRESSED, why), (Status.OPEN, "")]
