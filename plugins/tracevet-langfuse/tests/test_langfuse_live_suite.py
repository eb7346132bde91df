"""Watched inside an application, the platform keeps the promises of every live platform."""

from collections.abc import Iterator, Sequence

import pytest
from langfuse import Langfuse
from opentelemetry.sdk.trace import TracerProvider

from tracevet.testing import LiveSite, LiveSuite
from tracevet.testing.langfuse import LangfuseEmulator
from tracevet_langfuse import LangfusePlatform


class Application(LiveSite):
    """Sends observations of a root and a generation."""

    def __init__(self, emulator: LangfuseEmulator) -> None:
        self.emulator = emulator
        self.client: Langfuse = Langfuse(tracer_provider=TracerProvider(), flush_interval=60.0)
        self.known: set[str] = set()

    def open(self) -> LangfusePlatform:
        return LangfusePlatform()

    def work(self) -> str:
        with self.client.start_as_current_observation(name="turn", as_type="agent", input="add a lookup") as root:
            with self.client.start_as_current_observation(name="llm", as_type="generation", input="q") as step:
                step.update(output="x = 1")
            root.update(output="done")
        self.client.flush()
        return str(root.trace_id)

    def sent(self) -> Sequence[object]:
        rows = [row for row in self.emulator.project.observations.scan() if row["id"] not in self.known]
        self.known |= {row["id"] for row in rows}
        return sorted(repr((row["name"], row["type"], row["input"], row["output"], row["tags"])) for row in rows)


class TestLangfuseLive(LiveSuite):
    @pytest.fixture
    def live(self, emulator: LangfuseEmulator) -> Iterator[Application]:
        application = Application(emulator)
        yield application
        application.client.shutdown()
