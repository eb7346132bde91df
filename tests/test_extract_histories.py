"""Histories: what is sent again is told from what is new, and costs next to nothing."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from extraction import extract, generation, tool, trace

from tracevet.extract import StandardExtractor
from tracevet.model import Json, Span, Surface

CODE = 'def run(cmd):\n    os.system("ls " + cmd)'


def history(length: int) -> list[Json]:
    """Give a conversation: per turn a prompt, an answer that writes a file, and the tool's result."""
    messages: list[Json] = []
    for turn in range(length):
        arguments = json.dumps({"path": f"app/m{turn}.py", "content": f"{CODE}\n\nNUMBER = {turn}\n"})
        call: Json = {"id": f"c{turn}", "type": "function", "function": {"name": "write_file", "arguments": arguments}}
        why = f"Turn {turn}, because:\n\n- of this\n- of that\n\n"
        said = f"{why}```python\n{CODE}\nprint({turn})\n```\n\n1. Run it.\n2. See.\n"
        messages.append({"role": "user", "content": f"Please write module {turn}, with care."})
        messages.append({"role": "assistant", "content": said, "tool_calls": [call]})
        messages.append({"role": "tool", "tool_call_id": f"c{turn}", "content": f"wrote module {turn}"})
    return messages


def session(length: int, *, resend: bool) -> list[Span]:
    """Give one trace's generations, each with its new messages, or with all earlier ones sent again."""
    messages = history(length)
    return [
        generation(messages[0 if resend else 3 * turn : 3 * turn + 1], messages[3 * turn + 1], id=f"g{turn}")
        for turn in range(length)
    ]


def test_of_history_only_what_follows_the_last_answer_and_the_last_prompt_is_new() -> None:
    snippets, _ = extract(generation(history(2)[:4], "ok"))
    fresh = {(s.surface.value, s.text) for s in snippets if not s.resent}
    assert fresh == {("prompt", "Please write module 1, with care."), ("suggested", "ok")} | {
        ("context", "wrote module 0")
    }
    assert {s.surface for s in snippets if s.resent} == {Surface.PROMPT, Surface.SUGGESTED, Surface.APPLIED}


def test_tools_results_in_the_users_name_do_not_make_the_prompt_old() -> None:
    messages: list[Json] = [
        {"role": "user", "content": "Please."},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "c", "name": "Bash", "input": {"command": "ls"}}]},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c", "content": "a.py"}]},
    ]
    snippets, _ = extract(generation(messages, "ok"))
    assert [s.text for s in snippets if not s.resent] == ["Please.", "a.py", "ok"]


def test_resent_history_gives_the_digests_that_are_known_already() -> None:
    plain, _ = extract(*session(5, resend=False))
    resent, _ = extract(*session(5, resend=True))
    assert {s.digest for s in resent if s.resent} <= {s.digest for s in plain}
    assert {s.digest for s in resent if s.surface is not Surface.CONTEXT} == {s.digest for s in plain}


def calls(run: Callable[[], Any]) -> int:
    """Count the functions called: the work, without a clock."""
    count = 0

    def see(*_: Any) -> None:
        nonlocal count
        count += 1

    sys.setprofile(see)
    try:
        run()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("length", [10, 100, 500])
def test_resending_the_history_costs_little_more_than_not_resending_it(length: int) -> None:
    def work(spans: list[Span]) -> int:
        return calls(lambda: list(StandardExtractor().extract(trace(*spans))))

    answered = [
        span
        for turn, span in enumerate(session(length, resend=False))
        for span in (span, tool("write_file", json.loads(_arguments(turn)), f"wrote module {turn}", id=f"t{turn}"))
    ]
    resent = [
        span
        for turn, span in enumerate(session(length, resend=True))
        for span in (span, tool("write_file", json.loads(_arguments(turn)), f"wrote module {turn}", id=f"t{turn}"))
    ]
    assert work(resent) <= 1.3 * work(answered)


def _arguments(turn: int) -> str:
    message: Any = history(turn + 1)[-2]
    arguments: str = message["tool_calls"][0]["function"]["arguments"]
    return arguments


def test_a_history_that_differs_somewhere_is_read_from_there() -> None:
    first, second = history(3), history(3)
    second[1] = {"role": "assistant", "content": "Something else."}
    snippets, _ = extract(generation(first, "ok", id="a"), generation(second, "ok", id="b"))
    assert "Something else." in {s.text for s in snippets if s.span == "b"}


def test_histories_in_strings_give_what_histories_in_lists_give() -> None:
    def written(span: Span) -> Span:
        return replace(span, input=json.dumps(span.input), output=json.dumps(span.output))

    spans = session(6, resend=True)
    assert extract(*map(written, spans)) == extract(*spans)


def test_agents_that_take_turns_do_not_read_each_others_history_again() -> None:
    one = history(4)
    two: list[Json] = [{"role": "user", "content": "Another agent."}, *history(2)]
    lists: list[list[Json]] = [one, two, [*one, one[0]]]
    for write in (list, json.dumps):
        snippets, _ = extract(*(generation(write(item), "ok", id=str(n)) for n, item in enumerate(lists)))
        assert [s.text for s in snippets if s.span == "2"] == ["Please write module 0, with care.", "ok"]
