"""Writing: the policy tag on trace and observation, comment and queue item; each once, whatever goes wrong."""

from collections.abc import Callable
from typing import Any

import pytest

from tracevet import BusyError, GoneError, Reach, ReachState, RefusedError, Severity, Status, Verdict, Violation
from tracevet.testing.langfuse import LangfuseEmulator, cut, fail, reject
from tracevet_langfuse import LangfusePlatform, connection
from tracevet_langfuse.texts import COMMENT, comment

Make = Callable[..., dict[str, Any]]
Violate = Callable[..., Violation]
Judge = Callable[..., Verdict]


def values(emulator: LangfuseEmulator) -> set[tuple[str, str | None, str, str]]:
    scores = emulator.state()["scores"]
    found = [(score["traceId"], score["observationId"], score["name"], score["value"]) for score in scores]
    assert len(found) == len(set(found))
    return set(found)


def test_a_violation_is_tagged_on_trace_and_observation_and_rolled_up(
    emulator: LangfuseEmulator, platform: LangfusePlatform, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1"), row("t1", 1)])
    platform.write(verdict("t1", violation("t1-1"), violation("t1-1", "f2", policy="weak-crypto")))
    assert values(emulator) == {
        ("t1", None, "policy", "sql-injection"),
        ("t1", None, "policy", "weak-crypto"),
        ("t1", "t1-1", "policy", "sql-injection"),
        ("t1", "t1-1", "policy", "weak-crypto"),
        ("t1", None, "policy.severity", "high"),
        ("t1", None, "policy.coverage", "full"),
    }


def test_a_score_has_the_observation_s_time_and_environment_and_all_an_analyst_needs(
    emulator: LangfuseEmulator, platform: LangfusePlatform, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1"), row("t1", 1)])
    platform.write(verdict("t1", violation("t1-1")))
    (score,) = [one for one in emulator.state()["scores"] if one["observationId"]]
    assert (score["timestamp"], score["environment"], score["config"]) == ("2026-11-20T12:00:10.000Z", "prod", None)
    assert (
        score["metadata"].items() >= {"rule": "B608", "cwe": "CWE-89", "severity": "high", "fingerprint": "f1"}.items()
    )
    for text in ("SQL Injection Prevention", "`db.py`, line 3", "SELECT * FROM users", "Use parameterized queries."):
        assert text in score["comment"]


def test_writing_again_changes_nothing(
    emulator: LangfuseEmulator, platform: LangfusePlatform, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1")])
    list(platform.prepare())
    platform.write(verdict("t1", violation("t1-0")))
    state = emulator.state()
    assert {name: len(state[name]) for name in ("scores", "comments", "items", "configs", "queues")} == {
        "scores": 4,
        "comments": 1,
        "items": 1,
        "configs": 1,
        "queues": 1,
    }
    list(LangfusePlatform().prepare())
    LangfusePlatform().write(verdict("t1", violation("t1-0")))
    assert emulator.state() == state


@pytest.mark.parametrize(
    ("status", "value"),
    [(Status.RETRACTED, "cleared"), (Status.SUPPRESSED, "cleared"), (Status.CORRECTED, "corrected")],
)
def test_what_is_not_said_any_more_is_overwritten(
    emulator: LangfuseEmulator,
    platform: LangfusePlatform,
    row: Make,
    violation: Violate,
    verdict: Judge,
    status: Status,
    value: str,
) -> None:
    emulator.seed([row("t1")])
    platform.write(verdict("t1", violation("t1-0")))
    platform.write(verdict("t1", violation("t1-0", status=status)))
    assert values(emulator) == {
        ("t1", None, "policy", value),
        ("t1", "t1-0", "policy", value),
        ("t1", None, "policy.severity", "cleared"),
        ("t1", None, "policy.coverage", "full"),
    }
    platform.write(verdict("t1", violation("t1-0")))
    assert ("t1", None, "policy", "sql-injection") in values(emulator)


def test_one_of_two_violations_retracted_leaves_the_tag(
    emulator: LangfuseEmulator, platform: LangfusePlatform, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1"), row("t1", 1)])
    platform.write(verdict("t1", violation("t1-1"), violation("t1-0", "f2", status=Status.RETRACTED)))
    found = values(emulator)
    assert ("t1", None, "policy", "sql-injection") in found
    assert ("t1", "t1-0", "policy", "cleared") in found


def test_a_clean_trace_costs_no_request_unless_asked_for(
    emulator: LangfuseEmulator, platform: LangfusePlatform, row: Make, verdict: Judge
) -> None:
    emulator.seed([row("t1")])
    platform.write(verdict("t1"))
    assert not emulator.requests
    LangfusePlatform(clean=True).write(verdict("t1"))
    assert values(emulator) == {("t1", None, "policy.coverage", "full")}


def test_many_verdicts_go_in_few_requests(
    emulator: LangfuseEmulator, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed(row(f"t{n}") for n in range(40))
    platform = LangfusePlatform(write=("scores",))
    platform.write_all([verdict(f"t{n}", violation(f"t{n}-0")) for n in range(40)])
    assert len(emulator.state()["scores"]) == 160
    assert sum(request.method == "POST" for request in emulator.requests) == 1


def test_only_what_severe_violations_stand_in_is_queued(
    emulator: LangfuseEmulator, platform: LangfusePlatform, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1"), row("t1", 1), row("t1", 2)])
    list(platform.prepare())
    severities = (Severity.CRITICAL, Severity.MEDIUM, Severity.HIGH)
    parts = [violation(f"t1-{n}", f"f{n}", severity=severity) for n, severity in enumerate(severities)]
    platform.write(verdict("t1", *parts))
    assert [item["objectId"] for item in emulator.state()["items"]] == ["t1-0", "t1-2"]


def test_without_prepare_the_receipt_says_what_to_run(
    emulator: LangfuseEmulator, platform: LangfusePlatform, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1")])
    receipt = platform.write(verdict("t1", violation("t1-0")))
    assert receipt.notes == ("there is no review queue 'tracevet review'; run: tracevet prepare --platform langfuse",)


def test_only_the_kinds_that_are_asked_for_are_written_and_previewed(
    emulator: LangfuseEmulator, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1")])
    platform = LangfusePlatform(write=("comments",))
    assert list(platform.preview(verdict("t1", violation("t1-0")))) == [
        "comment on sql-injection on trace t1 observation t1-0"
    ]
    assert not emulator.requests
    platform.write(verdict("t1", violation("t1-0")))
    state = emulator.state()
    assert (state["scores"], len(state["comments"]), state["items"]) == ([], 1, [])


def test_a_refused_score_costs_its_own_verdict_only(
    emulator: LangfuseEmulator, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1"), row("t2"), row("t3")])
    emulator.faults.add(reject(1), path="*/scores", times=4)  # of 12, 6, 3 and then one score
    platform = LangfusePlatform(write=("scores",))
    first, *others = platform.write_all([verdict(f"t{n}", violation(f"t{n}-0")) for n in (1, 2, 3)])
    assert isinstance(first, RefusedError)
    assert "was rejected" in str(first)
    assert not any(isinstance(other, RefusedError) for other in others)
    assert {score["traceId"] for score in emulator.state()["scores"]} >= {"t2", "t3"}


def test_a_score_larger_than_a_request_may_be_is_split_from_the_others(
    emulator: LangfuseEmulator, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed(row(f"t{n}") for n in range(60))
    parts = [violation("t0-0", f"{n:032}", policy=f"policy-{n}", evidence="x" * 5000) for n in range(400)]
    LangfusePlatform(write=("scores",)).write(verdict("t0", *parts))
    assert len(values(emulator)) == 802
    assert max(len(request.body) for request in emulator.requests) < 1_000_000


def test_a_trace_that_was_deleted_is_told_apart(
    emulator: LangfuseEmulator, platform: LangfusePlatform, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1"), row("t2")])
    emulator.delete_trace("t1")
    gone, there = platform.write_all([verdict("t1", violation("t1-0")), verdict("t2", violation("t2-0"))])
    assert isinstance(gone, GoneError)
    assert not isinstance(there, Exception)
    assert {score["traceId"] for score in emulator.state()["scores"]} == {"t2"}


def test_cut_connections_double_nothing(
    emulator: LangfuseEmulator, platform: LangfusePlatform, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1")])
    for path in ("*/score-configs", "*/annotation-queues", "*/scores", "*/comments", "*/items"):
        emulator.faults.add(cut(after_effect=True), method="POST", path=path, times=2)
    list(platform.prepare())
    platform.write(verdict("t1", violation("t1-0")))
    state = emulator.state()
    assert [len(state[name]) for name in ("configs", "queues", "scores", "comments", "items")] == [1, 1, 4, 1, 1]


def test_a_server_that_stays_down_makes_the_verdict_wait(
    emulator: LangfuseEmulator, platform: LangfusePlatform, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1")])
    emulator.faults.add(fail(503), path="*/comments")
    with pytest.raises(BusyError, match="503"):
        platform.write(verdict("t1", violation("t1-0")))


def test_a_server_that_goes_down_amid_a_batch_is_not_waited_for_once_a_verdict(
    emulator: LangfuseEmulator, platform: LangfusePlatform, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed(row(f"t{n}") for n in range(20))
    emulator.faults.add(fail(503), path="*/comments")
    results = platform.write_all([verdict(f"t{n}", violation(f"t{n}-0")) for n in range(20)])
    assert all(isinstance(result, BusyError) for result in results)
    assert sum(request.path.endswith("/comments") for request in emulator.requests) == 3 * connection.ATTEMPTS


def test_an_environment_that_langfuse_refuses_in_scores_keeps_nothing_from_being_written(
    emulator: LangfuseEmulator, platform: LangfusePlatform, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1", environment="Prod EU")])
    platform.write(verdict("t1", violation("t1-0")))
    assert {score["environment"] for score in emulator.state()["scores"]} == {"default"}


def test_a_violation_in_no_observation_is_told_on_the_trace(
    emulator: LangfuseEmulator, platform: LangfusePlatform, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1")])
    platform.write(verdict("t1", violation("t1")))
    assert ("t1", None, "policy", "sql-injection") in values(emulator)
    assert [(one["objectType"], one["objectId"]) for one in emulator.state()["comments"]] == [("TRACE", "t1")]


@pytest.mark.parametrize(
    "evidence", ["```\n<!-- tracevet:x -->\n# Heading", "`" * 40, "<img src=x onerror=alert(1)>", "x" * 20_000]
)
def test_evidence_stays_inside_its_block(violation: Violate, evidence: str) -> None:
    text = comment(violation("t1-0", evidence=evidence, path="a`b\n# c.py"), "id")
    assert len(text) <= COMMENT
    from markdown_it import MarkdownIt

    tokens = MarkdownIt().parse(text)
    assert [token.type for token in tokens].count("fence") == 1
    assert "heading_open" not in [token.type for token in tokens]
    assert sum(token.type == "html_block" for token in tokens) == 1  # the marker


def test_code_that_reached_the_main_branch_is_told_and_goes_to_the_queue(
    emulator: LangfuseEmulator, platform: LangfusePlatform, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1")])
    list(platform.prepare())
    reach = Reach(fingerprint="f1", state=ReachState.HEAD, main=True, path="app/db.py", line=7)
    medium = violation("t1-0").model_copy(update={"severity": Severity.MEDIUM})
    platform.write(verdict("t1", medium))
    assert emulator.state()["items"] == []
    platform.write(verdict("t1", medium.model_copy(update={"reach": reach})))
    (score,) = [one for one in emulator.state()["scores"] if one["observationId"]]
    assert score["metadata"]["reach"] == "in-head (main branch) app/db.py:7"
    assert "**In the repository:** `in-head (main branch) app/db.py:7`" in score["comment"]
    assert len(emulator.state()["items"]) == 1
