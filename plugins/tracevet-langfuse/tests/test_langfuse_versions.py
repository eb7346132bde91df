"""Both majors of the SDK against each kind of server; what can't work is refused with what to install."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracevet import PlatformError, Status, Verdict, Violation, Window
from tracevet.testing.langfuse import LangfuseEmulator, fail, reject
from tracevet_langfuse import LangfusePlatform

DRIVER = Path(__file__).parent / "langfuse4_driver.py"
SERVERS = [("3.160.0", None), ("4.16.0", "events_only"), ("4.16.0", "dual"), ("4.62.0", None)]

Start = Callable[..., LangfuseEmulator]
Make = Callable[..., dict[str, Any]]
Drive = Callable[..., dict[str, Any]]


@pytest.fixture
def drive(window: Window, python_4: str) -> Drive:
    """Run the driver under the interpreter that has SDK 4."""

    def run(*verdicts: Verdict, **options: Any) -> dict[str, Any]:
        assert window.start
        assert window.end
        asked = {
            "paths": [path for path in sys.path if path],
            "window": [window.start.isoformat(), window.end.isoformat()],
            "verdicts": [verdict.model_dump(mode="json") for verdict in verdicts],
            "options": options,
        }
        done = subprocess.run(
            [python_4, str(DRIVER)], input=json.dumps(asked), capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        said: dict[str, Any] = json.loads(done.stdout)
        assert said["sdk"].startswith("4.")
        return said

    return run


@pytest.mark.parametrize(("version", "mode"), SERVERS[:3])
def test_sdk_5_refuses_a_server_that_is_too_old_for_it(
    start_emulator: Start, window: Window, version: str, mode: str | None
) -> None:
    start_emulator(version, mode)
    for attempt in (LangfusePlatform().prepare, lambda: list(LangfusePlatform().traces(window, None))):
        with pytest.raises(PlatformError, match=rf"{version} .* pip install 'langfuse>=4\.14,<5'"):
            list(attempt())


@pytest.mark.langfuse4
@pytest.mark.parametrize(("version", "mode"), SERVERS)
def test_sdk_4_reads_and_writes_on_every_server(
    start_emulator: Start,
    row: Make,
    violation: Callable[..., Violation],
    verdict: Callable[..., Verdict],
    drive: Drive,
    version: str,
    mode: str | None,
) -> None:
    emulator = start_emulator(version, mode)
    emulator.seed([row("t1", userId="dev@company.com", metadata={"cwd": "/srv/" + "a" * 300}), row("t1", 1)])
    emulator.seed([row("t2"), row("t3", environment="langfuse-evaluator")])
    said = drive(verdict("t1", violation("t1-1")), verdict("gone", violation("gone-0")))
    assert (said["traces"][0], said["traces"][1][::2]) == (["t1", "dev@company.com", 2], ["t2", 1])
    assert said["metadata"][0]["cwd"] == "/srv/" + "a" * 300
    assert said["more"] == []
    assert said["errors"] == ["", "GoneError"]
    state = emulator.state()
    assert {(one["observationId"], one["name"], one["value"], one["environment"]) for one in state["scores"]} == {
        (None, "policy", "sql-injection", "prod"),
        ("t1-1", "policy", "sql-injection", "prod"),
        (None, "policy.severity", "high", "prod"),
        (None, "policy.coverage", "full", "prod"),
    }
    assert [len(state[name]) for name in ("comments", "items", "configs", "queues")] == [1, 1, 1, 1]


@pytest.mark.langfuse4
def test_sdk_4_overwrites_what_is_retracted(
    start_emulator: Start,
    row: Make,
    violation: Callable[..., Violation],
    verdict: Callable[..., Verdict],
    drive: Drive,
) -> None:
    emulator = start_emulator("4.16.0")
    emulator.seed([row("t1")])
    drive(verdict("t1", violation("t1-0")))
    drive(verdict("t1", violation("t1-0", status=Status.RETRACTED)))
    policies = [one["value"] for one in emulator.state()["scores"] if one["name"] == "policy"]
    assert policies == ["cleared", "cleared"]


@pytest.mark.langfuse4
def test_sdk_4_sends_again_what_the_server_could_not_process(
    start_emulator: Start,
    row: Make,
    violation: Callable[..., Violation],
    verdict: Callable[..., Verdict],
    drive: Drive,
) -> None:
    emulator = start_emulator("4.16.0")
    emulator.seed([row("t1")])
    emulator.faults.add(reject(2), path="*/ingestion", times=2)
    emulator.faults.add(fail(500), path="*/ingestion", times=1)
    assert drive(verdict("t1", violation("t1-0")))["errors"] == [""]
    assert len(emulator.state()["scores"]) == 4


@pytest.mark.langfuse4
@pytest.mark.parametrize(
    ("version", "mode", "tags"),
    [
        ("3.160.0", None, [{"trace": "t1", "tags": ["policy:sql-injection"]}]),
        ("4.16.0", "dual", [{"trace": "t1", "tags": ["policy:sql-injection"]}]),
        ("4.16.0", "events_only", []),
    ],
)
def test_native_tags_are_added_where_the_server_takes_them_and_said_to_be_impossible_elsewhere(
    start_emulator: Start,
    row: Make,
    violation: Callable[..., Violation],
    verdict: Callable[..., Verdict],
    drive: Drive,
    version: str,
    mode: str | None,
    tags: list[Any],
) -> None:
    emulator = start_emulator(version, mode)
    emulator.seed([row("t1", public=True)])
    said = drive(verdict("t1", violation("t1-0")), write=["scores", "tags"])
    assert any("native tags: " in line for line in said["prepared"])
    assert all(trace["public"] for trace in emulator.project.traces.values())
    assert (said["errors"], emulator.state()["tags"]) == ([""], tags)
    assert len(said["notes"]) == (not tags)
    assert len(emulator.state()["scores"]) == 4


@pytest.mark.langfuse4
@pytest.mark.parametrize(("version", "mode"), SERVERS)
def test_sdk_4_appends_a_guardrail_observation_once_on_every_server(
    start_emulator: Start,
    row: Make,
    violation: Callable[..., Violation],
    verdict: Callable[..., Verdict],
    drive: Drive,
    version: str,
    mode: str | None,
) -> None:
    emulator = start_emulator(version, mode)
    trace, span = "a" * 32, "b" * 16
    emulator.seed([row(trace, id=span, userId="dev@company.com")])
    said = [drive(verdict(trace, violation(span)), write=["guardrail"]) for _ in range(2)]
    assert [one["errors"] for one in said] == [[""], [""]]
    assert [one["traces"] for one in said] == [[[trace, "dev@company.com", 1]]] * 2
    sent = [request for request in emulator.requests if request.path.endswith("/otel/v1/traces")]
    assert (len(sent), len(emulator.state()["observations"])) == (1, 2)


def test_sdk_5_says_that_native_tags_are_impossible(
    start_emulator: Start, row: Make, violation: Callable[..., Violation], verdict: Callable[..., Verdict]
) -> None:
    emulator = start_emulator()
    emulator.seed([row("t1")])
    receipt = LangfusePlatform(write=("tags",)).write(verdict("t1", violation("t1-0")))
    assert "the score `policy` is the tag" in receipt.notes[0]


@pytest.mark.langfuse4
@pytest.mark.parametrize(("version", "mode"), SERVERS)
def test_sdk_4_reads_what_people_said_on_every_server(
    start_emulator: Start, drive: Drive, version: str, mode: str | None
) -> None:
    emulator = start_emulator(version, mode)
    drive()
    emulator.annotate("t1", "false positive", comment="a test")
    emulator.annotate("t2", "confirmed", observation_id="t2-1", author="user-2")
    said = drive()["reviews"]
    keys = ("trace", "span", "decision", "author", "comment")
    assert sorted([one[key] for key in keys] for one in said) == [
        ["t1", None, "false-positive", "user-1", "a test"],
        ["t2", "t2-1", "confirmed", "user-2", ""],
    ]
