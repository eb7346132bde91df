"""The command line as a user meets it: real processes, real workers, a ledger of its own."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import tracevet

SAMPLES = Path(tracevet.__file__).parent / "samples"
Cli = Callable[..., subprocess.CompletedProcess[str]]


def lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def test_the_demo_shows_what_four_assistants_suggested(cli: Cli) -> None:
    done = cli("demo", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    found = {
        (violation["assistant"], violation["developer"], violation["project"], violation["policy"])
        for verdict in report["verdicts"]
        for violation in verdict["violations"]
    }
    assert found >= {
        ("claude-code", "dev@company.com", "user-service", "sql-injection"),
        ("codex", None, "billing-worker", "command-injection"),
        ("codex", None, "billing-worker", "insecure-deserialization"),
        ("cursor", "kim@company.com", "storefront", "hardcoded-secrets"),
        ("cursor", "kim@company.com", "storefront", "tls-verification"),
        ("copilot", "sam@company.com", "portal", "weak-crypto"),
        ("copilot", "sam@company.com", "portal", "insecure-deserialization"),
        ("copilot", "sam@company.com", "portal", "insecure-config"),
    }


def test_the_demo_writes_nothing(cli: Cli, tmp_path: Path) -> None:
    assert cli("demo").returncode == 0
    assert not (tmp_path / "data").exists()


def test_the_reference_case_is_one_violation_with_everything_an_analyst_needs(cli: Cli) -> None:
    done = cli("scan", str(SAMPLES / "claude-code.langfuse.json"), "--format", "jsonl")
    assert done.returncode == 1
    first, second = sorted(lines(done.stdout), key=lambda verdict: str(verdict["trace"]["start"]))
    assert (second["outcome"], second["violations"]) == ("clean", [])
    (violation,) = first["violations"]
    expected = {
        "policy": "sql-injection",
        "title": "SQL Injection Prevention",
        "severity": "high",
        "cwe": ["CWE-89"],
        "developer": "dev@company.com",
        "project": "user-service",
        "branch": "feature/user-lookup",
        "assistant": "claude-code",
        "surface": "applied",
        "language": "python",
        "evidence": 'query = f"SELECT * FROM users WHERE id = {user_id}"',
    }
    assert {key: violation[key].strip() if key == "evidence" else violation[key] for key in expected} == expected
    assert "parameterized" in violation["recommendation"].lower()
    assert violation["path"].endswith("app/users.py")


def test_a_later_turn_that_mends_the_file_corrects_the_violation_and_each_trace_has_one_line(
    cli: Cli, tmp_path: Path
) -> None:
    text = (SAMPLES / "claude-code.langfuse.json").read_text()
    (tmp_path / "mended.json").write_text(text.replace("app/orders.py", "app/users.py"))
    done = cli("scan", "mended.json", "--format", "jsonl")
    assert done.returncode == 0
    verdicts = {verdict["trace"]["name"]: verdict for verdict in lines(done.stdout)}
    assert len(lines(done.stdout)) == len(verdicts) == 2
    (violation,) = verdicts["Claude Code - Turn 1 (8f14e45f)"]["violations"]
    assert (violation["policy"], violation["status"]) == ("sql-injection", "corrected")


def test_every_verdict_fits_the_published_schema(cli: Cli) -> None:
    schema = json.loads(cli("schema", "verdict").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    verdicts = lines(cli("scan", str(SAMPLES), "--format", "jsonl").stdout)
    assert len(verdicts) == 5
    for verdict in verdicts:
        jsonschema.validate(verdict, schema)
    assert jsonschema.Draft202012Validator(schema).is_valid({**verdicts[0], "surprise": 1}) is False


@pytest.mark.parametrize("subject", ["verdict", "report", "policies"])
def test_each_schema_is_a_schema(cli: Cli, subject: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(cli("schema", subject).stdout))


def test_a_second_scan_scans_nothing_and_says_so(cli: Cli) -> None:
    first, second = cli("scan", str(SAMPLES)), cli("scan", str(SAMPLES))
    assert "nothing had to be scanned again" not in first.stdout
    assert "nothing had to be scanned again" in second.stdout
    assert first.returncode == second.returncode == 1
    shown = [run.stdout.partition(" snippets: ")[0] for run in (first, second)]
    assert shown[0] == shown[1]


def test_a_secret_is_nowhere_in_what_is_shown_or_kept(cli: Cli, tmp_path: Path) -> None:
    for form in ("table", "json", "jsonl"):
        done = cli("scan", str(SAMPLES), "--format", form, "--again")
        assert "Tr0ub4dor" not in done.stdout + done.stderr
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert kept
    assert b"Tr0ub4dor" not in kept


def test_the_ledger_keeps_no_code(cli: Cli, tmp_path: Path) -> None:
    cli("scan", str(SAMPLES))
    kept = b"".join(path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file())
    assert b"SELECT * FROM users" in kept  # evidence
    assert b"Return the user's row" not in kept
    assert b"SELECT * FROM orders" not in kept


def test_a_dry_run_leaves_nothing_behind(cli: Cli, tmp_path: Path) -> None:
    assert cli("scan", str(SAMPLES), "--dry-run").returncode == 1
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ((), 1),
        (("--fail-on", "critical"), 0),
        (("--fail-on", "high"), 1),
        (("--fail-on", "never"), 0),
        (("--severity", "critical"), 0),
        (("--policy", "xxe"), 0),
        (("--policy", "sql-injection"), 1),
        (("--until", "2020-01-01"), 0),
        (("--since", "yesterday-ish"), 2),
        (("--policy", "sql-injektion"), 2),
        (("--platform", "langfuze"), 2),
        (("--format", "xml"), 2),
        (("--config", "missing.toml"), 2),
        (("--ledger", "no/such/dir/ledger.db"), 3),
    ],
    ids=str,
)
def test_exit_codes(cli: Cli, arguments: tuple[str, ...], code: int) -> None:
    done = cli("scan", str(SAMPLES / "claude-code.langfuse.json"), *arguments)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    if code >= 2:
        assert len(done.stderr.strip().splitlines()) <= 6


def test_unreadable_lines_are_counted_and_leave_the_run_incomplete(cli: Cli) -> None:
    good = (SAMPLES / "codex.rollout.jsonl").read_text()
    done = cli("scan", "-", "--format", "json", "--fail-on", "never", stdin=good + '{"timestamp": "2026-')
    assert done.returncode == 3
    (gap,) = json.loads(done.stdout)["gaps"]
    assert (gap["reason"], gap["count"]) == ("malformed", 1)


def test_a_missing_path_is_named(cli: Cli) -> None:
    done = cli("scan", "nowhere/at/all.jsonl")
    assert done.returncode in {2, 3}
    assert "nowhere/at/all.jsonl" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_policy_file_names_file_line_and_keys(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "acme.yaml").write_text("pack: acme\npolicies:\n  - id: x\n    titel: X\n")
    (tmp_path / "tracevet.toml").write_text('[policies]\nfiles = ["acme.yaml"]\n')
    for arguments in (("policies", "check", "acme.yaml"), ("scan", str(SAMPLES))):
        done = cli(*arguments)
        assert done.returncode == 2
        assert "acme.yaml:4" in done.stderr
        assert "title" in done.stderr


def test_a_policy_is_regraded_narrowed_and_switched_off(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "tracevet.toml").write_text(
        '[policies.sql-injection]\nseverity = "critical"\n[policies.tls-verification]\nmode = "off"\n'
        '[policies.weak-crypto]\nsurfaces = ["applied"]\n'
    )
    verdicts = lines(cli("scan", str(SAMPLES), "--format", "jsonl").stdout)
    found = {(violation["policy"], violation["severity"]) for v in verdicts for violation in v["violations"]}
    assert ("sql-injection", "critical") in found
    assert {policy for policy, _ in found}.isdisjoint({"tls-verification", "weak-crypto"})


def test_a_named_plugin_is_required(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "tracevet.toml").write_text("[detectors.bandt]\n")
    done = cli("scan", str(SAMPLES))
    assert done.returncode == 2
    assert "bandt" in done.stderr
    assert "bandit" in done.stderr


def test_a_detectors_options_come_from_the_configuration(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "tracevet.toml").write_text('[detectors.bandit]\nskip = ["B608"]\n')
    done = cli("scan", str(SAMPLES / "claude-code.langfuse.json"), "--policy", "sql-injection", "--format", "jsonl")
    assert not [v for verdict in lines(done.stdout) for v in verdict["violations"] if v["detector"] == "bandit"]
    (tmp_path / "tracevet.toml").write_text('[detectors.bandit]\nskipp = ["B608"]\n')
    done = cli("scan", str(SAMPLES))
    assert done.returncode == 2
    assert "skip" in done.stderr


def test_a_trace_cannot_drive_the_terminal(cli: Cli, tmp_path: Path) -> None:
    rows = json.loads((SAMPLES / "claude-code.langfuse.json").read_text())
    hostile = "\x1b]0;owned\x07\u202e\x1b[2J [bold]x[/bold]"
    for row in rows:
        row["userId"] = hostile
        row["input"] = row["input"].replace("WHERE id", "WHERE " + json.dumps(hostile)[1:-1].replace("\\", "\\\\"))
    (tmp_path / "hostile.json").write_text(json.dumps(rows))
    done = cli("scan", "hostile.json")
    assert "SQL Injection" in done.stdout
    assert not set("\x1b\x07\u202e") & set(done.stdout + done.stderr)
    assert "[bold]x[/bold]" in done.stdout


def test_plugins_lists_what_is_loaded_and_the_doctor_finds_it_well(cli: Cli) -> None:
    listed = json.loads(cli("plugins", "--json").stdout)
    assert listed["broken"] == []
    assert {("platform", "local"), ("detector", "bandit"), ("reporter", "table"), ("extractor", "standard")} <= {
        (plugin["kind"], plugin["name"]) for plugin in listed["plugins"]
    }
    assert "bandit" in cli("plugins").stdout
    doctor = cli("plugins", "doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert re.search(r"^ok +detector bandit", doctor.stdout, re.M)


def test_policies_are_listed_and_shown(cli: Cli) -> None:
    assert "sql-injection" in cli("policies", "list").stdout
    shown = json.loads(cli("policies", "show", "sql-injection", "--json").stdout)
    assert shown["severity"] == "high"
    assert cli("policies", "show", "nothing").returncode == 2


def test_the_ledger_shows_prunes_and_exports(cli: Cli, tmp_path: Path) -> None:
    cli("scan", str(SAMPLES))
    stats = json.loads(cli("ledger", "--json").stdout)
    assert stats["verdicts"] == 5
    assert str(tmp_path) in stats["location"]
    assert len(lines(cli("ledger", "export").stdout)) == 5
    assert "nothing" in cli("ledger", "prune", "--older-than", "1d").stdout
    assert "5 verdicts" in cli("ledger", "prune", "--older-than", "2099-01-01").stdout
    assert cli("ledger", "export").stdout == ""


def test_help_imports_no_engine_no_database_and_no_sdk() -> None:
    code = (
        "import sys\nfrom tracevet.cli import main\nsys.argv = ['tracevet', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'sqlalchemy', 'alembic', 'pydantic', 'bandit', 'pebble', 'markdown_it', 'pyarrow'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_loading_the_plugins_imports_no_engine_and_no_sdk() -> None:
    code = (
        "import sys\nfrom tracevet.registry import Registry\nassert len(Registry.load().detectors) >= 5\n"
        "heavy = {'bandit', 'langfuse', 'httpx', 're2', 'ast_grep_py', 'phonenumbers', 'stdnum', 'pyarrow', 'pebble'}\n"
        "sys.exit(' '.join(heavy & set(sys.modules)) or 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_reader_that_goes_away_is_no_error(cli: Cli) -> None:
    command = f"{sys.executable} -m tracevet demo --format jsonl | head -c 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "Traceback" not in done.stderr


@pytest.mark.postgresql
def test_a_team_ledger_on_a_server_serves_the_same(cli: Cli, postgresql: str) -> None:
    first = cli("scan", str(SAMPLES), "--ledger", postgresql, "--format", "jsonl")
    second = cli("scan", str(SAMPLES), "--ledger", postgresql, "--format", "jsonl")
    assert (first.returncode, first.stdout) == (1, second.stdout)
    assert "nothing had to be scanned again" in second.stderr
    assert len(lines(cli("ledger", "export", "--ledger", postgresql).stdout)) == 5


def test_where_a_secret_stands_decides_the_policy(cli: Cli, tmp_path: Path) -> None:
    token = "ghp_" + "aB3dE5gH7jK9mN1pQ3sT5vW7xY9zA2cD4fG6"
    rows = json.loads((SAMPLES / "claude-code.langfuse.json").read_text())
    for row in rows:
        if row["type"] != "TOOL":
            row["input"] = row["input"].replace("Write a function", f"My token is {token}. Write a function")
    (tmp_path / "prompt.json").write_text(json.dumps(rows))
    (tmp_path / "code.json").write_text(
        (SAMPLES / "cursor.langsmith.json").read_text().replace("Tr0ub4dor-and-3", token)
    )
    for name, policy, surface in (("prompt", "secret-exposure", "prompt"), ("code", "hardcoded-secrets", "applied")):
        done = cli("scan", f"{name}.json", "--policy", policy, "--format", "jsonl")
        (violation,) = [violation for verdict in lines(done.stdout) for violation in verdict["violations"]]
        assert (violation["policy"], violation["surface"]) == (policy, surface)
        assert token not in done.stdout + done.stderr
