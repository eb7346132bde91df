"""Where each assistant keeps its hooks, and what stands there for ours. One table each."""

import os
import shlex
import sys
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from tracevet.model import Json

SECONDS = 40  # given to a hook by the assistant: more than the client waits
OURS = "/tracevet/hook/start.py"  # tells our entries from others'

_CLAUDE_WRITES = "Write|Edit|MultiEdit|NotebookEdit"
_MATCHERS: Mapping[str, Mapping[str, str]] = {  # event -> tools
    "claude-code": {"PreToolUse": f"Bash|{_CLAUDE_WRITES}|mcp__.*", "PostToolUse": _CLAUDE_WRITES},
    "codex": {"PreToolUse": "Bash|apply_patch|Edit|Write|mcp__.*", "PostToolUse": "apply_patch|Edit|Write"},
    "cursor": {"preToolUse": "Write", "beforeShellExecution": "", "beforeMCPExecution": "", "afterFileEdit": ""},
}


class Scope(StrEnum):
    """For whom a hook is installed."""

    USER = "user"
    PROJECT = "project"  # for this user, in the current directory's project


def settings_path(assistant: str, scope: Scope, project: Path) -> Path:
    """Give the file that holds an assistant's hooks."""
    if scope is Scope.PROJECT:  # commands name this machine's interpreter: Claude Code has a file that is not shared
        return (
            project
            / {
                "claude-code": ".claude/settings.local.json",
                "cursor": ".cursor/hooks.json",
                "codex": ".codex/hooks.json",
            }[assistant]
        )
    home = Path.home()
    claude = Path(os.environ.get("CLAUDE_CONFIG_DIR") or home / ".claude")
    codex = Path(os.environ.get("CODEX_HOME") or home / ".codex")
    return {
        "claude-code": claude / "settings.json",
        "cursor": home / ".cursor" / "hooks.json",
        "codex": codex / "hooks.json",
    }[assistant]


def command(assistant: str, config: str, ledger: str) -> str:
    """Give the shell command of a hook: this interpreter, without what it would import at its start."""
    words = [sys.executable, "-I", "-S", str(Path(__file__).parent / "start.py"), assistant]
    words += ["--config", config] if config else []
    words += ["--ledger", ledger] if ledger else []
    return shlex.join(words)


def entries(assistant: str, run: str, *, closed: bool) -> dict[str, dict[str, Json]]:
    """Give for each event the entry that runs a command; `closed`: what goes wrong holds the assistant back."""
    if assistant != "cursor":
        hook: Json = {"type": "command", "command": run, "timeout": SECONDS}
        return {event: {"matcher": tools, "hooks": [hook]} for event, tools in _MATCHERS[assistant].items()}
    found: dict[str, dict[str, Json]] = {}
    for event, tools in _MATCHERS[assistant].items():
        found[event] = {"command": run, "timeout": SECONDS}
        found[event] |= {"matcher": tools} if tools else {}
        found[event] |= {"failClosed": True} if closed and not event.startswith("after") else {}
    return found


def is_ours(entry: Json) -> bool:
    """Tell whether an entry, of either form, runs nothing but our hook."""
    if not isinstance(entry, dict):
        return False
    inner = entry.get("hooks")
    if isinstance(inner, list):
        return bool(inner) and all(is_ours(each) for each in inner)
    said = entry.get("command")
    return isinstance(said, str) and OURS in said.replace("\\", "/")
