"""The examples do what their READMEs say."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from tracevet.cli.app import app

EXAMPLES = Path(__file__).parent.parent / "examples"
FOLDERS = sorted(folder.name for folder in EXAMPLES.iterdir() if folder.is_dir())
TRACE = [
    {
        "id": "o1",
        "traceId": "t1",
        "type": "GENERATION",
        "name": "answer",
        "startTime": "2026-11-01T12:00:00Z",
        "endTime": "2026-11-01T12:00:03Z",
        "input": {"messages": [{"role": "user", "content": "Log the payment."}]},
        "output": {"role": "assistant", "content": '```python\nimport pickle\nlog.info("paid %s", card_number)\n```'},
    }
]
RULES = str(EXAMPLES / "rules-without-code" / "acme.yaml")
REGRADE = """\
pack: acme
policies:
  - id: no-pickles
    title: No pickles
    category: serialization
    severity: critical
    cwe: [CWE-502]
    recommendation: Use json.
    mode: off
"""


@pytest.fixture
def trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trace.json").write_text(json.dumps(TRACE))
    return "trace.json"


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_example_is_explained(folder: str) -> None:
    assert (EXAMPLES / folder / "README.md").read_text().startswith("# ")
    assert f"[{folder}]({folder}/README.md)" in (EXAMPLES / "README.md").read_text()


def test_the_detector_of_card_logging_passes_its_tests(tmp_path: Path) -> None:
    folder = EXAMPLES / "card-logging"
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-W", "error"]
    line += ["-c", os.devnull, "--rootdir", str(tmp_path), str(folder / "tests")]
    done = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_examples_of_the_rules_are_as_they_should_be() -> None:
    done = CliRunner().invoke(app, ["policies", "check", RULES])
    assert done.exit_code == 0, done.output
    assert "examples are as they should be" in done.stdout


def test_a_failed_example_is_named_and_fails(tmp_path: Path) -> None:
    data = yaml.safe_load(Path(RULES).read_text())
    data["policies"][1]["patterns"][0]["valid"] = ["x.corp.example"]
    (tmp_path / "acme.yaml").write_text(yaml.safe_dump(data))
    done = CliRunner().invoke(app, ["policies", "check", str(tmp_path / "acme.yaml")])
    assert done.exit_code == 1
    assert "policy 'internal-hosts', pattern 'corp': valid example 1 (text) is found, and should not be" in done.stdout


def test_trying_rules_reads_the_traces_and_writes_nothing(trace: str, tmp_path: Path) -> None:
    line = ["policies", "try", RULES, trace, "--since", "2026-10-01", "--ledger", "ledger.db", "--format", "jsonl"]
    done = CliRunner().invoke(app, line)
    assert done.exit_code == 1, done.output
    (verdict,) = map(json.loads, done.stdout.splitlines())
    assert {(each["policy"], each["rule"]) for each in verdict["violations"]} == {
        ("card-data", "card-data.log-card"),
        ("safe-formats", "safe-formats.pickle"),
    }
    assert [file.name for file in tmp_path.iterdir()] == ["trace.json"]


def test_trying_a_new_grade_asks_the_ledger_and_writes_nothing(trace: str, tmp_path: Path) -> None:
    (tmp_path / "regrade.yaml").write_text(REGRADE.replace("CWE-502", "CWE-532, CWE-502"))
    (tmp_path / "trace.json").write_text(json.dumps(TRACE).replace("import pickle", "x = pickle.loads(data)"))
    assert CliRunner().invoke(app, ["scan", trace, "--ledger", "ledger.db"]).exit_code == 1
    before = (tmp_path / "ledger.db").read_bytes()
    (tmp_path / "trace.json").unlink()
    line = ["policies", "try", "regrade.yaml", "--since", "2026-10-01", "--ledger", "ledger.db", "--format", "json"]
    done = CliRunner().invoke(app, line)
    assert done.exit_code == 1, done.output
    (verdict,) = json.loads(done.stdout)["verdicts"]
    assert {(each["policy"], each["severity"]) for each in verdict["violations"]} == {("no-pickles", "critical")}
    assert "looked at 1 verdicts" in done.stderr
    assert "--platform NAME or PATH" in done.stderr
    assert (tmp_path / "ledger.db").read_bytes() == before


def test_a_new_grade_that_nothing_breaches_is_quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "regrade.yaml").write_text(REGRADE)
    done = CliRunner().invoke(app, ["policies", "try", "regrade.yaml", "--ledger", "ledger.db"])
    assert done.exit_code == 0, done.output
    assert [file.name for file in tmp_path.iterdir()] == ["regrade.yaml"]
