"""Whether `watch` keeps up: `python tests/benchmarks/watch_rate.py [--traces N] [--rate N] [--profile FILE]`.

An emulator in a process of its own takes in so many new coding traces a second, each of 20 observations with code of
its own, a quarter of them violating; `tracevet watch` with every installed detector runs against it on
two cores. Prints the rate at which violating traces were tagged, how long after their end, and the memory of the
watch and of its workers at the end of each tenth of the run, and at most.
"""

import argparse
import json
import os
import re
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

OBSERVATIONS = 20
VIOLATING = 4  # each fourth trace
KEPT = timedelta(minutes=3)  # what is older leaves the emulator
PATIENCE = 300.0  # seconds until what is not tagged counts as late for ever

CLEAN = """def load_{n}(connection, key):
    rows = connection.execute("SELECT id, name FROM users WHERE id = ?", (key,))
    return [dict(row, number={n}) for row in rows]


def total_{n}(rows):
    return sum(row["price"] * row["count"] for row in rows if row["state"] == "sold")
"""
BAD = """def find_{n}(connection, user_id):
    query = f"SELECT * FROM users WHERE id = {{user_id}}"
    return connection.execute(query)
"""


def rows(number: int, end: datetime) -> Iterator[dict[str, Any]]:
    """Yield a turn of a coding assistant that ended now: answers, reads and writes."""
    trace, code = f"{number:032x}", CLEAN.format(n=number)
    written = code + ("\n\n" + BAD.format(n=number) if number % VIOLATING == 0 else "")
    history = [{"role": "user", "content": f"Write module {number}"}]
    for at in range(OBSERVATIONS):
        start = end - timedelta(milliseconds=100 * (OBSERVATIONS - at))
        row: dict[str, Any] = {
            "id": f"{number:012x}{at:04x}",
            "traceId": trace,
            "parentObservationId": f"{number:012x}0000" if at else None,
            "startTime": start.isoformat(),
            "endTime": (start + timedelta(milliseconds=100)).isoformat(),
            "sessionId": f"session-{number // 10}",
            "traceName": "turn",
            "tags": ["claude-code"],
            "environment": "default",
            "metadata": {"cwd": "/srv/app", "source": "claude-code"},
        }
        if at == 0:
            row |= {"type": "AGENT", "name": "turn", "input": json.dumps(history[0]), "output": "Done."}
        elif at % 3 == 1:
            call = {"type": "tool_use", "id": f"c{number}-{at}", "name": "Read", "input": {"file_path": "a.py"}}
            answer = {"role": "assistant", "content": [{"type": "text", "text": f"Step {at} of {number}."}, call]}
            history.append({"role": "assistant", "content": f"Step {at}"})
            row |= {"type": "GENERATION", "name": "answer", "model": "m", "input": json.dumps(history)}
            row |= {"output": json.dumps(answer)}
        elif at == OBSERVATIONS - 2:
            given = {"file_path": f"/srv/app/m{number}.py", "content": written}
            row |= {"type": "TOOL", "name": "Write", "input": json.dumps(given), "output": "The file was written."}
        else:
            given = {"file_path": f"/srv/app/lib{at}.py"}
            row |= {"type": "TOOL", "name": "Read", "input": json.dumps(given), "output": f"x = {at}\n" * 20}
        yield row


def emulate(traces: int, rate: float) -> None:
    """Take traces in at the rate until all are there and tagged; print the report as JSON."""
    from tracevet.testing.langfuse import LangfuseEmulator

    emulator = LangfuseEmulator().start()
    print(json.dumps({"url": emulator.url, "public": emulator.public_key, "secret": emulator.secret_key}), flush=True)
    sys.stdin.readline()
    began = time.monotonic()
    waiting: deque[tuple[str, float]] = deque()
    lags: list[float] = []
    made, forgot, tagged = 0, began, began
    while made < traces or waiting:
        now = time.monotonic()
        due = min(traces, int((now - began) * rate))
        for number in range(made, due):
            emulator.seed(rows(number + 1, datetime.now(UTC)))
            if (number + 1) % VIOLATING == 0:
                waiting.append((f"{number + 1:032x}", time.monotonic()))
        made = due
        while waiting and any(True for _ in emulator.project.scores.find(traces=[waiting[0][0]])):
            tagged = time.monotonic()
            lags.append(tagged - waiting.popleft()[1])
        if made == traces and waiting and now - max(tagged, waiting[-1][1]) > PATIENCE:
            break
        if now - forgot > 10:
            forgot = now
            emulator.forget(datetime.now(UTC) - KEPT)
        time.sleep(0.05)
    lags.sort()
    report = {
        "traces": made,
        "violating": len(lags) + len(waiting),
        "tagged": len(lags),
        "traces a second, offered": round(rate, 1),
        "traces a second, kept up with": round(VIOLATING * len(lags) / (tagged - began), 1),
        "lag in seconds, median": round(lags[len(lags) // 2], 1) if lags else None,
        "lag in seconds, p99": round(lags[int(len(lags) * 0.99)], 1) if lags else None,
        "lag in seconds, most": round(lags[-1], 1) if lags else None,
    }
    print(json.dumps(report), flush=True)
    sys.stdin.readline()  # the watch ends first
    emulator.stop()


def memory(pid: int) -> tuple[float, float]:
    """Give the resident megabytes of a process, and of its children together."""
    own, children = _resident(pid), 0.0
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            children += sum(memory(int(child)))
    return own, children


def _resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


def cpu(pid: int) -> tuple[float, float]:
    """Give the CPU seconds of a process, and of its children together, also of those that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system, ended_user, ended_system = (int(field) / os.sysconf("SC_CLK_TCK") for field in fields[11:15])
    children = ended_user + ended_system
    for task in Path(f"/proc/{pid}/task").iterdir():
        children += sum(sum(cpu(int(child))) for child in (task / "children").read_text().split())
    return user + system, children


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
        keys = {"LANGFUSE_BASE_URL": where["url"], "LANGFUSE_PUBLIC_KEY": where["public"]}
        env = {**os.environ, **keys, "LANGFUSE_SECRET_KEY": where["secret"], "HOME": home, "XDG_DATA_HOME": home}
        profile = ["-m", "cProfile", "-o", arguments.profile] if arguments.profile else []
        program = [sys.executable, *profile, "-m", "tracevet"]
        watch = [*program, "watch", "--platform", "langfuse", *arguments.more]
        with subprocess.Popen(watch, env=env, cwd=home, stderr=subprocess.PIPE, text=True) as watching:
            time.sleep(5)  # the watch begins to look before there is anything
            emulator.stdin.write("go\n")
            emulator.stdin.flush()
            samples: list[tuple[float, float]] = []
            spent = began = cpu(watching.pid)
            while watching.poll() is None and not select([emulator.stdout], [], [], 1.0)[0]:
                samples.append(memory(watching.pid))
                spent = cpu(watching.pid)
            report = json.loads(emulator.stdout.readline())
            watching.send_signal(signal.SIGTERM)
            said = watching.communicate(timeout=120)[1]
            emulator.communicate("end\n")
    tenths = [samples[min(len(samples) - 1, len(samples) * tenth // 10)] for tenth in range(1, 11)] if samples else []
    vetted = max(1, int((re.findall(r"(\d+) traces", said) or ["0"])[-1]))
    watch_cpu, workers_cpu = (1000 * (now - then) / vetted for now, then in zip(spent, began, strict=True))
    report |= {
        "CPU milliseconds of watch for a trace": round(watch_cpu, 1),
        "CPU milliseconds of workers for a trace": round(workers_cpu, 1),
        "megabytes of watch, each tenth": [round(own) for own, _ in tenths],
        "megabytes of workers, each tenth": [round(children) for _, children in tenths],
        "megabytes of watch, most": round(max((own for own, _ in samples), default=0)),
        "watch said last": said.splitlines()[-1:],
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--traces", type=int, default=50_000)
    parser.add_argument("--rate", type=float, default=50.0, help="new traces a second")
    parser.add_argument("--profile", default="", help="write a profile of the watch here")
    parser.add_argument("--emulate", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("more", nargs="*", help="further arguments of the watch, after --")
    given = parser.parse_args()
    if given.emulate:
        emulate(given.traces, given.rate)
    else:
        main(given)
