"""The platform keeps the promises of every platform, whichever API the server has."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tracevet import Decision, Span, SpanKind, Trace
from tracevet.testing import PlatformSuite, Site
from tracevet.testing.langsmith import LangSmithEmulator
from tracevet_langsmith import LangSmithPlatform

CODING = {"metadata": {"ls_agent_purpose": "coding", "thread_id": "session-1"}}
TYPES = {SpanKind.AGENT: "chain", SpanKind.GENERATION: "llm", SpanKind.TOOL: "tool", SpanKind.SPAN: "chain"}


class LangSmithSite(Site):
    """The workspace of an emulator, whose key stands in the environment."""

    def __init__(self, emulator: LangSmithEmulator) -> None:
        self.emulator = emulator
        self.faults = emulator.faults
        self.traces: dict[str, str] = {}  # by run

    def open(self) -> LangSmithPlatform:
        return LangSmithPlatform()

    def seed(self, traces: Sequence[Trace]) -> None:
        for trace in traces:
            self.traces |= {span.id: trace.id for span in trace.spans}
        self.emulator.seed(_row(trace, span) for trace in traces for span in trace.spans)

    def state(self) -> object:
        return self.emulator.state()

    def written(self, trace: str) -> list[object]:
        state = self.emulator.state()
        return [one for kind in ("feedback", "items") for one in state[kind] if self.traces[one["run_id"]] == trace]

    def shown(self, trace: str) -> set[str]:
        rows = [row for row in self.emulator.state()["feedback"] if row["trace_id"] == trace and row["score"]]
        return {row["key"].removeprefix("policy.") for row in rows} - {"severity", "coverage"}

    def review(self, trace: str, decision: Decision) -> None:
        self.emulator.review(trace, "policy.review", value=decision.value.replace("-", " "))

    def delete(self, trace: str) -> None:
        self.emulator.delete_trace(trace)


def _row(trace: Trace, span: Span) -> dict[str, Any]:
    assert span.start
    assert span.end
    return {
        "id": span.id,
        "trace_id": trace.id,
        "run_type": TYPES[span.kind],
        "name": span.name,
        "start_time": span.start.isoformat(),
        "end_time": span.end.isoformat(),
        "parent_run_id": span.parent_id,
        "inputs": span.input,
        "outputs": {"messages": [span.output]},
        "extra": CODING,
    }


class TestLangSmith(PlatformSuite):
    @pytest.fixture(params=[{}, {"version": "0.15.2"}, {"v2": "only"}], ids=["both APIs", "v1 alone", "v2 alone"])
    def site(self, request: pytest.FixtureRequest, start_emulator: Callable[..., LangSmithEmulator]) -> LangSmithSite:
        return LangSmithSite(start_emulator(**request.param))
