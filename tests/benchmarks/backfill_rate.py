"""How fast a backfill is: `python tests/benchmarks/backfill_rate.py EXPORT [--engine local|ray] [--workers 1 2]`.

For each number of workers, an own empty ledger: spans a second, CPU seconds for a million spans (all processes), the
largest resident memory of one process of the backfill, the share of snippets that digests spared, and last the ratio
of the first two rates and what 10^9 spans take. EXPORT is made by make_export.py.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

LOOK = 0.5  # seconds between two looks at the memory


def main() -> None:
    """Read the arguments, measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("export", type=Path)
    parser.add_argument("--engine", default="local")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    given = parser.parse_args()
    found = [measured(given.export, given.engine, workers) for workers in given.workers]
    for one in found:
        print(json.dumps(one))
    if len(found) > 1:
        print(f"ratio {found[1]['spans_a_second'] / found[0]['spans_a_second']:.2f}")
    cpu = found[-1]["cpu_seconds_a_million_spans"] * 1_000
    print(f"10^9 spans: {cpu / 3600:.0f} core hours; on 100 cores {cpu / 3600 / 100:.1f} hours")


def measured(export: Path, engine: str, workers: int) -> dict[str, Any]:
    """Run one backfill, and give its figures."""
    before, peak, ended = cpu(), [0], threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tracevet", "backfill", str(export), "--engine", engine, "--json"]
        options = ["--workers", str(workers), "--ledger", f"{folder}/ledger.db", "--spool", f"{folder}/spool"]
        started = time.monotonic()
        running = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
        watch = threading.Thread(target=look, args=(running.pid, peak, ended))
        watch.start()
        said = json.loads(running.communicate()[0])
        seconds = time.monotonic() - started
        ended.set()
        watch.join()
    snippets = said["scanned"] + said["remembered"]
    return {
        "engine": engine,
        "workers": workers,
        "spans": said["spans"],
        "traces": said["traces"],
        "seconds": round(seconds, 1),
        "spans_a_second": round(said["spans"] / seconds),
        "cpu_seconds_a_million_spans": round((cpu() - before) * 1e6 / said["spans"]),
        "largest_process_mb": peak[0] // 1024,
        "spared_by_digests": round(said["remembered"] / max(1, snippets), 4),
    }


def cpu() -> float:
    """Give the CPU seconds of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def look(parent: int, peak: list[int], ended: threading.Event) -> None:
    """Note the largest resident memory of a process below the parent, in kB."""
    while not ended.wait(LOOK):
        for process in below(parent):
            peak[0] = max(peak[0], resident(process))


def below(parent: int) -> list[int]:
    """Give the processes below one, and itself."""
    found = [parent]
    for process in found:
        for tasks in Path(f"/proc/{process}/task").glob("*/children"):
            try:
                found += [int(child) for child in tasks.read_text().split()]
            except OSError:
                continue
    return found


def resident(process: int) -> int:
    """Give the resident memory of a process in kB; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)


if __name__ == "__main__":
    main()
