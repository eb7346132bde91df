"""Hostile input: cut, swapped, deep, huge or strange; extraction never raises, and says what it could not read."""

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

import pytest
from extraction import assert_leads_back, extract, generation, nested, tool, trace
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from recorded_traces import NAMES, SQL, traces

from tracevet.extract import StandardExtractor, join_context, read_context
from tracevet.extract.walk import MAX_TEXT, Node, decode, escape, resolve
from tracevet.model import Gap, GapReason, Json, Snippet, Span, SpanKind, Surface, Trace

CUTS = 200  # places at which each recording is cut


def vetted(whole: Trace) -> tuple[list[Snippet], list[Gap]]:
    """Extract a trace and read its context; every snippet and gap must lead back into it."""
    before = repr(whole)
    items = list(StandardExtractor().extract(whole))
    join_context(read_context(whole), read_context(whole))
    assert repr(whole) == before
    spans = {span.id: span for span in whole.spans}
    for item in items:
        if isinstance(item, Snippet):
            assert_leads_back(whole, item)
        elif item.pointer is not None and item.span is not None:
            resolve(spans[item.span], item.pointer)
    return [item for item in items if isinstance(item, Snippet)], [item for item in items if isinstance(item, Gap)]


def as_text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize("name", NAMES)
def test_recordings_cut_anywhere_are_read_as_far_as_they_go(name: str) -> None:
    choice = random.Random(name)
    extractor = StandardExtractor()
    for _ in range(CUTS):
        whole = choice.choice(traces(name))
        index = choice.randrange(len(whole.spans))
        span = whole.spans[index]
        field = choice.choice([field for field in ("input", "output") if getattr(span, field)] or ["input"])
        raw = as_text(getattr(span, field)).encode()
        cut = raw[: choice.randrange(len(raw) + 1)].decode("utf-8", choice.choice(["ignore", "replace"]))
        broken = replace(span, input=cut) if field == "input" else replace(span, output=cut)
        changed = replace(whole, spans=(*whole.spans[:index], broken, *whole.spans[index + 1 :]))
        items = list(extractor.extract(changed))
        read_context(changed)
        for item in items:
            if isinstance(item, Snippet):
                assert_leads_back(changed, item)
        if is_cut(cut) and not is_file(span, field):
            told = [item for item in items if isinstance(item, Gap) and item.span == span.id]
            assert any((gap.pointer or "").startswith(f"/{field}") and gap.detail for gap in told), cut


def is_cut(text: str) -> bool:
    """Tell a JSON object or list that ends too early, with something in it."""
    if not text.startswith(("{", "[{")) or not text.rstrip('{[" '):
        return False
    try:
        json.loads(text)
    except ValueError:
        return True
    return False


def is_file(span: Span, field: str) -> bool:
    """Tell the content of a file that a tool read: broken JSON may be what stands there."""
    return field == "output" and span.kind is SpanKind.TOOL


def test_code_cut_in_its_middle_is_read_up_to_there_and_told() -> None:
    whole = json.dumps({"file_path": "a.py", "content": "import os\nos.system(x)\n"})
    for length in range(whole.index("import") + 9, len(whole) - 1):
        snippets, gaps = extract(tool("Write", whole[:length]))
        assert [(s.surface, s.language, s.path) for s in snippets] == [(Surface.APPLIED, "python", "a.py")]
        assert [(gap.reason, gap.pointer) for gap in gaps] == [(GapReason.TRUNCATED, "/input")]


SWAPS: tuple[Json, ...] = (
    None,
    True,
    7,
    1.5,
    "",
    "text",
    "{",
    "[1]",
    [],
    {},
    [[]],
    [None],
    {"": {}},
    {"type": []},
    ["a", 1],
)


def swapped(value: Json, choice: random.Random, share: float) -> Json:
    """Put values of other types in the place of some values."""
    if choice.random() < share:
        return choice.choice(SWAPS)
    if isinstance(value, dict):
        return {key: swapped(item, choice, share) for key, item in value.items()}
    if isinstance(value, list):
        return [swapped(item, choice, share) for item in value]
    return value


def opened(value: Json) -> Json:
    decoded = decode(value) if isinstance(value, str) else None
    return decoded.value if decoded else value


@pytest.mark.parametrize("name", NAMES)
def test_values_of_other_types_are_no_reason_to_fail(name: str) -> None:
    choice = random.Random(name)
    for whole in traces(name):
        for share in (0.02, 0.05, 0.2) * 10:
            spans = tuple(
                replace(
                    span,
                    input=swapped(opened(span.input), choice, share),
                    output=swapped(opened(span.output), choice, share),
                    metadata=cast(
                        "Mapping[str, Json]", {k: swapped(v, choice, share) for k, v in span.metadata.items()}
                    ),
                )
                for span in whole.spans
            )
            vetted(replace(whole, spans=spans))


def renamed(value: Json, choice: random.Random) -> Json:
    """Change roles, tools, types and some keys to words that nobody knows."""
    if isinstance(value, dict):
        return {
            (f"x_{key}" if choice.random() < 0.1 else key): (
                f"x_{item}" if key in ("role", "type", "name") and isinstance(item, str) else renamed(item, choice)
            )
            for key, item in value.items()
        }
    return [renamed(item, choice) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", NAMES)
def test_unknown_tools_roles_and_keys_lose_no_code(name: str) -> None:
    choice = random.Random(name)
    for whole in traces(name):
        spans = tuple(
            replace(span, input=renamed(opened(span.input), choice), output=renamed(opened(span.output), choice))
            for span in whole.spans
        )
        snippets, gaps = vetted(replace(whole, spans=spans))
        carried = any(SQL in as_text(span.output) or SQL in as_text(span.input) for span in spans)
        if carried and not gaps:
            assert any(SQL in snippet.text for snippet in snippets)


@pytest.mark.parametrize(
    "twist",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "\ufeff" + text,
        lambda text: text.replace("user_id", "user_\u202eid\u2066"),
        lambda text: text.replace("users", "us\x00ers\ud800"),
        lambda text: text.replace(" ", "\u00a0"),
    ],
    ids=["CRLF", "BOM", "bidi", "NUL and lone surrogate", "no-break spaces"],
)
@pytest.mark.parametrize("name", NAMES)
def test_strange_characters_stay_where_they_are(name: str, twist: Any) -> None:
    def twisted(value: Json) -> Json:
        if isinstance(value, str):
            return cast("Json", twist(value))
        if isinstance(value, dict):
            return {key: twisted(item) for key, item in value.items()}
        return [twisted(item) for item in value] if isinstance(value, list) else value

    for whole in traces(name):
        spans = tuple(
            replace(span, input=twisted(opened(span.input)), output=twisted(opened(span.output)))
            for span in whole.spans
        )
        plain = {item.surface for item in StandardExtractor().extract(whole) if isinstance(item, Snippet)}
        snippets, gaps = vetted(replace(whole, spans=spans))
        lost = plain - {snippet.surface for snippet in snippets} - {Surface.CONTEXT}
        assert not lost or GapReason.TRUNCATED in {gap.reason for gap in gaps}


@pytest.mark.parametrize(
    "make", [lambda v: generation(v, v), lambda v: tool("x", v, v), lambda v: Span(id="m", metadata={"tool_input": v})]
)
def test_nesting_beyond_the_cap_is_a_gap(make: Any) -> None:
    _, gaps = extract(make(nested(500)))
    assert GapReason.TOO_LARGE in {gap.reason for gap in gaps}


def test_ten_thousand_brackets_in_a_string_are_a_gap() -> None:
    _, gaps = extract(generation(output="[" * 10_000), tool("Write", '{"content":' * 10_000))
    assert {gap.reason for gap in gaps} <= {GapReason.TOO_LARGE, GapReason.TRUNCATED}
    assert gaps


def test_json_in_strings_is_opened_three_levels_deep_and_no_further() -> None:
    value: Json = {"content": "hello"}
    for _ in range(8):
        value = json.dumps(value)
    extract(generation(output=value), tool("x", value))


def test_of_a_string_beyond_the_cap_the_beginning_is_read() -> None:
    text = "x = 1\n" * (MAX_TEXT // 6 + 100)
    snippets, gaps = extract(tool("Write", {"file_path": "a.py", "content": text}))
    assert [len(s.text) <= MAX_TEXT and s.language for s in snippets] == ["python"]
    assert [(gap.reason, gap.pointer) for gap in gaps] == [(GapReason.TOO_LARGE, "/input/content")]


def test_ids_that_come_twice_and_cycles_are_no_reason_to_fail() -> None:
    one = replace(generation("hello", "ok"), parent_id="b")
    two = replace(tool("Bash", {"command": "ls"}, id="b"), parent_id="g")
    vetted(trace(one, two, replace(two, parent_id="b")))


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
keys = st.sampled_from(
    [
        *("role", "content", "parts", "type", "text", "tool_calls", "function", "arguments", "name", "input", "output"),
        *("messages", "choices", "message", "generations", "kwargs", "lc", "id", "args", "path", "command", "edits"),
        *("old_string", "new_string", "changes", "file", "contents", "candidates", "response", "tool_results", "data"),
    ]
)
words = st.sampled_from(
    [
        "user",
        "assistant",
        "tool",
        "text",
        "tool_use",
        "function_call",
        "image",
        "a.py",
        "*** Begin Patch\n",
        "{",
        "```\nx\n```",
    ]
)
shaped: st.SearchStrategy[Any] = st.recursive(
    words | st.text(max_size=20) | st.integers() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5) | inner.map(json.dumps),
    max_leaves=25,
)
relaxed = settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))


@relaxed
@given(shaped | json_values, shaped | json_values, st.dictionaries(st.text(max_size=20), json_values, max_size=4))
def test_nothing_makes_it_raise_and_every_pointer_leads_back(
    asked: Json, given_: Json, metadata: dict[str, Json]
) -> None:
    kinds: Iterator[SpanKind] = iter(SpanKind)
    spans = [Span(id=str(n), kind=kind, input=asked, output=given_, metadata=metadata) for n, kind in enumerate(kinds)]
    vetted(trace(*spans))


@relaxed
@given(json_values, st.lists(st.text(max_size=8), min_size=1, max_size=4))
def test_a_pointer_leads_to_the_value_it_was_made_for(value: Json, path: list[str]) -> None:
    holder = value
    for key in reversed(path):
        holder = {key: holder}
    node = Node(holder, "/output")
    for key in path:
        node = node.child(key)
    assert node.pointer == "/output" + "".join(f"/{escape(key)}" for key in path)
    assert resolve(Span(id="s", output=holder), node.pointer) == value
    assert resolve(Span(id="s", output=json.dumps(holder)), node.pointer) == value


@pytest.mark.parametrize("pointer", ["/nothing", "/input/0", "/input/a/b", "/output/9", "/output/-1", "/output/x"])
def test_a_pointer_that_leads_nowhere_is_a_lookup_error(pointer: str) -> None:
    with pytest.raises(LookupError):
        resolve(Span(id="s", input={"a": 1}, output=["b"]), pointer)
