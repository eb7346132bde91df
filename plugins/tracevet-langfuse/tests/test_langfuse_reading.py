"""Reading: every trace whole and once, nothing of Langfuse's own, nothing cut, within limits."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tracevet import Cursor, GapReason, Trace, Window
from tracevet.testing.langfuse import LangfuseEmulator
from tracevet_langfuse import LangfusePlatform
from tracevet_langfuse.budget import Budget
from tracevet_langfuse.rows import own_id

Make = Callable[..., dict[str, Any]]


def read(platform: LangfusePlatform, window: Window, cursor: Cursor | None = None) -> list[Trace]:
    return [trace for page in platform.traces(window, cursor) for trace in page.traces]


def ids(traces: list[Trace]) -> list[str]:
    return [trace.id for trace in traces]


def test_every_trace_comes_whole_and_once_oldest_first(
    emulator: LangfuseEmulator, platform: LangfusePlatform, window: Window, row: Make
) -> None:
    emulator.seed(row(f"t{n:03}", number) for n in range(130) for number in range(4))
    traces = read(platform, window)
    assert sorted(ids(traces)) == [f"t{n:03}" for n in range(130)]
    assert {len(trace.spans) for trace in traces} == {4}
    assert [trace.start for trace in traces] == sorted(trace.start for trace in traces if trace.start)


def test_several_traces_are_read_in_one_call(
    emulator: LangfuseEmulator, platform: LangfusePlatform, window: Window, row: Make
) -> None:
    emulator.seed(row(f"t{n}") for n in range(40))
    read(platform, window)
    asked = [request for request in emulator.requests if request.path.endswith("/v2/observations")]
    assert len(asked) == 2


def test_a_trace_carries_what_its_rows_say(
    emulator: LangfuseEmulator, platform: LangfusePlatform, window: Window, row: Make
) -> None:
    emulator.seed(
        [row("t1", userId="dev@company.com", sessionId="s1", tags=["claude-code"], metadata={"cwd": "/srv/a"})]
    )
    (trace,) = read(platform, window)
    assert (trace.user, trace.session_id, trace.tags, trace.environment) == (
        "dev@company.com",
        "s1",
        ("claude-code",),
        "prod",
    )
    assert trace.url == f"{emulator.url}/project/project-1/traces/t1"
    assert trace.spans[0].metadata["cwd"] == "/srv/a"


def test_content_in_metadata_is_not_cut(
    emulator: LangfuseEmulator, platform: LangfusePlatform, window: Window, row: Make
) -> None:
    edits = [{"old_string": "", "new_string": "x = 1\n" * 200}]
    emulator.seed([row("t1", metadata={"cursor.edits": edits, "attributes.gen_ai.tool.call.arguments": "y" * 900})])
    (trace,) = read(platform, window)
    assert trace.spans[0].metadata["cursor.edits"] == edits
    assert len(str(trace.spans[0].metadata["attributes.gen_ai.tool.call.arguments"])) == 900


def test_every_key_in_which_the_extractor_finds_content_is_fetched_whole() -> None:
    from tracevet.extract.metadata import PAYLOADS
    from tracevet_langfuse.rows import WHOLE

    assert set(PAYLOADS) <= set(WHOLE.split(","))


@pytest.mark.parametrize(
    "fields",
    [
        {"environment": "langfuse-llm-as-a-judge"},
        {"type": "GUARDRAIL", "name": "tracevet", "id": own_id("t2", "t2-0"), "parentObservationId": "t2-0"},
    ],
    ids=["evaluator", "own"],
)
def test_what_langfuse_and_we_ourselves_wrote_is_skipped(
    emulator: LangfuseEmulator, platform: LangfusePlatform, window: Window, row: Make, fields: dict[str, str]
) -> None:
    emulator.seed([row("t2"), row("t2", 1, **fields)])
    (trace,) = read(platform, window)
    assert [span.id for span in trace.spans] == ["t2-0"]


def test_what_only_looks_like_our_own_is_vetted(
    emulator: LangfuseEmulator, platform: LangfusePlatform, window: Window, row: Make
) -> None:
    emulator.seed([row("t1"), row("t1", 1, type="GUARDRAIL", name="tracevet")])
    (trace,) = read(platform, window)
    assert len(trace.spans) == 2


def test_a_trace_of_nothing_but_an_evaluator_does_not_come(
    emulator: LangfuseEmulator, platform: LangfusePlatform, window: Window, row: Make
) -> None:
    emulator.seed([row("t1", environment="langfuse-llm-as-a-judge")])
    assert read(platform, window) == []


def test_our_own_tags_make_no_trace_another_one(
    emulator: LangfuseEmulator, platform: LangfusePlatform, window: Window, row: Make
) -> None:
    emulator.seed([row("t1", tags=["a"])])
    (before,) = read(platform, window)
    emulator.seed([row("t1", tags=["a", "policy:sql-injection"])])
    (after,) = read(platform, window)
    assert (after.tags, after.content) == (("a",), before.content)


def test_only_the_environments_and_tags_that_are_asked_for_come(
    emulator: LangfuseEmulator, window: Window, row: Make
) -> None:
    emulator.seed([row("t1", tags=["a"]), row("t2", environment="dev", tags=["a"]), row("t3", tags=["b"])])
    assert ids(read(LangfusePlatform(environments=("dev",)), window)) == ["t2"]
    assert ids(read(LangfusePlatform(tags=("a",)), window)) == ["t1", "t2"]


def test_the_window_is_half_open_by_the_end(
    emulator: LangfuseEmulator, platform: LangfusePlatform, window: Window, row: Make
) -> None:
    start, end = window.start, window.end
    assert start
    assert end
    long_ago, second = (start - timedelta(hours=3)).isoformat(), timedelta(seconds=1)
    emulator.seed(
        row(name, startTime=long_ago, endTime=at.isoformat())
        for name, at in (("at-start", start), ("before", start - second), ("last", end - second), ("at-end", end))
    )
    assert ids(read(platform, window)) == ["at-start", "last"]


def test_rows_that_stand_there_twice_are_one(
    emulator: LangfuseEmulator, platform: LangfusePlatform, window: Window, row: Make
) -> None:
    emulator.seed([row("t1"), row("t1")], twice=True)
    (trace,) = read(platform, window)
    assert len(trace.spans) == 1


def test_a_cursor_asks_only_for_what_is_new_and_late_parts_bring_their_trace_again(
    emulator: LangfuseEmulator, platform: LangfusePlatform, window: Window, row: Make
) -> None:
    emulator.seed([row("t1"), row("t2")])
    (page,) = platform.traces(window, Cursor("given"))
    assert read(platform, window, page.cursor) == []
    emulator.seed([row("t2", 1), row("t3")])
    again = read(platform, replace(window, end=None), page.cursor)
    assert [(trace.id, len(trace.spans)) for trace in again] == [("t2", 2), ("t3", 1)]
    assert len(read(platform, window)) == 3


def test_what_was_not_taken_is_given_again(
    emulator: LangfuseEmulator, platform: LangfusePlatform, window: Window, row: Make
) -> None:
    emulator.seed([row("t1")])
    next(iter(platform.traces(window, Cursor("given"))))  # the reader went away before it asked for more
    assert ids(read(platform, window, Cursor("given"))) == ["t1"]


def test_cut_fields_and_media_are_gaps(
    emulator: LangfuseEmulator, platform: LangfusePlatform, window: Window, row: Make
) -> None:
    media = "@@@langfuseMedia:type=image/png|id=m1|source=bytes@@@"
    emulator.seed([row("t1", output="x = 1 [TRUNCATED: Field exceeded size limit]", input=media)])
    (trace,) = read(platform, window)
    assert {gap.reason for gap in trace.gaps} == {GapReason.TRUNCATED, GapReason.NOT_RECORDED}


ODD = {"null": None, "10 MB": "x" * 10_000_000, "broken JSON": '{"broken', "control characters": "\x00\x1b[2J"}


@pytest.mark.parametrize("value", ODD.values(), ids=ODD)
def test_odd_inputs_are_read(
    emulator: LangfuseEmulator, platform: LangfusePlatform, window: Window, row: Make, value: str | None
) -> None:
    emulator.seed([row("t1", input=value, output=None)])
    (trace,) = read(platform, window)
    assert trace.spans[0].input == value


def test_ids_that_are_not_hexadecimal_are_read(
    emulator: LangfuseEmulator, platform: LangfusePlatform, window: Window, row: Make
) -> None:
    names = ["a,b", 'quo"te', "ümlaut & co", "../x?y=1"]
    emulator.seed(row(name) for name in names)
    assert sorted(ids(read(platform, window))) == sorted(names)


def test_no_minute_holds_more_requests_than_the_budget() -> None:
    now, spent = 0.0, []

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    budget = Budget(30, clock=lambda: now, sleep=sleep)
    for number in range(200):
        now += 0.1 * (number % 7)
        budget.spend()
        spent.append(now)
    assert all(later - first > 59.999 for first, later in zip(spent, spent[30:], strict=False))
    assert spent[-1] < 60 * 8
