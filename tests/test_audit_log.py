"""The audit log: only ever added to, one chain whoever writes, and any change of it shows."""

import json
import subprocess
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from ledger_parts import START, Clock
from sqlalchemy import text

from tracevet.ledger import Ledger
from tracevet.ledger.audit import START as NOTHING
from tracevet.ledger.audit import Action, Event


def event(subject: str, **changes: object) -> Event:
    return Event.model_validate({"action": Action.SUPPRESS, "subject": subject, "actor": "kim", **changes})


def filled(url: str, count: int = 4) -> str:
    """Note some events, and give the head."""
    with Ledger.open(url, clock=Clock()) as ledger:
        for number in range(count):
            ledger.audit.note(event(f"f{number}", reason="a test fixture", details={"policy": "xss", "n": number}))
        return ledger.audit.verify().head


def spoil(url: str, statement: str) -> None:
    with Ledger.open(url) as ledger, ledger._database.writing() as connection:
        connection.execute(text(statement))


def test_what_was_noted_is_read_back_in_order(ledger_url: str) -> None:
    filled(ledger_url)
    with Ledger.open(ledger_url, write=False) as ledger:
        entries = list(ledger.audit.entries())
        assert [(entry.number, entry.subject, entry.details["n"]) for entry in entries] == [
            (1, "f0", 0),
            (2, "f1", 1),
            (3, "f2", 2),
            (4, "f3", 3),
        ]
        assert entries[0].previous == NOTHING
        assert {entry.at for entry in entries} == {START}
        assert ledger.audit.last(2) == entries[2:]
        assert ledger.audit.verify().broken is None


def test_an_empty_log_is_whole(ledger_url: str) -> None:
    with Ledger.open(ledger_url) as ledger:
        assert ledger.audit.verify(NOTHING).broken is None


def test_hostile_texts_break_no_chain(ledger_url: str) -> None:
    with Ledger.open(ledger_url) as ledger:
        ledger.audit.note(event("a\x00b\ud800", reason="'; DROP TABLE audit;--", details={"k": "\ud800\u202e"}))
        ledger.audit.note(event("x" * 100_000))
        assert ledger.audit.verify().entries == 2
        assert ledger.audit.verify().broken is None


@pytest.mark.parametrize(
    ("statement", "number", "problem"),
    [
        ("UPDATE audit SET reason = 'because' WHERE number = 2", 2, "was changed"),
        ("UPDATE audit SET actor = 'lee' WHERE number = 4", 4, "was changed"),
        ("UPDATE audit SET details = '{}' WHERE number = 1", 1, "was changed"),
        ("UPDATE audit SET at = '2020-01-01 00:00:00' WHERE number = 3", 3, "was changed"),
        ("DELETE FROM audit WHERE number = 2", 3, "entry 2 is missing"),
        ("DELETE FROM audit WHERE number = 1", 2, "entry 1 is missing"),
        (f"UPDATE audit SET previous = '{'1' * 64}' WHERE number = 3", 3, "does not follow"),
        ("UPDATE audit SET number = number + 1 WHERE number = 4", 5, "entry 4 is missing"),
    ],
)
def test_any_change_shows(ledger_url: str, statement: str, number: int, problem: str) -> None:
    filled(ledger_url)
    spoil(ledger_url, statement)
    with Ledger.open(ledger_url, write=False) as ledger:
        found = ledger.audit.verify()
    assert found.broken == number
    assert problem in found.problem


def test_a_log_that_lost_its_end_shows_by_the_head_that_was_noted(ledger_url: str) -> None:
    head = filled(ledger_url)
    spoil(ledger_url, "DELETE FROM audit WHERE number > 2")
    with Ledger.open(ledger_url, write=False) as ledger:
        assert ledger.audit.verify().broken is None
        assert "taken off" in ledger.audit.verify(head).problem


def test_a_head_noted_before_stands_in_a_log_that_grew(ledger_url: str) -> None:
    head = filled(ledger_url)
    with Ledger.open(ledger_url) as ledger:
        ledger.audit.note(event("later"))
        assert ledger.audit.verify(head).broken is None


def test_pruning_takes_no_entry(ledger_url: str) -> None:
    filled(ledger_url)
    with Ledger.open(ledger_url, clock=Clock(START + timedelta(days=900))) as ledger:
        ledger.prune(START + timedelta(days=800))
        assert [entry.action for entry in ledger.audit.entries()][:4] == [Action.SUPPRESS] * 4
        assert ledger.audit.verify().broken is None


def test_pages_are_joined_without_a_seam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracevet.ledger.audit.PAGE", 3)
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        ledger.audit.note(*(event(str(number)) for number in range(9)))
        assert [entry.subject for entry in ledger.audit.entries()] == [str(number) for number in range(9)]


def test_the_verbs_show_check_and_export(cli: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    url = str(tmp_path / "ledger.db")
    head = filled(url)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return cli("audit", *words, "--ledger", url)

    assert "kim: suppress f3 - a test fixture" in run().stdout
    assert run("verify", "--head", head).stdout == f"4 entries, unbroken; head {head}\n"
    absent = cli("audit", "verify", "--ledger", str(tmp_path / "absent.db"))
    assert (absent.returncode, absent.stdout) == (3, "")
    assert "nothing was verified" in absent.stderr
    lines = run("export", "--since", "2025-01-01").stdout.splitlines()
    assert [json.loads(line)["number"] for line in lines] == [1, 2, 3, 4]
    spoil(url, "DELETE FROM audit WHERE number = 2")
    broken = run("verify")
    assert broken.returncode == 1
    assert "broken at entry 3: entry 2 is missing" in broken.stdout
