"""Nothing lost, nothing doubled: killed at any point, or under faults, it ends as an undisturbed run does."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from tracevet.testing.langsmith import LangSmithEmulator, cut, fail

KILLS = int(os.environ.get("TRACEVET_TEST_KILLS", "10"))
TRACES = 120
REQUESTS = 600  # that an undisturbed run makes, about
DRIVER = Path(__file__).parent / "langsmith_kill_driver.py"
SUPPORT = Path(__file__).parents[3] / "tests" / "support"

Make = Callable[..., dict[str, Any]]


@pytest.fixture
def rows(row: Make) -> list[dict[str, Any]]:
    """Make traces that violate."""
    return [row(f"t{n:03}", inputs={"input": f"BAD {n}"}, outputs={"output": "done"}) for n in range(TRACES)]


def begin(emulator: LangSmithEmulator, ledger: Path) -> subprocess.Popen[bytes]:
    keys = {"LANGSMITH_API_KEY": emulator.api_key, "LANGSMITH_ENDPOINT": emulator.url}
    env = {**os.environ, **keys, "PYTHONPATH": str(SUPPORT)}
    return subprocess.Popen([sys.executable, str(DRIVER), str(ledger)], env=env, stderr=subprocess.PIPE)


def finish(emulator: LangSmithEmulator, ledger: Path, *, tries: int = 20) -> None:
    for _ in range(tries):
        process = begin(emulator, ledger)
        _, said = process.communicate(timeout=240)
        if process.returncode == 0:
            return
    pytest.fail(f"not done after {tries} runs: {said.decode()[-2000:]}")


def kill_after(emulator: LangSmithEmulator, ledger: Path, requests: int) -> bool:
    """Kill a run once it has made so many requests; tell whether it was still at work."""
    served = emulator.received.total()
    process = begin(emulator, ledger)
    with process:
        while process.poll() is None and emulator.received.total() - served < requests:
            time.sleep(0.002)  # the emulator counts; only the moment of the kill depends on it
        process.kill()
        return process.wait() < 0


def undisturbed(rows: Iterable[dict[str, Any]], path: Path) -> dict[str, list[Any]]:
    with LangSmithEmulator() as emulator:
        emulator.seed(rows)
        finish(emulator, path)
        return emulator.state()


def test_a_run_that_is_killed_again_and_again_ends_like_one_that_is_not(
    rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    expected = undisturbed(rows, tmp_path / "calm.db")
    assert len(expected["items"]) == TRACES
    assert len(expected["feedback"]) == 3 * TRACES
    chance = random.Random(7)
    with LangSmithEmulator() as emulator:
        emulator.seed(rows)
        killed = sum(
            kill_after(emulator, tmp_path / "killed.db", chance.randint(1, 2 * REQUESTS // KILLS)) for _ in range(KILLS)
        )
        assert killed > KILLS // 2
        finish(emulator, tmp_path / "killed.db")
        assert emulator.state() == expected


def test_a_run_in_which_every_fifth_request_fails_ends_like_one_in_which_none_does(
    rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    expected = undisturbed(rows, tmp_path / "calm.db")
    with LangSmithEmulator(seed=3) as emulator:
        emulator.seed(rows)
        for fault in (fail(500), fail(429, retry_after=0), cut(), cut(after_effect=True)):
            emulator.faults.add(fault, share=0.05)
        finish(emulator, tmp_path / "faulty.db")
        assert emulator.state() == expected
