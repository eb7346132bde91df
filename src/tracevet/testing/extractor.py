"""The suite for extractors."""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from tracevet.extract.walk import resolve, spoken
from tracevet.model import Gap, Json, Snippet, Surface, Trace
from tracevet.plugin import Extractor
from tracevet.testing.hostile import CANARY, GARBAGE
from tracevet.testing.plugin import PluginSuite
from tracevet.testing.promise import keep

DEPTH = 400


def _nested(depth: int) -> Json:
    value: Json = CANARY
    for level in range(depth):
        value = [value] if level % 2 else {"content": value}
    return value


HOSTILE: Mapping[str, Json] = {
    **GARBAGE,
    "nothing at all": None,
    "numbers": [0, -1, 1e308, 10**400, True],
    "deep nesting": _nested(DEPTH),
    "JSON in a string": '{"messages": [{"role": "user", "content": "{\\"a\\": ',
    "odd messages": {"messages": [None, 7, [], {"role": 3, "content": {"role": []}}, {"content": [None, {"type": 1}]}]},
    "odd keys": {"": {"/": {"~": {"~1": CANARY}}}, "0": [CANARY]},
    "many empty lists": [[] for _ in range(2_000)],
}


class ExtractorSuite(PluginSuite):
    """The promises of an extractor. Give `extractor` and `traces`, in each of which it finds something."""

    @pytest.fixture
    def extractor(self) -> Extractor:
        """Give the extractor."""
        raise NotImplementedError("override the fixture `extractor` with your extractor")

    @pytest.fixture
    def traces(self) -> Sequence[Trace]:
        """Give traces in the shapes that it reads; `tracevet.testing.trace` and `span` make them."""
        raise NotImplementedError("override the fixture `traces` with traces in which the extractor finds something")

    @pytest.fixture
    def plugin(self, extractor: Extractor) -> Extractor:
        """Give the extractor to the promises of every plugin."""
        return extractor

    def test_finds_snippets(self, extractor: Extractor, traces: Sequence[Trace]) -> None:
        """Yield a snippet, with surface and language in lower case, for each text that is worth vetting."""
        keep(traces, "give at least one trace")
        for trace in traces:
            found = _snippets(extractor.extract(trace))
            keep(found, f"nothing is found in the trace {trace.id}")
            keep(all(one.text for one in found), "a snippet is empty")
            known = all(isinstance(one.surface, Surface) and one.language == one.language.lower() for one in found)
            keep(known, "a snippet's surface is no Surface, or its language not in lower case")

    def test_snippets_stand_where_they_say(self, extractor: Extractor, traces: Sequence[Trace]) -> None:
        """Give span, pointer (RFC 6901, from the span) and offset or `lines`, at which the text stands as it is."""
        for trace in traces:
            spans = {span.id: span for span in trace.spans}
            for one in _snippets(extractor.extract(trace)):
                keep(one.span in spans, f"there is no span {one.span!r} in the trace")
                if one.rebuilt:
                    continue  # the whole file stands nowhere in the trace
                try:
                    text = spoken(resolve(spans[one.span], one.pointer)) or ""
                except LookupError:
                    pytest.fail(f"the pointer {one.pointer!r} leads nowhere")
                keep(_stands(one, text), f"the text does not stand at {one.pointer!r}, offset {one.offset}")

    def test_snippets_come_in_the_order_of_spans(self, extractor: Extractor, traces: Sequence[Trace]) -> None:
        """Go through the spans as the trace has them, oldest first."""
        for trace in traces:
            order = {span.id: number for number, span in enumerate(trace.spans)}
            places = [order.get(one.span, 0) for one in _snippets(extractor.extract(trace))]
            keep(places == sorted(places), "snippets come in another order than their spans")

    def test_same_trace_same_snippets(self, extractor: Extractor, traces: Sequence[Trace]) -> None:
        """Be pure: keep nothing of a trace that changes what is found in the next, and leave the trace as it is."""
        before = deepcopy(list(traces))
        first = [list(extractor.extract(trace)) for trace in traces]
        again = [list(extractor.extract(trace)) for trace in reversed(traces)][::-1]
        keep(first == again, "a second look at a trace, or another order of traces, gives other snippets")
        keep(list(traces) == before, "the trace is changed")

    @pytest.mark.parametrize("content", HOSTILE)
    def test_hostile_content_never_raises(self, extractor: Extractor, traces: Sequence[Trace], content: str) -> None:
        """Yield a Gap for what can't be read; never raise, whatever stands in a trace."""
        for trace in _spoilt(traces, HOSTILE[content]):
            try:
                items = list(extractor.extract(trace))
            except Exception as error:
                pytest.fail(f"{type(error).__name__} is raised on {content}")
            odd = [type(item).__name__ for item in items if not isinstance(item, Snippet | Gap)]
            keep(not odd, f"it yields {odd}, neither Snippet nor Gap")

    def test_gaps_quote_nothing(self, extractor: Extractor, traces: Sequence[Trace]) -> None:
        """Say in `Gap.detail` what could not be read, in words of your own: it is shown as it is."""
        for content in HOSTILE.values():
            for trace in _spoilt(traces, content):
                details = [item.detail for item in _tried(extractor, trace) if isinstance(item, Gap)]
                keep(not any(CANARY in detail for detail in details), "a gap quotes the trace")


def _snippets(items: Iterable[Snippet | Gap]) -> list[Snippet]:
    return [item for item in items if isinstance(item, Snippet)]


def _tried(extractor: Extractor, trace: Trace) -> list[Snippet | Gap]:
    """Give what is extracted, or nothing where it raises, which is another promise's business."""
    try:
        return list(extractor.extract(trace))
    except Exception:
        return []


def _stands(one: Snippet, text: str) -> bool:
    if one.lines is None:
        return text.startswith(one.text, one.offset)
    lines = one.text.split("\n")
    return len(lines) == len(one.lines) and all(
        text.startswith(line, start) for line, start in zip(lines, one.lines, strict=True)
    )


def _spoilt(traces: Sequence[Trace], content: Json) -> list[Trace]:
    """Give the traces with the content in place of each span's input and output, and of its innermost texts."""
    found = []
    for trace in traces:
        whole = tuple(replace(span, input=content, output=content, parent_id=span.id) for span in trace.spans)
        inner = tuple(
            replace(span, input=_inside(span.input, content), output=_inside(span.output, content))
            for span in trace.spans
        )
        found += [replace(trace, spans=whole), replace(trace, spans=inner)]
    return found


def _inside(value: Any, content: Json) -> Any:
    """Put the content in place of each text in the value."""
    if isinstance(value, dict):
        return {key: _inside(inner, content) for key, inner in value.items()}
    if isinstance(value, list):
        return [_inside(inner, content) for inner in value]
    return content if isinstance(value, str) else value
