"""`tracevet report` at the command line: what it reads, what it refuses, and what the audit log notes."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from report_parts import hostile, keep, week

import tracevet
from tracevet.ledger import Ledger
from tracevet.ledger.audit import Action
from tracevet.testing.langfuse import LangfuseEmulator

Run = Callable[..., subprocess.CompletedProcess[str]]
SAMPLES = Path(tracevet.__file__).parent / "samples"


@pytest.fixture
def report(cli: Run, tmp_path: Path) -> Run:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return cli("report", "--ledger", str(tmp_path / "ledger.db"), *arguments)

    return run


def filled(tmp_path: Path, verdicts: Any = None) -> None:
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        keep(ledger, verdicts or week())


def test_an_empty_ledger_is_no_error_and_is_not_made(report: Run, tmp_path: Path) -> None:
    done = report()
    assert (done.returncode, done.stderr) == (0, "")
    assert "No trace was vetted in this stretch of time." in done.stdout
    assert not (tmp_path / "ledger.db").exists()


def test_a_window_without_traces_says_so(report: Run, tmp_path: Path) -> None:
    filled(tmp_path)
    assert "No trace was vetted" in report("--since", "2001-01-01", "--until", "2001-02-01").stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--format", "pdf"], "no format named 'pdf' shows a report; known: table, json, csv, html, markdown"),
        (["--format", "sarif"], "no format named 'sarif' shows a report"),
        (["--developer", "ada@example.com"], "is no pseudonym such as dev-0123456789"),
        (["--since", "soon"], "--since 'soon' is neither an age"),
    ],
)
def test_what_it_can_not_do_is_one_sentence(report: Run, tmp_path: Path, arguments: list[str], sentence: str) -> None:
    filled(tmp_path)
    done = report(*arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_names_are_shown_only_when_asked_for_and_noted(report: Run, tmp_path: Path) -> None:
    filled(tmp_path)
    since = ("--since", "2026-01-01")
    assert "Grace" not in report(*since).stdout
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        assert ledger.audit.last(10) == []
    assert "Grace Hopper" in report(*since, "--names", "--developer", "Grace Hopper").stdout
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        [noted] = ledger.audit.last(10)
        assert ledger.audit.verify().broken is None
    assert (noted.action, noted.subject) == (Action.REVEAL, "report")
    assert noted.details == {"format": "table", "since": "2026-01-01T00:00:00Z", "developer": "Grace Hopper"}


def test_json_holds_everything(report: Run, tmp_path: Path) -> None:
    filled(tmp_path)
    digest = json.loads(report("--since", "2026-01-01", "--format", "json").stdout)
    assert (digest["traces"], len(digest["cases"]), len(digest["days"])) == (40, 40, 7)


@pytest.mark.parametrize("name", ["table", "json", "csv", "markdown", "html"])
def test_hostile_traces_end_no_report(report: Run, tmp_path: Path, name: str) -> None:
    filled(tmp_path, hostile())
    done = report("--since", "2026-01-01", "--format", name, "--no-conversations")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_conversation_is_read_again_and_masked(cli: Run, report: Run, tmp_path: Path) -> None:
    traces = tmp_path / "traces"
    shutil.copytree(SAMPLES, traces)
    cli("scan", str(traces), "--ledger", str(tmp_path / "ledger.db"), "--fail-on", "never")
    asked = ("--since", "2020-01-01", "--format", "html")
    whole = report(*asked, "--traces", str(traces)).stdout
    assert "parts, masked" in whole
    assert "prompt · text</span>" in whole
    password = "API_PASSWORD = &#34;"
    assert password not in whole
    assert "API_PASSWORD = [masked:" in whole
    assert "<mark>" in whole
    shutil.rmtree(traces)
    traces.mkdir()
    gone = report(*asked, "--traces", str(traces)).stdout
    assert "The trace is not on local any more" in gone
    assert "parts, masked" not in gone
    assert "The conversation was not asked for." in report(*asked, "--no-conversations").stdout
    assert report(*asked, "--details", "0").stdout.count("<article") == 0


SEND = "import json, sys; from tracevet_langfuse.demo import send; send(json.load(open(sys.argv[1])))"


def test_a_conversation_is_read_from_the_platform_that_has_it(cli: Run, tmp_path: Path) -> None:
    ledger = ("--ledger", str(tmp_path / "ledger.db"))
    sample = str(SAMPLES / "claude-code.langfuse.json")
    with LangfuseEmulator() as emulator:
        keys = {"LANGFUSE_PUBLIC_KEY": emulator.public_key, "LANGFUSE_SECRET_KEY": emulator.secret_key}
        env = {**keys, "LANGFUSE_BASE_URL": emulator.url}
        subprocess.run([sys.executable, "-c", SEND, sample], env={**os.environ, **env}, check=True, timeout=60)
        cli("scan", "--platform", "langfuse", "--fail-on", "never", *ledger, env=env)
        whole = cli("report", "--format", "html", *ledger, env=env).stdout
        assert "parts, masked" in whole
        assert f'href="{emulator.url}/project/' in whole
        assert "langfuse has it since" in whole
    unset = cli("report", "--format", "html", *ledger, env=dict.fromkeys(keys, "")).stdout
    assert "The platform langfuse is not set up here." in unset
    assert "parts, masked" not in unset
