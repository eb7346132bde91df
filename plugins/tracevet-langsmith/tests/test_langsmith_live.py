"""Live vetting with the real SDK: applications in processes of their own, against the emulator."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from langsmith import Client

from tracevet import Outcome, Verdict, Window
from tracevet.assembly import Assembly
from tracevet.ledger import Ledger
from tracevet.run import Run
from tracevet.testing.langsmith import LangSmithEmulator, slow
from tracevet.workers import Workers
from tracevet_langsmith import LangSmithPlatform, PolicyTags

APPLICATION = Path(__file__).parent / "langsmith_live_application.py"


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
def application(emulator: LangSmithEmulator, tmp_path: Path, ledger: str) -> Callable[..., Ended]:
    """Run the application, vetted unless it is asked not to be."""
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}

    def run(
        scenario: str,
        *,
        live: bool = True,
        attach: Mapping[str, Any] | None = None,
        env: Mapping[str, str] | None = None,
        **asked: Any,
    ) -> Ended:
        told = {"scenario": scenario, "attach": {"ledger": ledger, **(attach or {})} if live else None, **asked}
        ended = subprocess.run(
            [sys.executable, str(APPLICATION)],
            env={**os.environ, **home, "LANGSMITH_PROJECT": "app", "LIVE": json.dumps(told), **(env or {})},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    return run


def verdicts(ledger: str) -> dict[str, Verdict]:
    """Give the verdicts by trace."""
    with Ledger.open(ledger) as kept:
        return {verdict.trace.id: verdict for verdict in kept.verdicts()}


def policies(emulator: LangSmithEmulator, trace: str) -> set[str]:
    """Give the policies of which a trace has feedback."""
    rows = [row["key"] for row in emulator.state()["feedback"] if row["trace_id"] == trace]
    return {key.removeprefix("policy.") for key in rows} - {"severity", "coverage"}


@pytest.mark.parametrize("env", [{}, {"LANGSMITH_DISABLE_RUN_COMPRESSION": "true"}], ids=["zstd", "plain"])
def test_feedback_lands_on_the_same_trace(
    application: Callable[..., Ended], emulator: LangSmithEmulator, ledger: str, env: dict[str, str]
) -> None:
    said = application("plain", env=env).said
    bad, fine = said["traces"]
    assert (said["flushed"], said["trouble"], said["unvetted"]) == (True, "", 0)
    assert policies(emulator, bad) == {"sql-injection"}
    assert policies(emulator, fine) == set()
    assert {trace: verdict.outcome for trace, verdict in verdicts(ledger).items()} == {
        bad: Outcome.VIOLATIONS,
        fine: Outcome.CLEAN,
    }
    assert emulator.state()["long_traces"] == []


def test_watch_finds_everything_done(
    application: Callable[..., Ended], emulator: LangSmithEmulator, ledger: str
) -> None:
    application("plain")
    live, before = verdicts(ledger), emulator.state()
    with Ledger.open(ledger) as kept, Workers(processes=1) as workers:
        run = Run(LangSmithPlatform(projects=("app",)), Assembly.load().setup(kept.key), kept, workers)
        again = {verdict.trace.id: verdict for verdict in run.verdicts(Window())}
        assert kept.pending("langsmith") == []
    assert run.progress.unchanged == len(live) == 2
    assert again == live
    assert emulator.state() == before


def test_a_large_turn_is_vetted(application: Callable[..., Ended], emulator: LangSmithEmulator) -> None:
    said = application("large", env={"LANGSMITH_DISABLE_RUN_COMPRESSION": "true"}).said
    assert policies(emulator, said["traces"][0]) == {"sql-injection"}


def test_the_application_says_and_sends_the_same_with_and_without(
    application: Callable[..., Ended], emulator: LangSmithEmulator
) -> None:
    ends, runs = [], []
    for live in (False, True):
        ends.append(application("plain", live=live, quiet=True, flush=False))
        state = emulator.state()["runs"]
        runs.append(sorted((run["name"], tuple(run["tags"]), run["end_time"] is not None) for run in state))
    assert ends[0] == ends[1] == Ended(0, "", "")
    assert runs[1] == sorted(runs[0] * 2)


@pytest.mark.parametrize("asked", [{"code": 7}, {}], ids=["exit code", "exception"])
def test_the_application_fails_as_it_does_alone(application: Callable[..., Ended], asked: Mapping[str, Any]) -> None:
    alone = application("failing", live=False, **asked)
    vetted = application("failing", **asked)
    assert alone.code == asked.get("code", 1)
    assert vetted == alone


def test_what_the_application_hides_or_does_not_sample_is_not_seen(
    application: Callable[..., Ended], emulator: LangSmithEmulator, ledger: str
) -> None:
    hidden = application("plain", hide=True).said["traces"]
    application("plain", sample=0.0)
    found = verdicts(ledger)
    assert set(found) == set(hidden)
    assert not any(verdict.violations for verdict in found.values())
    assert emulator.state()["feedback"] == []


def test_a_server_that_hangs_holds_nothing_up(application: Callable[..., Ended], emulator: LangSmithEmulator) -> None:
    emulator.faults.add(slow(300), path="*/feedback*")
    emulator.faults.add(slow(300), path="*/settings")
    ended = application("plain", flush=False, quiet=True)
    assert ended == Ended(0, "", "")
    assert len(emulator.state()["runs"]) == 4


def test_the_policy_tag_stands_on_the_runs_before_they_are_sent(
    application: Callable[..., Ended], emulator: LangSmithEmulator
) -> None:
    ended = application("plain", live=False, process="ours")
    bad, fine = ended.said["traces"]
    rows = emulator.state()["runs"]
    assert ended.err == ""
    assert {tuple(row["tags"]) for row in rows if row["id"] == bad} == {("mine", "policy:sql-injection")}
    assert {tuple(row["tags"]) for row in rows if row["id"] == fine} == {("mine",)}
    assert {row["name"] for row in rows} == {"TURN", "LLM"}


def test_tags_that_we_add_make_no_trace_another_one(
    emulator: LangSmithEmulator, row: Callable[..., dict[str, Any]]
) -> None:
    contents = []
    for tags in (["mine"], ["mine", "policy:secrets"]):
        emulator.seed([row("t1", tags=tags)])
        contents += [trace.content for page in LangSmithPlatform().traces(Window(), None) for trace in page.traces]
    assert contents[0] == contents[1]


@pytest.mark.parametrize("path", ["/runs/multipart", "/runs/batch", "/runs", "/runs/1"])
@pytest.mark.parametrize("body", [b"x", None, "{", 7, b"[" * 100_000])
def test_a_body_that_can_not_be_read_does_not_reach_the_application(path: str, body: Any) -> None:
    client = Client(api_url="http://127.0.0.1:9", api_key="k", info={}, auto_batch_tracing=False)
    tap = LangSmithPlatform.tap(client)
    assert tap
    seen: list[object] = []
    close = tap.open(seen.append, lambda seconds: None)
    headers = {"x-api-key": "k", "Content-Type": "multipart/form-data; boundary=b"}
    request = SimpleNamespace(method="POST", url=f"http://127.0.0.1:9{path}", headers=headers, body=body)
    listener: Any = client.session.hooks["response"][0]
    listener(SimpleNamespace(status_code=202, request=request))
    assert seen == []
    close()
    assert client.session.hooks["response"] == []


class Says:
    """Stands for the check: says what it is told to, or raises."""

    def __init__(self, *policies: str) -> None:
        """Say these policies of every trace; without any, raise."""
        self.policies_, self.seen = policies, 0

    def policies(self, traces: Any, seconds: float) -> dict[str, frozenset[str]]:
        """Say it."""
        del seconds
        self.seen += len(traces)
        if not self.policies_:
            raise RuntimeError("broken")
        return {trace.id: frozenset(self.policies_) for trace in traces}


def tagging(*policies: str, inner: Any = None) -> PolicyTags:
    return PolicyTags(inner, Says(*policies), 1.0)  # type: ignore[arg-type]  # it stands for a QuickCheck


ODD_RUNS: list[dict[str, Any]] = [
    {"id": "a", "start_time": "2026-11-20T12:00:00Z", "tags": ["mine"], "inputs": {("x",): object()}},
    {"id": "b", "trace_id": "a", "start_time": "2026-11-20T12:00:00Z", "tags": None, "outputs": {"x": b"\xff"}},
    {"id": "a", "trace_id": None, "tags": None, "end_time": "2026-11-20T12:00:00Z"},
    {"id": "unknown", "tags": None, "end_time": "2026-11-20T12:00:00Z"},
]


def test_runs_keep_ids_order_and_their_own_tags() -> None:
    runs = tagging("secrets")(ODD_RUNS)
    assert [run["id"] for run in runs] == ["a", "b", "a", "unknown"]
    assert [run["tags"] for run in runs] == [
        ["mine", "policy:secrets"],
        ["policy:secrets"],
        ["mine", "policy:secrets"],
        None,
    ]
    assert ODD_RUNS[0]["tags"] == ["mine"]


def test_a_check_that_fails_costs_only_the_tags() -> None:
    loop: dict[str, Any] = {}
    loop["self"] = loop
    runs = [*ODD_RUNS, {"id": "c", "inputs": loop}]
    assert list(tagging()(runs)) == runs
    assert list(tagging("secrets")(runs)) == runs


def test_the_application_s_own_function_comes_first_and_fails_as_it_does_alone() -> None:
    def fail(runs: Any) -> Any:
        raise KeyError("own")

    with pytest.raises(KeyError, match="own"):
        tagging("secrets", inner=fail)(ODD_RUNS)
