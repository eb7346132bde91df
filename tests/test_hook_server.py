"""The hook as assistants run it: its own process, the server behind the socket, and what may go wrong there."""

import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hook_parts import BAD, BEFORE, ENFORCED, MENDED, Agent, agent, event, wait_for

from tracevet import Window
from tracevet.assembly import Assembly
from tracevet.config import Config
from tracevet.hook import client
from tracevet.ledger import Ledger
from tracevet.ledger.audit import Action, AuditEntry
from tracevet.run import Run
from tracevet.workers import Workers


@pytest.fixture
def kim() -> Iterator[Agent]:
    """Give an agent with hooks."""
    with agent() as found:
        yield found


def noted(kim: Agent, action: Action) -> list[AuditEntry]:
    with Ledger.open(str(kim.ledger), write=False) as ledger:
        return list(ledger.audit.entries(action=action))


def write(kim: Agent, text: str) -> tuple[int, str, str]:
    """Have Claude Code write a file, if it may; give exit code, decision and text."""
    path = kim.project / "users.py"
    given = {"file_path": str(path), "content": text}
    code, said, err = kim.ask("claude-code", event("claude-code/pre-write", kim.project, tool_input=given))
    specific = said.get("hookSpecificOutput", {})
    decision = specific.get("permissionDecision", "")
    if code == 0 and decision != "deny":
        path.write_text(text)
    return code, decision, specific.get("permissionDecisionReason", err)


def server(kim: Agent) -> int:
    """Give the process behind the socket."""
    (path,) = kim.sockets
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(path))
        pid: int = struct.unpack("3i", line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
    return pid


def traced(kim: Agent, text: str) -> set[str]:
    """Give the fingerprints that a scan of Claude Code's transcript of the same write finds."""
    base = {"sessionId": "s", "cwd": str(kim.project), "version": "2.1.0"}
    given = {"file_path": str(kim.project / "users.py"), "content": text}
    use = {"type": "tool_use", "id": "toolu_01Write", "name": "Write", "input": given}
    rows = [
        {"type": "user", "uuid": "1", "message": {"role": "user", "content": "Find a user."}},
        {"type": "assistant", "uuid": "2", "message": {"id": "m", "role": "assistant", "content": [use]}},
    ]
    path = kim.folder / "transcript.jsonl"
    path.write_text("".join(json.dumps({**base, **row}) + "\n" for row in rows))
    assembly = Assembly.of(Config())
    with Ledger.open(":memory:") as ledger, Workers(processes=1) as workers:
        run = Run(assembly.platform("local", paths=(str(path),)), assembly.setup(ledger.key), ledger, workers)
        verdicts = list(run.verdicts(Window()))
    return {violation.fingerprint for verdict in verdicts for violation in verdict.violations}


def test_a_denied_write_is_answered_by_a_mended_one(kim: Agent) -> None:
    path = kim.project / "users.py"
    code, decision, text = write(kim, BAD)
    assert (code, decision) == (0, "deny")
    assert "Use parameterized queries" in text
    assert not path.exists()
    assert write(kim, MENDED) == (0, "", "")
    assert path.read_text() == MENDED
    (entry,) = noted(kim, Action.BLOCK)
    assert entry.reason == "denied: sql-injection (high)"
    assert traced(kim, BAD) == {entry.subject}


def test_assistants_that_ask_at_once_share_one_server(kim: Agent) -> None:
    (kim.project / "users.py").write_text(BEFORE)
    asked = {
        name: json.dumps(event(name, kim.project)).encode()
        for name in ("claude-code/pre-edit", "cursor/pre-write", "codex/pre-apply-patch", "claude-code/pre-bash")
    }
    started = {name: kim.start(name.partition("/")[0]) for name in asked}
    answers = {}
    for name, process in started.items():
        with process:
            answers[name] = process.communicate(asked[name], timeout=120)[0]
    assert all(b'"deny"' in answer for answer in answers.values())
    assert len(kim.sockets) == 1


def test_a_server_that_was_killed_is_replaced(kim: Agent) -> None:
    assert write(kim, BAD)[1] == "deny"
    os.kill(server(kim), signal.SIGKILL)
    wait_for(kim.sockets[0].with_suffix(".lock"))
    assert kim.sockets
    assert write(kim, BAD)[1] == "deny"


def test_what_speaks_otherwise_is_replaced(kim: Agent) -> None:
    assert write(kim, BAD)[1] == "deny"
    (path,) = kim.sockets
    kim.end()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        threading.Thread(target=_speak, args=(other,), daemon=True).start()
        assert write(kim, BAD)[1] == "deny"


def _speak(other: socket.socket) -> None:
    line, _ = other.accept()
    with line:
        line.sendall(b"tracevet-hook 0\n" + b"\x00" * 10)
        line.recv(1 << 20)


def test_a_server_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    with agent() as kim:
        folder = kim.folder / "tracevet"
        folder.mkdir(mode=0o700)
        path = folder / "s.sock"
        with socket.socket(socket.AF_UNIX) as silent:
            silent.bind(str(path))
            silent.listen()
            with pytest.raises(TimeoutError):
                client.talk(str(path), "codex", b"", b"{}", time.monotonic())


def test_a_changed_configuration_holds_from_the_next_event_on(kim: Agent) -> None:
    assert write(kim, BAD)[1] == "deny"
    kim.configure("[policies.sql-injection]\nmode = 'monitor'\n")
    assert write(kim, BAD) == (0, "", "")
    kim.configure(ENFORCED)
    (kim.project / "users.py").unlink()
    assert write(kim, BAD)[1] == "deny"


@pytest.mark.parametrize(("config", "code"), [("[hook\nfail = 'closed'", 2), ("[hook", 0), ("[hook]\nfial = 1", 0)])
def test_a_broken_configuration_fails_as_it_says(kim: Agent, config: str, code: int) -> None:
    kim.configure(config)
    found, decision, text = write(kim, BAD)
    assert (found, decision) == (code, "")
    assert "tracevet.toml" in text
    kim.configure(ENFORCED)
    (kim.project / "users.py").unlink(missing_ok=True)
    assert write(kim, BAD)[1] == "deny"
    (entry,) = noted(kim, Action.UNVETTED)
    assert entry.details["event"] == "PreToolUse"


def test_a_directory_that_others_can_write_to_is_not_used(kim: Agent) -> None:
    assert write(kim, BAD)[1] == "deny"
    (path,) = kim.sockets
    kim.end()
    path.parent.chmod(0o770)
    (path.parent / "unvetted.jsonl").symlink_to(kim.folder / "precious")
    with socket.socket(socket.AF_UNIX) as planted:
        planted.bind(str(path))
        planted.listen()
        planted.setblocking(False)
        code, decision, text = write(kim, BAD)
        assert (code, decision) == (0, "")
        assert "not a directory of this user alone" in text
        with pytest.raises(BlockingIOError):
            planted.accept()
    assert not (kim.folder / "precious").exists()


def test_a_server_nobody_asks_ends(kim: Agent) -> None:
    kim.configure(f"{ENFORCED}idle_minutes = 0.001\n")
    assert write(kim, BAD)[1] == "deny"
    (lock,) = (kim.folder / "tracevet").glob("*.lock")
    wait_for(lock)
    assert kim.sockets == []


def test_sockets_are_the_users_alone(kim: Agent) -> None:
    assert write(kim, BAD)[1] == "deny"
    (path,) = kim.sockets
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_an_event_of_ten_megabytes_is_answered(kim: Agent) -> None:
    given = {"file_path": str(kim.project / "users.py"), "content": BAD + "# filler\n" * 1_200_000}
    code, said, _ = kim.ask("claude-code", event("claude-code/pre-write", kim.project, tool_input=given))
    assert code == 0
    assert said == {} or said["hookSpecificOutput"]["permissionDecision"] == "deny"


def test_the_verb_answers_as_the_lean_command_does(kim: Agent) -> None:
    line = [sys.executable, "-m", "tracevet", "hook", "codex", "--ledger", str(kim.ledger)]
    given = json.dumps(event("codex/pre-bash", kim.project)).encode()
    done = subprocess.run(line, cwd=kim.project, env=kim.env, input=given, capture_output=True, check=True)
    assert json.loads(done.stdout)["hookSpecificOutput"]["permissionDecision"] == "deny"


def test_an_unknown_assistant_is_no_denial(kim: Agent) -> None:
    assert kim.ask("copilot", b"{}")[0] == 1


def test_no_limit_hangs_on_a_clock_that_jumps() -> None:
    folder = Path(client.__file__).parent
    users = {path.name for path in folder.rglob("*.py") if re.search(r"time\.time\(|\.now\(", path.read_text())}
    assert users == {"failing.py"}  # which notes when something was missed, and compares nothing


def test_the_client_imports_next_to_nothing() -> None:
    folder = Path(client.__file__).parent
    code = f"import sys; sys.path.append({str(folder)!r}); import client; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert not {"os", "socket", "json", "typing", "tracevet"} & set(done.stdout.split())
