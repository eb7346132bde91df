"""What a repository holds of flagged code is kept by the ledger, shown with it, and written back once it changes."""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from ledger_parts import entry, verdict, violation

from tracevet.ledger import Ledger
from tracevet.model import Reach, ReachState, Receipt, Severity, Status

EVIDENCE = 'query = f"SELECT name, email FROM users WHERE id = {user_id}"\ncursor.execute(query)'
HEAD = Reach(fingerprint="f1", state=ReachState.HEAD, main=True, path="db.py", line=3)

Cli = Callable[..., subprocess.CompletedProcess[str]]


def written(ledger: Ledger) -> None:
    """Let the platform have all that is queued."""
    for item in ledger.pending("langfuse"):
        ledger.accepted(item, Receipt(verdict=item.verdict.id))


def test_what_is_known_stands_in_every_verdict_with_the_code(ledger_url: str) -> None:
    with Ledger.open(ledger_url) as ledger:
        ledger.commit([entry(verdict("t1", violation())), entry(verdict("t2", violation(), violation("f2")))])
        assert ledger.reaches.keep([HEAD]) == 1
        shown = {v.fingerprint: v.reach for one in ledger.verdicts() for v in one.violations}
    assert shown == {"f1": HEAD, "f2": None}


def test_news_is_written_back_once(ledger_url: str) -> None:
    with Ledger.open(ledger_url) as ledger:
        ledger.commit([entry(verdict("t1", violation())), entry(verdict("t2", violation("f2")))])
        written(ledger)
        ledger.reaches.keep([HEAD])
        (item,) = ledger.pending("langfuse")
        assert item.verdict.violations[0].reach == HEAD
        written(ledger)
        assert ledger.reaches.keep([HEAD]) == 0
        assert ledger.pending("langfuse") == []


def test_what_was_never_written_is_not_written_for_it(ledger_url: str) -> None:
    with Ledger.open(ledger_url) as ledger:
        ledger.commit([entry(verdict("t1", violation()), write=False)])
        ledger.reaches.keep([HEAD])
        assert ledger.pending("langfuse") == []


def test_vetting_anew_keeps_what_is_known_and_queues_nothing(ledger_url: str) -> None:
    with Ledger.open(ledger_url) as ledger:
        ledger.commit([entry(verdict("t1", violation()))])
        written(ledger)
        ledger.reaches.keep([HEAD])
        written(ledger)
        ledger.commit([entry(verdict("t1", violation()))])
        assert ledger.pending("langfuse") == []
        (shown,) = ledger.verdicts()
        assert shown.violations[0].reach == HEAD


def test_code_in_the_main_branch_goes_one_grade_higher() -> None:
    assert violation().priority is Severity.HIGH
    assert violation(reach=HEAD).priority is Severity.CRITICAL
    assert violation(reach=HEAD, severity=Severity.CRITICAL).priority is Severity.CRITICAL
    assert violation(reach=HEAD.model_copy(update={"main": False})).priority is Severity.HIGH


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """Make the repository of user-service with flagged code in it."""
    home = tmp_path / "user-service"
    home.mkdir()
    (home / "db.py").write_text(EVIDENCE + "\n")
    names = {f"GIT_{who}_{what}": "kim@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    for command in ("init -q -b main", "add -A", "commit -q -m all"):
        subprocess.run(["git", *command.split()], cwd=home, env={**os.environ, **names}, check=True)
    return home


def test_the_verb_tells_and_keeps(cli: Cli, repo: Path, tmp_path: Path) -> None:
    url = str(tmp_path / "ledger.db")
    gone = violation("f2", evidence="requests.get(url, verify=False, timeout=None)", severity=Severity.LOW)
    fixed = violation("f3", evidence=EVIDENCE, status=Status.CORRECTED)
    with Ledger.open(url) as ledger:
        ledger.commit([entry(verdict("t1", violation(evidence=EVIDENCE), gone, fixed, start=None))])
    done = cli("reach", "--repo", str(repo), "--ledger", url)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.startswith("in-head    high     sql-injection db.py:1 of the main branch by ")
    assert second.split() == ["never", "low", "sql-injection"]
    with Ledger.open(url) as ledger:
        (shown,) = ledger.verdicts()
    assert [v.reach and v.reach.state for v in shown.violations] == [ReachState.HEAD, ReachState.NEVER, None]
    again = cli("reach", "--repo", str(repo), "--ledger", url, "--json", "--dry-run")
    assert [one["state"] for one in json.loads(again.stdout)] == ["in-head", "never"]


def test_another_project_s_repository_is_not_searched_for_this_one_s_code(cli: Cli, repo: Path, tmp_path: Path) -> None:
    url = str(tmp_path / "ledger.db")
    with Ledger.open(url) as ledger:
        ledger.commit([entry(verdict("t1", violation(evidence=EVIDENCE, project="billing"), start=None))])
    done = cli("reach", "--repo", str(repo), "--ledger", url)
    assert done.returncode == 2
    assert "name the project with --project; known: billing" in done.stderr
    assert "in-head" in cli("reach", "--repo", str(repo), "--ledger", url, "--project", "billing").stdout


def test_an_empty_ledger_is_no_mistake(cli: Cli, repo: Path, tmp_path: Path) -> None:
    done = cli("reach", "--repo", str(repo), "--ledger", str(tmp_path / "none.db"))
    assert (done.returncode, done.stdout) == (0, "")
