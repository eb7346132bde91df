"""What live vetting adds to `span.end()`: `python tests/benchmarks/live_hook.py [BLOCKS]`.

One application with the real Langfuse SDK, in a process of its own, and two clients of two projects of the emulator,
one of them vetted live. They trace turns in blocks, taking turns; each block is 200 generations with 3 KB of content
and a root. Prints the microseconds that `end()` takes, at the median and at the 99th percentile, and the ratio: first
with a millisecond between two spans, as an application would, then in one go.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from statistics import quantiles

SPANS = 200
ASKED = [{"role": "user", "content": "Write it again. " * 130}]
ANSWER = {"role": "assistant", "content": "```python\n" + "value = compute(1)\n" * 50 + "```"}


def main(blocks: int) -> None:
    """Run the application against the emulator, and show what it measured."""
    from tracevet.testing.langfuse import LangfuseEmulator

    with LangfuseEmulator() as emulator, tempfile.TemporaryDirectory() as folder:
        other = emulator.add_project("project-2", "pk-lf-other", "sk-lf-other")
        keys = [[one.public_key, one.secret_key] for one in (emulator.project, other)]
        told = {"KEYS": json.dumps(keys), "LANGFUSE_BASE_URL": emulator.url, "LEDGER": f"{folder}/ledger.db"}
        env = {**os.environ, **told}
        command = [sys.executable, __file__, "application", str(blocks)]
        done = subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True)
    found = json.loads(done.stdout)
    print(f"spans that were left out: {found.pop('left out')}")
    for pace, measured in found.items():
        (p50, p99), (with_p50, with_p99) = measured["without"], measured["with"]
        print(f"{pace:8} end() without: p50 {p50:6.1f} us, p99 {p99:7.1f} us")
        print(f"{'':8} end() with:    p50 {with_p50:6.1f} us, p99 {with_p99:7.1f} us")
        print(f"{'':8} ratio:         p50 {with_p50 / p50:6.2f},    p99 {with_p99 / p99:7.2f}")


def application(blocks: int) -> None:
    """Measure in turns, and print the percentiles."""
    from langfuse import Langfuse
    from opentelemetry.sdk.trace import TracerProvider

    import tracevet

    keys = json.loads(os.environ["KEYS"])
    clients = [Langfuse(public_key=a, secret_key=b, tracer_provider=TracerProvider()) for a, b in keys]
    attached = tracevet.attach(clients[1], ledger=os.environ["LEDGER"])
    found: dict[str, object] = {}
    for pace, pause in (("paced", 0.001), ("burst", 0.0)):
        times: list[list[float]] = [[], []]
        for number in range(2 * blocks):
            times[number % 2] += block(clients[number % 2], pause)
        cut = [quantiles(spent, n=100) for spent in times]
        found[pace] = {name: (each[49], each[98]) for name, each in zip(("without", "with"), cut, strict=True)}
        attached.flush(60)
    for client in clients:
        client.flush()
    found["left out"] = attached.unvetted
    sys.stdout.write(json.dumps(found))


def block(client: object, pause: float) -> list[float]:
    """Trace one turn; give the microseconds of each `end()`."""
    from langfuse import Langfuse

    assert isinstance(client, Langfuse)
    spent = []
    with client.start_as_current_observation(name="turn", as_type="agent"):
        for number in range(SPANS):
            step = client.start_observation(name=f"call {number}", as_type="generation", input=ASKED, output=ANSWER)
            begun = time.perf_counter_ns()
            step.end()
            spent.append((time.perf_counter_ns() - begun) / 1000)
            if pause:
                time.sleep(pause)
    return spent


if __name__ == "__main__":
    if sys.argv[1:2] == ["application"]:
        application(int(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 10)
