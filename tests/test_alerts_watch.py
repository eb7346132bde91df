"""A watch tells people after each look, also while the platform can't be reached; the doctor sees every channel."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from alert_parts import Office, route
from ledger_parts import violation
from odd_detectors import Marks
from simple_parts import POLICY, Inputs, Shelf, trace
from typer.testing import CliRunner

from tracevet import BusyError, Cursor, Page, Window
from tracevet.cli.app import app
from tracevet.pipeline import Setup
from tracevet.watch import Surroundings, Watch
from tracevet.workers import Engine, Workers


class Down(Shelf):
    """Can't be reached."""

    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        raise BusyError("unreachable")
        yield


def watching(shelf: Shelf, office: Office, workers: Workers, lines: list[str]) -> Watch:
    setup = Setup(extractors=(Inputs(),), engines=(Engine(cls=Marks),), policies=(POLICY,), key=office.ledger.key)
    rounds: list[float] = []
    around = Surroundings(
        say=lines.append,
        clock=office.clock,
        rest=rounds.append,
        stopped=lambda: len(rounds) > 1,
        alert=lambda: office.alerting().run().notes,
    )
    return Watch(shelf, setup, office.ledger, workers, around=around)


def test_a_watch_tells_each_violation_once() -> None:
    office, shelf = Office(":memory:", route()), Shelf((trace("t1", "BAD"),))
    with office.ledger, Workers(processes=1) as workers:
        watching(shelf, office, workers, []).forever(10)
    assert len(office.chat.got) == 1


def test_what_waits_is_told_while_the_platform_is_down() -> None:
    office = Office(":memory:", route())
    office.commit("t1", violation("f1"))
    with office.ledger, Workers(processes=1) as workers:
        watching(Down(()), office, workers, []).forever(10)
    assert office.chat.fingerprints == ["f1"]


def test_a_channel_that_fails_is_said_once_and_stops_nothing() -> None:
    office, lines = Office(":memory:", route()), list[str]()
    office.chat.failing = BusyError("not now")
    with office.ledger, Workers(processes=1) as workers:
        watching(Shelf((trace("t1", "BAD"),)), office, workers, lines).forever(10)
    assert sum("not now" in line for line in lines) == 1


@pytest.mark.parametrize(("secret", "state", "code"), [("whsec_" + "a" * 32, "ok", 0), ("no", "broken", 2)])
def test_the_doctor_looks_at_each_channel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str, state: str, code: int
) -> None:
    monkeypatch.setenv("HOOK_SECRET", secret)
    text = '[notifiers.siem]\nplugin = "webhook"\nurl = "https://example.com"\nsecret = "${HOOK_SECRET}"\n'
    (tmp_path / "tracevet.toml").write_text(text)
    result = CliRunner().invoke(app, ["plugins", "doctor", "--config", str(tmp_path / "tracevet.toml")])
    (line,) = [line for line in result.output.splitlines() if "channel siem" in line]
    assert line.startswith(state)
    assert result.exit_code == code
