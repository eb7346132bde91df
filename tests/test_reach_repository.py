"""Flagged code is found again in a repository, however it was formatted, renamed, moved, reverted or carried over."""

import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest

from tracevet.errors import UsageError
from tracevet.model import Reach, ReachState
from tracevet.repository import Needle, Repository, reach

QUERY = 'query = f"SELECT name, email FROM users WHERE id = {user_id}"\ncursor.execute(query)'
SHELL = 'subprocess.run("tar czf backup.tgz " + folder, shell=True, check=True)'
TOKEN = 'client = Client(token="ghp_…7Q [masked: 40 chars, hmac 0a1b2c3d]", timeout=30)'
SHORT = "eval(x)"

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    """Run git in a repository with one commit; each commit is an hour younger than the last."""
    home = tmp_path / "repo"
    home.mkdir()
    hours = iter(range(10, 24))

    def run(*arguments: str) -> str:
        when = f"2026-08-01T{next(hours)}:00:00Z" if arguments[0] in {"commit", "revert", "cherry-pick"} else ""
        names = {"GIT_AUTHOR_NAME": "Kim", "GIT_AUTHOR_EMAIL": "kim@example.com", "GIT_CONFIG_GLOBAL": "/dev/null"}
        names |= {
            "GIT_COMMITTER_NAME": "Kim",
            "GIT_COMMITTER_EMAIL": "kim@example.com",
            "GIT_CONFIG_SYSTEM": "/dev/null",
        }
        dates = {"GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when} if when else {}
        done = subprocess.run(
            ["git", *arguments],
            cwd=home,
            env={**os.environ, **names, **dates},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    run("init", "-q", "-b", "main")
    (home / "README.md").write_text("A shop.\n")
    save(run, home)
    return run


@pytest.fixture
def home(tmp_path: Path, git: Git) -> Path:
    """Give the repository's directory."""
    return tmp_path / "repo"


def save(git: Git, home: Path, text: str | None = None, path: str = "app/db.py") -> str:
    """Write a file, commit everything, and give the commit."""
    if text is not None:
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        (home / path).write_text(text)
    git("add", "-A")
    git("commit", "-q", "-m", "change", "--allow-empty")
    return git("rev-parse", "HEAD")


def where(home: Path, evidence: str, path: str | None = "app/db.py", language: str = "python") -> Reach:
    needle = Needle.of("f1", evidence, language=language, path=path)
    (found,) = reach(Repository(home), [needle]).reaches
    return found


def test_code_as_it_was_written_stands_in_head(git: Git, home: Path) -> None:
    commit = save(
        git, home, f"import os\n\n\ndef load(cursor, user_id):\n    {QUERY.replace(chr(10), chr(10) + '    ')}\n"
    )
    found = where(home, QUERY)
    assert (found.state, found.path, found.line, found.main) == (ReachState.HEAD, "app/db.py", 5, True)
    assert (found.commit, found.at) == (commit, datetime(2026, 8, 1, 11, tzinfo=UTC))


@pytest.mark.parametrize(
    ("written", "evidence", "stands"),
    [
        (QUERY.replace("query", "sql").replace("user_id", "uid"), QUERY, True),
        (QUERY.replace('"', "'").replace("cursor.execute", "cursor . execute"), QUERY, True),
        ("query = (\n    f'SELECT name, email FROM users WHERE id = {user_id}'\n)", QUERY, False),
        ("subprocess.run(\n    'tar czf backup.tgz ' + directory,\n    shell=True,\n    check=True\n)", SHELL, True),
        (SHELL + "  # nosec B602", SHELL, True),
        (SHELL.replace("tar czf", "zip -r"), SHELL, False),
        (SHELL.replace("subprocess.run", "subprocess.call"), SHELL, False),
        (QUERY.replace("cursor.execute(query)", "cursor.execute(other)"), QUERY, False),
        ('client = Client(token="ghp_16C7e42F292c6912E7710c838347Ae178B4a", timeout=30)', TOKEN, True),
        ("client = Client(token=os.environ['TOKEN'], timeout=30)", TOKEN, False),
        (f"x = 1\n{SHORT}\n", SHORT, True),
    ],
)
def test_code_is_known_by_its_normal_form(git: Git, home: Path, written: str, evidence: str, stands: bool) -> None:
    save(git, home, written + "\n")
    assert where(home, evidence).state is (ReachState.HEAD if stands else ReachState.NEVER)


def test_code_that_was_moved_to_another_file_is_found(git: Git, home: Path) -> None:
    save(git, home, QUERY, "lib/store/queries.py")
    assert where(home, QUERY).path == "lib/store/queries.py"


def test_several_processes_find_the_same(git: Git, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        save(git, home, f"x = {number}\n{QUERY}\n", f"m{number}/db.py")
    one = where(home, QUERY)
    monkeypatch.setattr(import_module("tracevet.repository.reach"), "MANY", 1)
    assert where(home, QUERY) == one
    assert one.path == "m0/db.py"


def test_the_file_of_its_own_name_goes_first(git: Git, home: Path) -> None:
    save(git, home, QUERY, "a/copy.py")
    save(git, home, QUERY, "z/db.py")
    assert where(home, QUERY).path == "z/db.py"


def test_short_code_counts_only_in_a_file_of_its_name(git: Git, home: Path) -> None:
    save(git, home, SHORT, "other.py")
    assert where(home, SHORT, "calc.py").state is ReachState.NEVER
    assert where(home, SHORT, None).state is ReachState.UNSURE


def test_what_was_reverted_names_the_commit_that_took_it_out(git: Git, home: Path) -> None:
    save(git, home, "import os\n")
    save(git, home, f"import os\n{QUERY}\n")
    git("revert", "--no-edit", "HEAD")
    found = where(home, QUERY)
    assert (found.state, found.commit) == (ReachState.REMOVED, git("rev-parse", "HEAD"))


def test_what_was_reverted_in_part_is_told_apart(git: Git, home: Path) -> None:
    save(git, home, f"{QUERY}\n{SHELL}\n")
    save(git, home, f"{SHELL}\n")
    assert where(home, QUERY).state is ReachState.REMOVED
    assert where(home, SHELL).state is ReachState.HEAD


def test_code_on_another_branch_is_named_with_it(git: Git, home: Path) -> None:
    git("checkout", "-q", "-b", "feature/login")
    commit = save(git, home, QUERY)
    git("checkout", "-q", "main")
    found = where(home, QUERY)
    assert (found.state, found.branch, found.commit, found.main) == (
        ReachState.BRANCH,
        "feature/login",
        commit,
        False,
    )


def test_cherry_picked_code_stands_in_head_by_the_new_commit(git: Git, home: Path) -> None:
    git("checkout", "-q", "-b", "feature/login")
    picked = save(git, home, QUERY)
    git("checkout", "-q", "main")
    save(git, home, "other\n", "other.txt")
    git("cherry-pick", picked)
    found = where(home, QUERY)
    assert (found.state, found.commit) == (ReachState.HEAD, git("rev-parse", "HEAD"))
    assert found.commit != picked


def test_code_on_a_branch_at_hand_is_not_in_main(git: Git, home: Path) -> None:
    git("checkout", "-q", "-b", "feature/login")
    save(git, home, QUERY)
    found = where(home, QUERY)
    assert (found.state, found.main) == (ReachState.HEAD, False)


def test_what_no_commit_has_is_never(git: Git, home: Path) -> None:
    (home / "db.py").write_text(QUERY)
    assert where(home, QUERY).state is ReachState.NEVER


def test_binary_linked_and_huge_files_are_left_out(git: Git, home: Path) -> None:
    (home / "link.py").symlink_to("/etc/passwd")
    (home / "image.py").write_bytes(b"\x00\x01" + QUERY.encode())
    (home / "bundle.py").write_text(f"{QUERY}\n" + "x = 1\n" * 400_000)
    save(git, home)
    assert where(home, QUERY).state is not ReachState.HEAD


def test_a_submodule_is_passed_over(git: Git, home: Path, tmp_path: Path) -> None:
    git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},vendored")
    git("commit", "-q", "-m", "a submodule")
    save(git, home, QUERY)
    assert where(home, QUERY).state is ReachState.HEAD


def test_a_shallow_clone_says_what_it_can_not_know(git: Git, home: Path, tmp_path: Path) -> None:
    save(git, home, QUERY)
    save(git, home, "nothing\n")
    git("clone", "-q", "--depth", "1", f"file://{home}", str(tmp_path / "shallow"))
    needle = Needle.of("f1", QUERY, language="python", path="app/db.py")
    found = reach(Repository(tmp_path / "shallow"), [needle])
    assert found.reaches[0].state is ReachState.NEVER
    assert "shallow" in found.notes[0]


def test_a_repository_without_a_commit_is_a_users_mistake(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    with pytest.raises(UsageError, match="no commit yet"):
        where(tmp_path, QUERY)


@pytest.mark.parametrize("make", [True, False])
def test_what_is_no_repository_is_a_users_mistake(tmp_path: Path, make: bool) -> None:
    place = tmp_path / "plain"
    if make:
        place.mkdir()
    with pytest.raises(UsageError, match="name a clone of"):
        Repository(place)


def test_a_hostile_configuration_runs_nothing(git: Git, home: Path, tmp_path: Path) -> None:
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\ncat\n")
    trap.chmod(0o755)
    (home / ".gitattributes").write_text("*.py diff=evil\n")
    save(git, home, QUERY)
    save(git, home, "nothing\n")
    for key in (
        "core.fsmonitor",
        "diff.external",
        "diff.evil.textconv",
        "diff.evil.command",
        "core.pager",
        "gpg.program",
    ):
        git("config", key, str(trap))
    assert where(home, QUERY).state is ReachState.REMOVED
    assert not (tmp_path / "sprung").exists()


def test_hostile_names_of_files_and_branches_are_only_names(git: Git, home: Path) -> None:
    git("branch", "$(touch${IFS}x)")
    save(git, home, QUERY, "--help\n;rm -rf .py")
    assert where(home, QUERY).path == "--help\n;rm -rf .py"
