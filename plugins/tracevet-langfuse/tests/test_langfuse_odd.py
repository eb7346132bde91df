"""Odd traces on the whole way from reading to writing: each is vetted, or said to be a gap; none keeps another out."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from odd_detectors import Marks
from simple_parts import POLICY, Inputs

from tracevet.ledger import Ledger
from tracevet.pipeline import Setup
from tracevet.testing.langfuse import LangfuseEmulator
from tracevet.watch import Surroundings, Watch
from tracevet.workers import Engine, Workers
from tracevet_langfuse import LangfusePlatform
from tracevet_langfuse.platform import Kind

NOW = datetime(2026, 11, 20, 13, tzinfo=UTC)
KINDS: tuple[Kind, ...] = ("scores", "comments", "queue", "guardrail")

Make = Callable[..., dict[str, Any]]
Look = Callable[[datetime], tuple[int, ...]]


@pytest.fixture
def look(emulator: LangfuseEmulator, tmp_path: Path) -> Iterator[Look]:
    """Look once as `watch` does, at some time by its own clock; give what is due, waiting and parked."""
    del emulator
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger, Workers(processes=1) as workers:
        setup = Setup(extractors=(Inputs(),), engines=(Engine(cls=Marks),), policies=(POLICY,), key=ledger.key)
        platform = LangfusePlatform(write=KINDS)
        list(platform.prepare())
        at = [NOW]
        watching = Watch(platform, setup, ledger, workers, around=Surroundings(clock=lambda: at[0]))

        def once(moment: datetime) -> tuple[int, ...]:
            at[0] = moment
            watching.once()
            counts = ledger.outbox_counts()
            return counts.due, counts.waiting, counts.parked

        yield once


def tagged(emulator: LangfuseEmulator) -> set[str]:
    return {one["traceId"] for one in emulator.state()["scores"] if one["name"] == "policy"}


@pytest.mark.parametrize(
    "odd",
    [
        {"input": None, "output": None},
        {"input": "x" * 10_000_000},
        {"input": "\ud7ff\x00\x1b[2J"},
        {"input": "[" * 100_000},
        {"metadata": {"a": {"b": ["c" * 100_000]}}},
        {"name": "", "type": "EVENT", "endTime": None},
        {"startTime": "2026-11-20T12:59:00+00:00", "endTime": "2026-11-20T12:00:00+00:00"},
    ],
    ids=["null", "10 MB", "control characters", "deep", "metadata", "event without an end", "ends before it starts"],
)
def test_an_odd_trace_keeps_no_other_out(
    emulator: LangfuseEmulator, look: Look, row: Make, odd: dict[str, Any]
) -> None:
    emulator.seed([row("odd", **odd), row("plain", input="BAD")])
    assert look(NOW) == (0, 0, 0)
    assert tagged(emulator) == {"plain"}


@pytest.mark.parametrize("name", ["a,b", 'quo"te', "ümlaut & co", "../x?y=1#z", "x" * 400, "2026-11-20 12:00"])
def test_a_violation_is_written_whatever_the_ids_are(
    emulator: LangfuseEmulator, look: Look, row: Make, name: str
) -> None:
    emulator.seed([row(name, input="BAD")])
    assert look(NOW) == (0, 0, 0)
    state = emulator.state()
    assert tagged(emulator) == {name}
    assert [len(state[kind]) for kind in ("scores", "comments", "items", "observations")] == [4, 1, 1, 1]


@pytest.mark.parametrize("environment", ["Prod EU", "LANGFUSE", "x" * 60, ""])
def test_a_violation_is_written_whatever_the_environment_is(
    emulator: LangfuseEmulator, look: Look, row: Make, environment: str
) -> None:
    emulator.seed([row("t1", input="BAD", environment=environment)])
    assert look(NOW) == (0, 0, 0)
    assert {one["environment"] for one in emulator.state()["scores"]} == {"default"}


@pytest.mark.parametrize("minutes", [-10, -3, 3, 10], ids=lambda minutes: f"{minutes} minutes")
def test_an_application_whose_clock_is_off_by_minutes_is_vetted_all_the_same(
    emulator: LangfuseEmulator, look: Look, row: Make, minutes: int
) -> None:
    look(NOW)
    end = NOW + timedelta(minutes=minutes)
    emulator.seed([row("t1", input="BAD", startTime=end.isoformat(), endTime=end.isoformat())])
    for later in range(1, 13):
        look(NOW + timedelta(minutes=later))
    assert tagged(emulator) == {"t1"}


def test_a_trace_that_is_deleted_before_it_is_written_is_given_up(
    emulator: LangfuseEmulator, look: Look, row: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator.seed([row("t1", input="BAD"), row("t2", input="BAD")])
    write = LangfusePlatform.write_all

    def first_delete(platform: LangfusePlatform, verdicts: Any) -> Any:
        emulator.delete_trace("t1")
        return write(platform, verdicts)

    monkeypatch.setattr(LangfusePlatform, "write_all", first_delete)
    assert look(NOW)[2] == 0
    assert tagged(emulator) == {"t2"}
