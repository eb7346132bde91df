"""How fast violations are written: `python tests/benchmarks/writer_rate.py [--verdicts N] [--write KINDS]`.

Writes verdicts of one violation each, in batches as `watch` does, to an emulator in a process of its own, and prints
the violations a second and the requests that one costs. A batch looks its traces up, sends all scores together, and
then each comment and queue item.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from tracevet import (
    Confidence,
    Coverage,
    Mode,
    Outcome,
    Place,
    PlatformError,
    Severity,
    Surface,
    TraceRef,
    Verdict,
    Violation,
)

BATCH = 50  # verdicts; as tracevet.write
OBSERVATIONS = 20
START = datetime.now(UTC) - timedelta(minutes=10)


def emulate(traces: int) -> None:
    """Hold so many traces until standard input ends; then print the number of requests."""
    from tracevet.testing.langfuse import LangfuseEmulator

    emulator = LangfuseEmulator().start()
    for number in range(traces):
        for at in range(OBSERVATIONS):
            moments = {"startTime": START.isoformat(), "endTime": START.isoformat()}
            row = {"id": f"{number:012x}{at:04x}", "traceId": f"{number:032x}", "type": "SPAN", "name": "step"}
            emulator.seed([row | moments])
    print(json.dumps({"url": emulator.url, "public": emulator.public_key, "secret": emulator.secret_key}), flush=True)
    sys.stdin.read()
    state = emulator.state()
    counts = {name: len(state[name]) for name in ("scores", "comments", "items")}
    print(json.dumps(counts | {"requests": emulator.received.total() - emulator.received["seeded"]}))
    emulator.stop()


def verdicts(count: int) -> Iterator[Verdict]:
    """Yield verdicts of one severe violation each."""
    for number in range(count):
        trace, span = f"{number:032x}", f"{number:012x}0001"
        place = Place(span=span, pointer="/output", surface=Surface.APPLIED, path="a.py", start_line=1, end_line=1)
        violation = Violation(
            fingerprint=f"{number:032x}",
            policy="sql-injection",
            title="SQL Injection Prevention",
            severity=Severity.HIGH,
            category="injection",
            mode=Mode.MONITOR,
            cwe=("CWE-89",),
            detector="flow",
            rule="sql-injection",
            confidence=Confidence.HIGH,
            message="SQL is built of a value from outside",
            surface=Surface.APPLIED,
            language="python",
            path="a.py",
            start_line=1,
            end_line=1,
            snippet="d",
            span_id=span,
            trace_id=trace,
            url=None,
            developer=None,
            project=None,
            repository=None,
            branch=None,
            assistant=None,
            model=None,
            session=None,
            evidence='query = f"SELECT * FROM users WHERE id = {user_id}"',
            recommendation="Pass the values as parameters: execute(sql, (value,)).",
            occurrences=1,
            places=(place,),
        )
        yield Verdict(
            id=f"verdict-{number}",
            trace=TraceRef(platform="langfuse", id=trace, start=START),
            outcome=Outcome.VIOLATIONS,
            severity=Severity.HIGH,
            coverage=Coverage.FULL,
            violations=(violation,),
        )


def main(count: int, kinds: str) -> None:
    """Write, and print."""
    command = [sys.executable, __file__, "--emulate", "--verdicts", str(count)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as emulator:
        assert emulator.stdout
        where = json.loads(emulator.stdout.readline())
        keys = {"LANGFUSE_PUBLIC_KEY": where["public"], "LANGFUSE_SECRET_KEY": where["secret"]}
        os.environ |= {**keys, "LANGFUSE_BASE_URL": where["url"]}
        from tracevet_langfuse import LangfusePlatform

        platform = LangfusePlatform(write=tuple(kinds.split(",")))  # type: ignore[arg-type]  # checked by its use
        list(platform.prepare())
        every = list(verdicts(count))
        failed, began, cpu = 0, time.perf_counter(), time.process_time()
        for at in range(0, count, BATCH):
            failed += sum(isinstance(one, PlatformError) for one in platform.write_all(every[at : at + BATCH]))
        took, spent = time.perf_counter() - began, time.process_time() - cpu
        stored = json.loads(emulator.communicate("")[0])
    report = {
        "written": kinds,
        "violations": count,
        "failed": failed,
        "violations a second": round(count / took, 1),
        "CPU milliseconds of the writer for one": round(1000 * spent / count, 2),
        "requests for one": round(stored["requests"] / count, 2),
        "stored": stored,
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verdicts", type=int, default=1000)
    parser.add_argument("--write", default="scores,comments,queue")
    parser.add_argument("--emulate", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.emulate:
        emulate(given.verdicts)
    else:
        main(given.verdicts, given.write)
