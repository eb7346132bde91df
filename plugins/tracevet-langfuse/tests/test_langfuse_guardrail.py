"""The guardrail observation: in the trace's tree, once, never a root, cleared when nothing is open, never vetted."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from odd_detectors import Marks
from simple_parts import POLICY, Inputs

from tracevet import RefusedError, Severity, Status, Verdict, Violation
from tracevet.ledger import Ledger
from tracevet.pipeline import Setup
from tracevet.testing.langfuse import LangfuseEmulator, cut, fail
from tracevet.watch import Surroundings, Watch
from tracevet.workers import Engine, Workers
from tracevet_langfuse import LangfusePlatform
from tracevet_langfuse.rows import own_id

TRACE, ROOT, CHILD = "a" * 32, "b" * 16, "c" * 16
WHOSE = {"userId": "dev@company.com", "sessionId": "s1", "release": "r1", "version": "v1", "traceName": "turn 1"}

Make = Callable[..., dict[str, Any]]
Violate = Callable[..., Violation]
Judge = Callable[..., Verdict]


@pytest.fixture
def tree(row: Make) -> list[dict[str, Any]]:
    """Make a trace of a root and a child, with everything that a trace says of itself."""
    root = row(TRACE, id=ROOT, isRootObservation=True, tags=["claude-code"], environment="prod", **WHOSE)
    child = row(TRACE, 1, id=CHILD, parentObservationId=ROOT, tags=["claude-code"], environment="prod", **WHOSE)
    return [root, child]


@pytest.fixture
def platform(emulator: LangfuseEmulator, tree: list[dict[str, Any]]) -> LangfusePlatform:
    """Open a project that holds the trace."""
    emulator.seed(tree)
    return LangfusePlatform(write=("guardrail",))


def appended(emulator: LangfuseEmulator) -> list[dict[str, Any]]:
    """Give our observations as the SDK's v2 read shows them."""
    options: dict[str, Any] = {"fields": "core,basic,io,trace_context,metadata", "request_options": {"max_retries": 0}}
    reader = LangfusePlatform(host=emulator.url)
    rows = reader._connection.api.observations.get_many(trace_id=TRACE, **options).data
    return [json.loads(row.model_dump_json(by_alias=True)) for row in rows if row.id not in (ROOT, CHILD)]


def exports(emulator: LangfuseEmulator) -> int:
    return sum(request.path.endswith("/otel/v1/traces") for request in emulator.requests)


def test_it_hangs_below_the_offending_observation_and_carries_all_that_is_the_trace_s(
    emulator: LangfuseEmulator, platform: LangfusePlatform, violation: Violate, verdict: Judge
) -> None:
    platform.write(verdict(TRACE, violation(CHILD), violation(CHILD, "f2", policy="weak-crypto")))
    (found,) = appended(emulator)
    assert (found["type"], found["level"], found["parentObservationId"]) == ("GUARDRAIL", "ERROR", CHILD)
    assert (found["isRootObservation"], found["id"]) == (False, own_id(TRACE, CHILD))
    assert found["startTime"] == found["endTime"] == "2026-11-20T12:00:10Z"
    assert {key: found[key] for key in WHOSE} == WHOSE
    assert found["tags"] == ["claude-code", "policy:sql-injection", "policy:weak-crypto"]
    assert found["environment"] == "prod"
    told = json.loads(found["output"])
    assert (told["verdict"], told["open"]) == ("violations", 2)
    assert "SELECT" not in found["output"]
    assert [one["tags"] for one in emulator.state()["observations"] if one["id"] == ROOT] == [["claude-code"]]


@pytest.mark.parametrize(
    ("severity", "level"),
    [
        (Severity.LOW, "WARNING"),
        (Severity.MEDIUM, "WARNING"),
        (Severity.HIGH, "ERROR"),
        (Severity.CRITICAL, "ERROR"),
    ],
)
def test_its_level_tells_how_bad_it_is(
    emulator: LangfuseEmulator,
    platform: LangfusePlatform,
    violation: Violate,
    verdict: Judge,
    severity: Severity,
    level: str,
) -> None:
    said = list(platform.preview(verdict(TRACE, violation(CHILD, severity=severity))))
    assert said == [f"guardrail, {level}, on trace {TRACE} observation {CHILD}"]
    assert not exports(emulator)
    platform.write(verdict(TRACE, violation(CHILD, severity=severity)))
    assert [one["level"] for one in appended(emulator)] == [level]


def test_it_is_sent_once_also_by_another_process(
    emulator: LangfuseEmulator, platform: LangfusePlatform, violation: Violate, verdict: Judge
) -> None:
    for writer in (platform, platform, LangfusePlatform(write=("guardrail",))):
        writer.write(verdict(TRACE, violation(CHILD)))
    assert (exports(emulator), len(appended(emulator))) == (1, 1)


@pytest.mark.parametrize("status", [Status.RETRACTED, Status.SUPPRESSED, Status.CORRECTED])
@pytest.mark.parametrize("restarted", [True, False])
def test_nothing_open_any_more_makes_it_harmless(
    emulator: LangfuseEmulator,
    platform: LangfusePlatform,
    violation: Violate,
    verdict: Judge,
    status: Status,
    restarted: bool,
) -> None:
    platform.write(verdict(TRACE, violation(CHILD)))
    after = LangfusePlatform(write=("guardrail",)) if restarted else platform
    after.write(verdict(TRACE, violation(CHILD, status=status)))
    (found,) = appended(emulator)
    word = "corrected" if status is Status.CORRECTED else "cleared"
    assert (found["level"], found["statusMessage"], found["tags"]) == ("DEFAULT", word, ["claude-code"])
    assert json.loads(found["output"]) == {"verdict": word, "open": 0, "violations": []}


def test_what_was_never_open_gets_none(
    emulator: LangfuseEmulator, platform: LangfusePlatform, violation: Violate, verdict: Judge
) -> None:
    platform.write(verdict(TRACE, violation(CHILD, status=Status.RETRACTED)))
    assert (exports(emulator), appended(emulator)) == (0, [])


def test_where_no_span_can_hang_the_receipt_says_so(
    emulator: LangfuseEmulator, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1")])
    platform = LangfusePlatform(write=("guardrail",))
    receipt = platform.write(verdict("t1", violation("t1-0")))
    assert "no guardrail observation can hang there" in receipt.notes[0]
    assert not exports(emulator)
    assert list(platform.preview(verdict("t1", violation("t1-0")))) == []


def test_a_cut_connection_doubles_nothing_and_a_refusal_is_told(
    emulator: LangfuseEmulator, platform: LangfusePlatform, violation: Violate, verdict: Judge
) -> None:
    emulator.faults.add(cut(after_effect=True), path="*/otel/v1/traces", times=2)
    platform.write(verdict(TRACE, violation(CHILD)))
    assert len(appended(emulator)) == 1
    emulator.faults.add(fail(400), path="*/otel/v1/traces")
    with pytest.raises(RefusedError, match="refused writing guardrail observations with 400"):
        platform.write(verdict(TRACE, violation(CHILD, policy="weak-crypto")))


def test_a_watch_does_not_vet_its_own_observation(
    emulator: LangfuseEmulator, tree: list[dict[str, Any]], tmp_path: Path
) -> None:
    emulator.seed([tree[0], tree[1] | {"input": "BAD"}])
    now = datetime(2026, 11, 20, 13, tzinfo=UTC)
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger, Workers(processes=1) as workers:
        setup = Setup(extractors=(Inputs(),), engines=(Engine(cls=Marks),), policies=(POLICY,), key=ledger.key)
        states, seen = [], []
        for minutes in (0, 1, 2):
            around = Surroundings(clock=lambda m=minutes: now + timedelta(minutes=m))  # type: ignore[misc]  # a lambda
            watching = Watch(LangfusePlatform(write=("guardrail", "scores")), setup, ledger, workers, around=around)
            watching._since = now - timedelta(hours=2)
            watching.once()
            states.append(emulator.state())
            seen.append(watching.seen.written)
    assert len(appended(emulator)) == 1
    assert states[0] == states[1] == states[2]
    assert seen == [1, 0, 0]
