"""Suppressing at the command line and in a file: scans obey it, lists show it, and nothing holds for ever."""

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ledger_parts import START, entry, verdict, violation

import tracevet
from tracevet.ledger import Ledger
from tracevet.model import Decision, Review

Cli = Callable[..., subprocess.CompletedProcess[str]]

SAMPLE = Path(tracevet.__file__).parent / "samples" / "claude-code.langfuse.json"
TODAY = datetime.now(UTC).date()
FILE = "tracevet-suppressions.toml"
WHY = ("--reason", "a fixture", "--owner", "kim")
ABOUT = ("--policy", "sql-injection", "--path", "app/**")


def scan(cli: Cli, *options: str) -> subprocess.CompletedProcess[str]:
    return cli("scan", str(SAMPLE), "--format", "jsonl", "--ledger", "ledger.db", *options)


def test_a_suppressed_violation_is_shown_and_counts_no_more_until_it_is_removed(cli: Cli) -> None:
    first = scan(cli)
    [found] = [one for line in first.stdout.splitlines() for one in json.loads(line)["violations"]]
    done = cli("suppress", found["fingerprint"], *WHY, "--expires", "30d", "--ledger", "ledger.db")
    assert done.stdout.endswith("1 verdicts changed\n"), done.stderr
    second = scan(cli)
    assert (first.returncode, second.returncode) == (1, 0)
    [held] = [one for line in second.stdout.splitlines() for one in json.loads(line)["violations"]]
    until = TODAY + timedelta(days=30)
    assert (held["status"], held["because"]) == ("suppressed", f"a fixture (until {until})")
    name = done.stdout[:12]
    assert cli("suppressions", "remove", name, "--ledger", "ledger.db").returncode == 0
    assert scan(cli).returncode == 1
    assert "unsuppress" in cli("audit", "--ledger", "ledger.db").stdout


def test_a_file_beside_the_configuration_is_obeyed_reviewed_and_edited(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("# ours\n")
    made = cli("suppress", *ABOUT, *WHY, "--expires", str(TODAY + timedelta(days=9)), "--file", FILE)
    assert made.returncode == 0, made.stderr
    assert (tmp_path / FILE).read_text().startswith("# ours\n")
    assert scan(cli, "--dry-run").returncode == 0
    assert scan(cli).returncode == 0
    [row] = json.loads(cli("suppressions", "--json", "--ledger", "ledger.db").stdout)
    assert (row["path"], row["violations"], row["used"]) == ("app/**", 1, True)
    refused = cli("suppressions", "remove", row["id"], "--ledger", "ledger.db")
    assert (refused.returncode, "take it out there, as with --file" in refused.stderr) == (2, True)
    assert cli("suppressions", "remove", row["id"], "--file", FILE).returncode == 0
    assert scan(cli, "--dry-run").returncode == 1
    assert scan(cli).returncode == 1


def test_an_expired_entry_reports_again_and_says_since_when(cli: Cli, tmp_path: Path) -> None:
    lines = ["[[suppress]]", 'policy = "sql-injection"', 'path = "app/**"', 'reason = "a"', 'owner = "kim"']
    (tmp_path / FILE).write_text("\n".join([*lines, "expires = 2025-01-31"]))
    done = scan(cli)
    assert done.returncode == 1
    assert "(policy sql-injection in app/**) came to its end on 2025-01-31: it reports again" in done.stderr
    assert "expired since 2025-01-31" in cli("suppressions", "--ledger", "ledger.db").stdout


def test_a_file_that_is_gone_holds_nothing_back_and_a_wrong_one_is_told(cli: Cli, tmp_path: Path) -> None:
    cli("suppress", *ABOUT, *WHY, "--expires", "9d", "--file", FILE)
    assert scan(cli).returncode == 0
    (tmp_path / FILE).unlink()
    assert scan(cli).returncode == 1
    (tmp_path / FILE).write_text("[[suppress]]\nreason = 'x'\n")
    wrong = scan(cli)
    assert (wrong.returncode, f"{FILE}:1: [[suppress]]: the key 'owner' is missing" in wrong.stderr) == (2, True)
    (tmp_path / "tracevet.toml").write_text("[suppressions]\nfiles = ['nowhere.toml']\n")
    assert "nowhere.toml: can't be read" in scan(cli).stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("ab" * 16, *WHY), "--expires is missing"),
        (("ab" * 16, *WHY, "--expires", "400d"), "more than a year ahead"),
        (("ab" * 16, *WHY, "--expires", "2020-01-01"), "is over"),
        (("ab" * 16, *WHY, "--expires", "soon"), "neither a date"),
        (("ab" * 16, "--owner", "kim", "--expires", "9d"), "--reason is missing"),
        (("ab" * 16, "--reason", "x", "--expires", "9d"), "--owner is missing"),
        (("ab", *WHY, "--expires", "9d"), "32 hexadecimal digits"),
        ((*ABOUT[:2], *WHY, "--expires", "9d"), "either a fingerprint, or a policy and a path"),
        (("--policy", "no-such", *ABOUT[2:], *WHY, "--expires", "9d"), "no policy named 'no-such' is on"),
    ],
)
def test_what_would_hold_for_ever_or_nobody_answers_for_is_refused(cli: Cli, words: tuple[str, ...], told: str) -> None:
    done = cli("suppress", *words, "--ledger", "ledger.db")
    assert (done.returncode, told in done.stderr) == (2, True), done.stderr


def test_reviews_propose_entries_and_a_rule_judged_false_too_often_is_named(cli: Cli, tmp_path: Path) -> None:
    marks = [f"{number:032x}" for number in range(6)]
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        ledger.commit([entry(verdict(f"t{n}", violation(mark))) for n, mark in enumerate(marks)])
        kinds = [Decision.FALSE_POSITIVE] * 4 + [Decision.CONFIRMED, Decision.ACCEPTED_RISK]
        odd = 'x"\n[[suppress]]\x1b[31m\u202e'
        said = [
            Review(id=f"r{n}", trace=f"t{n}", decision=kind, at=START, author=odd, comment=odd)
            for n, kind in enumerate(kinds)
        ]
        ledger.reviews.keep("langfuse", said)
    proposed = cli("suppressions", "propose", "--ledger", "ledger.db").stdout
    (tmp_path / FILE).write_text(proposed)
    assert "\x1b" not in proposed
    listed = json.loads(cli("suppressions", "--json", "--ledger", "ledger.db").stdout)
    assert {one["fingerprint"] for one in listed} == {marks[n] for n in (0, 1, 2, 3, 5)}
    assert cli("suppressions", "propose", "--ledger", "ledger.db").stdout == ""
    shares = cli("ledger", "reviews", "--by-rule", "--ledger", "ledger.db").stdout
    assert "bandit:B608: 67% false; 4 of 6 judged false, 1 accepted, 1 confirmed  above 50%" in shares
    [row] = json.loads(cli("ledger", "reviews", "--by-rule", "--json", "--ledger", "ledger.db").stdout)
    assert (row["rule"], row["noisy"]) == ("bandit:B608", True)
