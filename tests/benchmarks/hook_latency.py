"""How long an assistant waits for its hook: `python tests/benchmarks/hook_latency.py [EVENTS]`.

The command that `tracevet hook install` writes, each time with other code, in turns with a bare start of the same
interpreter (`python -c pass`) and one without `site`. Warm: a server is there; cold: it has to be started first, with
all its detectors. Prints milliseconds at the median and the 95th percentile, and how many bare starts that is.
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles

from tracevet.hook.places import command

CODE = """import sqlite3

from flask import Flask, request

app = Flask(__name__)


class Users:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def named(self, name: str) -> list[str]:
        rows = self.connection.execute("SELECT name FROM users WHERE name = ?", (name,))
        return [row[0] for row in rows]


@app.route("/users/%d")
def users() -> dict[str, object]:
    connection = sqlite3.connect("app.db")
    return {"number": %d, "users": Users(connection).named(request.args["name"])}
"""
COLD = 5


def main(events: int) -> None:
    """Measure, and print."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "tracevet.toml").write_text("[hook]\nidle_minutes = 1.0\n")
        places = ("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "CLAUDE_PROJECT_DIR")
        env = {**os.environ, **dict.fromkeys(places, folder)}
        hook = shlex.split(command("claude-code", "", ""))
        cold = [once(hook, env, event(folder, number), ends=True) for number in range(COLD)]
        once(hook, env, event(folder, COLD))
        bare, lean, warm = [], [], []
        for number in range(events):
            bare.append(once([sys.executable, "-c", "pass"], env))
            lean.append(once([sys.executable, "-I", "-S", "-c", "pass"], env))
            warm.append(once(hook, env, event(folder, 100 + number)))
        end(folder)
    for name, spent in (("bare start", bare), ("without site", lean), ("warm hook", warm), ("cold hook", cold)):
        p50, p95 = percentiles(spent)
        base50, base95 = percentiles(bare)
        print(
            f"{name:13} p50 {p50:7.1f} ms, p95 {p95:7.1f} ms; {p50 / base50:6.2f} and {p95 / base95:6.2f} bare starts"
        )


def event(folder: str, number: int) -> bytes:
    """Give the event of a write with code of its own."""
    return json.dumps(
        {
            "session_id": "benchmark",
            "cwd": folder,
            "permission_mode": "default",
            "hook_event_name": "PreToolUse",
            "tool_name": "Write",
            "tool_input": {"file_path": f"{folder}/app.py", "content": CODE % (number, number)},
            "tool_use_id": f"toolu_{number}",
        }
    ).encode()


def once(command_line: list[str], env: dict[str, str], given: bytes = b"", *, ends: bool = False) -> float:
    """Give the milliseconds that one process takes; `ends`: end the server behind it."""
    begun = time.perf_counter()
    done = subprocess.run(command_line, env=env, input=given, capture_output=True, check=True)
    spent = (time.perf_counter() - begun) * 1000
    if done.stderr:
        raise SystemExit(done.stderr.decode())
    if ends:
        end(env["HOME"])
    return spent


def end(folder: str) -> None:
    """Have the servers of a directory end: each does when its socket is gone."""
    for path in Path(folder).glob("tracevet/*.sock"):
        path.unlink()
    for path in Path(folder).glob("tracevet/*.lock"):
        subprocess.run(["flock", str(path), "true"], check=True)


def percentiles(spent: list[float]) -> tuple[float, float]:
    """Give the median and the 95th percentile."""
    cut = quantiles(spent, n=20, method="inclusive")
    return cut[9], cut[18]


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 100)
