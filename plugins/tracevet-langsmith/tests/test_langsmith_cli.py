"""The whole way as a user goes it: prepare, watch, look into LangSmith; and every mistake is one sentence."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tracevet.testing.langsmith import LangSmithEmulator

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
    """Run a verb on the platform langsmith."""

    def start(verb: str, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tracevet", verb, "--platform", "langsmith", *arguments]
        return subprocess.run(
            command, cwd=home, env=os.environ | env, capture_output=True, text=True, timeout=120, check=False
        )

    return start


@pytest.fixture
def recent(row: Make) -> Make:
    """Make a run that ended some minutes ago."""

    def make(trace: str, minutes: int = 30, **fields: Any) -> dict[str, Any]:
        end = datetime.now(UTC) - timedelta(minutes=minutes)
        return row(trace, start_time=(end - timedelta(seconds=5)).isoformat(), end_time=end.isoformat(), **fields)

    return make


def policies(emulator: LangSmithEmulator) -> set[tuple[str, str]]:
    rows = emulator.state()["feedback"]
    return {(one["run_id"], one["value"]) for one in rows if one["key"] == "policy.sql-injection"}


def said(text: str) -> dict[str, Any]:
    return {"messages": [{"role": "assistant", "content": text}]}


def test_what_an_assistant_wrote_is_told_and_queued(
    emulator: LangSmithEmulator, run: Run, recent: Make, name: Callable[..., str]
) -> None:
    emulator.seed([recent("t1", outputs=said(CODE)), recent("t2", outputs=said("fine"))])
    prepared = run("prepare")
    assert (prepared.returncode, prepared.stdout.count("ready: ")) == (0, 4)
    planned = run("watch", "--dry-run")
    assert f"feedback policy.sql-injection = high (0.75) on trace {name('t1')}\n" in planned.stdout
    assert emulator.state()["feedback"] == []
    done = run("watch", "--once")
    assert (done.returncode, done.stdout) == (0, "")
    assert "0 to be written, 0 parked" in done.stderr
    state = emulator.state()
    assert policies(emulator) == {(name("t1"), "high")}
    assert [one["run_id"] for one in state["items"]] == [name("t1")]
    assert any("SELECT * FROM users" in (one["comment"] or "") for one in state["feedback"])
    assert run("watch", "--once", "--since", "1d").returncode == 0
    assert emulator.state() == state


def test_a_policy_that_is_switched_off_clears_its_tags(
    emulator: LangSmithEmulator, run: Run, recent: Make, home: Path, name: Callable[..., str]
) -> None:
    emulator.seed([recent("t1", outputs=said(CODE))])
    run("watch", "--once", "--write", "feedback")
    (home / "tracevet.toml").write_text('[policies.sql-injection]\nmode = "off"\n')
    assert run("watch", "--once", "--since", "1d", "--write", "feedback").returncode == 0
    assert policies(emulator) == {(name("t1"), "cleared")}


def test_a_signal_ends_a_watch_in_good_order(emulator: LangSmithEmulator, recent: Make, home: Path) -> None:
    emulator.seed([recent("t1", outputs=said(CODE))])
    command = [sys.executable, "-m", "tracevet", "watch", "--platform", "langsmith", "--interval", "300"]
    with subprocess.Popen(command, cwd=home, stderr=subprocess.PIPE, text=True) as process:
        limit = time.monotonic() + 60
        while not emulator.state()["feedback"] and time.monotonic() < limit:
            time.sleep(0.05)  # it never ends by itself
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Traceback" not in told
    assert "0 parked" in told.splitlines()[-1]


@pytest.mark.parametrize(
    ("env", "code", "text"),
    [
        ({"LANGSMITH_API_KEY": ""}, 2, "LangSmith needs a key: set LANGSMITH_API_KEY"),
        ({"LANGSMITH_API_KEY": "lsv2_pt_wrong"}, 3, "set LANGSMITH_API_KEY"),
        ({"LANGSMITH_ENDPOINT": "http://127.0.0.1:9"}, 3, "can't be reached at http://127.0.0.1:9; set LANGSMITH_ENDP"),
        ({"LANGSMITH_ENDPOINT": "ftp://host"}, 2, "LANGSMITH_ENDPOINT is no address"),
    ],
    ids=["no key", "wrong key", "no server", "no address"],
)
def test_a_mistake_is_one_sentence(
    emulator: LangSmithEmulator, run: Run, env: dict[str, str], code: int, text: str
) -> None:
    del emulator
    done = run("watch", "--once", **env)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1)
    assert done.stderr.startswith("error: ")
    assert text in done.stderr
    assert "lsv2" not in done.stderr


def test_an_organisation_s_key_without_a_workspace_is_one_sentence(emulator: LangSmithEmulator, run: Run) -> None:
    done = run("watch", "--once", LANGSMITH_API_KEY=emulator.org_key)
    assert (done.returncode, done.stderr.count("\n")) == (3, 1)
    assert "set LANGSMITH_WORKSPACE_ID" in done.stderr


def test_an_unknown_project_is_one_sentence(emulator: LangSmithEmulator, run: Run, recent: Make, home: Path) -> None:
    emulator.seed([recent("t1")], project="claude-code")
    (home / "tracevet.toml").write_text('[platforms.langsmith]\nprojects = ["claude"]\n')
    done = run("watch", "--once")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "no project named 'claude' in this LangSmith workspace; there are: claude-code" in done.stderr


def test_a_key_of_another_workspace_is_refused(emulator: LangSmithEmulator, run: Run) -> None:
    other = emulator.add_workspace("Workspace Two", "lsv2_pt_two")
    assert run("watch", "--once").returncode == 0
    done = run("watch", "--once", LANGSMITH_API_KEY="lsv2_pt_two")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert emulator.workspace.id in done.stderr
    assert other.id in done.stderr


def test_what_can_not_be_written_is_named(emulator: LangSmithEmulator, run: Run) -> None:
    del emulator
    done = run("watch", "--once", "--write", "feedback,emails")
    assert done.returncode == 2
    assert "'feedback'" in done.stderr
