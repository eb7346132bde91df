"""A suppression holds back what it is about, in every verdict, until its day; then it reports again."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from ledger_parts import DAY, START, Clock, entry, verdict, violation

from tracevet.ledger import Ledger
from tracevet.ledger.audit import Action
from tracevet.model import Decision, Outcome, Receipt, Review, Status, Verdict
from tracevet.policy import Suppression, SuppressionFile
from tracevet.session import restate

MARK, OTHER = "ab" * 16, "cd" * 16
SOON = START.date() + timedelta(days=10)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(ledger_url: str, clock: Clock) -> Iterator[Ledger]:
    with Ledger.open(ledger_url, clock=clock) as opened:
        yield opened


def suppression(**changes: Any) -> Suppression:
    plain: dict[str, Any] = {"reason": "a fixture", "owner": "kim", "expires": SOON}
    about = {"policy": "sql-injection", "path": "*.py"} if "path" in changes else {"fingerprint": MARK}
    return Suppression.model_validate({**plain, **about, **changes})


def file(*found: Suppression, name: str = "shop") -> SuppressionFile:
    return SuppressionFile(name=name, suppress=found)


def statuses(ledger: Ledger) -> dict[str, list[Status]]:
    return {v.trace.id: [one.status for one in v.violations] for v in ledger.verdicts()}


def deliver(ledger: Ledger) -> list[Verdict]:
    items = ledger.pending("langfuse", 1000)
    ledger.settle([(item, Receipt(verdict=item.verdict.id)) for item in items])
    return [item.verdict for item in items]


def actions(ledger: Ledger) -> list[tuple[Action, str]]:
    assert ledger.audit.verify().broken is None
    return [(one.action, one.actor) for one in ledger.audit.entries()]


@pytest.mark.parametrize("about", [{}, {"path": "*.py"}], ids=["fingerprint", "policy"])
def test_it_holds_back_what_is_stored_and_what_comes_and_reports_again_on_its_day(
    ledger: Ledger, clock: Clock, about: dict[str, Any]
) -> None:
    ledger.commit([entry(verdict("t1", violation(MARK)))])
    deliver(ledger)
    assert ledger.suppressions.add(suppression(**about), actor="kim") == 1
    [written] = deliver(ledger)
    assert (written.outcome, written.violations[0].status) == (Outcome.CLEAN, Status.SUPPRESSED)
    assert written.violations[0].because == f"a fixture (until {SOON})"
    [new] = ledger.commit([entry(verdict("t2", violation(MARK)))])
    [(_, known)] = ledger.known("langfuse", ["t2"], "s1").values()
    assert new == known == ledger.judged([verdict("t2", violation(MARK, first_seen=START))])[0]
    deliver(ledger)
    clock.now += 20 * DAY
    assert ledger.suppressions.settle() == 2
    assert {one.trace.id: one.outcome for one in deliver(ledger)} == dict.fromkeys(("t1", "t2"), Outcome.VIOLATIONS)
    [kept] = ledger.suppressions.all()
    assert (kept.expired, kept.violations) == (kept.suppression.end, 0)
    assert ledger.suppressions.settle() == 0
    assert actions(ledger) == [(Action.SUPPRESS, "kim"), (Action.EXPIRE, "tracevet")]


def test_a_commit_after_its_day_needs_nobody_to_end_it(ledger: Ledger, clock: Clock) -> None:
    ledger.suppressions.add(suppression())
    clock.now += 20 * DAY
    [new] = ledger.commit([entry(verdict("t1", violation(MARK)))])
    assert new.violations[0].status is Status.OPEN


def test_a_clock_that_goes_back_brings_no_expired_one_back(ledger: Ledger, clock: Clock) -> None:
    ledger.suppressions.add(suppression())
    clock.now += 20 * DAY
    ledger.suppressions.settle()
    clock.now = START
    ledger.commit([entry(verdict("t1", violation(MARK)))])
    ledger.suppressions.settle()
    assert statuses(ledger) == {"t1": [Status.OPEN]}


def test_a_removed_one_reports_again(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation(MARK), violation(OTHER)))])
    ledger.suppressions.add(suppression())
    assert statuses(ledger) == {"t1": [Status.SUPPRESSED, Status.OPEN]}
    assert ledger.suppressions.remove(suppression().id, actor="lee")
    assert statuses(ledger) == {"t1": [Status.OPEN, Status.OPEN]}
    assert ledger.suppressions.all() == []
    assert not ledger.suppressions.remove(suppression().id)
    assert actions(ledger)[-1] == (Action.UNSUPPRESS, "lee")


def test_a_file_holds_what_it_says_now_and_no_more(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation(MARK), violation(OTHER)))])
    both = (suppression(), suppression(fingerprint=OTHER))
    assert ledger.suppressions.take(file(*both), actor="kim") == 1
    assert ledger.suppressions.take(file(*both), actor="kim") == 0
    assert statuses(ledger) == {"t1": [Status.SUPPRESSED] * 2}
    ledger.suppressions.take(file(both[1]), actor="kim")
    assert statuses(ledger) == {"t1": [Status.OPEN, Status.SUPPRESSED]}
    ledger.suppressions.take(file(name="another"), actor="kim")
    assert statuses(ledger) == {"t1": [Status.OPEN, Status.SUPPRESSED]}
    ledger.suppressions.take(file(), actor="kim")
    assert statuses(ledger) == {"t1": [Status.OPEN] * 2}
    said = [Action.SUPPRESS, Action.SUPPRESS, Action.UNSUPPRESS, Action.UNSUPPRESS]
    assert actions(ledger) == [(each, "kim") for each in said]


def test_one_of_two_on_one_matter_is_enough(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation(MARK)))])
    ledger.suppressions.add(suppression())
    ledger.suppressions.take(file(suppression(reason="reviewed")))
    ledger.suppressions.take(file())
    assert statuses(ledger) == {"t1": [Status.SUPPRESSED]}
    ledger.suppressions.remove(suppression().id)
    assert statuses(ledger) == {"t1": [Status.OPEN]}


def test_a_longer_end_brings_an_expired_one_back(ledger: Ledger, clock: Clock) -> None:
    ledger.commit([entry(verdict("t1", violation(MARK)))])
    ledger.suppressions.take(file(suppression()))
    clock.now += 20 * DAY
    ledger.suppressions.take(file(suppression()))
    assert [one.id for one in ledger.suppressions.expired()] == [suppression().id]
    ledger.suppressions.take(file(suppression(expires=SOON + timedelta(days=60))))
    assert statuses(ledger) == {"t1": [Status.SUPPRESSED]}
    assert ledger.suppressions.expired() == []


def test_reviews_corrections_and_suppressions_come_to_the_same_in_any_order(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation(MARK)))])
    ledger.suppressions.add(suppression())
    said = Review(id="r1", trace="t1", decision=Decision.FALSE_POSITIVE, at=START, author="ana")
    ledger.reviews.keep("langfuse", [said])
    assert statuses(ledger) == {"t1": [Status.RETRACTED]}
    ledger.suppressions.remove(suppression().id)
    assert statuses(ledger) == {"t1": [Status.RETRACTED]}
    ledger.suppressions.add(suppression())
    ledger.reviews.withdraw_others("langfuse", [])
    assert statuses(ledger) == {"t1": [Status.SUPPRESSED]}
    for status, shown in ((Status.CORRECTED, Status.CORRECTED), (Status.OPEN, Status.SUPPRESSED)):
        [found] = ledger.stored("langfuse", ["t1"]).values()
        ledger.commit([entry(restate(found.verdict, {MARK: status}))])
        assert statuses(ledger) == {"t1": [shown]}


def test_a_killed_process_leaves_nothing_half_suppressed(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.commit([entry(verdict(f"t{n}", violation(MARK))) for n in range(450)])
    with monkeypatch.context() as killed:
        killed.setattr(ledger.suppressions, "settle", lambda: 0)
        ledger.suppressions.add(suppression())
    assert {status for [status] in statuses(ledger).values()} == {Status.OPEN}
    assert ledger.suppressions.settle() == 450
    assert {status for [status] in statuses(ledger).values()} == {Status.SUPPRESSED}
    assert ledger.suppressions.settle() == 0
    [kept] = ledger.suppressions.all()
    assert kept.violations == 450


def test_unused_ones_are_told_apart(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation(MARK)))])
    for each in (suppression(), suppression(fingerprint=OTHER), suppression(path="docs/**")):
        ledger.suppressions.add(each)
    assert {one.suppression.about(): one.violations for one in ledger.suppressions.all()} == {
        f"fingerprint {MARK}": 1,
        f"fingerprint {OTHER}": 0,
        "policy sql-injection in docs/**": 0,
    }


def test_what_was_never_to_be_written_is_not_written_for_a_suppression(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation(MARK)), write=False)])
    ledger.suppressions.add(suppression())
    assert deliver(ledger) == []


def test_a_ledger_that_is_only_read_judges_by_the_file_at_hand(ledger: Ledger, ledger_url: str, clock: Clock) -> None:
    ledger.commit([entry(verdict("t1", violation(MARK)))])
    ledger.suppressions.take(file(suppression()))
    with Ledger.open(ledger_url, write=False, clock=clock) as reader:
        said = verdict("t2", violation(MARK), violation(OTHER))
        reader.suppressions.take(file(suppression(fingerprint=OTHER)))
        reader.note_policies({"xss": "1"})
        [foreseen] = reader.judged([said])
        assert [one.status for one in foreseen.violations] == [Status.OPEN, Status.SUPPRESSED]
        assert [one.suppression.fingerprint for one in reader.suppressions.all()] == [OTHER]
        reader.suppressions.take(file(suppression(expires=date(2025, 6, 1))))
        assert len(reader.suppressions.expired()) == 1
        clock.now += 20 * DAY
        assert reader.suppressions.settle() == 0
        assert reader.judged(list(reader.verdicts()))[0].violations[0].status is Status.OPEN
    assert statuses(ledger) == {"t1": [Status.SUPPRESSED]}


def test_rejected_fingerprints_are_proposed_until_they_are_suppressed(ledger: Ledger) -> None:
    ledger.commit([entry(verdict(f"t{n}", violation(mark))) for n, mark in enumerate((MARK, OTHER, "ef" * 16))])
    kinds = (Decision.FALSE_POSITIVE, Decision.ACCEPTED_RISK, Decision.CONFIRMED)
    said = [
        Review(id=f"r{n}", trace=f"t{n}", decision=kind, at=START + n * DAY, author="ana", comment="why")
        for n, kind in enumerate(kinds)
    ]
    ledger.reviews.keep("langfuse", said)
    found = ledger.opinions.proposals()
    assert [(one.violation.fingerprint, one.author, one.decision) for one in found] == [
        (OTHER, "ana", Decision.ACCEPTED_RISK),
        (MARK, "ana", Decision.FALSE_POSITIVE),
    ]
    ledger.suppressions.add(suppression())
    assert [one.violation.fingerprint for one in ledger.opinions.proposals()] == [OTHER]
    [share] = ledger.opinions.by_rule()
    assert (share.rule, share.judged, share.false, share.accepted, share.confirmed) == ("bandit:B608", 3, 1, 1, 1)
