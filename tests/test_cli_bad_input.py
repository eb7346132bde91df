"""Input that is broken or hostile, through the command line: a clear error or a counted gap, and the rest is kept."""

import json
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tracevet

SAMPLES = Path(tracevet.__file__).parent / "samples"
Cli = Callable[..., subprocess.CompletedProcess[str]]
GOOD = (SAMPLES / "codex.rollout.jsonl").read_bytes()
EXPORT = json.loads((SAMPLES / "claude-code.langfuse.json").read_text())
DEEP = b'{"traceId": "t", "id": "o", "type": "SPAN", "input": ' + b"[" * 10_000 + b"]" * 10_000 + b"}\n"


def export(**changes: Any) -> bytes:
    """Give the sample export with fields of its first row changed."""
    return json.dumps([{**EXPORT[0], **changes}, *EXPORT[1:]]).encode()


# name, content, reason of a gap that must be counted or None, exit code without violations in the way
BROKEN: list[tuple[str, bytes, str | None, int]] = [
    ("binary", bytes(range(256)) * 4_000, "unknown-kind", 0),
    ("an empty file", b"", None, 0),
    ("a cut line", GOOD + b'{"timestamp": "2026-11-17T10:0', "malformed", 3),
    ("NUL bytes", GOOD + b"\0\0\0\n", "malformed", 3),
    ("a line that is no JSON", b"hello\n" + GOOD, "malformed", 3),
    (
        "a kind nobody knows",
        GOOD + b'{"timestamp": "2026-11-17T10:00:10Z", "type": "dance", "payload": {}}\n',
        "unknown-kind",
        0,
    ),
    ("10 000 levels", DEEP + json.dumps(EXPORT[0]).encode(), "too-large", 3),
    ("lone surrogates", export(name="\ud800 \udfff", userId="\ud83d"), None, 0),
    ("an invalid date", export(startTime="2026-13-45T99:99:99Z", endTime="soon"), "malformed", 3),
    ("a cycle of parents", export(parentObservationId=EXPORT[2]["id"]), None, 0),
    ("its own parent", export(parentObservationId=EXPORT[0]["id"]), None, 0),
    (
        "other types",
        export(input=7, output=[[[]]], metadata="x", userId={"a": 1}, tags="no list", sessionId=[]),
        None,
        0,
    ),
]


@pytest.mark.parametrize(("content", "reason", "code"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_broken_content_is_counted_and_never_fatal(
    cli: Cli, tmp_path: Path, content: bytes, reason: str | None, code: int
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "broken").write_bytes(content)
    shutil.copy(SAMPLES / "cursor.langsmith.json", tmp_path / "in")
    done = cli("scan", "in", "--format", "json", "--fail-on", "never")
    assert done.returncode == code, done.stderr
    assert done.stderr == ""
    report = json.loads(done.stdout)
    policies = {violation["policy"] for verdict in report["verdicts"] for violation in verdict["violations"]}
    assert "tls-verification" in policies  # of the file beside
    if reason:
        assert report["totals"]["gaps"].get(reason), report["totals"]["gaps"]


def test_a_line_of_100_megabytes_is_counted(cli: Cli, tmp_path: Path) -> None:
    with (tmp_path / "long.jsonl").open("wb") as file:
        file.write(b'{"timestamp": "2026-11-17T10:00:00Z", "type": "response_item", "payload": {"x": "')
        for _ in range(100):
            file.write(b"x" * 1_000_000)
        file.write(b'"}}\n' + GOOD)
    done = cli("scan", "long.jsonl", "--format", "json", "--fail-on", "never")
    assert done.returncode == 3
    report = json.loads(done.stdout)
    assert [(gap["reason"], gap["line"]) for gap in report["gaps"]] == [("too-large", 1)]
    assert report["totals"]["violations"] == 2


def test_a_directory_without_permission_is_a_gap(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "in" / "closed").mkdir(parents=True)
    shutil.copy(SAMPLES / "codex.rollout.jsonl", tmp_path / "in")
    (tmp_path / "in" / "closed").chmod(0)
    command = [sys.executable, "-m", "tracevet", "scan", str(tmp_path / "in"), "--format", "json", "--dry-run"]
    if os.getuid() == 0:  # root may read everything: be somebody else
        for folder in (tmp_path, *tmp_path.parents):
            if folder.stat().st_uid == 0 and folder not in {Path("/"), Path("/tmp")}:
                folder.chmod(folder.stat().st_mode | 0o055)
        if shutil.which("setpriv") is None or _unreadable_by_others(Path(sys.executable)):
            pytest.skip("no way to run as another user here")
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *command]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "HOME": "/nonexistent"}
    )
    report = json.loads(done.stdout)
    assert [(gap["reason"], Path(gap["path"]).name) for gap in report["gaps"]] == [("unreadable", "closed")]
    assert report["totals"]["violations"] == 2


def _unreadable_by_others(path: Path) -> bool:
    resolved = path.resolve()
    return any(not folder.stat().st_mode & 0o001 for folder in (*resolved.parents, *path.absolute().parents))


def test_a_full_disk_is_one_sentence(cli: Cli) -> None:
    def tiny() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))

    done = cli("scan", str(SAMPLES), "--ledger", "ledger.db", before=tiny)
    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert "ledger.db" in done.stderr


def test_a_ledger_of_a_newer_version_is_left_alone(cli: Cli, tmp_path: Path) -> None:
    cli("scan", str(SAMPLES), "--ledger", "ledger.db")
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        (table,) = connection.execute("SELECT name FROM sqlite_master WHERE name LIKE '%version%'").fetchone()
        column = connection.execute(f"SELECT name FROM pragma_table_info('{table}')").fetchone()[0]
        connection.execute(f"UPDATE {table} SET {column} = '9999'")
        before = list(connection.iterdump())
    done = cli("scan", str(SAMPLES), "--ledger", "ledger.db")
    assert done.returncode == 3
    assert "newer" in done.stderr
    assert "Traceback" not in done.stderr
    assert list(sqlite3.connect(tmp_path / "ledger.db").iterdump()) == before


def test_two_processes_share_one_ledger(cli: Cli, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tracevet", "scan", str(SAMPLES), "--ledger", str(tmp_path / "l.db"), "--again"]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    ended = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [1, 1], ended
    assert len(cli("ledger", "export", "--ledger", "l.db").stdout.splitlines()) == 5


@pytest.mark.parametrize(
    "text", ["[ledger\n", "[ledgr]\n", '[workers]\nprocesses = "two"\n', "\xff", "[policies]\nfile = []\n"]
)
def test_a_wrong_configuration_names_file_and_line(cli: Cli, tmp_path: Path, text: str) -> None:
    (tmp_path / "tracevet.toml").write_bytes(text.encode("latin-1"))
    done = cli("scan", str(SAMPLES))
    assert done.returncode == 2
    assert "tracevet.toml" in done.stderr
    assert "Traceback" not in done.stderr
