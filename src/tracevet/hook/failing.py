"""When an event could not be vetted: let the assistant go on, or hold it back, as the configuration chose.

Standard library alone: this runs in the assistant's process, where the server could not be reached.
"""

import json
import re
import time
import tomllib
from pathlib import Path

from tracevet.hook.client import require_private

# By its exit code 2 a hook denies, in every assistant; only what can still be held back is.
BEFORE = frozenset({"PreToolUse", "preToolUse", "beforeShellExecution", "beforeMCPExecution"})
MISSED = "unvetted.jsonl"  # beside the sockets: noted here, until a server moves it to the ledger
MOST_MISSED = 1_000_000  # bytes
MAX_CONFIG = 1_000_000  # bytes

_CLOSED = re.compile(r"^\s*fail\s*=\s*[\"']closed[\"']", re.MULTILINE)
_NAME = re.compile(r"[\w.:-]{1,60}")


def give_up(assistant: str, config: str, event: bytes, reason: str, folder: str) -> tuple[int, bytes, bytes]:
    """Give exit code, output and errors for an event that nobody vetted, and note it."""
    name = event_name(event)
    _note(assistant, name, reason, Path(folder))
    return refusal(assistant, name, reason, closed=fails_closed(config))


def refusal(assistant: str, event: str | None, reason: str, *, closed: bool) -> tuple[int, bytes, bytes]:
    """Give exit code, output and errors where vetting failed; `event` is None where not even its name can be read."""
    if closed and (event is None or event in BEFORE):
        text = f"tracevet could not vet this, and is set up to hold back what it can't vet: {reason}\n"
        return 2, b"", text.encode("utf-8", "replace")
    note = f"tracevet: not vetted: {reason}\n".encode("utf-8", "replace")
    return 0, b"{}\n" if assistant == "cursor" else b"", note


def event_name(event: bytes) -> str | None:
    """Give the name of an event, or None where it can't be read."""
    try:
        data = json.loads(event)
    except (ValueError, RecursionError):
        return None
    name = data.get("hook_event_name") if isinstance(data, dict) else None
    return name if isinstance(name, str) and _NAME.fullmatch(name) else None


def fails_closed(config: str) -> bool:
    """Tell whether the configuration wants what can't be vetted held back, even where it is broken."""
    path = Path(config) if config else _user_config()
    try:
        with path.open("rb") as file:
            text = file.read(MAX_CONFIG).decode("utf-8", "replace")
    except OSError:
        return False
    try:
        hook = tomllib.loads(text).get("hook")
    except (ValueError, RecursionError):
        return _CLOSED.search(text) is not None
    return isinstance(hook, dict) and hook.get("fail") == "closed"


def _user_config() -> Path:
    try:
        from platformdirs import user_config_path
    except ImportError:  # without `site`, as the client runs
        import os
        import sys

        home = Path.home()
        if sys.platform == "darwin":
            return home / "Library" / "Application Support" / "tracevet" / "tracevet.toml"
        return Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config") / "tracevet" / "tracevet.toml"
    return user_config_path("tracevet") / "tracevet.toml"


def _note(assistant: str, name: str | None, reason: str, folder: Path) -> None:
    """Note what went on without being vetted; where that can't be, standard error has to do."""
    entry = {"at": time.time(), "assistant": assistant, "event": name or "", "reason": reason[:500]}
    path = folder / MISSED
    try:
        require_private(str(folder))  # else whoever owns it could have us write into a file of their choice
        if not path.exists() or path.stat().st_size < MOST_MISSED:
            with path.open("a") as file:
                file.write(json.dumps(entry) + "\n")
    except (OSError, ValueError):
        return
