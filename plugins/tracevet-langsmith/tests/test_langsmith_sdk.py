"""The round trip with the real SDK: what `@traceable` sent is read, vetted as a whole, and told where it stands."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from langsmith import Client, traceable, tracing_context

from tracevet import GapReason, SpanKind, Verdict, Window
from tracevet.assembly import Assembly
from tracevet.ledger import Ledger
from tracevet.run import Run
from tracevet.testing.langsmith import LangSmithEmulator
from tracevet.workers import Workers
from tracevet_langsmith import LangSmithPlatform

METADATA = {"ls_agent_purpose": "coding", "ls_integration": "claude-code", "thread_id": "s1", "cwd": "/srv/shop"}
MARK = "[SECRET_DETECTED]"
CONFIG = f'''import hashlib

API_KEY = "{MARK}"
password={MARK}"DB_PASSWORD"]


def digest(value):
    return hashlib.md5(value).hexdigest()
'''


@pytest.fixture
def client(emulator: LangSmithEmulator) -> Iterator[Client]:
    """Trace to the emulator."""
    made = Client(api_url=emulator.url, api_key=emulator.api_key)
    yield made
    made.cleanup()


def trace(client: Client, content: str) -> None:
    """Trace a turn of Claude Code that writes a file."""

    @traceable(run_type="tool", name="Write", metadata=METADATA)
    def write(input: dict[str, str]) -> dict[str, Any]:  # noqa: A002 - its name is recorded
        return {"output": {"type": "create", "filePath": input["file_path"], "content": input["content"]}}

    @traceable(run_type="chain", name="Claude Code Turn", metadata=METADATA)
    def turn(messages: list[dict[str, str]]) -> dict[str, Any]:
        write(input={"file_path": "/srv/shop/config.py", "content": content})
        return {"messages": [{"role": "assistant", "content": "Done."}]}

    with tracing_context(enabled=True, client=client, project_name="claude-code"):
        turn(messages=[{"role": "user", "content": "Write the config."}])
    client.flush()


def vet(path: Path) -> list[Verdict]:
    now = datetime.now(UTC)
    platform = LangSmithPlatform()
    with Ledger.open(str(path)) as ledger, Workers(processes=1) as workers:
        run = Run(platform, Assembly.load().setup(ledger.key), ledger, workers)
        found = list(run.verdicts(Window(now - timedelta(hours=1), now + timedelta(hours=1))))
    for verdict in found:
        platform.write(verdict)
    return found


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read no configuration but the built-in one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    for name in [name for name in os.environ if name.startswith("LANGSMITH_") and name.endswith("PROJECT")]:
        monkeypatch.delenv(name)


def test_what_the_sdk_sent_is_read_as_it_was(client: Client, emulator: LangSmithEmulator) -> None:
    trace(client, "x = 1\n")
    (found,) = [one for page in LangSmithPlatform().traces(Window(), None) for one in page.traces]
    assert [(span.kind, span.name) for span in found.spans] == [
        (SpanKind.AGENT, "Claude Code Turn"),
        (SpanKind.TOOL, "Write"),
    ]
    assert found.spans[1].parent_id == found.id
    assert found.spans[1].input == {"input": {"file_path": "/srv/shop/config.py", "content": "x = 1\n"}}
    assert (found.session_id, found.metadata["cwd"], found.gaps) == ("s1", "/srv/shop", ())
    assert emulator.project("claude-code") in (found.url or "")


def test_a_violation_lands_on_the_run_and_the_client_s_own_filter_finds_it(
    client: Client, emulator: LangSmithEmulator, tmp_path: Path
) -> None:
    trace(client, 'def f(cur, user):\n    cur.execute(f"SELECT * FROM users WHERE id = {user}")\n')
    (verdict,) = vet(tmp_path / "ledger.db")
    assert {one.policy for one in verdict.violations} == {"sql-injection"}
    feedback = list(client.list_feedback(run_ids=[verdict.trace.id], feedback_key=["policy.sql-injection"]))
    assert [(one.score, one.value) for one in feedback] == [(0.75, "high")]
    (place,) = verdict.violations
    told = {one["run_id"] for one in emulator.state()["feedback"] if one["key"] == "policy.sql-injection"}
    assert told == {verdict.trace.id, place.span_id}
    assert place.span_id != verdict.trace.id


def test_a_placeholder_is_one_secret_that_was_typed_and_the_code_around_it_is_vetted(
    client: Client, emulator: LangSmithEmulator, tmp_path: Path
) -> None:
    trace(client, CONFIG)
    (verdict,) = vet(tmp_path / "ledger.db")
    found = {one.policy: (one.rule, one.start_line) for one in verdict.violations}
    assert found == {"hardcoded-secrets": ("redacted-secret", 3), "weak-crypto": ("B324", 8)}
    assert GapReason.UNPARSABLE not in {gap.reason for gap in verdict.gaps}
    comments = [one["comment"] for one in emulator.state()["feedback"] if one["key"] == "policy.hardcoded-secrets"]
    assert all("a secret was typed here; rotate it" in comment for comment in comments)
