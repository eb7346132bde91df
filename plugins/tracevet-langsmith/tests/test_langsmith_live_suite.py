"""Watched inside an application, the platform keeps the promises of every live platform."""

from collections.abc import Iterator, Sequence

import pytest
from langsmith import Client, RunTree

from tracevet.testing import LiveSite, LiveSuite
from tracevet.testing.langsmith import LangSmithEmulator
from tracevet_langsmith import LangSmithPlatform


class Application(LiveSite):
    """Sends runs of a root and a call of a model."""

    def __init__(self, emulator: LangSmithEmulator) -> None:
        self.emulator = emulator
        self.client: Client = Client()
        self.known = 0

    def open(self) -> LangSmithPlatform:
        return LangSmithPlatform()

    def work(self) -> str:
        extra = {"metadata": {"ls_agent_purpose": "coding", "thread_id": "s1"}}
        root = RunTree(name="turn", run_type="chain", inputs={"input": "q"}, client=self.client, extra=extra)
        root.post()
        step = root.create_child(name="llm", run_type="llm", inputs={"messages": [{"role": "user", "content": "q"}]})
        step.post()
        step.end(outputs={"messages": [{"role": "assistant", "content": "x = 1"}]})
        step.patch()
        root.end(outputs={"output": "done"})
        root.patch()
        self.client.flush()
        return str(root.trace_id)

    def sent(self) -> Sequence[object]:
        runs = list(self.emulator.workspace.runs.all())
        new, self.known = runs[self.known :], len(runs)
        return sorted(
            repr((run["name"], run["inputs"], run["outputs"], run["tags"], bool(run["end_time"]))) for run in new
        )


class TestLangSmithLive(LiveSuite):
    @pytest.fixture
    def live(self, emulator: LangSmithEmulator) -> Iterator[Application]:
        application = Application(emulator)
        yield application
        application.client.cleanup()
