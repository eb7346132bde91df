"""Several processes work on one ledger, and any of them may be killed at any moment."""

import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ledger_parts import DAY, FOUND, START, batch, next_migrations

from tracevet.ledger import Ledger
from tracevet.ledger.location import locate

SUPPORT = Path(__file__).parent / "support"

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a function of the tests' parts in a process of its own; it waits for `go` when its imports are done."""
    started: list[subprocess.Popen[str]] = []

    def run(function: str, *arguments: object) -> "subprocess.Popen[str]":
        code = (
            f"import sys; sys.path.insert(0, sys.argv[1]); import ledger_parts; ledger_parts.{function}(*sys.argv[2:])"
        )
        command = [sys.executable, "-c", code, str(SUPPORT), *map(str, arguments)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def go(*processes: "subprocess.Popen[str]") -> None:
    """Wait until all are ready, then let all go at once."""
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()


def outputs(*processes: "subprocess.Popen[str]") -> list[str]:
    found = [process.communicate(timeout=120)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes)
    return found


def test_processes_that_make_a_ledger_at_once_share_one_key(ledger_url: str, start: Start) -> None:
    processes = [start("tell_key", ledger_url) for _ in range(3)]
    go(*processes)
    assert len(set(outputs(*processes))) == 1


def test_processes_that_upgrade_a_ledger_at_once_lose_nothing(ledger_url: str, start: Start, tmp_path: Path) -> None:
    with Ledger.open(ledger_url) as ledger:
        ledger.commit(batch(0))
        key = ledger.key
    migrations = next_migrations(tmp_path / "migrations")
    processes = [start("upgrade", ledger_url, migrations) for _ in range(3)]
    go(*processes)
    assert set(outputs(*processes)) == {f"{key.hex()} 4\n"}


def test_processes_that_commit_at_once_lose_and_double_nothing(ledger_url: str, start: Start) -> None:
    names, rounds = ("a", "b", "c"), 25
    Ledger.open(ledger_url).close()
    processes = [start("commit_shared", ledger_url, name, rounds) for name in names]
    go(*processes)
    outputs(*processes)
    with Ledger.open(ledger_url) as ledger:
        own = {f"{name}-{number}" for name in names for number in range(rounds)}
        found = {said.trace.id: said for said in ledger.verdicts()}
        assert set(found) == own | {"common"}
        assert {found[trace].violations[0].first_seen for trace in own} == {START + DAY}
        assert len(ledger.results("e", own)) == len(own)
        items = {item.verdict.trace.id: item for item in ledger.pending("langfuse", limit=1_000)}
        assert set(items) == set(found)
        assert items["common"].revision == len(own)
        assert len(items["common"].verdict.violations) == len(own)


def test_a_killed_process_leaves_whole_commits(ledger_url: str, start: Start) -> None:
    last = -1
    for _ in range(3):
        process = start("commit_for_ever", ledger_url)
        go(process)
        assert process.stdout is not None
        told = [int(process.stdout.readline()) for _ in range(random.randint(1, 30))]
        process.kill()
        told += [int(line) for line in process.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        last = max(last, *told)
        check_whole(ledger_url, last)


def check_whole(url: str, last: int) -> None:
    """Check that what was told to be committed is there, and that nothing is there by half."""
    with Ledger.open(url) as ledger:
        found = {said.trace.id: said for said in ledger.verdicts()}
        cursor = ledger.cursor("langfuse", "traces")
        committed = len(found) // 4 - 1
        assert committed >= last
        assert set(found) == {f"t{index}" for index in range(4 * committed + 4)}
        assert cursor is not None
        assert {len(said.violations) for said in found.values()} == {3}
        digests = [f"d{index}" for index in range(len(found))]
        assert ledger.results("bandit@1#0", digests) == dict.fromkeys(digests, FOUND)
        assert len(ledger.pending("langfuse", limit=100_000)) == len(found)
        if locate(url).path:
            with ledger._database.reading() as connection:
                assert connection.exec_driver_sql("PRAGMA integrity_check").scalars().all() == ["ok"]
