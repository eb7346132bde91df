"""The examples for CI are what their systems read, and their commands do what they say."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

EXAMPLES = Path(__file__).parent.parent / "examples" / "ci"
BAD = "import subprocess\n\n\ndef pack(folder):\n    subprocess.run('tar czf all.tgz ' + folder, shell=True)\n"

Cli = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize(
    ("file", "schema"), [("github-actions.yml", "vendor.github-workflows"), ("gitlab-ci.yml", "vendor.gitlab-ci")]
)
def test_an_example_fits_its_system_s_schema(file: str, schema: str) -> None:
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        schema,
        str(EXAMPLES / file),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def commands() -> dict[str, str]:
    """Give the command of each example that runs the gate."""
    github = yaml.safe_load((EXAMPLES / "github-actions.yml").read_text())
    gitlab = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text())
    local = yaml.safe_load((EXAMPLES / "pre-commit-config.yaml").read_text())
    steps = [step.get("run", "") for step in github["jobs"]["gate"]["steps"]]
    (gate,) = (step for step in steps if "gate" in step)
    return {
        "github": gate,
        "gitlab": gitlab["tracevet"]["script"][-1],
        "pre-commit": local["repos"][0]["hooks"][0]["entry"],
    }


@pytest.mark.parametrize("system", ["github", "gitlab", "pre-commit"])
def test_an_example_fails_a_change_that_brings_flagged_code(cli: Cli, tmp_path: Path, system: str) -> None:
    def git(*arguments: str) -> str:
        names = {f"GIT_{who}_{what}": "k@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        environment = {**os.environ, **names}
        done = subprocess.run(["git", *arguments], cwd=tmp_path, env=environment, capture_output=True, check=True)
        return done.stdout.decode().strip()

    git("init", "-q", "-b", "main")
    git("commit", "-q", "--allow-empty", "-m", "first")
    base = git("rev-parse", "HEAD")
    (tmp_path / "pack.py").write_text(BAD)
    git("add", "pack.py")
    if system != "pre-commit":
        git("commit", "-q", "-m", "second")
    words = [
        word.replace("$BASE", base).replace("$CI_MERGE_REQUEST_DIFF_BASE_SHA", base)
        for word in shlex.split(commands()[system])
    ]
    assert words[:2] == ["tracevet", "gate"]
    done = cli(*words[1:], env={"TRACEVET_LEDGER": ""})
    assert done.returncode == 1, done.stderr
    assert "os-command-injection" in done.stdout or "command-injection" in done.stdout
    assert (tmp_path / "tracevet.sarif").exists() is (system != "pre-commit")
