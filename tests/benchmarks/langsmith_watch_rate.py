"""Whether `watch` keeps up with LangSmith: `python tests/benchmarks/langsmith_watch_rate.py [--traces N] [--rate N]`.

An emulator in a process of its own takes in so many new coding traces a second, each of 20 runs with code of its own,
of which the answers repeat the turn so far; a quarter of them violate. `tracevet watch` with every installed detector
runs against it on two cores. Prints the rate at which violating traces got their feedback, how long after their end,
the requests for each trace, and the memory of the watch at most. LangSmith's own rate limits are not in force.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from select import select
from typing import Any
from uuid import UUID

RUNS = 20
VIOLATING = 4  # each fourth trace
PATIENCE = 60.0  # seconds until what has no feedback counts as late for ever

CLEAN = """def load_{n}(connection, key):
    rows = connection.execute("SELECT id, name FROM users WHERE id = ?", (key,))
    return [dict(row, number={n}) for row in rows]
"""
BAD = """def find_{n}(connection, user_id):
    query = f"SELECT * FROM users WHERE id = {{user_id}}"
    return connection.execute(query)
"""


def name(number: int, at: int = 0) -> str:
    """Give the id of a run; that of the root is the trace's."""
    return str(UUID(int=number * 1000 + at))


def rows(number: int, end: datetime) -> Iterator[dict[str, Any]]:
    """Yield a turn of a coding assistant that ended now: answers, reads and one write."""
    code = CLEAN.format(n=number) + ("\n\n" + BAD.format(n=number) if number % VIOLATING == 0 else "")
    history: list[Any] = [{"role": "user", "content": f"Write module {number}"}]
    metadata = {"ls_agent_purpose": "coding", "thread_id": f"session-{number // 10}", "cwd": "/srv/app"}
    for at in range(RUNS):
        start = end - timedelta(milliseconds=100 * (RUNS - at))
        row: dict[str, Any] = {
            "id": name(number, at),
            "trace_id": name(number),
            "parent_run_id": name(number) if at else None,
            "start_time": start.isoformat(),
            "end_time": (start + timedelta(milliseconds=100)).isoformat(),
            "extra": {"metadata": metadata},
        }
        if at == 0:
            row |= {"run_type": "chain", "name": "Claude Code Turn", "inputs": {"messages": history[:1]}, "outputs": {}}
        elif at % 3 == 1:
            call = {"type": "tool_call", "id": f"c{number}-{at}", "name": "Read", "args": {"file_path": "a.py"}}
            said = {"role": "assistant", "content": [{"type": "text", "text": f"Step {at} of {number}."}, call]}
            row |= {"run_type": "llm", "name": "Claude", "inputs": {"messages": list(history)}}
            row |= {"outputs": {"messages": [said]}}
            history.append(said)
        elif at == RUNS - 2:
            given = {"file_path": f"/srv/app/m{number}.py", "content": code}
            row |= {"run_type": "tool", "name": "Write", "inputs": {"input": given}, "outputs": {"output": "written"}}
        else:
            given = {"file_path": f"/srv/app/lib{at}.py"}
            row |= {"run_type": "tool", "name": "Read", "inputs": {"input": given}}
            row |= {"outputs": {"output": f"x = {at}\n" * 20}}
        yield row


def emulate(traces: int, rate: float) -> None:
    """Take traces in at the rate until all are there and told; print the report as JSON."""
    from tracevet.testing.langsmith import LangSmithEmulator

    emulator = LangSmithEmulator().start()
    print(json.dumps({"url": emulator.url, "key": emulator.api_key}), flush=True)
    sys.stdin.readline()
    began = time.monotonic()
    waiting: deque[tuple[str, float]] = deque()
    lags: list[float] = []
    made, told = 0, began
    while made < traces or waiting:
        now = time.monotonic()
        due = min(traces, int((now - began) * rate))
        for number in range(made, due):
            emulator.seed(rows(number + 1, datetime.now(UTC)), project="claude-code")
            if (number + 1) % VIOLATING == 0:
                waiting.append((name(number + 1), time.monotonic()))
        made = due
        feedback = {row["trace_id"] for row in emulator.state()["feedback"] if row["key"] == "policy.coverage"}
        while waiting and waiting[0][0] in feedback:
            told = time.monotonic()
            lags.append(told - waiting.popleft()[1])
        if made == traces and waiting and now - max(told, waiting[-1][1]) > PATIENCE:
            break
        time.sleep(0.5)
    lags.sort()
    report = {
        "traces": made,
        "violating": len(lags) + len(waiting),
        "told": len(lags),
        "traces a second, offered": round(rate, 1),
        "traces a second, kept up with": round(VIOLATING * len(lags) / (told - began), 1) if lags else 0.0,
        "lag in seconds, median": round(lags[len(lags) // 2], 1) if lags else None,
        "lag in seconds, most": round(lags[-1], 1) if lags else None,
        "requests a trace": round((emulator.received.total() - emulator.received["seeded"]) / made, 2),
    }
    print(json.dumps(report), flush=True)
    sys.stdin.readline()  # the watch ends first
    emulator.stop()


def resident(pid: int) -> float:
    """Give the megabytes that a process holds."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def main(arguments: argparse.Namespace) -> None:
    """Run emulator and watch, and print what was measured."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])
    command = [sys.executable, __file__, "--emulate", "--traces", str(arguments.traces), "--rate", str(arguments.rate)]
    with (
        tempfile.TemporaryDirectory() as home,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as emulator,
    ):
        assert emulator.stdin
        assert emulator.stdout
        where = json.loads(emulator.stdout.readline())
        keys = {"LANGSMITH_ENDPOINT": where["url"], "LANGSMITH_API_KEY": where["key"]}
        env = {**os.environ, **keys, "HOME": home, "XDG_DATA_HOME": home}
        watch = [sys.executable, "-m", "tracevet", "watch", "--platform", "langsmith", *arguments.more]
        with subprocess.Popen(watch, env=env, cwd=home, stderr=subprocess.PIPE, text=True) as watching:
            time.sleep(5)  # the watch begins to look before there is anything
            emulator.stdin.write("go\n")
            emulator.stdin.flush()
            most = 0.0
            while watching.poll() is None and not select([emulator.stdout], [], [], 1.0)[0]:
                most = max(most, resident(watching.pid))
            report = json.loads(emulator.stdout.readline())
            watching.send_signal(signal.SIGTERM)
            said = watching.communicate(timeout=120)[1]
            emulator.communicate("end\n")
    report |= {"megabytes of watch, most": round(most), "watch said last": said.splitlines()[-1:]}
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", type=int, default=5_000)
    parser.add_argument("--rate", type=float, default=20.0, help="new traces a second")
    parser.add_argument("--emulate", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("more", nargs="*", help="further arguments of the watch, after --")
    given = parser.parse_args()
    if given.emulate:
        emulate(given.traces, given.rate)
    else:
        main(given)
