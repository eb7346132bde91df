"""What a team suppresses is cleared in Langfuse with the reason, and stands there again when its day has come."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from odd_detectors import Marks
from simple_parts import POLICY, Inputs

from tracevet.ledger import Ledger
from tracevet.pipeline import Setup
from tracevet.policy import Suppression
from tracevet.testing.langfuse import LangfuseEmulator
from tracevet.watch import Surroundings, Watch
from tracevet.workers import Engine, Workers
from tracevet_langfuse import LangfusePlatform

NOW = datetime(2026, 11, 20, 13, tzinfo=UTC)


def policy_scores(emulator: LangfuseEmulator) -> list[tuple[str, str]]:
    """Give value and comment of the policy tags, of the trace and of its observation."""
    return [(one["value"], one["comment"]) for one in emulator.state()["scores"] if one["name"] == "policy"]


def test_it_is_cleared_with_its_reason_and_comes_back(
    start_emulator: Callable[..., LangfuseEmulator], row: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    now = NOW

    def clock() -> datetime:
        return now

    langfuse = start_emulator(clock=clock)
    list(LangfusePlatform().prepare())
    langfuse.seed([row("t1", input="BAD")])
    with Ledger.open(str(tmp_path / "ledger.db"), clock=clock) as ledger, Workers(processes=1, seconds=5.0) as workers:
        setup = Setup(extractors=(Inputs(),), engines=(Engine(cls=Marks),), policies=(POLICY,), key=ledger.key)
        watching = Watch(LangfusePlatform(), setup, ledger, workers, around=Surroundings(clock=clock))
        watching.once()
        [found] = next(ledger.verdicts()).violations
        until = (NOW + timedelta(days=3)).date()
        ledger.suppressions.add(
            Suppression(fingerprint=found.fingerprint, reason="a <b>fixture", owner="kim", expires=until)
        )
        watching.once()
        cleared = f"cleared: {POLICY.title}; suppressed: a &lt;b>fixture (until {until})"
        assert policy_scores(langfuse) == [("cleared", cleared)] * 2
        now += timedelta(days=4)
        watching.once()
        assert {value for value, _ in policy_scores(langfuse)} == {POLICY.id}
