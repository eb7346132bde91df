"""Each decision is noted where it is made, by whoever made it; several writers keep one chain."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ledger_parts import DAY, START, Clock, entry, verdict, violation

from tracevet.ledger import Ledger
from tracevet.ledger.audit import Action, who
from tracevet.model import Decision, Review

NOTE = """
import sys
from tracevet.ledger import Ledger
from tracevet.ledger.audit import Action, Event
with Ledger.open(sys.argv[1]) as ledger:
    sys.stdout.write("ready\\n")
    sys.stdout.flush()
    sys.stdin.readline()
    for number in range(25):
        event = Event(action=Action.ALERT, subject=f"{sys.argv[2]}-{number}", actor=sys.argv[2])
        ledger.audit.note(event, event.model_copy(update={"action": Action.ACKNOWLEDGE}))
"""


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with Ledger.open(ledger_url, clock=Clock()) as opened:
        yield opened


def log(ledger: Ledger) -> list[tuple[Action, str, str, str]]:
    assert ledger.audit.verify().broken is None
    return [(one.action, one.subject, one.reason, one.actor) for one in ledger.audit.entries()]


def test_reviews_and_what_they_retract_are_noted_once_with_who_said_it(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation()))])
    said = Review(id="r1", trace="t1", decision=Decision.FALSE_POSITIVE, at=START, author="ana", comment="ana@x.io")
    ledger.reviews.keep("langfuse", [said])
    ledger.reviews.keep("langfuse", [said])
    assert log(ledger) == [
        (Action.REVIEW, "t1", "false-positive", "ana"),
        (Action.RETRACT, "f1", "false-positive", "ana"),
    ]
    ledger.reviews.withdraw_others("langfuse", [])
    assert log(ledger)[2:] == [
        (Action.REVIEW, "r1", "withdrawn", "unknown"),
        (Action.RETRACT, "f1", "every judgement was withdrawn", "unknown"),
    ]
    assert not any("ana@x.io" in one.model_dump_json() for one in ledger.audit.entries())


def test_a_confirmation_retracts_nothing(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation()))])
    ledger.reviews.keep("langfuse", [Review(id="r1", trace="t1", decision=Decision.CONFIRMED, at=START)])
    assert log(ledger) == [(Action.REVIEW, "t1", "confirmed", "unknown")]


def test_other_policies_are_noted_once(ledger: Ledger) -> None:
    for digests in ({"xss": "1", "sql": "1"}, {"sql": "1", "xss": "1"}, {"xss": "2", "weak": "1"}):
        ledger.note_policies(digests)
    first, second = ledger.audit.entries()
    assert (first.action, first.details) == (Action.POLICIES, {"added": ["sql", "xss"]})
    assert second.details == {"added": ["weak"], "removed": ["sql"], "changed": ["xss"]}


def test_a_scan_notes_the_policies_that_it_begins_with(
    cli: Callable[..., subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    (tmp_path / "traces").mkdir()
    url = str(tmp_path / "ledger.db")
    cli("scan", "traces", "--ledger", url)
    cli("scan", "traces", "--ledger", url)
    (tmp_path / "tracevet.toml").write_text("[policies.sql-injection]\nseverity = 'low'\n")
    cli("scan", "traces", "--ledger", url, "--dry-run")
    cli("scan", "traces", "--ledger", url)
    with Ledger.open(url, write=False) as ledger:
        first, second = ledger.audit.entries()
    assert (first.action, first.actor) == (Action.POLICIES, who())
    assert (second.action, second.details) == (Action.POLICIES, {"changed": ["sql-injection"]})


def test_pruning_is_noted_with_who_did_it(ledger: Ledger) -> None:
    ledger.prune(START - DAY)
    assert log(ledger) == [(Action.PRUNE, "what was last used before 2025-05-31 12:00", "", who())]


def test_processes_that_note_at_once_make_one_unbroken_chain(ledger_url: str) -> None:
    Ledger.open(ledger_url).close()
    names = ("a", "b", "c")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    started = [subprocess.Popen([sys.executable, "-c", NOTE, ledger_url, name], **pipes) for name in names]  # type: ignore[call-overload]  # the options of all
    try:
        assert [one.stdout.readline() for one in started] == ["ready\n"] * len(names)
        for one in started:
            one.stdin.write("\n")
            one.stdin.flush()
        assert [one.wait(timeout=120) for one in started] == [0] * len(names)
    finally:
        for one in started:
            one.kill()
            one.communicate()
    with Ledger.open(ledger_url, write=False) as ledger:
        result = ledger.audit.verify()
        assert (result.entries, result.broken) == (150, None)
        subjects = [one.subject for one in ledger.audit.entries()]
    assert sorted(set(subjects)) == sorted(f"{name}-{number}" for name in names for number in range(25))
    assert subjects[::2] == subjects[1::2]
