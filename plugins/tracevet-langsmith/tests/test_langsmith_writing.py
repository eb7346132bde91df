"""Writing: feedback on the root and on the offending run, and a queue item; each once, whatever goes wrong."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from markdown_it import MarkdownIt

from tracevet import BusyError, Coverage, GoneError, PlatformError, RefusedError, Severity, Status, Verdict, Violation
from tracevet.testing.langsmith import LangSmithEmulator, Rules, cut, fail
from tracevet_langsmith import LangSmithPlatform, projects
from tracevet_langsmith.texts import COMMENT, comment

Make = Callable[..., dict[str, Any]]
Name = Callable[..., str]
Start = Callable[..., LangSmithEmulator]
Violate = Callable[..., Violation]
Judge = Callable[..., Verdict]
SERVERS: dict[str, dict[str, Any]] = {
    "items": {},
    "runs by key": {"version": "0.16.3"},
    "v1 alone": {"version": "0.15.2"},
    "v2 alone": {"v2": "only"},
}
HIGH = (0.75, "high")


@pytest.fixture(params=list(SERVERS.values()), ids=list(SERVERS))
def server(request: pytest.FixtureRequest, start_emulator: Start) -> LangSmithEmulator:
    """Run each kind of server."""
    return start_emulator(**request.param)


def values(emulator: LangSmithEmulator) -> dict[tuple[str, str], tuple[float, str]]:
    rows = emulator.state()["feedback"]
    found = {(row["run_id"], row["key"]): (row["score"], row["value"]) for row in rows}
    assert len(found) == len(rows)
    return found


def test_a_violation_is_told_on_root_and_run_and_rolled_up(
    server: LangSmithEmulator, row: Make, violation: Violate, verdict: Judge, name: Name
) -> None:
    server.seed([row("t1"), row("t1", 1)])
    weak = violation("t1", 1, "f2", policy="weak-crypto", severity=Severity.LOW)
    LangSmithPlatform().write(verdict("t1", violation("t1", 1), weak))
    root, run = name("t1"), name("t1", 1)
    assert values(server) == {
        (root, "policy.sql-injection"): HIGH,
        (root, "policy.weak-crypto"): (0.25, "low"),
        (run, "policy.sql-injection"): HIGH,
        (run, "policy.weak-crypto"): (0.25, "low"),
        (root, "policy.severity"): HIGH,
        (root, "policy.coverage"): (1.0, "full"),
    }


def test_feedback_has_its_project_and_all_an_analyst_needs_and_extends_no_retention(
    emulator: LangSmithEmulator, platform: LangSmithPlatform, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1"), row("t1", 1)])
    platform.write(verdict("t1", violation("t1", 1)))
    state = emulator.state()
    text = next(one["comment"] for one in state["feedback"] if one["key"] == "policy.sql-injection")
    for part in ("SQL Injection Prevention", "CWE-89", "`db.py`, line 3", "SELECT * FROM users", "Use parameterized"):
        assert part in text
    assert {one["session_id"] for one in state["feedback"]} == {emulator.project()}
    assert {one["source"] for one in state["feedback"]} == {"api"}
    assert state["long_traces"] == []


def test_retention_is_extended_where_the_user_says_so(
    emulator: LangSmithEmulator, row: Make, violation: Violate, verdict: Judge, name: Name
) -> None:
    emulator.seed([row("t1")])
    LangSmithPlatform(extend_trace_retention=True).write(verdict("t1", violation("t1")))
    assert emulator.state()["long_traces"] == [name("t1")]


def test_a_violation_on_the_root_is_told_once_there(
    emulator: LangSmithEmulator, platform: LangSmithPlatform, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1")])
    platform.write(verdict("t1", violation("t1")))
    assert sorted(key for _, key in values(emulator)) == ["policy.coverage", "policy.severity", "policy.sql-injection"]


@pytest.mark.parametrize("twice", ["refuse", "replace"])
def test_writing_again_changes_nothing(
    start_emulator: Start, row: Make, violation: Violate, verdict: Judge, twice: Any
) -> None:
    emulator = start_emulator(rules=Rules(feedback_twice=twice))
    emulator.seed([row("t1"), row("t1", 1)])
    list(LangSmithPlatform().prepare())
    LangSmithPlatform().write(verdict("t1", violation("t1", 1)))
    state = emulator.state()
    assert [len(state[kind]) for kind in ("feedback", "items", "configs", "queues")] == [4, 1, 3, 1]
    emulator.requests.clear()
    list(LangSmithPlatform().prepare())
    LangSmithPlatform().write(verdict("t1", violation("t1", 1)))
    assert emulator.state() == state
    asked = [one for one in emulator.requests if one.method in ("POST", "PATCH") and "query" not in one.path]
    assert asked == []


@pytest.mark.parametrize(
    ("status", "value"),
    [(Status.RETRACTED, "cleared"), (Status.SUPPRESSED, "cleared"), (Status.CORRECTED, "corrected")],
)
def test_what_is_not_said_any_more_is_changed(
    emulator: LangSmithEmulator,
    platform: LangSmithPlatform,
    row: Make,
    violation: Violate,
    verdict: Judge,
    name: Name,
    status: Status,
    value: str,
) -> None:
    emulator.seed([row("t1"), row("t1", 1)])
    platform.write(verdict("t1", violation("t1", 1)))
    before = {one["id"] for one in emulator.state()["feedback"]}
    platform.write(verdict("t1", violation("t1", 1, status=status)))
    root, run = name("t1"), name("t1", 1)
    assert values(emulator) == {
        (root, "policy.sql-injection"): (0.0, value),
        (run, "policy.sql-injection"): (0.0, value),
        (root, "policy.severity"): (0.0, "cleared"),
        (root, "policy.coverage"): (1.0, "full"),
    }
    assert {one["id"] for one in emulator.state()["feedback"]} == before
    platform.write(verdict("t1", violation("t1", 1)))
    assert values(emulator)[root, "policy.sql-injection"] == HIGH


def test_one_of_two_violations_retracted_leaves_the_tag(
    emulator: LangSmithEmulator, platform: LangSmithPlatform, row: Make, violation: Violate, verdict: Judge, name: Name
) -> None:
    emulator.seed([row("t1"), row("t1", 1), row("t1", 2)])
    gone = violation("t1", 2, "f2", status=Status.RETRACTED)
    platform.write(verdict("t1", violation("t1", 1), gone))
    found = values(emulator)
    assert found[name("t1"), "policy.sql-injection"] == HIGH
    assert found[name("t1", 2), "policy.sql-injection"] == (0.0, "cleared")


def test_a_clean_trace_costs_no_request_unless_asked_for(
    emulator: LangSmithEmulator, platform: LangSmithPlatform, row: Make, verdict: Judge, name: Name
) -> None:
    emulator.seed([row("t1")])
    platform.write(verdict("t1"))
    assert not emulator.requests
    partial = verdict("t1").model_copy(update={"coverage": Coverage.PARTIAL})
    LangSmithPlatform(clean=True).write(partial)
    assert values(emulator) == {(name("t1"), "policy.coverage"): (0.5, "partial")}


def test_many_verdicts_are_looked_up_together(
    emulator: LangSmithEmulator, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed(row(f"t{n}") for n in range(40))
    platform = LangSmithPlatform(write=("feedback",))
    platform.write_all([verdict(f"t{n}", violation(f"t{n}")) for n in range(40)])
    assert len(emulator.state()["feedback"]) == 120
    assert sum(one.path.endswith("/runs/query") for one in emulator.requests) == 1
    assert sum(one.method == "GET" and one.path.endswith("/feedback") for one in emulator.requests) == 1


def test_only_what_severe_violations_stand_in_is_queued_and_once(
    server: LangSmithEmulator, row: Make, violation: Violate, verdict: Judge, name: Name
) -> None:
    server.seed([row("t1"), row("t1", 1), row("t1", 2)])
    list(LangSmithPlatform().prepare())
    severities = (Severity.CRITICAL, Severity.MEDIUM, Severity.HIGH)
    parts = [violation("t1", n, f"f{n}", severity=severity) for n, severity in enumerate(severities)]
    for _ in range(2):
        LangSmithPlatform().write(verdict("t1", *parts))
    assert {item["run_id"] for item in server.state()["items"]} == {name("t1"), name("t1", 2)}
    assert len(server.state()["items"]) == 2


def test_without_prepare_the_receipt_says_what_to_run(
    emulator: LangSmithEmulator, platform: LangSmithPlatform, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1")])
    receipt = platform.write(verdict("t1", violation("t1")))
    assert receipt.notes == (
        "there is no annotation queue 'tracevet review'; run: tracevet prepare --platform langsmith",
    )


def test_only_the_kinds_that_are_asked_for_are_written_and_previewed(
    emulator: LangSmithEmulator, row: Make, violation: Violate, verdict: Judge, name: Name
) -> None:
    emulator.seed([row("t1"), row("t1", 1)])
    root, run = name("t1"), name("t1", 1)
    one = verdict("t1", violation("t1", 1))
    assert list(LangSmithPlatform(write=("queue",)).preview(one)) == [f"queue item for trace {root} run {run}"]
    assert list(LangSmithPlatform(write=("feedback",)).preview(one)) == [
        f"feedback policy.sql-injection = high (0.75) on trace {root}",
        f"feedback policy.sql-injection = high (0.75) on trace {root} run {run}",
        f"feedback policy.severity = high (0.75) on trace {root}",
        f"feedback policy.coverage = full (1) on trace {root}",
    ]
    assert not emulator.requests
    platform = LangSmithPlatform(write=("queue",))
    list(platform.prepare())
    platform.write(one)
    state = emulator.state()
    assert (state["feedback"], len(state["items"])) == ([], 1)


def test_refused_feedback_costs_its_own_verdict_only(
    emulator: LangSmithEmulator, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1"), row("t2")])
    emulator.faults.add(fail(422), method="POST", path="*/feedback", times=1)
    platform = LangSmithPlatform(write=("feedback",))
    first, second = platform.write_all([verdict(f"t{n}", violation(f"t{n}")) for n in (1, 2)])
    assert isinstance(first, RefusedError)
    assert not isinstance(second, PlatformError)


def test_a_trace_that_was_deleted_is_told_apart(
    emulator: LangSmithEmulator, platform: LangSmithPlatform, row: Make, violation: Violate, verdict: Judge, name: Name
) -> None:
    emulator.seed([row("t1"), row("t2")])
    emulator.delete_trace(name("t1"))
    gone, there = platform.write_all([verdict(f"t{n}", violation(f"t{n}")) for n in (1, 2)])
    assert isinstance(gone, GoneError)
    assert not isinstance(there, PlatformError)
    assert {one["trace_id"] for one in emulator.state()["feedback"]} == {name("t2")}


def test_a_project_that_is_new_since_they_were_listed_is_found(
    emulator: LangSmithEmulator,
    platform: LangSmithPlatform,
    row: Make,
    violation: Violate,
    verdict: Judge,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(projects, "NEW", 0.0)
    emulator.seed([row("t1")], project="one")
    platform.write(verdict("t1", violation("t1")))
    emulator.seed([row("t2")], project="two")
    platform.write(verdict("t2", violation("t2")))
    assert {one["session_id"] for one in emulator.state()["feedback"]} == {
        emulator.project("one"),
        emulator.project("two"),
    }


def test_an_id_that_langsmith_knows_no_more_than_a_deleted_one_is_no_error(
    emulator: LangSmithEmulator, platform: LangSmithPlatform, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1")])
    odd = verdict("t1", violation("t1"))
    odd = odd.model_copy(update={"trace": odd.trace.model_copy(update={"id": "no uuid"})})
    (result,) = platform.write_all([odd])
    assert isinstance(result, GoneError)


def test_cut_connections_double_nothing(
    server: LangSmithEmulator, row: Make, violation: Violate, verdict: Judge
) -> None:
    server.seed([row("t1"), row("t1", 1)])
    for path in ("*/feedback-configs", "*/annotation-queues", "*/feedback", "*/items", "*/by-key", "*/views"):
        server.faults.add(cut(after_effect=True), method="POST", path=path, times=2)
    list(LangSmithPlatform(views=("sql-injection",)).prepare())
    LangSmithPlatform().write(verdict("t1", violation("t1", 1)))
    state = server.state()
    counts = [len(state[kind]) for kind in ("configs", "queues", "views", "feedback", "items")]
    assert counts == [4, 1, 1, 4, 1]


def test_a_server_that_stays_down_makes_the_verdict_wait(
    emulator: LangSmithEmulator, platform: LangSmithPlatform, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1")])
    emulator.faults.add(fail(503), method="POST", path="*/feedback")
    with pytest.raises(BusyError, match="503"):
        platform.write(verdict("t1", violation("t1")))


def test_runs_are_never_changed(
    emulator: LangSmithEmulator, platform: LangSmithPlatform, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator.seed([row("t1", end_time=None)])
    before = emulator.state()["runs"]
    list(platform.prepare())
    platform.write(verdict("t1", violation("t1")))
    assert emulator.state()["runs"] == before


def test_prepare_says_what_there_is_and_saves_a_view_for_each_policy_in_each_project(
    emulator: LangSmithEmulator, row: Make
) -> None:
    emulator.seed([row("t1")], project="one")
    emulator.seed([row("t2")], project="two")
    platform = LangSmithPlatform(views=("sql-injection", "secrets"), projects=("one", "two"))
    lines = list(platform.prepare())
    assert list(LangSmithPlatform(views=("sql-injection", "secrets"), projects=("one", "two")).prepare()) == lines
    state = emulator.state()
    assert len(state["views"]) == 4
    assert len(state["configs"]) == 5
    assert {one["filter_string"] for one in state["views"]} == {
        f'and(eq(feedback_key,"policy.{policy}"),gt(feedback_score,0))' for policy in ("sql-injection", "secrets")
    }
    (queue,) = state["queues"]
    assert [item["feedback_key"] for item in queue["rubric_items"]] == ["policy.review"]
    assert "annotation queue tracevet review" in lines


def test_who_is_no_administrator_gets_all_but_the_configs_and_is_told(start_emulator: Start) -> None:
    emulator = start_emulator(rules=Rules(admin=False))
    lines = list(LangSmithPlatform().prepare())
    assert lines[0].startswith(
        "no feedback config for policy.review, policy.severity, policy.coverage: the key may not"
    )
    (queue,) = emulator.state()["queues"]
    assert queue["rubric_items"] is None
    assert queue["rubric_instructions"]


def test_a_foreign_config_of_our_name_is_refused(emulator: LangSmithEmulator, platform: LangSmithPlatform) -> None:
    body = {"feedback_key": "policy.review", "feedback_config": {"type": "continuous", "min": 0, "max": 1}}
    platform._connection.post("making a config", "/api/v1/feedback-configs", body)
    with pytest.raises(PlatformError, match="rename or delete it"):
        list(platform.prepare())
    assert not emulator.state()["queues"]


def test_a_plan_s_limit_is_told_and_nothing_is_parked(
    start_emulator: Start, row: Make, violation: Violate, verdict: Judge
) -> None:
    emulator = start_emulator(rules=Rules(long_traces=0))
    emulator.seed([row("t1")])
    platform = LangSmithPlatform(extend_trace_retention=True)
    with pytest.raises(PlatformError, match="the plan's limit on traces or their retention is reached") as caught:
        platform.write_all([verdict("t1", violation("t1"))])
    assert not isinstance(caught.value, RefusedError | BusyError)
    LangSmithPlatform().write(verdict("t1", violation("t1")))
    assert values(emulator)


def test_the_filter_of_the_readme_finds_violating_traces(
    emulator: LangSmithEmulator, platform: LangSmithPlatform, row: Make, violation: Violate, verdict: Judge, name: Name
) -> None:
    emulator.seed([row("t1"), row("t2"), row("t3")])
    platform.write(verdict("t1", violation("t1")))
    platform.write(verdict("t2", violation("t2", status=Status.RETRACTED)))
    body = {
        "session": [emulator.project()],
        "filter": 'and(eq(feedback_key,"policy.sql-injection"),gt(feedback_score,0))',
        "start_time": "2022-01-01T00:00:00Z",
        "select": ["id"],
    }
    found = platform._connection.post("asking", "/api/v1/runs/query", body)
    assert [run["id"] for run in json.loads(json.dumps(found))["runs"]] == [name("t1")]


@pytest.mark.parametrize(
    "evidence", ["```\n<script>\n# Heading", "`" * 40, "<img src=x onerror=alert(1)>", "x" * 20_000]
)
def test_evidence_stays_inside_its_block(violation: Violate, evidence: str) -> None:
    text = comment([violation("t1", evidence=evidence, path="a`b\n# c.py")], cleared="")
    tokens = MarkdownIt().parse(text)
    assert len(text) <= COMMENT
    assert [token.type for token in tokens].count("fence") == 1
    assert not {"heading_open", "html_block"} & {token.type for token in tokens}
