"""Extractors that are wrong on purpose; `breaks` names the promise."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

import pytest

from tracevet import Extractor, Gap, GapReason, Snippet, Span, Surface, Trace
from tracevet.testing import ExtractorSuite, span


class Right(Extractor):
    """Takes the code from inputs of the form `{"code": ...}`."""

    name: ClassVar[str] = "codes"
    summary: ClassVar[str] = "The code of inputs."

    def extract(self, trace: Trace) -> Iterator[Snippet | Gap]:
        for each in self.spans(trace):
            code = each.input.get("code") if isinstance(each.input, dict) else None
            if isinstance(code, str) and code:
                yield self.found(each, code)
            elif code is not None:
                yield Gap(reason=GapReason.MALFORMED, detail=self.detail(code), span=each.id, pointer="/input/code")

    def spans(self, trace: Trace) -> Iterable[Span]:
        return trace.spans

    def detail(self, code: object) -> str:
        return "code that is no text"

    def found(self, each: Span, code: str) -> Snippet:
        return Snippet(text=code, surface=Surface.APPLIED, language="python", span=each.id, pointer=self.pointer)

    pointer: ClassVar[str] = "/input/code"


class Shouting(Right):
    def found(self, each: Span, code: str) -> Snippet:
        return replace(super().found(each, code), language="Python")


class Misplacing(Right):
    pointer: ClassVar[str] = "/output/code"


class Trimming(Right):
    """Drops the first character, and says nothing of it."""

    def found(self, each: Span, code: str) -> Snippet:
        return super().found(each, code[1:] or code)


class Backwards(Right):
    def spans(self, trace: Trace) -> Iterable[Span]:
        return trace.spans[::-1]


class Remembering(Right):
    """Leaves out what it saw before."""

    def __init__(self) -> None:
        self.seen: set[str] = set()

    def found(self, each: Span, code: str) -> Snippet:
        new = code not in self.seen
        self.seen.add(code)
        return replace(super().found(each, code), resent=not new)


class Fragile(Right):
    def spans(self, trace: Trace) -> Iterable[Span]:
        return sorted(trace.spans, key=lambda each: len(each.input["code"]) * 0)  # type: ignore[call-overload, index, arg-type]


class Quoting(Right):
    def detail(self, code: object) -> str:
        return f"no text: {code}"


class Base(ExtractorSuite):
    cls: ClassVar[type[Extractor]]
    breaks: ClassVar[str] = ""

    @pytest.fixture
    def extractor(self) -> Extractor:
        return self.cls()

    @pytest.fixture
    def traces(self) -> Sequence[Trace]:
        calls = tuple(span(number, {"code": f"x = {number}"}) for number in range(3))
        return [Trace(platform="test", id="t0", spans=calls), Trace(platform="test", id="t1", spans=calls[:1])]


def suite(cls: type[Extractor], breaks: str) -> type[Base]:
    """Make the suite of an extractor."""
    return type(f"Test{cls.__name__}", (Base,), {"cls": cls, "breaks": breaks})


TestRight = suite(Right, "")
TestShouting = suite(Shouting, "test_finds_snippets")
TestMisplacing = suite(Misplacing, "test_snippets_stand_where_they_say")
TestTrimming = suite(Trimming, "test_snippets_stand_where_they_say")
TestBackwards = suite(Backwards, "test_snippets_come_in_the_order_of_spans")
TestRemembering = suite(Remembering, "test_same_trace_same_snippets")
TestFragile = suite(Fragile, "test_hostile_content_never_raises")
TestQuoting = suite(Quoting, "test_gaps_quote_nothing")
