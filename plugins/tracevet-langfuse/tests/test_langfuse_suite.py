"""The platform keeps the promises of every platform."""

from collections.abc import Sequence
from typing import Any

import pytest

from tracevet import Decision, Span, SpanKind, Trace
from tracevet.testing import PlatformSuite, Site
from tracevet.testing.langfuse import LangfuseEmulator
from tracevet_langfuse import LangfusePlatform


class LangfuseSite(Site):
    """The project of an emulator, whose keys stand in the environment."""

    def __init__(self, emulator: LangfuseEmulator) -> None:
        self.emulator = emulator
        self.faults = emulator.faults
        self.traces: dict[str, str] = {}  # by span or trace

    def open(self) -> LangfusePlatform:
        return LangfusePlatform()

    def seed(self, traces: Sequence[Trace]) -> None:
        for trace in traces:
            self.traces |= {span.id: trace.id for span in trace.spans}
        self.emulator.seed(_row(trace, span) for trace in traces for span in trace.spans)

    def state(self) -> object:
        return self.emulator.state()

    def written(self, trace: str) -> list[object]:
        state = self.emulator.state()
        about = [one for kind in ("comments", "items") for one in state[kind] if self.traces[one["objectId"]] == trace]
        return [*about, *(one for one in state["scores"] if one["traceId"] == trace)]

    def shown(self, trace: str) -> set[str]:
        scores = [one for one in self.emulator.state()["scores"] if one["traceId"] == trace]
        return {one["value"] for one in scores if one["name"] == "policy"} - {"cleared", "corrected"}

    def review(self, trace: str, decision: Decision) -> None:
        self.emulator.annotate(trace, decision.value.replace("-", " "))

    def delete(self, trace: str) -> None:
        self.emulator.delete_trace(trace)


def _row(trace: Trace, span: Span) -> dict[str, Any]:
    assert span.start
    assert span.end
    return {
        "id": span.id,
        "traceId": trace.id,
        "type": "GENERATION" if span.kind is SpanKind.GENERATION else "SPAN",
        "name": span.name,
        "startTime": span.start.isoformat(),
        "endTime": span.end.isoformat(),
        "environment": "prod",
        "parentObservationId": span.parent_id,
        "input": span.input,
        "output": span.output,
    }


class TestLangfuse(PlatformSuite):
    @pytest.fixture
    def site(self, emulator: LangfuseEmulator) -> LangfuseSite:
        return LangfuseSite(emulator)
