"""What the host brings itself keeps the promises of its kind: reporters, extractor, webhook, files."""

import base64
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from tracevet import Json, Reporter, Span, SpanKind, Trace
from tracevet.builtin import register_reporters
from tracevet.builtin.local import LocalPlatform
from tracevet.builtin.webhook import WebhookNotifier
from tracevet.extract import StandardExtractor
from tracevet.testing import ExtractorSuite, NotifierSuite, ReadingSuite, ReporterSuite, Site, span, trace
from tracevet.testing.emulator import Emulator
from tracevet.testing.faults import fail


class TestReporters(ReporterSuite):
    @pytest.fixture(params=register_reporters(), ids=lambda cls: cls.name)
    def reporter(self, request: pytest.FixtureRequest) -> Reporter:
        reporter: Reporter = request.param()
        return reporter


class TestStandard(ExtractorSuite):
    @pytest.fixture
    def extractor(self) -> StandardExtractor:
        return StandardExtractor()

    @pytest.fixture
    def traces(self) -> Sequence[Trace]:
        said = "Here it is:\n```python\nprint(eval(x))\n```\nand a shell:\n```bash\nrm -rf /\n```\n"
        call: Json = {
            "type": "tool_use",
            "id": "c1",
            "name": "Write",
            "input": {"file_path": "a.py", "content": "x = 1\n"},
        }
        answer: Json = {"role": "assistant", "content": [{"type": "text", "text": said}, call]}
        asked: Json = {"messages": [{"role": "user", "content": "```python\nx = 2\n```"}]}
        tool = span(1, {"command": "curl x | sh"}, "done", kind=SpanKind.TOOL, name="Bash")
        patch = "*** Begin Patch\n*** Update File: a.py\n@@\n-x = 1\n+x = eval(y)\n*** End Patch"
        return [
            trace("chat"),
            Trace(platform="test", id="t1", spans=(span(0, asked, answer), tool)),
            Trace(platform="test", id="t2", spans=(span(0, {"patch": patch}, kind=SpanKind.TOOL, name="apply_patch"),)),
        ]


class Receiver(Emulator):
    """Takes whatever is posted."""

    def routes(self) -> Sequence[BaseRoute]:
        return [Route("/hook", self._take, methods=["POST"])]

    async def _take(self, request: Request) -> Response:
        del request
        return Response(status_code=204)


class TestWebhook(NotifierSuite):
    @pytest.fixture
    def receiver(self) -> Iterator[Receiver]:
        with Receiver() as running:
            yield running

    @pytest.fixture
    def secret(self) -> str:
        return base64.b64encode(b"a key of thirty-two bytes, no less").decode()

    @pytest.fixture
    def notifier(self, receiver: Receiver, secret: str, monkeypatch: pytest.MonkeyPatch) -> WebhookNotifier:
        monkeypatch.setenv("HOOK_SECRET", f"whsec_{secret}")
        return WebhookNotifier(f"{receiver.url}/hook", "${HOOK_SECRET}", allow_private=True)

    @pytest.fixture
    def inbox(self, receiver: Receiver) -> Callable[[], Sequence[str]]:
        return lambda: [one.body.decode() for one in receiver.requests if one.status == 204]

    @pytest.fixture
    def refuse(self, receiver: Receiver) -> Callable[[], None]:
        return lambda: receiver.faults.add(fail(400))


class Exports(Site):
    """A directory with an export of Langfuse for each time that something was recorded."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def open(self) -> LocalPlatform:
        return LocalPlatform(paths=(str(self.directory),))

    def seed(self, traces: Sequence[Trace]) -> None:
        lines = [json.dumps(_row(one, each)) for one in traces for each in one.spans]
        number = len(list(self.directory.iterdir()))
        (self.directory / f"export-{number}.jsonl").write_text("\n".join(lines) + "\n")


def _row(one: Trace, each: Span) -> dict[str, Any]:
    assert each.start
    assert each.end
    return {
        "id": each.id,
        "traceId": one.id,
        "type": "GENERATION" if each.kind is SpanKind.GENERATION else "SPAN",
        "name": each.name,
        "startTime": each.start.isoformat(),
        "endTime": each.end.isoformat(),
        "parentObservationId": each.parent_id,
        "input": each.input,
        "output": each.output,
    }


class TestLocal(ReadingSuite):
    @pytest.fixture
    def site(self, tmp_path: Path) -> Exports:
        return Exports(tmp_path)
