"""Writing while the application runs: traces that can't be read yet, and others on the same ledger."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ledger_parts import entry, verdict, violation
from simple_parts import Shelf

from tracevet import BusyError, GoneError, PlatformError, Receipt, Verdict
from tracevet.ledger import Ledger
from tracevet.live import writing
from tracevet.live.frames import Message
from tracevet.live.writing import Writing
from tracevet.write import drain


class Langfuse(Shelf):
    """Finds each trace at its n-th look, and is down for the first `down` looks."""

    name = "langfuse"

    def __init__(self, looks: int = 0, down: int = 0) -> None:
        """Count the looks."""
        super().__init__(())
        self.looks, self.down = looks, down
        self.written: list[str] = []

    def account(self) -> str:
        """Be one account."""
        return "project-1"

    def write_all(self, verdicts: Sequence[Verdict]) -> Sequence[Receipt | PlatformError]:
        """Write those that are there."""
        if self.down:
            self.down -= 1
            raise BusyError("not now")
        if self.looks:
            self.looks -= 1
            return [GoneError(f"trace {one.trace.id} is not there") for one in verdicts]
        self.written += [one.trace.id for one in verdicts]
        return [Receipt(verdict=one.id) for one in verdicts]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for nothing."""
    monkeypatch.setattr(writing, "PATIENCE", (0.0, 0.0, 0.0, 0.0))
    monkeypatch.setattr(writing, "LOOK", 0.01)


def store(path: Path, *traces: str) -> str:
    """Make a ledger with verdicts that are to be written."""
    with Ledger.open(str(path / "ledger.db")) as ledger:
        ledger.commit([entry(verdict(trace, violation(f"f-{trace}"))) for trace in traces])
    return str(path / "ledger.db")


@pytest.mark.parametrize("platform", [Langfuse(looks=3), Langfuse(down=2)], ids=["not readable yet", "down"])
def test_what_cannot_be_written_at_once_is_written_before_the_end(tmp_path: Path, platform: Langfuse) -> None:
    said: list[Message] = []
    task = Writing(platform, store(tmp_path, "t1"), said.append)
    task.mine.add("t1")
    task.flush(7)
    task.start()
    task.finish()
    assert platform.written == ["t1"]
    assert said == [{"flushed": 7, "left": 0}]
    assert task.account == "project-1"


def test_a_trace_that_is_not_readable_for_long_stays_in_the_outbox(tmp_path: Path) -> None:
    platform, url = Langfuse(looks=1_000), store(tmp_path, "t1")
    patient = writing._Patient(platform, {"t1"})
    later = [datetime.now(UTC)]
    with Ledger.open(url, clock=lambda: later[0]) as ledger:
        for _ in range(5):
            later[0] += timedelta(hours=2)
            assert drain(patient, ledger, lambda: later[0]).dropped == 0
        assert ledger.outbox_counts().waiting == 1
    assert patient.waiting == {"t1"}


def test_a_ledger_of_another_project_is_refused(tmp_path: Path) -> None:
    url = store(tmp_path, "t1")
    with Ledger.open(url) as ledger:
        ledger.set_cursor("langfuse", "account", "project-2")
    platform, said = Langfuse(), list[Message]()
    task = Writing(platform, url, said.append)
    task.start()
    task.finish()
    assert "holds verdicts of langfuse project project-2" in str(said[0]["refused"])
    assert platform.written == []


def test_what_others_vetted_is_theirs_while_they_live(tmp_path: Path) -> None:
    url = str(tmp_path / "ledger.db")
    with Ledger.open(url) as desk, Ledger.open(url) as others:
        for ledger in (desk, others):
            ledger.leases.share(ledger.leases.owner)
        others.leases.join()
        desk.commit([entry(verdict("ours", violation("f-ours")))])
        others.commit([entry(verdict("theirs", violation("f-theirs")))])
        platform = Langfuse()
        task = Writing(platform, url, lambda message: None, owner=desk.leases.owner)
        task.mine.add("ours")
        task.start()
        task.finish()
        assert platform.written == ["ours"]
        others.close()
        assert [item.verdict.trace.id for item in desk.claim("langfuse")] == ["theirs"]
