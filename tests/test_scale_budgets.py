"""Budgets: all processes together keep to one pace, and what writing takes is known before it begins."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from ledger_parts import DAY, START, Clock, entry, verdict, violation
from simple_parts import Shelf

from tracevet import Cost, PlatformError, Receipt, Verdict
from tracevet.forecast import forecast
from tracevet.ledger import Ledger
from tracevet.testing.langfuse import LangfuseEmulator
from tracevet.write import drain
from tracevet_langfuse import LangfusePlatform

Cli = Callable[..., CompletedProcess[str]]


@pytest.fixture
def ledgers(ledger_url: str) -> Iterator[list[Ledger]]:
    with ExitStack() as stack:
        yield [stack.enter_context(Ledger.open(ledger_url)) for _ in range(3)]


def still(ledger: Ledger, now: list[float]) -> None:
    """Let the budgets' clock stand still."""
    ledger.budgets._clock = lambda: now[0]


def test_permits_of_all_processes_follow_each_other_at_the_budgets_pace(tmp_path: Path) -> None:
    with ExitStack() as stack:
        now = [1_000.0]
        ledgers = [stack.enter_context(Ledger.open(str(tmp_path / "l.db"))) for _ in range(3)]
        for ledger in ledgers:
            still(ledger, now)
        ledgers[0].budgets.set("p", 60)
        waits = [ledgers[number % 3].budgets.permit("p") for number in range(7)]
        assert waits == pytest.approx([0, 1, 2, 3, 4, 5, 6])
        now[0] += 10.5
        assert [ledgers[0].budgets.permit("p") for _ in range(2)] == pytest.approx([0, 1])


def test_the_servers_clock_counts(ledgers: list[Ledger]) -> None:
    ledgers[0].budgets.set("p", 0.001)
    waits = [ledger.budgets.permit("p") for ledger in ledgers]
    assert [round((wait or 0.0) / 60_000) for wait in waits] == [0, 1, 2]


def test_no_budget_is_no_limit_and_one_that_was_set_holds_until_it_is_lifted(ledgers: list[Ledger]) -> None:
    one, other, _ = ledgers
    assert one.budgets.permit("p") is None
    other.budgets.set("p", 30)
    assert (one.budgets.per_minute("p"), one.budgets.per_minute("q")) == (30, None)
    one.budgets.set("p", 0)
    assert other.budgets.per_minute("p") is None


def test_the_callable_waits_for_each_permit(ledgers: list[Ledger]) -> None:
    ledgers[0].budgets.set("p", 0.001)
    waits: list[float] = []
    wait = ledgers[1].budgets.pace("p", sleep=waits.append)
    for _ in range(3):
        wait()
    assert [round(seconds / 60_000) for seconds in waits] == [1, 2]


def queue(ledger: Ledger, count: int) -> None:
    for number in range(count):
        its = violation(f"f{number}", span_id=f"t{number}-0", places=())
        ledger.commit([entry(verdict(f"t{number}", its, start=START + number * DAY))])


class Priced(Shelf):
    """Says what it would write, and what that costs."""

    name = "langfuse"
    costs = {"score": Cost(requests=0.5, units=1)}  # noqa: RUF012 - as a plugin may write it

    def __init__(self) -> None:
        super().__init__(())
        self.taken: list[str] = []

    def preview(self, verdict: Verdict) -> Sequence[str]:
        return ["score one", "score two", "comment"]

    def write_all(self, verdicts: Sequence[Verdict]) -> Sequence[Receipt | PlatformError]:
        self.taken += [one.trace.id for one in verdicts]
        return [Receipt(verdict=one.id) for one in verdicts]


def test_a_forecast_counts_what_is_waiting_and_what_it_costs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracevet.forecast.SAMPLE", 4)
    with Ledger.open(str(tmp_path / "l.db")) as ledger:
        queue(ledger, 12)
        ledger.budgets.set("langfuse", 1)
        told = forecast(Priced(), ledger)
        assert (told.traces, told.sampled, told.things) == (12, 4, {"score": 24, "comment": 12})
        assert (told.requests, told.units, told.hours) == (24, 24, 0.4)
        assert forecast(Priced(), ledger, 2).things == {"score": 4, "comment": 2}


def test_a_limit_writes_the_newest_and_leaves_the_rest(tmp_path: Path) -> None:
    clock, platform = Clock(), Priced()
    with Ledger.open(str(tmp_path / "l.db"), clock=clock) as ledger:
        queue(ledger, 5)
        assert drain(platform, ledger, clock, limit=2).written == 2
        assert platform.taken == ["t4", "t3"]
        assert drain(platform, ledger, clock).written == 3


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[LangfuseEmulator]:
    with LangfuseEmulator() as running:
        monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", running.public_key)
        monkeypatch.setenv("LANGFUSE_SECRET_KEY", running.secret_key)
        monkeypatch.setenv("LANGFUSE_BASE_URL", running.url)
        running.seed(
            {
                "id": f"t{number}-0",
                "traceId": f"t{number}",
                "type": "GENERATION",
                "name": "turn",
                "startTime": START.isoformat(),
                "endTime": START.isoformat(),
                "environment": "prod",
            }
            for number in range(20)
        )
        yield running


def test_the_forecast_comes_close_to_what_writing_takes(emulator: LangfuseEmulator, tmp_path: Path) -> None:
    platform = LangfusePlatform()
    list(platform.prepare())
    asked: list[None] = []
    with Ledger.open(str(tmp_path / "l.db")) as ledger:
        queue(ledger, 20)
        told = forecast(platform, ledger)
        platform.pace = lambda: asked.append(None)
        drain(platform, ledger, Clock(START + 90 * DAY))
    assert told.units == len(emulator.state()["scores"])
    assert len(asked) == pytest.approx(told.requests, rel=0.25)


def test_write_plans_first_and_then_writes_what_is_queued(emulator: LangfuseEmulator, tmp_path: Path, cli: Cli) -> None:
    list(LangfusePlatform().prepare())
    url = str(tmp_path / "l.db")
    with Ledger.open(url) as ledger:
        queue(ledger, 3)
    arguments = ("write", "--platform", "langfuse", "--ledger", url)
    planned = cli(*arguments, "--plan", "--requests-per-minute", "6000")
    assert planned.returncode == 0
    assert planned.stdout.startswith("3 traces: ")
    assert "at 6000 requests a minute" in planned.stdout
    assert emulator.state()["scores"] == []
    first = cli(*arguments, "--limit", "1")
    assert (first.returncode, first.stderr.splitlines()[-1]) == (
        0,
        "langfuse: 1 verdicts written, 2 to be written, 0 parked",
    )
    assert cli(*arguments).returncode == 0
    assert len({score["traceId"] for score in emulator.state()["scores"]}) == 3


def test_write_none_is_refused(emulator: LangfuseEmulator, tmp_path: Path, cli: Cli) -> None:
    run = cli("write", "--platform", "langfuse", "--ledger", str(tmp_path / "l.db"), "--write", "none")
    assert run.returncode == 2
    assert "--plan" in run.stderr
