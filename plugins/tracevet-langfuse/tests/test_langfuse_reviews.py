"""What people say in Langfuse of what was found: read back, obeyed everywhere, and taken back when they do."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from odd_detectors import Marks
from simple_parts import POLICY, Inputs

from tracevet import Decision, Status, Verdict, Window
from tracevet.ledger import Ledger
from tracevet.pipeline import Setup
from tracevet.run import Run
from tracevet.testing.langfuse import LangfuseEmulator, fail
from tracevet.watch import Surroundings, Watch
from tracevet.workers import Engine, Workers
from tracevet_langfuse import LangfusePlatform

Make = Callable[..., dict[str, Any]]
Look = Callable[..., Watch]
NOW = datetime(2026, 11, 20, 13, tzinfo=UTC)


class Time:
    """One clock for Langfuse, the ledger and the watch."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def langfuse(start_emulator: Callable[..., LangfuseEmulator], time: Time) -> LangfuseEmulator:
    emulator = start_emulator(clock=time)
    list(LangfusePlatform().prepare())
    return emulator


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(processes=1, seconds=5.0) as pool:
        yield pool


@pytest.fixture
def ledger(tmp_path: Path, time: Time) -> Iterator[Ledger]:
    with Ledger.open(str(tmp_path / "ledger.db"), clock=time) as opened:
        yield opened


def setup(ledger: Ledger) -> Setup:
    return Setup(extractors=(Inputs(),), engines=(Engine(cls=Marks),), policies=(POLICY,), key=ledger.key)


@pytest.fixture
def look(ledger: Ledger, workers: Workers, time: Time) -> Look:
    """Look once, a minute after the last time, by a new watch on the same ledger, or by the one given."""

    def once(watching: Watch | None = None) -> Watch:
        time.now += timedelta(minutes=1)
        if watching is None:
            watching = Watch(LangfusePlatform(), setup(ledger), ledger, workers, around=Surroundings(clock=time))
        watching.once()
        return watching

    return once


def tags(emulator: LangfuseEmulator) -> dict[str, str]:
    """Give the policy tag of each trace."""
    scores = emulator.state()["scores"]
    return {one["traceId"]: one["value"] for one in scores if one["name"] == "policy" and not one["observationId"]}


def statuses(ledger: Ledger) -> dict[str, list[Status]]:
    return {v.trace.id: [one.status for one in v.violations] for v in ledger.verdicts()}


def outcomes(verdicts: Iterator[Verdict]) -> dict[str, tuple[str, object]]:
    return {one.trace.id: (str(one.outcome), one.severity) for one in verdicts}


POLICY_ID = POLICY.id
OPEN, GONE = {"t1": POLICY_ID, "t2": POLICY_ID}, {"t1": "cleared", "t2": "cleared"}


@pytest.mark.parametrize("value", ["false positive", "accepted risk"])
@pytest.mark.parametrize("observation", [None, "t1-0"])
def test_what_a_person_rejects_is_cleared_on_every_trace_with_the_same_code(
    langfuse: LangfuseEmulator, look: Look, ledger: Ledger, row: Make, value: str, observation: str | None
) -> None:
    langfuse.seed([row("t1", input="BAD"), row("t2", input="BAD"), row("t3", input="BAD, but otherwise")])
    look()
    assert tags(langfuse) == OPEN | {"t3": POLICY_ID}
    langfuse.annotate("t1", value, observation_id=observation, comment="a test file")
    look()
    assert tags(langfuse) == GONE | {"t3": POLICY_ID}
    assert statuses(ledger) == {"t1": [Status.RETRACTED], "t2": [Status.RETRACTED], "t3": [Status.OPEN]}
    [judgement] = ledger.reviews.all()
    assert judgement.review.decision == Decision(value.replace(" ", "-"))
    assert (judgement.review.author, judgement.review.comment) == ("user-1", "a test file")
    assert judgement.policies == (POLICY_ID,)


def test_it_stays_rejected_when_all_is_vetted_anew_and_in_traces_to_come(
    langfuse: LangfuseEmulator, look: Look, ledger: Ledger, row: Make, workers: Workers
) -> None:
    langfuse.seed([row("t1", input="BAD")])
    look()
    langfuse.annotate("t1", "false positive")
    look()
    langfuse.seed([row("t2", input="BAD")])
    for keep in (False, True):
        run = Run(LangfusePlatform(), setup(ledger), ledger, workers, keep=keep, again=True)
        said = outcomes(run.verdicts(Window(NOW - timedelta(hours=2), NOW)))
        assert said == {"t1": ("clean", None), "t2": ("clean", None)}
    look()
    assert tags(langfuse) == GONE


def test_the_youngest_judgement_counts_and_a_withdrawn_one_no_more(
    langfuse: LangfuseEmulator, look: Look, row: Make, time: Time
) -> None:
    langfuse.seed([row("t1", input="BAD"), row("t2", input="BAD")])
    watching = look()
    first = langfuse.annotate("t1", "false positive")
    look(watching)
    assert tags(langfuse) == GONE
    time.now += timedelta(seconds=1)
    second = langfuse.annotate("t2", "confirmed", author="user-2")
    look(watching)
    assert tags(langfuse) == OPEN
    langfuse.annotate("t1", "accepted risk")
    look(watching)
    assert tags(langfuse) == GONE
    langfuse.delete_score(first)
    time.now += timedelta(hours=1)
    look(watching)
    assert tags(langfuse) == OPEN
    langfuse.delete_score(second)
    look()
    assert tags(langfuse) == OPEN


def test_a_judgement_on_a_trace_that_is_not_known_waits_for_it(
    langfuse: LangfuseEmulator, look: Look, ledger: Ledger, row: Make, time: Time
) -> None:
    langfuse.annotate("t1", "false positive")
    look()
    assert [one.fingerprints for one in ledger.reviews.all()] == [()]
    langfuse.seed([row(trace, input="BAD", endTime=time.now.isoformat()) for trace in ("t1", "t2")])
    look()
    assert statuses(ledger) == {"t1": [Status.RETRACTED], "t2": [Status.RETRACTED]}
    assert tags(langfuse) == GONE


def test_a_score_that_no_person_made_is_no_judgement_unless_wanted(
    langfuse: LangfuseEmulator, caplog: pytest.LogCaptureFixture
) -> None:
    platform = LangfusePlatform()
    config = langfuse.project.configs[0]["id"]
    score = {"name": "policy.review", "value": "false positive", "trace_id": "t1", "config_id": config}
    from langfuse.api import CreateScoreRequest

    requests = [CreateScoreRequest(**score, data_type="CATEGORICAL", source=source) for source in ("ANNOTATION", "API")]
    platform._connection.api.scores.create(request=requests)
    assert list(platform.reviews(None)) == []
    assert "unsigned_reviews" in caplog.text
    assert [one.author for one in LangfusePlatform(unsigned_reviews=True).reviews(None)] == [None]


def test_more_judgements_than_fit_on_a_page_are_all_read_oldest_first(langfuse: LangfuseEmulator, time: Time) -> None:
    for number in range(230):
        time.now += timedelta(seconds=1)
        langfuse.annotate(f"t{number}", "confirmed")
    traces = [one.trace for one in LangfusePlatform().reviews(None)]
    assert traces == [f"t{number}" for number in range(230)]
    assert [one.trace for one in LangfusePlatform().reviews(time.now)] == ["t229"]


def test_reviews_that_can_not_be_read_hold_nothing_up_and_are_read_later(
    langfuse: LangfuseEmulator, look: Look, row: Make, time: Time, ledger: Ledger, workers: Workers
) -> None:
    langfuse.seed([row("t1", input="BAD"), row("t2", input="BAD")])
    langfuse.annotate("t1", "false positive")
    langfuse.faults.add(fail(503), path="*/scores", method="GET")
    lines: list[str] = []
    around = Surroundings(clock=time, say=lines.append)
    watching = look(Watch(LangfusePlatform(), setup(ledger), ledger, workers, around=around))
    assert tags(langfuse) == OPEN
    assert watching.seen.deaf
    assert any(line.startswith("reviews can't be read: Langfuse at") for line in lines)
    langfuse.faults.clear()
    look(watching)
    assert tags(langfuse) == GONE


@pytest.mark.parametrize("minutes", [-10, 10], ids=["Langfuse behind", "Langfuse ahead"])
def test_clocks_some_minutes_apart_lose_neither_traces_nor_reviews(
    start_emulator: Callable[..., LangfuseEmulator], look: Look, row: Make, time: Time, minutes: int
) -> None:
    def theirs() -> datetime:
        return time.now + timedelta(minutes=minutes)

    langfuse = start_emulator(clock=theirs)
    list(LangfusePlatform().prepare())
    watching = look()
    for number in range(8):
        start, end = (theirs() - timedelta(seconds=seconds) for seconds in (5, 1))
        times = {"startTime": start.isoformat(), "endTime": end.isoformat()}
        langfuse.seed([row(f"t{number}", input=f"BAD {number}", **times)])
        look(watching)
    time.now += timedelta(minutes=10)
    look(watching)
    assert tags(langfuse) == {f"t{number}": POLICY_ID for number in range(8)}
    langfuse.annotate("t3", "false positive")
    look(watching)
    assert tags(langfuse)["t3"] == "cleared"
