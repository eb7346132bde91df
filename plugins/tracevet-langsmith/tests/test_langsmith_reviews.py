"""Reviews: what people said comes back, by whom and of what; what programs said never does."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tracevet import Decision, Verdict, Violation
from tracevet.testing.langsmith import LangSmithEmulator
from tracevet_langsmith import LangSmithPlatform

Make = Callable[..., dict[str, Any]]
Name = Callable[..., str]
KEY = "policy.review"


@pytest.mark.parametrize(
    ("said", "decision"),
    [
        ({"value": "confirmed", "score": 0.0}, Decision.CONFIRMED),
        ({"value": "false positive"}, Decision.FALSE_POSITIVE),
        ({"value": "Accepted-Risk"}, Decision.ACCEPTED_RISK),
        ({"score": 1}, Decision.FALSE_POSITIVE),
        ({"score": 2.0}, Decision.ACCEPTED_RISK),
    ],
)
def test_an_answer_in_the_queue_is_a_review(
    emulator: LangSmithEmulator, platform: LangSmithPlatform, row: Make, name: Name, said: Any, decision: Decision
) -> None:
    emulator.seed([row("t1"), row("t1", 1)])
    emulator.review(name("t1"), KEY, comment="as agreed", **said)
    emulator.review(name("t1", 1), KEY, **said)
    root, run = sorted(platform.reviews(None), key=lambda review: review.span or "")
    assert (root.trace, root.span, root.policy) == (name("t1"), None, None)
    assert (root.decision, root.author, root.comment) == (decision, "dana", "as agreed")
    assert (run.trace, run.span) == (name("t1"), name("t1", 1))


@pytest.mark.parametrize("said", [{}, {"value": "hm"}, {"score": 7}, {"score": 0.5}, {"score": True}, {"value": 3}])
def test_what_means_nothing_is_no_review(
    emulator: LangSmithEmulator, platform: LangSmithPlatform, row: Make, name: Name, said: Any
) -> None:
    emulator.seed([row("t1")])
    emulator.review(name("t1"), KEY, **said)
    assert list(platform.reviews(None)) == []


def test_nothing_that_a_program_wrote_is_a_review(
    emulator: LangSmithEmulator,
    row: Make,
    name: Name,
    violation: Callable[..., Violation],
    verdict: Callable[..., Verdict],
) -> None:
    emulator.seed([row("t1")])
    platform = LangSmithPlatform(views=("sql-injection",))
    platform.write(verdict("t1", violation("t1")))
    for kind in ("api", "model", "app"):
        source: dict[str, Any] = {"type": kind, "metadata": {}}
        fields = {"run_id": name("t1"), "session_id": emulator.project(), "key": KEY, "value": "false positive"}
        platform._connection.post("writing", "/api/v1/feedback", fields | {"feedback_source": source})
    assert list(platform.reviews(None)) == []


def test_a_correction_of_our_feedback_is_a_review_of_its_policy(
    emulator: LangSmithEmulator,
    row: Make,
    name: Name,
    violation: Callable[..., Violation],
    verdict: Callable[..., Verdict],
) -> None:
    emulator.seed([row("t1"), row("t1", 1)])
    platform = LangSmithPlatform(views=("sql-injection",))
    platform.write(verdict("t1", violation("t1", 1)))
    (ours,) = [one for one in emulator.state()["feedback"] if one["run_id"] == name("t1", 1)]
    platform._connection.patch("correcting", f"/api/v1/feedback/{ours['id']}", {"correction": {"score": 0}})
    (review,) = platform.reviews(None)
    assert (review.trace, review.span, review.policy) == (name("t1"), name("t1", 1), "sql-injection")
    assert review.decision is Decision.FALSE_POSITIVE
    emulator.review(name("t1"), "policy.sql-injection", value="accepted risk")
    assert {one.decision for one in platform.reviews(None)} == {Decision.FALSE_POSITIVE, Decision.ACCEPTED_RISK}


def test_reviews_come_oldest_first_from_a_moment_on(start_emulator: Callable[..., Any], row: Make, name: Name) -> None:
    now = datetime(2026, 11, 20, 13, tzinfo=UTC)
    emulator = start_emulator(clock=lambda: now)
    emulator.seed(row(f"t{n}") for n in range(3))
    for number in range(3):
        now += timedelta(hours=1)
        emulator.review(name(f"t{number}"), KEY, value="confirmed")
    found = list(LangSmithPlatform().reviews(None))
    assert [review.trace for review in found] == [name(f"t{n}") for n in range(3)]
    assert list(LangSmithPlatform().reviews(found[1].at)) == found[1:]


def test_only_the_projects_that_are_read_are_asked(emulator: LangSmithEmulator, row: Make, name: Name) -> None:
    for project in ("one", "two"):
        emulator.seed([row(project)], project=project)
        emulator.review(name(project), KEY, value="confirmed")
    assert [review.trace for review in LangSmithPlatform(projects=("two",)).reviews(None)] == [name("two")]
