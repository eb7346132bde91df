"""What each assistant is told, in its own protocol: by the desk that answers, with real detectors and a ledger."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hook_parts import BAD, BEFORE, ENFORCED, MENDED, PATIENT, event

from tracevet.hook.desk import Desk
from tracevet.ledger import Ledger
from tracevet.ledger.audit import Action, AuditEntry


@pytest.fixture(scope="module")
def enforcing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, Path]]:
    """Give a desk whose policies are enforced, and where its ledger is."""
    folder = tmp_path_factory.mktemp("enforcing")
    with_config = ENFORCED + 'threshold = "high"\nask = "medium"\n'
    yield from opened(folder, with_config)


def opened(folder: Path, config: str) -> Iterator[tuple[Desk, Path]]:
    (folder / "tracevet.toml").write_text(config)
    desk = Desk(str(folder / "tracevet.toml"), str(folder / "ledger.db"), folder)
    desk.open()
    yield desk, folder / "ledger.db"
    desk.close()


def told(desk: Desk, name: str, project: Path, **changes: Any) -> dict[str, Any]:
    code, out, err = desk.ask(name.partition("/")[0], json.dumps(event(name, project, **changes)).encode())
    assert (code, err) == (0, b"")
    said: dict[str, Any] = json.loads(out or b"{}")
    return said


def noted(ledger: Path, action: Action) -> list[AuditEntry]:
    with Ledger.open(str(ledger), write=False) as kept:
        return list(kept.audit.entries(action=action))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Give a project with the file that the events edit, as it was before."""
    (tmp_path / "users.py").write_text(BEFORE)
    return tmp_path


def flat(said: dict[str, Any]) -> tuple[str, str]:
    """Give the decision and the text of any assistant's answer."""
    specific = said.get("hookSpecificOutput", {})
    decision = specific.get("permissionDecision") or said.get("decision") or said.get("permission") or "-"
    texts = (specific.get("permissionDecisionReason"), said.get("reason"), said.get("agent_message"))
    return decision, next(filter(None, texts), "")


DENIALS = [
    ("claude-code/pre-write", "deny", "sql-injection"),
    ("claude-code/pre-edit", "deny", "sql-injection"),
    ("claude-code/pre-bash", "deny", "insecure-deserialization"),
    ("claude-code/post-write", "block", "sql-injection"),
    ("cursor/before-shell", "deny", "insecure-deserialization"),
    ("cursor/before-mcp", "deny", "sql-injection"),
    ("cursor/pre-write", "deny", "sql-injection"),
    ("codex/pre-apply-patch", "deny", "sql-injection"),
    ("codex/pre-bash", "deny", "insecure-deserialization"),
]


@pytest.mark.parametrize(("name", "decision", "policy"), DENIALS)
def test_a_violation_is_denied_with_its_fix(
    enforcing: tuple[Desk, Path], project: Path, name: str, decision: str, policy: str
) -> None:
    said, text = flat(told(enforcing[0], name, project))
    assert said == decision
    assert policy in text
    assert "Instead: " in text


def test_what_was_patched_is_blocked_afterwards_inside_its_file(enforcing: tuple[Desk, Path], project: Path) -> None:
    (project / "users.py").write_text(f"import os\n\n\n{BAD}")
    said, text = flat(told(enforcing[0], "codex/post-apply-patch", project))
    assert said == "block"
    assert "users.py, line 5" in text


SILENCE: list[tuple[str, dict[str, Any]]] = [
    ("claude-code/prompt", {}),
    ("claude-code/stop", {}),
    ("cursor/after-file-edit", {}),
    ("cursor/before-read-file", {"permission": "allow"}),
    ("cursor/before-submit-prompt", {"continue": True}),
    ("cursor/stop", {}),
    ("codex/prompt", {}),
    ("codex/stop", {}),
]


@pytest.mark.parametrize(("name", "said"), SILENCE)
def test_what_cannot_be_held_back_goes_on_in_its_own_words(
    enforcing: tuple[Desk, Path], project: Path, name: str, said: dict[str, Any]
) -> None:
    assert told(enforcing[0], name, project) == said


@pytest.mark.parametrize("name", ["claude-code/pre-write", "cursor/pre-write"])
def test_good_code_is_let_through_without_a_word(enforcing: tuple[Desk, Path], project: Path, name: str) -> None:
    given = {"file_path": str(project / "users.py"), "content": MENDED}
    assert told(enforcing[0], name, project, tool_input=given) == {}


def test_a_weakness_that_stood_in_the_file_is_not_the_edits(enforcing: tuple[Desk, Path], project: Path) -> None:
    (project / "users.py").write_text(f"{BAD}\n\ndef name():\n    return None\n")
    given = {"file_path": str(project / "users.py"), "old_string": "return None", "new_string": 'return "kim"'}
    assert told(enforcing[0], "claude-code/pre-edit", project, tool_input=given) == {}


def test_writing_a_file_anew_answers_for_the_new_lines_alone(enforcing: tuple[Desk, Path], project: Path) -> None:
    (project / "users.py").write_text(BAD)
    given = {"file_path": str(project / "users.py"), "content": f"{BAD}\n\ndef name():\n    return 'kim'\n"}
    assert told(enforcing[0], "claude-code/pre-write", project, tool_input=given) == {}
    given["content"] += BAD.replace("users", "orders")
    decision, text = flat(told(enforcing[0], "claude-code/pre-write", project, tool_input=given))
    assert decision == "deny"
    assert "orders WHERE" in text
    assert "users WHERE" not in text.partition("Instead:")[0]


def test_an_edit_that_was_made_is_vetted_as_it_changed_the_file(enforcing: tuple[Desk, Path], project: Path) -> None:
    old = f"{BAD}\n\ndef other(conn, name):\n    return None\n"
    new = "    return conn.execute(f\"SELECT * FROM names WHERE name = '{name}'\")"
    (project / "users.py").write_text(old.replace("    return None", new))
    given = {"file_path": str(project / "users.py"), "old_string": "    return None", "new_string": new}
    for answer in ({"originalFile": old}, {}):
        said = told(
            enforcing[0], "claude-code/post-write", project, tool_name="Edit", tool_input=given, tool_response=answer
        )
        decision, text = flat(said)
        assert decision == "block"
        assert "users.py, line 7" in text
        assert "user_id" not in text.partition("Instead:")[0]


def test_what_cursor_edited_is_recorded_though_nobody_can_hold_it_back(
    enforcing: tuple[Desk, Path], project: Path
) -> None:
    desk, ledger = enforcing
    (project / "users.py").write_text(BAD)
    assert told(desk, "cursor/after-file-edit", project) == {}
    assert "afterFileEdit" in {entry.details["event"] for entry in noted(ledger, Action.BLOCK)}


def test_an_edit_is_vetted_inside_its_file(enforcing: tuple[Desk, Path], project: Path) -> None:
    (project / "users.py").write_text(
        'def find(conn, user_id):\n    query = "SELECT * FROM users WHERE id = " + user_id\n    return None\n'
    )
    given = {"file_path": str(project / "users.py"), "old_string": "return None", "new_string": "return run(query)"}
    assert told(enforcing[0], "claude-code/pre-edit", project, tool_input=given) == {}
    given["new_string"] = "query += user_id\n    return conn.execute(query)"
    decision, text = flat(told(enforcing[0], "claude-code/pre-edit", project, tool_input=given))
    assert decision == "deny"
    assert "users.py, line" in text


def test_an_unknown_event_goes_on_and_is_recorded(enforcing: tuple[Desk, Path], project: Path) -> None:
    desk, ledger = enforcing
    for name in ("claude-code/stop", "cursor/stop", "codex/stop"):
        assert told(desk, name, project, hook_event_name="PreThought") == {}
        assert told(desk, name, project, hook_event_name={"v": 9}) == {}
    entries = [entry for entry in noted(ledger, Action.UNVETTED) if entry.details.get("event") == "PreThought"]
    assert {entry.subject for entry in entries} == {"claude-code", "cursor", "codex"}


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"hook_event_name": "PreToolUse"}'),
        b'{"hook_event_name": "PreToolUse", "tool_name": "Write", "tool_input": "' + b"x" * 10_000_000 + b'"}',
        b'{"hook_event_name": "PreToolUse", "tool_name": "Edit", "tool_input": {"file_path": "\\u0000/dev/zero",'
        b' "old_string": "\\ud800", "new_string": 7}, "cwd": ["x"], "session_id": {}}',
    ],
)
def test_a_broken_event_goes_on(enforcing: tuple[Desk, Path], data: bytes) -> None:
    for assistant, silence in (("claude-code", b""), ("cursor", b"{}\n"), ("codex", b"")):
        code, out, _ = enforcing[0].ask(assistant, data)
        assert (code, out) == (0, silence)


def test_secrets_and_control_characters_stay_out_of_the_answer(enforcing: tuple[Desk, Path], project: Path) -> None:
    token = "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6"
    line = BAD.replace("SELECT *", f"SELECT '{token}'").replace("users", "us\x1b[31mers")
    given = {"file_path": f"{project}/a\nb\x1b.py", "content": line}
    decision, text = flat(told(enforcing[0], "claude-code/pre-write", project, tool_input=given))
    assert decision == "deny"
    assert "\x1b" not in text
    assert "a\nb" not in text
    assert token not in text


def test_in_monitor_nothing_is_said_and_the_decision_is_recorded_once(tmp_path: Path, project: Path) -> None:
    folder = tmp_path / "monitoring"
    folder.mkdir()
    for desk, ledger in opened(folder, PATIENT):
        assert told(desk, "claude-code/pre-write", project) == {}
        assert told(desk, "claude-code/post-write", project) == {}
        (entry,) = noted(ledger, Action.BLOCK)
        assert entry.reason == "would have denied: sql-injection (high)"
        assert (entry.details["decision"], entry.details["would"], entry.details["mode"]) == (
            "allow",
            "deny",
            "monitor",
        )


def test_what_is_suppressed_goes_on(tmp_path: Path, project: Path) -> None:
    for desk, ledger in opened(tmp_path, ENFORCED):
        assert flat(told(desk, "claude-code/pre-write", project))[0] == "deny"
        (entry,) = noted(ledger, Action.BLOCK)
    expires = datetime.now(UTC).date() + timedelta(days=30)
    (tmp_path / "tracevet-suppressions.toml").write_text(
        f'[[suppress]]\nfingerprint = "{entry.subject}"\nreason = "a fixture"\nowner = "kim"\nexpires = {expires}\n'
    )
    for desk, _ in opened(tmp_path, ENFORCED):
        assert told(desk, "claude-code/pre-write", project) == {}


ASKED = ENFORCED + 'threshold = "critical"\nask = "high"\n'


def test_below_the_threshold_a_person_is_asked_where_that_can_be(tmp_path: Path, project: Path) -> None:
    folder = tmp_path / "asking"
    folder.mkdir()
    for desk, ledger in opened(folder, ASKED):
        said = told(desk, "claude-code/pre-write", project)
        assert said["hookSpecificOutput"]["permissionDecision"] == "ask"
        assert told(desk, "cursor/before-shell", project)["permission"] == "ask"
        assert "sql-injection" in told(desk, "codex/pre-apply-patch", project)["systemMessage"]
        assert "additionalContext" in told(desk, "claude-code/post-write", project)["hookSpecificOutput"]
        assert {entry.details["decision"] for entry in noted(ledger, Action.BLOCK)} == {"ask"}


SECRETS = '[policies.hardcoded-secrets]\nmode = "enforce"\nseverity = "high"\nsurfaces = ["prompt", "context"]\n'


def test_prompts_and_files_are_kept_back_where_a_policy_looks_at_them(tmp_path: Path, project: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    text = 'token = "ghp_' + 'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6"\n'
    for desk, _ in opened(folder, SECRETS + PATIENT):
        for name in ("claude-code/prompt", "codex/prompt"):
            assert told(desk, name, project, prompt=text)["decision"] == "block"
        assert told(desk, "cursor/before-submit-prompt", project, prompt=text)["continue"] is False
        said = told(desk, "cursor/before-read-file", project, content=text)
        assert said["permission"] == "deny"
        assert "aB3dE6gH9jK2mN5pQ8" not in json.dumps(said)


CLOSED = """
[hook]
fail = "closed"
seconds = 0.001
"""


def test_closed_holds_back_what_takes_too_long_and_only_that(tmp_path: Path, project: Path) -> None:
    folder = tmp_path / "closed"
    folder.mkdir()
    for desk, _ in opened(folder, CLOSED):
        before = json.dumps(event("claude-code/pre-write", project)).encode()
        after = json.dumps(event("claude-code/post-write", project)).encode()
        code, out, err = desk.ask("claude-code", before)
        assert (code, out) == (2, b"")
        assert b"longer than" in err
        assert desk.ask("claude-code", after)[0] == 0
