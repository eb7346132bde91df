"""What people say is kept for ever, and every verdict shows it: in whatever order reviews, verdicts and edits come."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from ledger_parts import DAY, START, Clock, entry, verdict, violation

from tracevet.ledger import Judgement, Ledger, OutboxCounts
from tracevet.model import Decision, Outcome, Receipt, Review, Severity, Status, Verdict
from tracevet.session import restate

FALSE, RISK, CONFIRMED = Decision.FALSE_POSITIVE, Decision.ACCEPTED_RISK, Decision.CONFIRMED


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(ledger_url: str, clock: Clock) -> Iterator[Ledger]:
    with Ledger.open(ledger_url, clock=clock) as opened:
        yield opened


def review(id_: str = "r1", trace: str = "t1", decision: Decision = FALSE, minute: int = 0, **more: object) -> Review:
    at = START + timedelta(minutes=minute)
    return Review.model_validate({"id": id_, "trace": trace, "decision": decision, "at": at, **more})


def statuses(ledger: Ledger) -> dict[str, list[tuple[str, Status]]]:
    return {v.trace.id: [(one.fingerprint, one.status) for one in v.violations] for v in ledger.verdicts()}


def deliver(ledger: Ledger) -> list[Verdict]:
    """Write all that is due, and give it."""
    items = [item for platform in ("langfuse", "langsmith") for item in ledger.pending(platform, 1000)]
    ledger.settle([(item, Receipt(verdict=item.verdict.id)) for item in items])
    return [item.verdict for item in items]


@pytest.mark.parametrize("decision", [FALSE, RISK])
def test_a_rejected_violation_counts_no_more_wherever_its_code_stands(ledger: Ledger, decision: Decision) -> None:
    ledger.commit([entry(verdict(trace, violation("f1"), violation("f2"))) for trace in ("t1", "t2")])
    deliver(ledger)
    ledger.commit([entry(verdict("t3", violation("f3")))])
    deliver(ledger)
    assert ledger.reviews.keep("langfuse", [review(decision=decision)]) == 1
    retracted = [("f1", Status.RETRACTED), ("f2", Status.RETRACTED)]
    assert statuses(ledger) == {"t1": retracted, "t2": retracted, "t3": [("f3", Status.OPEN)]}
    written = deliver(ledger)
    assert [(one.trace.id, one.outcome, one.severity) for one in written] == [
        ("t1", Outcome.CLEAN, None),
        ("t2", Outcome.CLEAN, None),
    ]


@pytest.mark.parametrize(
    ("narrowed", "gone"),
    [
        ({"span": "s1"}, {"f1"}),
        ({"policy": "xss"}, {"f2"}),
        ({"span": "s1", "policy": "xss"}, set()),
        ({}, {"f1", "f2"}),
    ],
    ids=["span", "policy", "both", "neither"],
)
def test_a_review_is_about_what_it_names(ledger: Ledger, narrowed: dict[str, Any], gone: set[str]) -> None:
    [place] = violation().places
    other = violation(
        "f2", policy="xss", severity=Severity.LOW, span_id="s2", places=(place.model_copy(update={"span": "s2"}),)
    )
    ledger.commit([entry(verdict("t1", violation("f1"), other))])
    ledger.reviews.keep("langfuse", [review(**narrowed)])
    [stored] = ledger.verdicts()
    assert {one.fingerprint for one in stored.violations if one.status is Status.RETRACTED} == gone
    standing = [one.severity for one in stored.violations if one.status is Status.OPEN]
    assert stored.severity == max(standing, key=lambda one: one.rank, default=None)


def test_it_stays_retracted_under_every_setup_platform_and_run(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation()))])
    ledger.reviews.keep("langfuse", [review()])
    elsewhere = verdict("x1", violation(), id="elsewhere")
    elsewhere = elsewhere.model_copy(update={"trace": elsewhere.trace.model_copy(update={"platform": "local"})})
    [again, other] = ledger.commit([entry(verdict("t1", violation()), setup="s2"), entry(elsewhere, write=False)])
    assert [one.violations[0].status for one in (again, other)] == [Status.RETRACTED] * 2
    assert other.outcome is Outcome.CLEAN
    [(_, known)] = ledger.known("local", ["x1"], "s1").values()
    assert known == other


def test_it_stays_retracted_when_the_reviewed_verdict_is_pruned(ledger: Ledger, clock: Clock) -> None:
    ledger.commit([entry(verdict("t1", violation()), write=False)])
    ledger.reviews.keep("langfuse", [review()])
    clock.now += DAY
    assert ledger.prune(clock.now).verdicts == 1
    [stored] = ledger.commit([entry(verdict("t2", violation()))])
    assert stored.violations[0].status is Status.RETRACTED


def test_the_youngest_judgement_counts_in_whatever_order_they_are_read(ledger: Ledger) -> None:
    said = [review("r1", "t1", FALSE, 1), review("r2", "t2", RISK, 2), review("r3", "t3", CONFIRMED, 3)]
    for number, order in enumerate(permutations(said)):
        code = f"f{number}"
        traces = {one.trace: f"{one.trace}-{number}" for one in said}
        ledger.commit([entry(verdict(trace, violation(code))) for trace in traces.values()])
        for one in order:
            changed = {"id": f"{one.id}-{number}", "trace": traces[one.trace]}
            ledger.reviews.keep("langfuse", [one.model_copy(update=changed)])
        assert {status for trace in traces.values() for _, status in statuses(ledger)[trace]} == {Status.OPEN}


def test_a_confirmation_brings_it_back_and_so_does_a_withdrawal(ledger: Ledger) -> None:
    ledger.commit([entry(verdict(trace, violation())) for trace in ("t1", "t2")])
    both = {trace: [("f1", Status.RETRACTED)] for trace in ("t1", "t2")}
    back = {trace: [("f1", Status.OPEN)] for trace in ("t1", "t2")}
    ledger.reviews.keep("langfuse", [review()])
    assert statuses(ledger) == both
    ledger.reviews.keep("langfuse", [review("r2", "t2", CONFIRMED, 1)])
    assert statuses(ledger) == back
    ledger.reviews.keep("langfuse", [review("r2", "t2", RISK, 2)])
    assert statuses(ledger) == both
    assert ledger.reviews.withdraw_others("langsmith", []) == 0
    assert ledger.reviews.withdraw_others("langfuse", ["r1"]) == 1
    assert statuses(ledger) == both
    assert ledger.reviews.withdraw_others("langfuse", []) == 1
    assert statuses(ledger) == back
    assert [one.withdrawn is None for one in ledger.reviews.all()] == [False, False]
    ledger.reviews.keep("langfuse", [review()])
    assert statuses(ledger) == both


def test_a_review_waits_for_its_trace_and_then_judges_the_same_code_elsewhere(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t0", violation()))])
    ledger.reviews.keep("langfuse", [review("r1", "t1")])
    assert statuses(ledger)["t0"] == [("f1", Status.OPEN)]
    [foreseen] = ledger.judged([verdict("t1", violation())])
    [stored] = ledger.commit([entry(verdict("t1", violation()))])
    assert foreseen.violations[0].status is stored.violations[0].status is Status.RETRACTED
    assert statuses(ledger)["t0"] == [("f1", Status.RETRACTED)]


def test_what_comes_into_the_trace_after_the_judgement_is_not_judged_unseen(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation("f1")))])
    ledger.reviews.keep("langfuse", [review()])
    ledger.commit([entry(verdict("t1", violation("f1"), violation("f2")))])
    assert statuses(ledger) == {"t1": [("f1", Status.RETRACTED), ("f2", Status.OPEN)]}
    ledger.reviews.keep("langfuse", [review(minute=1)])
    assert statuses(ledger) == {"t1": [("f1", Status.RETRACTED), ("f2", Status.RETRACTED)]}


def test_the_same_reviews_again_change_nothing(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation()))])
    ledger.reviews.keep("langfuse", [review()])
    deliver(ledger)
    assert ledger.reviews.keep("langfuse", [review(), review()]) == 0
    assert ledger.outbox_counts() == OutboxCounts()


STEPS: dict[str, Callable[[Ledger], object]] = {
    "corrected": lambda ledger: correct(ledger, Status.CORRECTED),
    "rejected": lambda ledger: ledger.reviews.keep("langfuse", [review()]),
    "confirmed": lambda ledger: ledger.reviews.keep("langfuse", [review("r2", "t1", CONFIRMED, 1)]),
}


def correct(ledger: Ledger, status: Status) -> None:
    """Do what a later trace of a session does to an earlier verdict."""
    [found] = ledger.stored("langfuse", ["t1"]).values()
    ledger.commit([entry(restate(found.verdict, {"f1": status}), content=found.content, setup=found.setup)])


@pytest.mark.parametrize("order", list(permutations(STEPS)), ids="-".join)
def test_reviews_and_corrections_come_to_the_same_in_any_order(ledger: Ledger, order: tuple[str, ...]) -> None:
    ledger.commit([entry(verdict("t1", violation()))])
    for step in order:
        STEPS[step](ledger)
    assert statuses(ledger) == {"t1": [("f1", Status.CORRECTED)]}
    correct(ledger, Status.OPEN)
    assert statuses(ledger) == {"t1": [("f1", Status.OPEN)]}
    ledger.reviews.withdraw_others("langfuse", ["r1"])
    assert statuses(ledger) == {"t1": [("f1", Status.RETRACTED)]}
    correct(ledger, Status.CORRECTED)
    assert statuses(ledger) == {"t1": [("f1", Status.RETRACTED)]}
    [stored] = ledger.verdicts()
    assert (stored.outcome, stored.severity) == (Outcome.CLEAN, None)


def test_what_was_never_to_be_written_is_not_written_for_a_review(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation()), write=False), entry(verdict("t2", violation()))])
    deliver(ledger)
    ledger.reviews.keep("langfuse", [review()])
    assert [one.trace.id for one in deliver(ledger)] == ["t2"]


def test_a_killed_process_leaves_nothing_half_retracted(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger.commit([entry(verdict(f"t{n}", violation())) for n in range(450)])
    with monkeypatch.context() as killed:
        killed.setattr(ledger.reviews, "settle", lambda: None)
        ledger.reviews.keep("langfuse", [review()])
    assert {status for [(_, status)] in statuses(ledger).values()} == {Status.OPEN}
    assert ledger.reviews.settle() == 450
    assert {status for [(_, status)] in statuses(ledger).values()} == {Status.RETRACTED}
    assert ledger.reviews.settle() == 0
    ledger.reviews.withdraw_others("langfuse", [])
    assert {status for [(_, status)] in statuses(ledger).values()} == {Status.OPEN}


def test_all_reviews_are_listed_youngest_first_with_what_they_are_about(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t7", violation()))])
    ledger.reviews.keep("langfuse", [review(f"r{n:03}", f"t{n}", minute=n // 2) for n in range(450)])
    found = list(ledger.reviews.all())
    assert [one.review.id for one in found] == [f"r{n:03}" for n in reversed(range(450))]
    assert found[-8] == Judgement(
        platform="langfuse",
        review=review("r007", "t7", minute=3),
        verdict="verdict-of-t7",
        fingerprints=("f1",),
        policies=("sql-injection",),
        withdrawn=None,
    )


def test_hostile_texts_are_kept(ledger: Ledger) -> None:
    odd = "nul \x00 and half a \ud83d"
    ledger.commit([entry(verdict("t1", violation()))])
    ledger.reviews.keep("langfuse", [review(odd * 100, "t1", comment=odd, author=odd)])
    assert ledger.reviews.keep("langfuse", [review(odd * 100, "t1", comment=odd, author=odd)]) == 0
    [one] = ledger.reviews.all()
    assert one.fingerprints == ("f1",)
    assert ledger.reviews.withdraw_others("langfuse", [odd * 100]) == 0
