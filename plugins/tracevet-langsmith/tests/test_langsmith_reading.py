"""Reading: every trace whole and once, by v2 and v1 alike, and nothing lost that comes late or never ends."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tracevet import Cursor, GapReason, Trace, UsageError, Window
from tracevet.testing.langsmith import LangSmithEmulator
from tracevet.watch import OVERLAP
from tracevet_langsmith import LangSmithPlatform, queries, reading
from tracevet_langsmith.budget import LIMITS, Budget, Kind
from tracevet_langsmith.projects import FRESH, Projects

Make = Callable[..., dict[str, Any]]
Name = Callable[..., str]
Start = Callable[..., LangSmithEmulator]
SERVERS: dict[str, dict[str, Any]] = {"v2": {}, "v1 alone": {"version": "0.15.2"}, "v2 alone": {"v2": "only"}}


@pytest.fixture(params=list(SERVERS.values()), ids=list(SERVERS))
def server(request: pytest.FixtureRequest, start_emulator: Start) -> LangSmithEmulator:
    """Run each kind of server."""
    return start_emulator(**request.param)


def read(platform: LangSmithPlatform, window: Window, cursor: Cursor | None = None) -> list[Trace]:
    return [trace for page in platform.traces(window, cursor) for trace in page.traces]


def ids(traces: list[Trace]) -> list[str]:
    return [trace.id for trace in traces]


def test_every_trace_comes_whole_and_once(server: LangSmithEmulator, window: Window, row: Make, name: Name) -> None:
    server.seed(row(f"t{n:03}", number) for n in range(60) for number in range(4))
    traces = read(LangSmithPlatform(), window)
    assert sorted(ids(traces)) == sorted(name(f"t{n:03}") for n in range(60))
    assert {len(trace.spans) for trace in traces} == {4}


def test_all_servers_give_the_same_trace(start_emulator: Start, window: Window, row: Make) -> None:
    rows = [row("t1", number, tags=["claude-code"]) for number in range(3)]
    rows[2]["extra"] = {**rows[2]["extra"], "invocation_params": {"model": "claude-5"}, "runtime": {"sdk": "x"}}
    found = []
    for options in SERVERS.values():
        start_emulator(**options).seed(rows)
        found += read(LangSmithPlatform(), window)
    assert len(found) == 3
    assert found[0].spans[2].parent_id == found[0].id
    assert found[0].spans[2].model == "claude-5"
    first = found[0]
    assert [(one.content, one.spans, one.session_id, one.tags) for one in found] == [
        (first.content, first.spans, "session-1", ("claude-code",))
    ] * 3


def test_traces_with_tools_come_first_and_the_oldest_first_among_them(
    server: LangSmithEmulator, window: Window, row: Make, name: Name
) -> None:
    del window
    server.seed([row("talk"), row("old"), row("old", 1), row("new", start_time="2026-11-20T12:05:00Z"), row("new", 1)])
    traces = read(LangSmithPlatform(), Window())
    assert ids(traces) == [name("old"), name("new"), name("talk")]


def test_the_window_is_half_open_by_the_end(server: LangSmithEmulator, window: Window, row: Make, name: Name) -> None:
    start, end = window.start, window.end
    assert start
    assert end
    long_ago, second = (start - timedelta(hours=3)).isoformat(), timedelta(seconds=1)
    server.seed(
        row(trace, start_time=long_ago, end_time=at.isoformat())
        for trace, at in (("at-start", start), ("before", start - second), ("last", end - second), ("at-end", end))
    )
    assert sorted(ids(read(LangSmithPlatform(), window))) == sorted([name("at-start"), name("last")])


def test_old_traces_are_found_without_a_window(server: LangSmithEmulator, row: Make, name: Name) -> None:
    server.seed([row("t1", start_time="2023-02-01T00:00:00Z", end_time="2023-02-01T00:00:01Z")])
    assert ids(read(LangSmithPlatform(), Window())) == [name("t1")]


def test_without_named_projects_only_coding_agents_are_read_and_with_them_everything(
    server: LangSmithEmulator, window: Window, row: Make, name: Name
) -> None:
    server.seed([row("coding")], project="claude-code")
    server.seed([row("chat", extra={"metadata": {"ls_agent_purpose": "support"}})], project="bot")
    assert ids(read(LangSmithPlatform(), window)) == [name("coding")]
    assert ids(read(LangSmithPlatform(projects=("bot",)), window)) == [name("chat")]
    assert len(read(LangSmithPlatform(projects=("bot", "claude-code")), window)) == 2


def test_a_project_that_does_not_exist_is_told_with_those_that_do(
    emulator: LangSmithEmulator, window: Window, row: Make
) -> None:
    emulator.seed([row("t1")], project="claude-code")
    with pytest.raises(UsageError, match=r"no project named 'claude'.*are: claude-code$"):
        read(LangSmithPlatform(projects=("claude",)), window)


def test_a_workspace_without_projects_is_no_error(platform: LangSmithPlatform, window: Window) -> None:
    assert read(platform, window) == []


def test_a_project_that_is_new_is_read_in_time(
    emulator: LangSmithEmulator, platform: LangSmithPlatform, window: Window, row: Make, name: Name
) -> None:
    assert OVERLAP.total_seconds() > FRESH
    assert read(platform, window) == []
    emulator.seed([row("t1")], project="the first")
    assert ids(read(platform, window)) == [name("t1")]
    now = 0.0
    projects = Projects(platform._connection, (), clock=lambda: now)
    assert len(projects.ids()) == 1
    emulator.seed([row("t2")], project="the second")
    now += FRESH
    assert len(projects.ids()) == 2


def test_more_projects_than_fit_in_a_query_are_all_read(
    emulator: LangSmithEmulator, window: Window, row: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PROJECTS", 3)
    for number in range(8):
        emulator.seed([row(f"t{number}")], project=f"project-{number}")
    assert len(read(LangSmithPlatform(), window)) == 8


def test_a_cursor_asks_only_for_what_is_new_and_late_runs_bring_their_trace_again(
    emulator: LangSmithEmulator, platform: LangSmithPlatform, window: Window, row: Make, name: Name
) -> None:
    emulator.seed([row("t1"), row("t2")])
    (page,) = platform.traces(window, Cursor("given"))
    assert read(platform, window, page.cursor) == []
    emulator.seed([row("t2", 1), row("t3")])
    again = read(platform, replace(window, end=None), page.cursor)
    assert [(trace.id, len(trace.spans)) for trace in again] == [(name("t2"), 2), (name("t3"), 1)]
    assert len(read(platform, window)) == 3


def test_what_was_not_taken_is_given_again(
    emulator: LangSmithEmulator, platform: LangSmithPlatform, window: Window, row: Make, name: Name
) -> None:
    emulator.seed([row("t1")])
    next(iter(platform.traces(window, Cursor("given"))))  # the reader went away before it asked for more
    assert ids(read(platform, window, Cursor("given"))) == [name("t1")]


def test_a_run_that_never_ends_is_read_as_it_stands_once_and_again_when_it_ends(
    server: LangSmithEmulator, window: Window, row: Make, name: Name
) -> None:
    platform = LangSmithPlatform()
    server.seed([row("t1", end_time=None, outputs=None)])
    assert window.start
    early = Window(window.start, window.start + timedelta(minutes=10))
    assert read(platform, early) == []
    (trace,) = read(platform, window, Cursor("given"))
    assert (trace.id, [gap.reason for gap in trace.gaps]) == (name("t1"), [GapReason.NOT_RECORDED])
    assert read(platform, window, Cursor("given")) == []
    server.seed([row("t1")])
    (trace,) = read(platform, window, Cursor("given"))
    assert (trace.gaps, trace.spans[0].end is None) == ((), False)


def test_a_trace_deleted_since_it_was_listed_is_left_out(
    emulator: LangSmithEmulator, window: Window, row: Make, name: Name, monkeypatch: pytest.MonkeyPatch
) -> None:
    emulator.seed([row("t1"), row("t2")])
    listed = queries.runs

    def runs(*arguments: Any) -> Any:
        found = list(listed(*arguments))
        emulator.delete_trace(name("t1"))
        return iter(found)

    monkeypatch.setattr(reading, "runs", runs)
    assert ids(read(LangSmithPlatform(), window)) == [name("t2")]


def test_a_huge_trace_is_read_in_pages_and_what_can_not_be_held_is_a_gap(
    emulator: LangSmithEmulator, window: Window, row: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MANY", 50)
    monkeypatch.setattr(reading, "MAX_TRACE", 30_000)
    emulator.seed(row("t1", number, inputs={"input": "x" * 1000}) for number in range(120))
    (trace,) = read(LangSmithPlatform(), window)
    (gap,) = trace.gaps
    assert len(trace.spans) == 120
    assert (gap.reason, gap.count > 80) == (GapReason.TOO_LARGE, True)
    assert not any(request.path.endswith("/runs") and "traces" in request.path for request in emulator.requests)


ODD = {"null": None, "10 MB": {"input": "x" * 10_000_000}, "control characters": {"input": "\x00\x1b[2J"}}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_odd_inputs_are_read(
    emulator: LangSmithEmulator, platform: LangSmithPlatform, window: Window, row: Make, value: Any
) -> None:
    emulator.seed([row("t1", inputs=value, outputs=None)])
    (trace,) = read(platform, window)
    assert trace.spans[0].input == (value or {}) or (value is None and trace.spans[0].input is None)


def test_a_trace_nested_too_deeply_costs_itself_alone(
    emulator: LangSmithEmulator, platform: LangSmithPlatform, window: Window, row: Make, name: Name
) -> None:
    emulator.seed([row("t1"), row("t2")])
    fetch = platform._connection.client.traces.with_raw_response.list_runs
    deep = "[" * 200_000

    def fetched(**options: Any) -> Any:
        answer = fetch(**options)
        if options["trace_id"] == name("t1"):
            answer.http_response._content = deep.encode()
        return answer

    platform._connection.client.traces.with_raw_response.list_runs = fetched
    pages = list(platform.traces(window, None))
    assert [trace.id for page in pages for trace in page.traces] == [name("t2")]
    assert {gap.reason for page in pages for gap in page.gaps} == {GapReason.TOO_LARGE}


def test_a_trace_has_the_address_at_which_people_find_it(
    emulator: LangSmithEmulator, platform: LangSmithPlatform, window: Window, row: Make, name: Name
) -> None:
    emulator.seed([row("t1")])
    (trace,) = read(platform, window)
    project = emulator.project()
    assert trace.url == f"{emulator.url}/o/{emulator.workspace.id}/projects/p/{project}/r/{name('t1')}?poll=true"


def test_every_query_bounds_the_start_or_the_server_would(
    emulator: LangSmithEmulator, platform: LangSmithPlatform, window: Window, row: Make
) -> None:
    emulator.seed([row("t1")])
    read(platform, window)
    asked = [json.loads(one.body) for one in emulator.requests if one.path.endswith("/v2/runs/query")]
    assert asked
    assert all(body["selects"] and body["page_size"] == 1000 for body in asked)
    assert {body["min_start_time"] for body in asked} == {"2026-11-19T12:00:00.000000Z", "2026-11-20T11:45:00.000000Z"}


def test_no_ten_seconds_hold_more_queries_than_langsmith_allows() -> None:
    now, spent = 0.0, []

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    budget = Budget(LIMITS, 12, clock=lambda: now, sleep=sleep)
    for number in range(100):
        now += 0.1 * (number % 7)
        budget.spend(Kind.QUERY)
        budget.spend(Kind.OTHER)
        spent.append(now)
    assert all(later - first > 9.999 for first, later in zip(spent, spent[6:], strict=False))
    assert spent[-1] < 180
