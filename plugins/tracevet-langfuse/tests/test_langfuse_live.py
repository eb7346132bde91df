"""Live vetting with the real SDK: applications in processes of their own, against the emulator."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tracevet import Coverage, GapReason, Outcome, Verdict, Window
from tracevet.assembly import Assembly
from tracevet.ledger import Ledger
from tracevet.run import Run
from tracevet.testing.langfuse import LangfuseEmulator, slow
from tracevet.workers import Workers
from tracevet_langfuse import LangfusePlatform

HERE = Path(__file__).parent
SUPPORT = HERE.parents[2] / "tests" / "support"
APPLICATION = (sys.executable, str(HERE / "live_application.py"))


@dataclass(frozen=True)
class Ended:
    """How an application ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> dict[str, Any]:
        """What it said at its end."""
        assert self.out, self.err
        found: dict[str, Any] = json.loads(self.out)
        return found


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    """Name a ledger."""
    return str(tmp_path / "ledger.db")


@pytest.fixture
def application(emulator: LangfuseEmulator, tmp_path: Path, ledger: str) -> Callable[..., Ended]:
    """Run the application, vetted unless it is asked not to be."""
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}

    def run(
        scenario: str,
        *,
        live: bool = True,
        attach: Mapping[str, Any] | None = None,
        command: tuple[str, ...] = APPLICATION,
        env: Mapping[str, str] | None = None,
        before: Callable[[], None] | None = None,
        **asked: Any,
    ) -> Ended:
        attach = {"ledger": ledger, "nice": 0, **(attach or {})} if live else None
        told = json.dumps({"scenario": scenario, "attach": attach, **asked})
        ended = subprocess.run(
            command,
            env={**os.environ, **home, "LANGFUSE_OTEL_COMPRESSION": "none", "LIVE": told, **(env or {})},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            preexec_fn=before,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    return run


def verdicts(ledger: str) -> dict[str, Verdict]:
    """Give the verdicts by trace."""
    with Ledger.open(ledger) as kept:
        return {verdict.trace.id: verdict for verdict in kept.verdicts()}


def policies(emulator: LangfuseEmulator, trace: str) -> set[str]:
    """Give the policy tags of a trace."""
    scores = emulator.state()["scores"]
    return {one["value"] for one in scores if one["name"] == "policy" and one["traceId"] == trace}


def sent(emulator: LangfuseEmulator) -> list[bytes]:
    """Give what the application sent."""
    return [logged.body for logged in emulator.requests if logged.path.endswith("/otel/v1/traces")]


def test_scores_land_on_the_same_trace(
    application: Callable[..., Ended], emulator: LangfuseEmulator, ledger: str
) -> None:
    said = application("plain").said
    bad, fine = said["traces"]
    assert said["flushed"] is True
    assert policies(emulator, bad) == {"sql-injection"}
    assert policies(emulator, fine) == set()
    assert {trace: verdict.outcome for trace, verdict in verdicts(ledger).items()} == {
        bad: Outcome.VIOLATIONS,
        fine: Outcome.CLEAN,
    }


@pytest.mark.langfuse4
@pytest.mark.parametrize("version", ["4.16.0", "4.62.0"])
def test_sdk_4_is_watched_alike(
    application: Callable[..., Ended], start_emulator: Callable[..., LangfuseEmulator], python_4: str, version: str
) -> None:
    emulator = start_emulator(version)
    said = application("plain", command=(python_4, *APPLICATION[1:])).said
    assert (said["flushed"], said["unvetted"]) == (True, 0)
    assert [policies(emulator, trace) for trace in said["traces"]] == [{"sql-injection"}, set()]


def test_watch_finds_everything_done(
    application: Callable[..., Ended], emulator: LangfuseEmulator, ledger: str
) -> None:
    application("plain")
    live, before = verdicts(ledger), emulator.state()
    with Ledger.open(ledger) as kept, Workers(processes=1) as workers:
        run = Run(LangfusePlatform(), Assembly.load().setup(kept.key), kept, workers)
        again = {verdict.trace.id: verdict for verdict in run.verdicts(Window())}
        assert kept.pending("langfuse") == []
    assert run.progress.unchanged == len(live) == 2
    assert again == live
    assert emulator.state() == before


OUTPUT = "```python\neval(input())\n```"
SHAPES: list[list[Any]] = [
    ["openinference.x", {"openinference.span.kind": "LLM", "input.value": "q", "output.value": OUTPUT}, []],
    ["ai", {"ai.operationId": "ai.toolCall", "ai.toolCall.name": "edit", "ai.toolCall.args": '{"a": 1}'}, []],
    ["ai", {"ai.operationId": "ai.generateText.doGenerate", "ai.response.text": OUTPUT, "ai.prompt": "q"}, []],
    ["ai", {"ai.response.text": "t", "ai.response.toolCalls": '[{"name": "x"}]'}, []],
    ["x", {"gen_ai.operation.name": "chat", "gen_ai.input.messages": '[{"role": "user"}]'}, []],
    [
        "x",
        {
            "gen_ai.system_instructions": '[{"type": "text", "content": "be good"}]',
            "gen_ai.input.messages": '[{"role": "user"}]',
            "gen_ai.output.messages": f'[{{"content": {json.dumps(OUTPUT)}}}]',
        },
        [],
    ],
    ["x", {"gen_ai.prompt.0.role": "user", "gen_ai.prompt.0.content": "q", "gen_ai.completion.0.content": OUTPUT}, []],
    ["openinference", {"llm.input_messages.0.message.role": "user", "llm.model_name": "m", "llm.n": 3}, []],
    ["x", {"gen_ai.tool.name": "write", "gen_ai.tool.call.arguments": '{"path": "a.py"}', "deep.flag": True}, []],
    ["x", {"gen_ai.a": 1, "traceloop.entity.input": "q", "traceloop.entity.output": OUTPUT}, []],
    ["x", {"gen_ai.a": 1.5, "prompt": "q", "final_result": OUTPUT, "user.id": "u", "tag.tags": ["b", "a"]}, []],
    ["x", {"gen_ai.a": 1}, [["gen_ai.user.message", {"content": "q"}], ["gen_ai.choice", {"content": OUTPUT}]]],
    ["x", {"gen_ai.a": 1}, [["gen_ai.content.prompt", {"gen_ai.prompt": "q"}]]],
    ["x", {"gen_ai.a": 1, "langfuse.environment": "Not Valid", "langfuse.trace.metadata.cwd": '"/srv/a"'}, []],
    ["x", {"gen_ai.a": 1, "langfuse.observation.metadata": '{"a": {"b": [1, "2"]}, "n": "3"}', "long": "y" * 500}, []],
    ["x", {"gen_ai.a": 1, "langfuse.trace.metadata.n": '"3"', "langfuse.trace.metadata.m": "bare", "input": "i"}, []],
]


def test_a_span_of_any_instrumentation_is_read_as_langfuse_shows_it(
    application: Callable[..., Ended], emulator: LangfuseEmulator, ledger: str
) -> None:
    traces = application("others", spans=SHAPES).said["traces"]
    with Ledger.open(ledger) as kept:
        known = kept.known("langfuse", traces, Assembly.load().setup(kept.key).digest)
    read = {trace.id: trace for page in LangfusePlatform().traces(Window(), None) for trace in page.traces}
    differing = [SHAPES[at] for at, trace in enumerate(traces) if known[trace][0] != read[trace].content]
    assert differing == []


def test_the_application_sends_and_says_the_same_with_and_without(
    application: Callable[..., Ended], emulator: LangfuseEmulator
) -> None:
    ends, bodies = [], []
    for live in (False, True):
        ends.append(application("plain", live=live, quiet=True, fixed=True, flush=False))
        bodies.append(sent(emulator))
        emulator.requests.clear()
    assert ends[0] == ends[1] == Ended(0, "", "")
    assert bodies[0] == bodies[1] != []


@pytest.mark.parametrize("asked", [{"code": 7}, {}], ids=["exit code", "exception"])
def test_the_application_fails_as_it_does_alone(application: Callable[..., Ended], asked: Mapping[str, Any]) -> None:
    alone = application("failing", live=False, fixed=True, **asked)
    vetted = application("failing", fixed=True, **asked)
    assert alone.code == asked.get("code", 1)
    assert vetted == alone


def test_a_detector_that_hangs_costs_its_snippet(
    application: Callable[..., Ended], emulator: LangfuseEmulator, tmp_path: Path, ledger: str
) -> None:
    _install_odd_detector(tmp_path)
    env = {"PYTHONPATH": os.pathsep.join((str(tmp_path), str(SUPPORT)))}
    hanging, other = application("slow", env=env).said["traces"]
    found = verdicts(ledger)
    assert GapReason.TIMED_OUT in {gap.reason for gap in found[hanging].gaps}
    assert found[hanging].outcome is Outcome.UNKNOWN
    assert policies(emulator, other) == {"sql-injection"}


def _install_odd_detector(folder: Path) -> None:
    dist = folder / "odd-1.dist-info"
    dist.mkdir()
    (dist / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1\n")
    (dist / "entry_points.txt").write_text("[tracevet]\nodd = odd_plugin\n")
    source = "from odd_detectors import Odd\nfrom tracevet import hookimpl\n\n"
    source += "@hookimpl\ndef register_detectors():\n    return [Odd]\n"
    (folder / "odd_plugin.py").write_text(source)
    (folder / "tracevet.toml").write_text("[workers]\nseconds = 1.0\n")


def test_an_interpreter_that_is_killed_is_started_again(
    application: Callable[..., Ended], emulator: LangfuseEmulator
) -> None:
    said = application("killed").said
    assert (said["before"], said["flushed"], said["trouble"]) == (True, True, "")
    assert [policies(emulator, trace) for trace in said["traces"]] == [{"sql-injection"}] * 2


def test_what_finds_no_room_is_a_gap_and_still_sent(
    application: Callable[..., Ended], emulator: LangfuseEmulator, ledger: str
) -> None:
    said = application("crowded", attach={"queue": 20}).said
    (trace,) = said["traces"]
    (gap,) = [one for one in verdicts(ledger)[trace].gaps if one.reason is GapReason.NOT_RECORDED]
    assert gap.count == said["unvetted"] > 0
    assert verdicts(ledger)[trace].coverage is Coverage.PARTIAL
    assert len(emulator.state()["observations"]) == 301


def test_a_forked_child_is_vetted_as_its_parent_is(
    application: Callable[..., Ended], emulator: LangfuseEmulator
) -> None:
    said = application("forked").said
    assert (said["child"], said["flushed"], said["unvetted"]) == (True, True, 0)
    assert [policies(emulator, trace) for trace in said["traces"]] == [{"sql-injection"}] * 3


SOURCE = (HERE / "live_application.py").read_text()


@pytest.mark.parametrize(
    ("command", "before"),
    [
        pytest.param((sys.executable, "-c", SOURCE), None, id="python -c"),
        pytest.param((sys.executable, *APPLICATION[1:]), lambda: os.close(0), id="no stdin"),
        pytest.param((sys.executable, "-W", "error", *APPLICATION[1:]), None, id="warnings are errors"),
    ],
)
def test_it_works_however_python_was_started(
    application: Callable[..., Ended],
    emulator: LangfuseEmulator,
    command: tuple[str, ...],
    before: Callable[[], None] | None,
) -> None:
    ended = application("plain", command=command, before=before)
    assert (ended.code, ended.err) == (0, "")
    assert policies(emulator, ended.said["traces"][0]) == {"sql-injection"}


def test_a_server_that_hangs_holds_up_neither_the_application_nor_vetting(
    application: Callable[..., Ended], emulator: LangfuseEmulator, ledger: str
) -> None:
    emulator.faults.add(slow(300), method="GET")
    emulator.faults.add(slow(300), path="*scores*")
    assert application("plain", flush=False, quiet=True) == Ended(0, "", "")
    assert len(emulator.state()["observations"]) == 4
    deadline = time.monotonic() + 120  # the application does not wait for its verdicts
    while time.monotonic() < deadline and len(verdicts(ledger)) < 2:
        time.sleep(0.1)
    assert {verdict.outcome for verdict in verdicts(ledger).values()} == {Outcome.VIOLATIONS, Outcome.CLEAN}


def test_an_interpreter_that_stands_still_does_not_stop_the_application(
    application: Callable[..., Ended], emulator: LangfuseEmulator
) -> None:
    ended = application("stopped", flush=False)
    os.kill(ended.said["interpreter"], signal.SIGKILL)
    assert (ended.code, ended.err, ended.said["before"]) == (0, "", True)
    assert len(emulator.state()["observations"]) == 4


def test_a_client_that_is_let_go_of_is_not_watched_until_it_is_again(
    application: Callable[..., Ended], emulator: LangfuseEmulator
) -> None:
    said = application("again", flush=False).said
    assert (said["before"], said["again"]) == (True, True)
    assert [policies(emulator, trace) for trace in said["traces"]] == [{"sql-injection"}, set(), {"sql-injection"}]


def test_an_interpreter_that_cannot_start_changes_nothing(
    application: Callable[..., Ended], emulator: LangfuseEmulator
) -> None:
    ended = application("plain", attach={"python": "/nowhere/python"}, flush=False)
    assert (ended.code, ended.err) == (0, "")
    assert len(emulator.state()["observations"]) == 4


def test_a_wrong_configuration_turns_it_off_and_says_why(application: Callable[..., Ended], tmp_path: Path) -> None:
    (tmp_path / "tracevet.toml").write_text("[workers]\nsecond = 1.0\n")
    ended = application("plain", settle=True, flush=False)
    assert ended.code == 0
    assert ended.err == ""
    assert "unknown key 'second'" in ended.said["trouble"]


def test_what_the_application_masks_is_not_seen(
    application: Callable[..., Ended], emulator: LangfuseEmulator, ledger: str
) -> None:
    masked, shown = application("hidden", mask="own").said["traces"]
    assert verdicts(ledger)[masked].violations == ()
    assert policies(emulator, shown) == {"sql-injection"}


def test_the_policy_tag_stands_on_the_root_before_it_is_sent(
    application: Callable[..., Ended], emulator: LangfuseEmulator
) -> None:
    masked, shown = application("hidden", mask="ours").said["traces"]
    rows = emulator.state()["observations"]
    assert {tuple(row["tags"]) for row in rows if row["traceId"] == shown} == {("policy:sql-injection",)}
    assert {tuple(row["tags"]) for row in rows if row["traceId"] == masked} == {()}
    read = {trace.id: trace for page in LangfusePlatform().traces(Window(), None) for trace in page.traces}
    assert "hidden" in {span.output for span in read[masked].spans}
