"""The gate fails a change that brings flagged code, says which session wrote it, and leaves old code alone."""

import json
import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ledger_parts import entry, verdict, violation

from tracevet.ledger import Ledger
from tracevet.model import Decision, Review, Status
from tracevet.policy import Suppression

OLD = "import os\n\n\ndef clean(folder):\n    os.system('rm -r ' + folder)\n"
EVIDENCE = 'return db.execute("SELECT id, email FROM users WHERE name = \'" + name + "\'")'
BAD = f"import sqlite3\n\n\ndef load(db, name):\n    {EVIDENCE}\n"

Cli = Callable[..., subprocess.CompletedProcess[str]]
Gate = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Make a repository whose main branch holds flagged code already, with a branch at hand."""
    home = tmp_path / "user-service"
    home.mkdir()
    git(home, "init", "-q", "-b", "main")
    put(home, "old.py", OLD)
    git(home, "checkout", "-q", "-b", "feature")
    return home


def git(home: Path, *arguments: str) -> None:
    names = {f"GIT_{who}_{what}": "kim@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    subprocess.run(["git", *arguments], cwd=home, env={**os.environ, **names}, check=True)


def put(home: Path, path: str, text: str) -> None:
    (home / path).parent.mkdir(parents=True, exist_ok=True)
    (home / path).write_text(text)
    git(home, "add", "-A")
    git(home, "commit", "-q", "-m", "change")


@pytest.fixture
def gate(cli: Cli, repo: Path, tmp_path: Path) -> Gate:
    """Run the gate over the branch."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        given = () if "--base" in arguments else ("--base", "main")
        return cli("gate", "--repo", str(repo), "--ledger", str(tmp_path / "ledger.db"), *given, *arguments)

    return run


def remember(tmp_path: Path, **changes: object) -> None:
    """Let the ledger hold what a session wrote."""
    said = violation("f1", evidence=EVIDENCE, language="python", session="s-42", start_line=9, end_line=9, **changes)
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        ledger.commit([entry(verdict("t1", said, start=None))])


def test_new_flagged_code_fails_and_old_code_does_not(gate: Gate, repo: Path) -> None:
    put(repo, "app/db.py", BAD)
    done = gate()
    assert done.returncode == 1, done.stderr
    assert "app/db.py:5" in done.stdout
    assert "sql-injection" in done.stdout
    assert "old.py" not in done.stdout


def test_a_change_without_flagged_code_passes(gate: Gate, repo: Path) -> None:
    put(repo, "old.py", OLD + "\n\nprint('done')\n")
    done = gate()
    assert (done.returncode, done.stdout) == (0, "0 violations in the change\n")


def test_what_is_not_committed_yet_counts(gate: Gate, repo: Path) -> None:
    put(repo, "app.py", "x = 1\n")
    (repo / "app.py").write_text(BAD)
    assert gate().returncode == 1


def test_the_session_that_wrote_it_is_named(gate: Gate, repo: Path, tmp_path: Path) -> None:
    remember(tmp_path, assistant="cursor")
    put(repo, "app/db.py", BAD)
    done = gate()
    assert "app/db.py:5 sql-injection: written by session s-42" in done.stdout
    assert "cursor" in done.stdout
    assert "1 violations in the change" in done.stdout


def test_what_only_the_session_s_verdict_knows_fails_too(gate: Gate, repo: Path, tmp_path: Path) -> None:
    remember(tmp_path, policy="own-rule", title="Our own rule")
    put(repo, "app/db.py", BAD.replace(", name)", ", login)").replace("+ name +", "+ login +"))
    done = gate()
    assert "own-rule: written by session s-42" in done.stdout
    assert "2 violations in the change" in done.stdout


def test_what_is_retracted_passes(gate: Gate, repo: Path, tmp_path: Path) -> None:
    remember(tmp_path, status=Status.RETRACTED)
    put(repo, "app/db.py", BAD)
    assert gate().returncode == 0


@pytest.mark.parametrize(("path", "code"), [("tests/**", 1), ("/db.py", 1), ("app/**", 0)])
def test_what_is_suppressed_where_it_stands_now_passes(
    gate: Gate, repo: Path, tmp_path: Path, path: str, code: int
) -> None:
    remember(tmp_path)
    put(repo, "app/db.py", BAD)
    expires = datetime.now(UTC).date() + timedelta(days=30)
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        ledger.suppressions.add(
            Suppression(policy="sql-injection", path=path, reason="a fixture", owner="kim", expires=expires)
        )
    assert gate().returncode == code


def test_a_reviewer_s_false_positive_passes(gate: Gate, repo: Path, tmp_path: Path) -> None:
    remember(tmp_path)
    said = Review(id="r1", trace="t1", decision=Decision.FALSE_POSITIVE, at="2026-08-01T00:00:00Z")
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        ledger.reviews.keep("langfuse", [said])
    put(repo, "app/db.py", BAD)
    assert gate().returncode == 0


def test_only_what_is_as_bad_as_asked_fails(gate: Gate, repo: Path) -> None:
    put(repo, "app/db.py", BAD)
    assert gate("--fail-on", "critical").returncode == 0
    assert gate("--fail-on", "never").returncode == 0


def test_sarif_is_written(gate: Gate, repo: Path, tmp_path: Path) -> None:
    put(repo, "app/db.py", BAD)
    gate("--sarif", str(tmp_path / "gate.sarif"))
    (result,) = json.loads((tmp_path / "gate.sarif").read_text())["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "app/db.py"
    shown = gate("--sarif", "-")
    assert json.loads(shown.stdout)["version"] == "2.1.0"
    assert "sql-injection" in shown.stderr


def test_links_binary_and_huge_files_are_passed_over(gate: Gate, repo: Path) -> None:
    (repo / "link.py").symlink_to("/etc/hostname")
    (repo / "logo.png").write_bytes(b"\x89PNG\x00\x01" * 50)
    put(repo, "bundle.py", BAD + "x = 1\n" * 400_000)
    done = gate()
    assert done.returncode == 0
    assert "not fully vetted: bundle.py: too-large" in done.stdout


@pytest.mark.parametrize(
    ("base", "words"),
    [("nowhere", "names no commit"), ("--output=x", "names no commit"), ("orphan", "no commit in common")],
)
def test_a_wrong_base_is_a_users_mistake(gate: Gate, repo: Path, base: str, words: str) -> None:
    git(repo, "checkout", "-q", "--orphan", "orphan")
    git(repo, "commit", "-q", "-m", "apart")
    git(repo, "checkout", "-q", "feature")
    done = (
        gate(f"--base={base}", "--base", base) if not base.startswith("-") else gate("--base", "main", f"--base={base}")
    )
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_shallow_clone_says_how_to_get_the_base(cli: Cli, repo: Path, tmp_path: Path) -> None:
    put(repo, "app/db.py", BAD)
    git(tmp_path, "clone", "-q", "--depth", "1", "--branch", "feature", f"file://{repo}", "shallow")
    done = cli("gate", "--repo", str(tmp_path / "shallow"), "--base", "origin/main")
    assert done.returncode == 2
    assert "fetch-depth: 0" in done.stderr


def test_names_with_any_letters_are_shown_harmlessly(gate: Gate, repo: Path) -> None:
    put(repo, 'a\x1b[31m "q" ü.py', BAD)
    done = gate()
    assert done.returncode == 1
    assert "\x1b" not in done.stdout
