"""The whole way as a user goes it: prepare, watch, look into Langfuse; and every mistake is one sentence."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tracevet.testing.langfuse import LangfuseEmulator, fail
from tracevet_langfuse import LangfusePlatform

CODE = """Here it is:

```python
def find(connection, user_id):
    query = f"SELECT * FROM users WHERE id = {user_id}"
    return connection.execute(query)
```
"""

Run = Callable[..., subprocess.CompletedProcess[str]]
Make = Callable[..., dict[str, Any]]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give an empty home with a data directory of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


@pytest.fixture
def run(home: Path) -> Run:
    """Run a verb on the platform langfuse."""

    def start(verb: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tracevet", verb, "--platform", "langfuse", *arguments]
        return subprocess.run(
            command, cwd=home, env=os.environ | env, capture_output=True, text=True, timeout=120, check=False
        )

    return start


@pytest.fixture
def recent(row: Make) -> Make:
    """Make an observation that ended some minutes ago."""

    def make(trace: str, minutes: int = 30, **fields: Any) -> dict[str, Any]:
        end = datetime.now(UTC) - timedelta(minutes=minutes)
        return row(trace, startTime=(end - timedelta(seconds=5)).isoformat(), endTime=end.isoformat(), **fields)

    return make


def policies(emulator: LangfuseEmulator) -> list[tuple[str, str]]:
    scores = emulator.state()["scores"]
    return [(one["observationId"] or "trace", one["value"]) for one in scores if one["name"] == "policy"]


def test_what_an_assistant_wrote_is_tagged_commented_and_queued(
    emulator: LangfuseEmulator, run: Run, recent: Make
) -> None:
    emulator.seed([recent("t1", output=CODE), recent("t2", output="fine")])
    prepared = run("prepare")
    assert (prepared.returncode, prepared.stdout.count("ready: ")) == (0, 2)
    planned = run("watch", "--dry-run")
    assert "score policy = sql-injection on trace t1\n" in planned.stdout
    assert emulator.state()["scores"] == []
    done = run("watch", "--once")
    assert (done.returncode, done.stdout) == (0, "")
    assert "0 to be written, 0 parked" in done.stderr
    state = emulator.state()
    assert sorted(policies(emulator)) == [("t1-0", "sql-injection"), ("trace", "sql-injection")]
    assert [len(state[name]) for name in ("comments", "items")] == [1, 1]
    assert "SELECT * FROM users" in state["comments"][0]["content"]
    assert run("watch", "--once", "--since", "1d").returncode == 0
    assert emulator.state() == state


def test_a_policy_that_is_switched_off_clears_its_tags(
    emulator: LangfuseEmulator, run: Run, recent: Make, home: Path
) -> None:
    emulator.seed([recent("t1", output=CODE)])
    run("watch", "--once", "--write", "scores")
    (home / "tracevet.toml").write_text('[policies.sql-injection]\nmode = "off"\n')
    assert run("watch", "--once", "--since", "1d", "--write", "scores").returncode == 0
    assert {value for _, value in policies(emulator)} == {"cleared"}
    assert emulator.state()["comments"] == []


def test_a_scan_writes_back_what_it_found_unless_told_not_to(
    emulator: LangfuseEmulator, run: Run, recent: Make
) -> None:
    emulator.seed([recent("t1", output=CODE)])
    assert run("scan", "--write", "none").returncode == 1
    assert policies(emulator) == []
    done = run("scan", "--write", "scores")
    assert (done.returncode, emulator.state()["comments"]) == (1, [])
    assert "langfuse: 1 verdicts written, 0 to be written, 0 parked\n" in done.stderr
    assert sorted(policies(emulator)) == [("t1-0", "sql-injection"), ("trace", "sql-injection")]


def test_a_scan_that_can_not_write_says_so_and_the_next_one_does(
    emulator: LangfuseEmulator, run: Run, recent: Make
) -> None:
    emulator.seed([recent("t1", output=CODE)])
    emulator.faults.add(fail(400), method="POST", path="*/scores")
    done = run("scan", "--fail-on", "never", "--write", "scores")
    assert (done.returncode, policies(emulator)) == (3, [])
    assert "1 to be written" in done.stderr
    emulator.faults.clear()
    assert run("watch", "--once", "--write", "none").returncode == 0
    assert policies(emulator) == []


def test_a_scan_refuses_the_keys_of_another_project(emulator: LangfuseEmulator, run: Run) -> None:
    emulator.add_project("project-3", "pk-lf-3", "sk-lf-3")
    assert run("scan").returncode == 0
    done = run("scan", LANGFUSE_PUBLIC_KEY="pk-lf-3", LANGFUSE_SECRET_KEY="sk-lf-3")
    assert (done.returncode, done.stdout) == (2, "")
    assert "project-1" in done.stderr


def test_what_a_person_rejects_fails_no_scan_and_is_listed(
    emulator: LangfuseEmulator, run: Run, recent: Make, home: Path
) -> None:
    emulator.seed([recent("t1", output=CODE)])
    list(LangfusePlatform().prepare())
    emulator.annotate("t1", "accepted risk", comment="behind\x1b[2J a gateway", author="user-7")
    assert run("watch", "--once").returncode == 0
    assert {value for _, value in policies(emulator)} == {"cleared"}
    assert run("scan", "--again").returncode == 0
    listing = [sys.executable, "-m", "tracevet", "ledger", "reviews"]
    table = subprocess.run(listing, cwd=home, capture_output=True, text=True, timeout=60, check=True).stdout
    assert re.search(r"accepted-risk +sql-injection +user-7 +t1 .* behind\\x1b\[2J a gateway$", table, re.M)
    listed = subprocess.run([*listing, "--json"], cwd=home, capture_output=True, text=True, timeout=60, check=True)
    [one] = json.loads(listed.stdout)
    assert (one["decision"], one["policies"], one["withdrawn"]) == ("accepted-risk", ["sql-injection"], None)


def test_a_signal_ends_a_watch_in_good_order(emulator: LangfuseEmulator, recent: Make, home: Path) -> None:
    emulator.seed([recent("t1", output=CODE)])
    command = [sys.executable, "-m", "tracevet", "watch", "--platform", "langfuse", "--interval", "300"]
    with subprocess.Popen(command, cwd=home, stderr=subprocess.PIPE, text=True) as process:
        limit = time.monotonic() + 60
        while not emulator.state()["comments"] and time.monotonic() < limit:
            time.sleep(0.05)  # it never ends by itself
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in said
    assert "0 parked" in said.splitlines()[-1]


@pytest.mark.parametrize(
    ("env", "code", "text"),
    [
        ({"LANGFUSE_SECRET_KEY": ""}, 2, "Langfuse needs keys: set LANGFUSE_PUBLIC_KEY and LANGFUSE_SECRET_KEY"),
        ({"LANGFUSE_SECRET_KEY": "sk-lf-wrong"}, 3, "does not accept the keys; set LANGFUSE_PUBLIC_KEY"),
        (
            {"LANGFUSE_BASE_URL": "http://127.0.0.1:9"},
            3,
            "can't be reached at http://127.0.0.1:9; set LANGFUSE_BASE_URL",
        ),
        ({"LANGFUSE_BASE_URL": "ftp://host"}, 2, "LANGFUSE_BASE_URL is no address"),
    ],
    ids=["no key", "wrong key", "no server", "no address"],
)
def test_a_mistake_is_one_sentence(
    emulator: LangfuseEmulator, run: Run, env: dict[str, str], code: int, text: str
) -> None:
    del emulator
    done = run("watch", "--once", **env)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1)
    assert done.stderr.startswith("error: ")
    assert text in done.stderr
    assert "sk-lf" not in done.stderr


def test_keys_of_another_project_are_refused(emulator: LangfuseEmulator, run: Run) -> None:
    emulator.add_project("project-2", "pk-lf-2", "sk-lf-2")
    assert run("watch", "--once").returncode == 0
    done = run("watch", "--once", LANGFUSE_PUBLIC_KEY="pk-lf-2", LANGFUSE_SECRET_KEY="sk-lf-2")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "project-1" in done.stderr
    assert "project-2" in done.stderr


def test_what_can_not_be_written_is_named(emulator: LangfuseEmulator, run: Run) -> None:
    del emulator
    done = run("watch", "--once", "--write", "scores,emails")
    assert done.returncode == 2
    assert "'scores'" in done.stderr
