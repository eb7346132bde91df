"""What the tests of tracevet-langsmith share: a running emulator, a key for it, and runs and verdicts to put there."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

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
from tracevet.testing.langsmith import LangSmithEmulator
from tracevet_langsmith import LangSmithPlatform, connection

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
CODING = {"metadata": {"ls_agent_purpose": "coding", "thread_id": "session-1"}}
Row = dict[str, Any]


def uid(trace: str, number: int = 0) -> str:
    """Give the id of a run by the name of its trace; that of the root is the trace's."""
    return str(uuid5(NAMESPACE_URL, f"{trace}-{number}"))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait only as long as it takes to go round once more; take nothing from the real environment."""
    monkeypatch.setattr(connection, "FIRST_WAIT", 0.001)
    for name in ("LANGCHAIN_API_KEY", "LANGCHAIN_ENDPOINT", "LANGSMITH_WORKSPACE_ID", "LANGSMITH_TENANT_ID"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def start_emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., LangSmithEmulator]]:
    """Start emulators, and set the environment to the last one."""
    running: list[LangSmithEmulator] = []

    def start(*args: Any, **options: Any) -> LangSmithEmulator:
        emulator = LangSmithEmulator(*args, **options).start()
        running.append(emulator)
        monkeypatch.setenv("LANGSMITH_API_KEY", emulator.api_key)
        monkeypatch.setenv("LANGSMITH_ENDPOINT", emulator.url)
        return emulator

    yield start
    for emulator in running:
        emulator.stop()


@pytest.fixture
def emulator(start_emulator: Callable[..., LangSmithEmulator]) -> LangSmithEmulator:
    """Run a current server."""
    return start_emulator()


@pytest.fixture
def platform(emulator: LangSmithEmulator) -> LangSmithPlatform:
    """Open the emulator's workspace."""
    del emulator
    return LangSmithPlatform()


@pytest.fixture
def window() -> Window:
    """Give the hour in which the runs are."""
    return Window(START, START + timedelta(hours=1))


@pytest.fixture
def name() -> Callable[..., str]:
    """Give the id of a run by the name of its trace and its number there."""
    return uid


@pytest.fixture
def row() -> Callable[..., Row]:
    """Make a run: the name of its trace, its number in it, and fields that differ."""

    def make(trace: str, number: int = 0, **fields: Any) -> Row:
        start = START + timedelta(seconds=10 * number)
        return {
            "id": uid(trace, number),
            "trace_id": uid(trace),
            "run_type": "tool" if number else "chain",
            "name": "turn",
            "start_time": start.isoformat(),
            "end_time": (start + timedelta(seconds=3)).isoformat(),
            "parent_run_id": uid(trace) if number else None,
            "inputs": {"messages": [{"role": "user", "content": "write it"}]},
            "outputs": {"messages": [{"role": "assistant", "content": "done"}]},
            "extra": CODING,
        } | fields

    return make


@pytest.fixture
def violation() -> Callable[..., Violation]:
    """Make a violation on a run, named by its trace and its number there."""

    def make(trace: str, number: int = 0, fingerprint: str = "f1", **changes: Any) -> Violation:
        span = uid(trace, number)
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
            trace_id=uid(trace),
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
            trace=TraceRef(platform="langsmith", id=uid(trace), start=START),
            outcome=Outcome.VIOLATIONS if standing else Outcome.CLEAN,
            severity=max((one.severity for one in standing), key=lambda severity: severity.rank, default=None),
            coverage=Coverage.FULL,
            violations=violations,
        )

    return make
