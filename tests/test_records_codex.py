"""Rollouts of Codex become one trace per turn, of whatever version they are."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tracevet import Gap, GapReason, SpanKind, Trace
from tracevet.records import codex

ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "data/records/codex.jsonl").read_text().splitlines()
]
SESSION, TURN = "019f2a10-3c4d-7e5f-8a6b-1c2d3e4f5a6b", "019f2a10-5555-7000-8000-aaaaaaaaaaaa"
META = {"type": "session_meta", "payload": {"id": "s", "cwd": "/x"}}


def item(kind: str, second: int = 0, **payload: Any) -> dict[str, Any]:
    stamp = f"2026-08-20T09:00:{second:02}Z"
    return {"timestamp": stamp, "type": "response_item", "payload": {"type": kind, **payload}}


def event(kind: str, second: int = 0, **payload: Any) -> dict[str, Any]:
    return {**item(kind, second, **payload), "type": "event_msg"}


def says(role: str, words: str, second: int = 0) -> dict[str, Any]:
    kind = "output_text" if role == "assistant" else "input_text"
    return item("message", second, role=role, content=[{"type": kind, "text": words}])


def read(rows: Iterable[Any]) -> tuple[list[Trace], list[Gap]]:
    found = list(codex.turns(rows))
    return [entry for entry in found if isinstance(entry, Trace)], [entry for entry in found if isinstance(entry, Gap)]


def prompt(trace: Trace) -> Any:
    root = next(span for span in trace.spans if span.parent_id is None)
    content = root.input["content"] if isinstance(root.input, dict) else None
    return content[0]["text"] if isinstance(content, list) and isinstance(content[0], dict) else content


def test_a_turn_is_read_whole() -> None:
    (trace,), gaps = read(ROWS)
    assert (trace.id, trace.session_id, trace.platform) == (f"{SESSION}:{TURN}", SESSION, "local")
    assert prompt(trace) == "Add a get_user(conn, user_id) helper in app/db.py"
    assert dict(trace.metadata) == {
        "source": "codex",
        "sessionId": SESSION,
        "turn_id": TURN,
        "cwd": "/home/dana/work/shop-api",
        "git_branch": "feature/user-lookup",
        "git_commit_sha": "145f84e3ab295fba79f804faf724d2883642446c",
        "repository_url": "https://github.com/acme/shop-api.git",
        "cli_version": "0.143.0",
        "originator": "codex-tui",
        "model_provider": "openai",
        "approval_policy": "on-request",
        "sandbox_mode": "workspace-write",
        "model": "gpt-5.4",
        "effort": "medium",
    }
    root, shell, patch, answer = trace.spans
    assert root.kind is SpanKind.AGENT
    assert (shell.kind, shell.name, shell.id) == (SpanKind.TOOL, "exec_command", "call_ls")
    assert isinstance(shell.input, dict)
    assert shell.input["workdir"] == "/home/dana/work/shop-api"
    assert isinstance(patch.input, str)
    assert patch.input.startswith("*** Begin Patch")
    assert (answer.kind, answer.model) == (SpanKind.GENERATION, "gpt-5.4")
    assert {span.parent_id for span in (shell, patch, answer)} == {root.id}
    assert (trace.gaps, gaps) == ((), [])


def test_an_older_rollout_without_wrappers_gives_the_same_spans() -> None:
    old: list[Any] = [{"id": "s", "timestamp": "2026-08-20T09:30:00Z", "instructions": None, "git": {"branch": "b"}}]
    old += [{"record_type": "state"}]
    old += [row["payload"] for row in ROWS if row["type"] == "response_item"]
    (trace,), gaps = read(old)
    assert (trace.id, trace.metadata["git_branch"]) == ("s:turn-1", "b")
    assert trace.metadata["cwd"] == "/home/dana/work/shop-api"  # from the environment context
    (new,), _ = read(ROWS)
    assert [(span.name, span.input, span.output) for span in trace.spans[1:]] == [
        (span.name, span.input, span.output) for span in new.spans[1:]
    ]
    assert gaps == []


@pytest.mark.parametrize("told", ["item", "event", "both", "both, event first"])
def test_a_prompt_told_once_or_twice_is_one_prompt(told: str) -> None:
    rows: list[Any] = [META]
    for number in (1, 2):
        both = [says("user", f"do {number}", number), event("user_message", number, message=f"do {number}")]
        rows += {"item": both[:1], "event": both[1:], "both": both}.get(told, both[::-1])
        rows += [says("assistant", f"did {number}", number)]
    traces, _ = read(rows)
    assert [(prompt(trace), len(trace.spans)) for trace in traces] == [("do 1", 2), ("do 2", 2)]
    assert [trace.id for trace in traces] == ["s:turn-1", "s:turn-2"]


def test_turns_are_told_by_their_ids_and_steering_belongs_to_the_turn() -> None:
    rows: list[Any] = [META]
    for name in ("a", "b"):
        rows += [event("task_started", turn_id=name), {"type": "turn_context", "payload": {"turn_id": name}}]
        rows += [says("user", f"do {name}"), event("user_message", message=f"do {name}"), says("assistant", "hm")]
        rows += [says("user", "faster"), event("user_message", message="faster"), says("assistant", "did")]
        rows += [event("task_complete", turn_id=name)]
    traces, _ = read(rows)
    assert [(trace.id, prompt(trace)) for trace in traces] == [("s:a", "do a"), ("s:b", "do b")]
    assert [sum(span.name == "user message" for span in trace.spans) for trace in traces] == [1, 1]


def test_a_turn_named_after_its_prompt_takes_the_name() -> None:
    rows = [META, says("user", "do"), {"type": "turn_context", "payload": {"turn_id": "a"}}, says("assistant", "did")]
    (trace,), _ = read(rows)
    assert (trace.id, prompt(trace), len(trace.spans)) == ("s:a", "do", 2)


@pytest.mark.parametrize(
    "words",
    [
        "<environment_context><cwd>/x</cwd></environment_context>",
        "<user_instructions>be nice</user_instructions>",
        "# AGENTS.md instructions for /x",
        "  ",
    ],
)
def test_synthetic_messages_are_no_prompts(words: str) -> None:
    traces, gaps = read([META, says("user", words), says("developer", "rules"), says("user", "real")])
    assert [prompt(trace) for trace in traces] == ["real"]
    assert gaps == []


CALLS: list[tuple[dict[str, Any], str, Any]] = [
    ({"type": "function_call", "name": "shell", "arguments": '{"command": ["ls"]}'}, "shell", {"command": ["ls"]}),
    ({"type": "function_call", "name": "shell", "arguments": '{"command": ["l'}, "shell", '{"command": ["l'),
    ({"type": "custom_tool_call", "name": "apply_patch", "input": "*** Begin Patch"}, "apply_patch", "*** Begin Patch"),
    ({"type": "local_shell_call", "action": {"command": ["ls"]}}, "local_shell", {"command": ["ls"]}),
    ({"type": "web_search_call", "action": {"query": "x"}}, "web_search", {"query": "x"}),
    ({"type": "new_thing_call", "body": {"code": "x = 1"}}, "new_thing", {"body": {"code": "x = 1"}}),
]


@pytest.mark.parametrize(("payload", "name", "given"), CALLS)
def test_calls_of_every_kind_keep_their_input_and_find_their_output(payload: Any, name: str, given: Any) -> None:
    rows = [META, says("user", "do"), item("call")]
    rows[-1]["payload"] = {**payload, "call_id": "c"}
    rows.append(item("anything_call_output", 1, call_id="c", output={"content": "ok"}))
    (trace,), gaps = read(rows)
    tool = trace.spans[-1]
    assert (tool.kind, tool.name, tool.input, tool.output) == (SpanKind.TOOL, name, given, {"content": "ok"})
    assert gaps == []


def test_copies_count_only_where_the_item_is_missing() -> None:
    copies = [row for row in ROWS if row["type"] == "event_msg"]
    (whole,), _ = read(ROWS)
    (rebuilt,), _ = read([ROWS[0], *copies])
    assert [span.name for span in rebuilt.spans if span.kind is SpanKind.TOOL] == ["exec_command", "apply_patch"]
    patch = next(span for span in rebuilt.spans if span.name == "apply_patch")
    assert isinstance(patch.input, dict)
    assert patch.input["changes"] == copies[-4]["payload"]["changes"]
    assert rebuilt.spans[-1].output == whole.spans[-1].output
    assert len(rebuilt.spans) == len(whole.spans)


def test_reasoning_that_is_readable_is_kept() -> None:
    rows = [META, says("user", "do"), item("reasoning", summary=[{"type": "summary_text", "text": "x = eval(y)"}])]
    (trace,), _ = read([*rows, item("reasoning", encrypted_content="...", summary=[])])
    assert trace.spans[-1].output == {"role": "assistant", "content": [{"type": "thinking", "thinking": "x = eval(y)"}]}
    assert len(trace.spans) == 2


def test_credentials_in_a_repository_url_are_dropped() -> None:
    git = {"repository_url": "https://dana:ghp_secret@github.com/acme/shop.git"}
    (trace,), _ = read([{"type": "session_meta", "payload": {"id": "s", "git": git}}, says("user", "do")])
    assert trace.metadata["repository_url"] == "https://github.com/acme/shop.git"


def test_unknown_kinds_are_counted() -> None:
    rows = [META, {"type": "hologram", "payload": {}}, item("ghost_snapshot"), item("mystery"), {"type": "compacted"}]
    traces, gaps = read([*rows, {"payload": 7}])
    assert traces == []
    assert [(gap.reason, gap.detail) for gap in gaps] == [
        (GapReason.UNKNOWN_KIND, "rows of the unknown kind hologram"),
        (GapReason.UNKNOWN_KIND, "rows of the unknown kind mystery"),
        (GapReason.UNKNOWN_KIND, "rows without a kind"),
    ]


def test_a_rollout_that_begins_in_the_middle_says_so() -> None:
    (trace,), _ = read(ROWS[9:])
    assert "the prompt of this turn is not in the file" in {gap.detail for gap in trace.gaps}
    assert [span.name for span in trace.spans if span.kind is SpanKind.TOOL]


def test_any_value_may_be_of_any_type() -> None:
    junk: list[Any] = [None, 7, "x", [], {}, [[]], [{}], [None], {"type": {}}]
    rows: list[Any] = [{**row, key: value} for row in ROWS for key in row for value in junk]
    for row in ROWS:
        for key in row["payload"]:
            rows += [{**row, "payload": {**row["payload"], key: value}} for value in junk]
    traces, _ = read(rows)
    assert traces


def test_an_oversized_turn_comes_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codex, "MAX_WEIGHT", 10_000)
    rows: list[Any] = [META, says("user", "go")]
    rows += [item("custom_tool_call", n, call_id=f"c{n}", name="apply_patch", input="x" * 4_000) for n in range(9)]
    traces, _ = read(rows)
    calls = [span.id for trace in traces for span in trace.spans if span.kind is SpanKind.TOOL]
    assert calls == [f"c{n}" for n in range(9)]
    assert len({trace.id for trace in traces}) == len(traces) > 2
    assert all(trace.gaps == () for trace in traces)
