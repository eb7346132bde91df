"""Assistants' hook events, and assistants that run our hook as their settings say."""

import fcntl
import json
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracevet.hook.places import command

EVENTS = Path(__file__).parent.parent / "data" / "hooks"

BEFORE = "def find(conn, user_id):\n    return None\n"
BAD = """\
def find(conn, user_id):
    query = f"SELECT * FROM users WHERE id = {user_id}"
    return conn.execute(query)
"""
MENDED = """\
def find(conn, user_id):
    return conn.execute("SELECT * FROM users WHERE id = ?", (user_id,))
"""
PATIENT = "[hook]\nseconds = 25.0\n"  # a slow machine is no failure
ENFORCED = (
    '[policies.sql-injection]\nmode = "enforce"\n[policies.insecure-deserialization]\nmode = "enforce"\n' + PATIENT
)


def event(name: str, project: Path, **changes: Any) -> dict[str, Any]:
    """Read an event as an assistant's documentation shows it, happening in a project."""
    text = (EVENTS / f"{name}.json").read_text().replace("{PROJECT}", str(project))
    return {**json.loads(text), **changes}


@dataclass(frozen=True)
class Agent:
    """A project with assistants that have our hook, and places of their own for all that it keeps."""

    folder: Path

    @property
    def project(self) -> Path:
        """Where they work."""
        return self.folder / "shop"

    @property
    def ledger(self) -> Path:
        """Where decisions are noted."""
        return self.folder / "ledger.db"

    @property
    def sockets(self) -> list[Path]:
        """Where servers listen."""
        return sorted((self.folder / "tracevet").glob("*.sock"))

    @property
    def env(self) -> dict[str, str]:
        """The environment of the assistants."""
        places = ("HOME", "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")
        return {**os.environ, **dict.fromkeys(places, str(self.folder)), "CLAUDE_PROJECT_DIR": str(self.project)}

    def configure(self, text: str) -> None:
        """Write the project's configuration."""
        (self.project / "tracevet.toml").write_text(text)

    def start(self, assistant: str) -> "subprocess.Popen[bytes]":
        """Start the hook."""
        line = shlex.split(command(assistant, "", str(self.ledger)))
        pipe = subprocess.PIPE
        return subprocess.Popen(line, cwd=self.project, env=self.env, stdin=pipe, stdout=pipe, stderr=pipe)

    def ask(self, assistant: str, given: dict[str, Any] | bytes) -> tuple[int, dict[str, Any], str]:
        """Run the hook on an event; give its exit code, what it says, and its errors."""
        data = given if isinstance(given, bytes) else json.dumps(given).encode()
        with self.start(assistant) as process:
            out, err = process.communicate(data, timeout=120)
        return process.returncode, json.loads(out or b"{}"), err.decode()

    def end(self) -> None:
        """End the servers, and wait until each has let go."""
        for path in self.sockets:
            path.unlink()
        for path in (self.folder / "tracevet").glob("*.lock"):
            wait_for(path)


def wait_for(lock: Path) -> None:
    """Wait until no server holds a lock."""
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)


@contextmanager
def agent() -> Iterator[Agent]:
    """Give an agent, in a directory whose name is short enough for a socket."""
    found = Agent(Path(tempfile.mkdtemp(prefix="tv-", dir="/tmp")))
    found.project.mkdir()
    found.configure(ENFORCED)
    try:
        yield found
    finally:
        found.end()
        shutil.rmtree(found.folder)
