"""What the tests of tracevet-langfuse share: a running emulator, keys for it, and rows and verdicts to put there."""

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tracevet import (
    Confidence,
    Coverage,
    Mode,
    Outcome,
    Place,
    Severity,
    Status,
    Surface,
    TraceRef,
    Verdict,
    Violation,
    Window,
)
from tracevet.testing.langfuse import LangfuseEmulator
from tracevet_langfuse import LangfusePlatform, connection

PYTHON_4 = "TRACEVET_TEST_LANGFUSE4_PYTHON"
START = datetime(2026, 11, 20, 12, tzinfo=UTC)
Row = dict[str, Any]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait only as long as it takes to go round once more."""
    monkeypatch.setattr(connection, "FIRST_WAIT", 0.001)


@pytest.fixture
def python_4() -> str:
    """Name the interpreter that has SDK 4."""
    python = os.environ.get(PYTHON_4)
    if not python:
        reason = f"{PYTHON_4} is not set to an interpreter with langfuse 4"
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(reason)
        pytest.skip(reason)
    return python


@pytest.fixture
def start_emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., LangfuseEmulator]]:
    """Start emulators, and set the environment to the last one."""
    running: list[LangfuseEmulator] = []

    def start(*args: Any, **options: Any) -> LangfuseEmulator:
        emulator = LangfuseEmulator(*args, **options).start()
        running.append(emulator)
        monkeypatch.setenv("LANGFUSE_PUBLIC_KEY", emulator.public_key)
        monkeypatch.setenv("LANGFUSE_SECRET_KEY", emulator.secret_key)
        monkeypatch.setenv("LANGFUSE_BASE_URL", emulator.url)
        return emulator

    yield start
    for emulator in running:
        emulator.stop()


@pytest.fixture
def emulator(start_emulator: Callable[..., LangfuseEmulator]) -> LangfuseEmulator:
    """Run a current server."""
    return start_emulator()


@pytest.fixture
def platform(emulator: LangfuseEmulator) -> LangfusePlatform:
    """Open the emulator's project."""
    del emulator
    return LangfusePlatform()


@pytest.fixture
def window() -> Window:
    """Give the hour in which the rows are."""
    return Window(START, START + timedelta(hours=1))


@pytest.fixture
def row() -> Callable[..., Row]:
    """Make an observation: the trace, its number in it, and fields that differ."""

    def make(trace: str, number: int = 0, **fields: Any) -> Row:
        start = START + timedelta(seconds=10 * number)
        return {
            "id": f"{trace}-{number}",
            "traceId": trace,
            "type": "GENERATION",
            "name": "turn",
            "startTime": start.isoformat(),
            "endTime": (start + timedelta(seconds=3)).isoformat(),
            "environment": "prod",
            "parentObservationId": f"{trace}-0" if number else None,
            "input": "write it",
            "output": "done",
        } | fields

    return make


@pytest.fixture
def violation() -> Callable[..., Violation]:
    """Make a violation on an observation."""

    def make(span: str, fingerprint: str = "f1", **changes: Any) -> Violation:
        place = Place(span=span, pointer="/output", surface=Surface.SUGGESTED, path="db.py", start_line=3, end_line=3)
        plain = Violation(
            fingerprint=fingerprint,
            policy="sql-injection",
            title="SQL Injection Prevention",
            severity=Severity.HIGH,
            category="injection",
            mode=Mode.MONITOR,
            cwe=("CWE-89",),
            detector="bandit",
            rule="B608",
            confidence=Confidence.MEDIUM,
            message="SQL made by hand",
            surface=Surface.SUGGESTED,
            language="python",
            path="db.py",
            start_line=3,
            end_line=3,
            snippet="d1",
            span_id=span,
            trace_id=span.rpartition("-")[0],
            url=None,
            developer=None,
            project=None,
            repository=None,
            branch=None,
            assistant=None,
            model=None,
            session=None,
            evidence='query = f"SELECT * FROM users WHERE id = {user_id}"',
            recommendation="Use parameterized queries.",
            occurrences=1,
            places=(place,),
        )
        return plain.model_copy(update=changes)

    return make


@pytest.fixture
def verdict() -> Callable[..., Verdict]:
    """Make a trace's verdict of its violations."""

    def make(trace: str, *violations: Violation) -> Verdict:
        standing = [one for one in violations if one.status is Status.OPEN]
        return Verdict(
            id=f"verdict-of-{trace}",
            trace=TraceRef(platform="langfuse", id=trace, start=START),
            outcome=Outcome.VIOLATIONS if standing else Outcome.CLEAN,
            severity=max((one.severity for one in standing), key=lambda severity: severity.rank, default=None),
            coverage=Coverage.FULL,
            violations=violations,
        )

    return make
