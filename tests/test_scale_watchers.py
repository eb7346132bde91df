"""Several watchers and a scan on one ledger: every trace vetted once, every violation written once, whoever dies."""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from scale_parts import SCANS, START

from tracevet.testing.langfuse import LangfuseEmulator
from tracevet_langfuse import LangfusePlatform

SUPPORT = Path(__file__).parent / "support"
TRACES = 60
ROLES = ("watch", "watch", "watch", "scan")

Process = subprocess.Popen[str]
Start = Callable[[str], Process]


def row(number: int) -> dict[str, Any]:
    """Make a trace; six of them follow each other in one session, and they spread over three hours."""
    start = START + timedelta(seconds=180 * number)
    return {
        "id": f"t{number:03}-0",
        "traceId": f"t{number:03}",
        "type": "GENERATION",
        "name": "turn",
        "startTime": start.isoformat(),
        "endTime": (start + timedelta(seconds=3)).isoformat(),
        "environment": "prod",
        "sessionId": f"s{number // 6}",
        "parentObservationId": None,
        "input": f"BAD {number}",
        "output": "done",
    }


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[LangfuseEmulator]:
    with LangfuseEmulator() as running:
        running.seed([row(number) for number in range(TRACES)])
        monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", running.public_key)
        monkeypatch.setenv("LANGFUSE_SECRET_KEY", running.secret_key)
        monkeypatch.setenv("LANGFUSE_BASE_URL", running.url)
        list(LangfusePlatform().prepare())
        yield running


@pytest.fixture
def scans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(SCANS, str(tmp_path / "scans"))
    return tmp_path / "scans"


@pytest.fixture
def start(ledger_url: str) -> Iterator[Start]:
    started: list[Process] = []

    def run(role: str) -> Process:
        paths = os.pathsep.join(filter(None, (str(SUPPORT), os.environ.get("PYTHONPATH"))))
        process = subprocess.Popen(
            [sys.executable, str(SUPPORT / "scale_parts.py"), role, ledger_url],
            env={**os.environ, "PYTHONPATH": paths},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def go(processes: list[Process]) -> None:
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()


def finish(processes: list[Process], start: Start) -> None:
    """Wait for all; what one left to be written while another was at it, one more look writes."""
    for process in processes:
        process.communicate(timeout=240)
    assert {process.returncode for process in processes} <= {0, 3}
    last = start("watch")
    go([last])
    last.communicate(timeout=240)
    assert last.returncode == 0


def written(emulator: LangfuseEmulator) -> dict[str, int]:
    state = emulator.state()
    return {kind: len(state[kind]) for kind in ("scores", "comments", "items")}


def test_three_watchers_and_a_scan_vet_each_trace_once_and_write_each_violation_once(
    emulator: LangfuseEmulator, start: Start, scans: Path
) -> None:
    processes = [start(role) for role in ROLES]
    go(processes)
    finish(processes, start)
    assert Counter(scans.read_text().splitlines()) == Counter(f"BAD {number}" for number in range(TRACES))
    assert written(emulator) == {"scores": 4 * TRACES, "comments": TRACES, "items": TRACES}
    assert emulator.received["POST /api/public/comments"] == TRACES


def test_what_a_killed_watcher_had_begun_the_others_finish(
    emulator: LangfuseEmulator, start: Start, scans: Path
) -> None:
    processes = [start(role) for role in ROLES]
    go(processes)
    victim, *others = processes
    while victim.poll() is None and not (scans.exists() and emulator.received["POST /api/public/comments"] > 10):
        time.sleep(0.002)  # only the moment of the kill depends on it
    victim.kill()
    finish(others, start)
    scanned = Counter(scans.read_text().splitlines())
    assert set(scanned) == {f"BAD {number}" for number in range(TRACES)}
    assert max(scanned.values()) <= 2  # what the killed one had not committed yet
    assert written(emulator) == {"scores": 4 * TRACES, "comments": TRACES, "items": TRACES}
