"""History that earlier traces of the session showed: read once, and never another result for it."""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, cast

import pytest
from extraction import generation
from file_traces import POLICY, BadLines, scan, turn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorded_traces import NAMES, traces

from tracevet.extract import StandardExtractor
from tracevet.extract.past import Past, Pasts, spelled
from tracevet.extract.resumed import Texts
from tracevet.model import Json, Session, Trace, Verdict
from tracevet.pipeline import Setup, join, take, vet
from tracevet.session import when
from tracevet.workers import Engine

FORMS: dict[str, Callable[[str], Json]] = {
    "parsed": json.loads,
    "strings": str,
    "spread out": lambda text: json.dumps(json.loads(text), indent=1),
}


class Forgetful(StandardExtractor):
    """Reads every trace as if it were the first."""


def setup(extractor: StandardExtractor) -> Setup:
    return Setup(extractors=(extractor,), engines=(Engine(cls=BadLines),), policies=(POLICY,), key=b"k" * 32)


def vetted(extractor: StandardExtractor, found: list[Trace]) -> tuple[list[Verdict], Session]:
    chosen, session, verdicts = setup(extractor), Session(id="s"), []
    for trace in found:
        verdict, session = vet(trace, session, chosen, scan)
        verdicts.append(verdict)
    return verdicts, session


def assert_same(found: list[Trace]) -> None:
    """Check that what is remembered changes nothing: neither the verdicts nor what the session keeps."""
    one, other = vetted(StandardExtractor(), found), vetted(Forgetful(), found)
    assert one[0] == other[0]
    kept = [{**session.model_dump(), "files": session.files} for _, session in (one, other)]
    for session in kept:  # setups of two extractors differ
        for note in (*session["notes"].values(), *session["marks"]):
            note["setup"] = ""
    assert kept[0] == kept[1]
    assert [*kept[0]["seen"].items()] == [*kept[1]["seen"].items()]


def call(number: int, name: str, arguments: Json) -> Json:
    return {
        "role": "assistant",
        "content": [{"type": "tool_use", "id": f"c{number}", "name": name, "input": arguments}],
    }


def result(number: int, text: str) -> Json:
    return {"role": "user", "content": [{"type": "tool_result", "tool_use_id": f"c{number}", "content": text}]}


PATHS = st.sampled_from(["a.py", "b.py"])
TEXTS = st.sampled_from(["bad(1)", "x = input()\nuse(x)", "ok(1)\nbad(1)", "bad(2)\n!!"])
MESSAGES: st.SearchStrategy[Any] = st.one_of(
    st.builds(lambda text: {"role": "user", "content": text}, st.sampled_from(["Do it.", "```python\nbad(1)\n```"])),
    st.builds(lambda text: {"role": "assistant", "content": f"So:\n```python\n{text}\n```"}, TEXTS),
    st.builds(lambda n, p, t: call(n, "Write", {"file_path": p, "content": t}), st.integers(0, 5), PATHS, TEXTS),
    st.builds(
        lambda n, p, a, b: call(n, "Edit", {"file_path": p, "old_string": a, "new_string": b}),
        *(st.integers(0, 5), PATHS, TEXTS, TEXTS),
    ),
    st.builds(lambda n, p: call(n, "Read", {"file_path": p}), st.integers(0, 5), PATHS),
    st.builds(result, st.integers(0, 5), st.sampled_from(["done", "error: no such file", "bad(1)"])),
    st.sampled_from(
        [
            {"role": "system", "content": "You help."},
            {"role": "elf", "x": "bad(9)\nbad(9)"},
            {"type": "image", "data": "..."},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"id": "c9", "name": "Write", "arguments": '{"path": "a.p'}],
            },
            {"choices": [{"message": {"role": "assistant", "content": "bad(3)"}}, {"message": {"role": "user"}}]},
            [{"role": "user", "content": "in a list"}],
            "words alone",
            7,
            None,
        ]
    ),
)
STEPS: st.SearchStrategy[Any] = st.lists(
    st.tuples(
        st.sampled_from(["on", "on", "on", "back", "marked", "other", "again"]),
        st.lists(MESSAGES, min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=7,
)


def requests(steps: list[tuple[str, list[Json]]]) -> Iterator[tuple[list[Json], Json]]:
    """Yield lists of messages and their answers: histories that go on, are cut back, marked, or another agent's."""
    history: list[Json] = [{"role": "user", "content": "Begin."}]
    for how, more in steps:
        sent = [*history[:-3], *more] if how == "back" else [*history, *more]
        if how == "other":
            sent = [{"role": "user", "content": "Another agent."}, *more]
        elif how == "again":
            sent = history
        mark: Json = {"role": "user", "content": "Marked.", "cache_control": {}}
        yield [*sent[:-1], mark] if how == "marked" else sent, more[-1]
        history = history if how == "other" else [*sent, more[-1]]


@pytest.mark.parametrize("form", FORMS)
@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(steps=STEPS, bare=st.booleans())
def test_what_is_remembered_changes_no_result(form: str, steps: Any, *, bare: bool) -> None:
    found = []
    for number, (sent, answer) in enumerate(requests(steps)):
        whole: Json = sent if bare else {"model": "m", "messages": sent, "tools": [{"name": "Write"}]}
        span = generation(FORMS[form](json.dumps(whole)), json.loads(json.dumps(answer)))
        found.append(turn(f"t{number}", span, minute=number))
    assert_same(found)


@pytest.mark.parametrize("name", NAMES)
def test_recordings_that_come_again_in_their_session_give_the_same_verdicts(name: str) -> None:
    recorded = [replace(trace, session_id="s") for trace in traces(name)]
    assert_same([*recorded, *(replace(trace, id=f"{trace.id}-again") for trace in recorded)])


def test_true_and_one_are_told_apart() -> None:
    sent: list[list[Json]] = [
        [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "is_error": flag, "content": "x"}]}]
        for flag in cast("list[Json]", [1, True])
    ]
    assert_same(
        [turn(f"t{n}", generation(each, call(1, "Write", {"path": "a.py"})), minute=n) for n, each in enumerate(sent)]
    )


@pytest.mark.parametrize("odd", ["\ud800", 10**30, float("nan")], ids=["lone surrogate", "long number", "no number"])
@pytest.mark.parametrize("form", FORMS)
def test_values_that_json_cannot_spell_are_read_anew(form: str, odd: Json) -> None:
    history: list[Json] = [{"role": "user", "content": "bad(1)"}, {"role": "assistant", "content": [odd, "bad(2)"]}]
    found = [turn(f"t{n}", generation(FORMS[form](json.dumps(history * (n + 1))), "ok"), minute=n) for n in range(3)]
    assert_same(found)


def test_nesting_beyond_the_caps_is_no_reason_to_fail() -> None:
    deep: Json = "x"
    for _ in range(3_000):
        deep = [deep]
    history: list[Json] = [{"role": "user", "content": deep}]
    for sent in (history, '[{"role": "user", "content": ' + "[" * 3_000 + "]" * 3_000 + "}]"):
        found = [Trace(platform="p", id=f"t{n}", spans=(generation(sent, "ok"),), session_id="s") for n in range(2)]
        assert [v.trace.id for v in vetted(StandardExtractor(), found)[0]] == ["t0", "t1"]


def gateway(count: int, *, resend: bool, form: Callable[[str], Json]) -> Iterator[Trace]:
    history: list[Json] = [{"role": "user", "content": "Write the modules."}]
    for number in range(count):
        code = "\n".join(f"value_{line} = compute({line}, {number})" for line in range(20))
        answer = call(number, "Write", {"file_path": f"m{number}.py", "content": code})
        sent = form(json.dumps({"messages": history if resend else history[-1:]}))
        yield turn(f"t{number}", generation(sent, answer), minute=number)
        history += [answer, result(number, f"wrote module {number}")]


def work(found: list[Trace]) -> int:
    """Count the Python functions called while the traces are taken apart and put into their session."""
    count = 0

    def see(*event: Any) -> None:
        nonlocal count
        count += event[1] == "call"

    chosen, session = setup(StandardExtractor()), Session(id="s")
    for trace in found:
        sys.setprofile(see)
        _, session = join(take(trace, session, chosen), session, when(trace, session))
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("form", ["parsed", "strings"])
@pytest.mark.parametrize("length", [10, 100])
def test_the_work_on_a_gateways_trace_does_not_grow_with_its_history(form: str, length: int) -> None:
    resent = work(list(gateway(length, resend=True, form=FORMS[form])))
    plain = work(list(gateway(length, resend=False, form=FORMS[form])))
    assert resent <= 1.3 * plain


def test_what_is_kept_is_bounded_whatever_comes() -> None:
    pasts = Pasts(room=1_000)
    for number in range(100):
        spelling = spelled([{"content": str(number)}])
        assert spelling is not None
        former, shared = pasts.find("key", "place", spelling.text)
        size = 10_000 if number % 10 == 0 else 300
        pasts.keep(number % 7, Past(place="place", text=spelling.text, ends=(1,), size=size), former, shared)
        assert pasts.size <= 1_000
    texts = Texts(room=1_000)
    for number in range(100):
        texts.open(number % 7, json.dumps([{"role": "user", "content": "x" * (number * 9)}]))
        assert texts.size <= 1_000


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1, "messages": [{"b": 2}], "tools": [3]}', {"a": 1, "messages": [{"b": 2}], "tools": [3]}),
        (' [{"b": 2}] ', None),
        ('[{"b": 2}]\n', [{"b": 2}]),
        ('{"messages": [{"b": 2}], "messages": [{"c": 3}]}', None),
        ('{"messages": [{"b": 2}]', None),
        ('{"messages": [{"b": 2}]}]', None),
        ('{"messages": [{"b": 2}] "x": 1}', None),
        ('{"messages": "x", "contents": [{"b": 2}]}', {"messages": "x", "contents": [{"b": 2}]}),
        ('{"messages": {"b": [1]}}', None),
        ('{"messages": []}', None),
        ("[" * 50_000, None),
        ("{" * 50_000, None),
        ('{"messages": [{"b": 2}}', None),
        ('{7: 1, "messages": [{"b": 2}]}', None),
    ],
)
def test_a_request_in_a_string_is_read_whole_or_left_to_others(text: str, value: Json) -> None:
    opened = Texts().open("key", text)
    assert (opened and opened.value) == value


@pytest.mark.parametrize(
    "second",
    [
        '{"messages": [{"b": 2}, {"c": 3}], "tools": [1]}',
        '{"messages": [{"b": 2} , {"c": 3}]}',
        '{"messages": [{"b": 2}], "more": 1}',
        '{"messages": [{"b": 25}]}',
        '{"messages": [{"b": 2}',
        '{"messages": [{"b": 2}, ]}',
    ],
)
def test_a_request_that_goes_on_is_read_as_if_it_were_the_first(second: str) -> None:
    texts = Texts()
    texts.open("key", '{"messages": [{"b": 2}], "tools": [1]}')
    again, alone = texts.open("key", second), Texts().open("key", second)
    assert (again and again.value) == (alone and alone.value)
