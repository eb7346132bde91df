"""Transcripts of Claude Code become one trace per turn, whatever state the file is in."""

import itertools
import json
import random
import tracemalloc
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tracevet import Gap, GapReason, SpanKind, Trace
from tracevet.records import claude_code, turn

ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "data/records/claude-code.jsonl").read_text().splitlines()
]
_numbers = itertools.count()


def row(kind: str, content: Any, second: int = 0, **more: Any) -> dict[str, Any]:
    message: dict[str, Any] = {"role": kind, "content": content}
    if kind == "assistant":
        message |= {"id": more.pop("id", f"msg{next(_numbers)}"), "model": "claude"}
    stamp = f"2026-08-20T09:{second // 60:02}:{second % 60:02}Z"
    head = {"type": kind, "uuid": f"u{next(_numbers)}", "sessionId": "s", "isSidechain": False, "timestamp": stamp}
    return {**head, "message": message, **more}


def use(call: str, **given: Any) -> dict[str, Any]:
    return {"type": "tool_use", "id": call, "name": "Write", "input": given}


def result(call: str, content: Any = "done") -> list[dict[str, Any]]:
    return [{"type": "tool_result", "tool_use_id": call, "content": content}]


def read(rows: Iterable[Any]) -> tuple[list[Trace], list[Gap]]:
    found = list(claude_code.turns(rows))
    return [item for item in found if isinstance(item, Trace)], [item for item in found if isinstance(item, Gap)]


def prompts(traces: Iterable[Trace]) -> list[Any]:
    roots = (next(span for span in trace.spans if span.parent_id is None) for trace in traces)
    return [root.input["content"] if isinstance(root.input, dict) else None for root in roots]


def test_a_turn_is_read_whole() -> None:
    (trace,), gaps = read(ROWS)
    session, prompt = ROWS[0]["sessionId"], ROWS[0]["promptId"]
    assert (trace.id, trace.session_id, trace.platform) == (f"{session}:{prompt}", session, "local")
    root, *rest = trace.spans
    assert root.input == {"role": "user", "content": ROWS[0]["message"]["content"]}
    assert dict(root.metadata) == {
        "source": "claude-code",
        "sessionId": session,
        "promptId": prompt,
        "cwd": "/home/dana/work/shop-api",
        "git_branch": "feature/user-lookup",
        "version": "2.1.45",
        "permissionMode": "acceptEdits",
    }
    assert [(span.id, span.kind, span.name, span.parent_id) for span in rest] == [
        ("msg_01A", SpanKind.GENERATION, "assistant", prompt),
        ("toolu_01W", SpanKind.TOOL, "Write", "msg_01A"),
        ("msg_01B", SpanKind.GENERATION, "assistant", prompt),
        ("toolu_01E", SpanKind.TOOL, "Edit", "msg_01B"),
        ("msg_01C", SpanKind.GENERATION, "assistant", prompt),
        ("toolu_01B", SpanKind.TOOL, "Bash", "msg_01C"),
        ("msg_01D", SpanKind.GENERATION, "assistant", prompt),
    ]
    assert rest[0].output == {"role": "assistant", "content": [{"type": "text", "text": "I'll add the helper."}]}
    assert rest[0].model == "claude-sonnet-4-5-20250929"
    assert rest[1].input == ROWS[2]["message"]["content"][0]["input"]
    assert rest[1].output == ROWS[3]["toolUseResult"]
    assert rest[1].metadata == {"tool_use_id": "toolu_01W"}
    assert (rest[1].start, rest[1].end) != (None, None)
    assert (trace.gaps, gaps) == ((), [])


def test_the_blocks_of_one_message_are_one_span() -> None:
    blocks: list[Any] = [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "a"}, use("c", content="x")]
    rows = [row("user", "hi"), *(row("assistant", [block], n, id="m") for n, block in enumerate(blocks, 1))]
    (trace,), _ = read(rows)
    assert [span.output for span in trace.spans if span.id == "m"] == [{"role": "assistant", "content": blocks[:2]}]


@pytest.mark.parametrize(
    ("more", "content"),
    [
        ({"isMeta": True}, "Caveat"),
        ({"isCompactSummary": True}, "This session is being continued"),
        ({}, "<local-command-stdout>ok</local-command-stdout>"),
        ({}, "<bash-stdout>ok</bash-stdout>"),
        ({}, "<task-notification>done</task-notification>"),
        ({}, [{"type": "text", "text": "[Request interrupted by user for tool use]"}]),
        ({}, "  \n"),
        ({}, []),
        ({}, None),
    ],
)
def test_only_what_the_user_said_begins_a_turn(more: dict[str, Any], content: Any) -> None:
    rows = [row("user", "one"), row("user", content, **more), row("assistant", "fine"), row("user", "two")]
    traces, gaps = read(rows)
    assert prompts(traces) == ["one", "two"]
    assert len(traces[0].spans) == 2
    assert gaps == []


def test_a_message_sent_while_the_turn_runs_belongs_to_the_turn() -> None:
    queued = {"type": "attachment", "uuid": "q", "sessionId": "s", "attachment": {"type": "queued_command"}}
    queued["attachment"]["prompt"] = "and quickly"  # type: ignore[index]  # an object, two lines above
    late = [*result("c"), {"type": "text", "text": "use sqlite"}]
    rows = [row("user", "one"), row("assistant", [use("c")], 1), row("user", late, 2), queued]
    (trace,), gaps = read(rows)
    said = [span.input for span in trace.spans if span.name == "user message"]
    assert said == [
        {"role": "user", "content": [{"type": "text", "text": "use sqlite"}]},
        {"role": "user", "content": "and quickly"},
    ]
    assert gaps == []


def test_rows_of_one_prompt_are_one_turn() -> None:
    rows = [row("user", "<command-name>/fix</command-name>", promptId="p"), row("user", "it all", 1, promptId="p")]
    traces, _ = read([*rows, row("user", "next", 2, promptId="q")])
    assert [trace.id for trace in traces] == ["s:p", "s:q"]
    assert len(traces[0].spans) == 2


def test_a_prompt_id_that_comes_again_later_makes_no_second_trace_of_the_same_id() -> None:
    traces, _ = read([row("user", str(n), n, promptId="pq"[n % 2]) for n in range(4)])
    assert len({trace.id for trace in traces}) == len(traces) == 4


def test_rows_that_come_again_count_once() -> None:
    assert read([*ROWS, *ROWS]) == read(ROWS)


def test_the_content_is_that_of_the_rows_and_not_of_their_order() -> None:
    shuffled = ROWS[1:]
    random.Random(7).shuffle(shuffled)
    (one,), _ = read(ROWS)
    (other,), _ = read([ROWS[0], *shuffled])
    assert {span.id for span in one.spans} == {span.id for span in other.spans}
    assert [span.output for span in sorted(one.spans, key=lambda s: s.id)] == [
        span.output for span in sorted(other.spans, key=lambda s: s.id)
    ]
    (again,), _ = read(ROWS)
    assert again.content == one.content


def test_results_find_their_calls_in_any_order_and_across_turns() -> None:
    early = [row("user", "one"), row("user", result("c")), row("assistant", [use("c", content="x")])]
    (trace,), _ = read(early)
    assert [(span.input, span.output) for span in trace.spans if span.id == "c"] == [({"content": "x"}, "done")]
    late = [row("user", "one"), row("assistant", [use("c", content="x")]), row("user", "two"), row("user", result("c"))]
    (_, second), _ = read(late)
    assert [(span.name, span.output) for span in second.spans if span.id == "c"] == [("Write", "done")]
    assert second.gaps == ()


def test_a_file_that_begins_in_the_middle_says_so() -> None:
    (trace,), _ = read([row("user", result("gone")), row("assistant", [use("c", content="x = 1")], 1)])
    assert prompts([trace]) == [None]
    assert {(gap.reason, gap.detail) for gap in trace.gaps} == {
        (GapReason.NOT_RECORDED, "the prompt of this turn is not in the file"),
        (GapReason.NOT_RECORDED, "the call of a result is not in the file"),
    }
    assert [span.input for span in trace.spans if span.id == "c"] == [{"content": "x = 1"}]


@pytest.mark.parametrize("form", ["own file", "sidechain", "progress"])
def test_a_subagent_has_traces_of_its_own_in_its_parents_session(form: str) -> None:
    rows = [row("user", "look around"), row("assistant", [use("c", content="x")], 1), row("user", result("c"), 2)]
    for entry, parent in zip(rows, [None, rows[0]["uuid"], rows[1]["uuid"]], strict=True):
        entry |= {"isSidechain": True, "parentUuid": parent}
        if form == "own file":
            entry["agentId"] = "a1"
    if form == "progress":
        inner = [{key: entry[key] for key in ("type", "uuid", "timestamp", "message")} for entry in rows]
        data = [{"type": "agent_progress", "agentId": "a1", "message": message} for message in inner]
        rows = [{"type": "progress", "uuid": f"p{n}", "sessionId": "s", "data": entry} for n, entry in enumerate(data)]
    around = [] if form == "own file" else [row("user", "main"), row("assistant", "ok", 5)]
    traces, gaps = read([*around[:1], *rows, *around[1:]])
    agent = next(trace for trace in traces if trace.name == "Claude Code subagent")
    assert (agent.session_id, prompts([agent])) == ("s", ["look around"])
    assert [span.output for span in agent.spans if span.id == "c"] == ["done"]
    assert prompts(trace for trace in traces if trace is not agent) == ["main"] * bool(around)
    assert gaps == []


def test_interleaved_subagents_are_told_apart_by_their_roots() -> None:
    rows = [row("user", f"task {n}", n, isSidechain=True, parentUuid=None, uuid=f"r{n}") for n in range(3)]
    rows += [row("assistant", [use(f"c{n}")], n + 3, isSidechain=True, parentUuid=f"r{n}") for n in range(3)]
    traces, _ = read(rows)
    assert [(prompts([trace])[0], trace.spans[-1].id) for trace in traces] == [(f"task {n}", f"c{n}") for n in range(3)]


def test_cyclic_parents_do_not_loop() -> None:
    rows = [row("assistant", "x", isSidechain=True, uuid=one, parentUuid=other) for one, other in ("ab", "ba", "cc")]
    traces, _ = read(rows)
    assert len(traces) == 1


def test_calls_of_one_id_with_different_input_are_both_kept() -> None:
    rows = [row("user", "x"), *(row("assistant", [use("c", content=text)], n) for n, text in enumerate("aab", 1))]
    (trace,), _ = read(rows)
    calls = [span for span in trace.spans if span.kind is SpanKind.TOOL]
    assert [span.input for span in calls] == [{"content": "a"}, {"content": "b"}]
    assert len({span.id for span in calls}) == 2


def test_kinds_without_content_are_skipped_and_unknown_ones_counted() -> None:
    known = [{"type": kind, "sessionId": "s"} for kind in sorted(claude_code.SKIPPED)]
    hooks = {"type": "progress", "data": {"type": "hook_progress"}}
    context = {"type": "attachment", "attachment": {"type": "file", "content": "x"}}
    unknown = [{"type": "hologram"}, {"type": "hologram"}, {"no": "type"}, {"type": {}}]
    traces, gaps = read([*known, hooks, context, *unknown, {"type": "user"}, {"type": "assistant", "message": 7}])
    assert traces == []
    assert [(gap.reason, gap.detail, gap.count) for gap in gaps] == [
        (GapReason.UNKNOWN_KIND, "rows of the unknown kind hologram", 2),
        (GapReason.UNKNOWN_KIND, "rows without a kind", 2),
        (GapReason.MALFORMED, "rows without a message", 2),
    ]


def test_invalid_dates_are_a_gap_of_the_turn() -> None:
    (trace,), _ = read([row("user", "x", timestamp="soon"), row("assistant", "y", timestamp=1e300)])
    assert [(gap.reason, gap.detail, gap.count) for gap in trace.gaps] == [
        (GapReason.MALFORMED, "timestamp is no date", 2)
    ]
    assert trace.start is None


def test_any_value_may_be_of_any_type() -> None:
    junk: list[Any] = [None, 7, "x", [], {}, [[]], [{}], {"type": "tool_use"}, [{"type": "tool_result"}], [None]]
    rows = [row(kind, value) for kind in ("user", "assistant") for value in junk]
    for key in rows[0]:
        rows += [{**row(kind, "x"), key: value} for kind in ("user", "assistant") for value in junk]
    traces, _ = read(rows)
    assert traces


def endless(turns: int, size: int) -> Iterator[dict[str, Any]]:
    """Rows of a transcript, made as they are asked for; the second half is all one turn."""
    for number in range(turns * 2):
        if number < turns:
            yield row("user", f"prompt {number}")
        yield row("assistant", [use(f"c{number}", content="x" * size)])


def test_memory_holds_the_turn_and_not_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claude_code, "MAX_WEIGHT", 500_000)
    tracemalloc.start()
    traces = calls = 0
    for item in claude_code.turns(endless(1_000, 20_000)):
        assert isinstance(item, Trace)
        traces, calls = traces + 1, calls + sum(span.kind is SpanKind.TOOL for span in item.spans)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert calls == 2_000  # 40 MB of them
    assert traces > 1_030  # the oversized turn came in parts
    assert peak < 5_000_000


def test_an_oversized_turn_comes_in_parts_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claude_code, "MAX_WEIGHT", 10_000)
    rows = [row("user", "go"), *(row("assistant", [use(f"c{n}", content="x" * 4_000)], n) for n in range(9))]
    traces, _ = read([*rows, row("user", result("c0"), 20)])
    assert [trace.id.partition(":part")[2] for trace in traces] == ["", *(str(n) for n in range(2, len(traces) + 1))]
    assert len({span.id for trace in traces for span in trace.spans}) == sum(len(trace.spans) for trace in traces) - 1
    assert all(trace.gaps == () for trace in traces)
    assert turn.MAX_WEIGHT > 10_000
