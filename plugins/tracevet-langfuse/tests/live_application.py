"""An application that traces to Langfuse, with and without being vetted; run as a process of its own.

What stands in `LIVE` (JSON) says what it does. It prints one line of JSON at its end.
"""

import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

ASKED: dict[str, Any] = json.loads(os.environ["LIVE"])
BAD = '```python\ndef f(cur, user):\n    query = f"SELECT * FROM users WHERE id = {user}"\n    cur.execute(query)\n```'
SAID: dict[str, Any] = {}


def make_client() -> Any:
    """Make the client, with ids and times that are the same in each run where that is asked for."""
    import opentelemetry.sdk.trace as sdk
    from langfuse import Langfuse
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.id_generator import IdGenerator

    numbers = itertools.count(1)

    class Counted(IdGenerator):
        def generate_span_id(self) -> int:
            return next(numbers)

        def generate_trace_id(self) -> int:
            return next(numbers)

    if ASKED.get("fixed"):
        moments = itertools.count(1_790_000_000_000_000_000, 1_000_000)
        setattr(sdk, "time_ns", lambda: next(moments))  # noqa: B010 - the SDK does not export it
    mask = {"mask_otel_spans": make_mask()} if "mask" in ASKED else {}
    provider = TracerProvider(id_generator=Counted(), resource=Resource({})) if ASKED.get("fixed") else None
    return Langfuse(tracer_provider=provider, flush_interval=60.0, **mask)


def make_mask() -> Any:
    """Make the mask that is asked for: the application's own, ours, or ours around it."""
    from langfuse.types import MaskOtelSpansResult, OtelSpanPatch

    def own(*, params: Any) -> Any:
        patches = {
            name: OtelSpanPatch(set_attributes={"langfuse.observation.output": "hidden"})
            for name, span in params.spans.items()
            if "HIDE" in str(span.attributes.get("langfuse.observation.output"))
        }
        return MaskOtelSpansResult(span_patches=patches)

    if ASKED["mask"] == "own":
        return own
    from tracevet_langfuse import policy_tags

    return policy_tags(own, budget_ms=20_000)


def turn(client: Any, text: str = BAD, name: str = "turn") -> str:
    """Trace one turn; give its id."""
    with client.start_as_current_observation(name=name, as_type="agent", input="add a lookup") as root:
        with client.start_as_current_observation(name="llm", as_type="generation", model="m", input="q") as step:
            step.update(output=text)
        root.update(output="done", metadata={"cwd": "/srv/shop", "long": "x" * 300, "n": 3})
    return str(root.trace_id)


def plain(client: Any, attached: Any) -> None:
    """Trace a turn that violates a policy, and one that does not."""
    SAID["traces"] = [turn(client), turn(client, "fine")]


def failing(client: Any, attached: Any) -> None:
    """End by an exception, inside a span."""
    with client.start_as_current_observation(name="turn"):
        raise SystemExit(ASKED["code"]) if "code" in ASKED else ValueError("the application's own")


def killed(client: Any, attached: Any) -> None:
    """Lose the interpreter between two turns."""
    import signal

    first = turn(client)
    client.flush()
    SAID["before"] = attached.flush(120)
    os.kill(lost := attached.interpreter, signal.SIGKILL)
    while attached.interpreter == lost:  # what is sent before that is noticed is lost, and counted
        time.sleep(0.02)
    SAID["traces"] = [first, turn(client)]


def stopped(client: Any, attached: Any) -> None:
    """Go on with more than a pipe takes while the interpreter stands still."""
    import signal

    turn(client)
    client.flush()
    SAID["before"] = attached.flush(120)
    SAID["interpreter"] = attached.interpreter
    os.kill(attached.interpreter, signal.SIGSTOP)
    SAID["traces"] = [turn(client, "x" * 500_000)]
    client.flush()


def again(client: Any, attached: Any) -> None:
    """Let go of the client and watch it again, with a turn each time."""
    import tracevet

    same = tracevet.attach(client, **ASKED["attach"]) is attached
    first = turn(client)
    client.flush()
    SAID["before"] = same and attached.flush(120)
    attached.detach()
    attached.detach()
    second = turn(client)
    anew = tracevet.attach(client, **ASKED["attach"])
    third = turn(client)
    client.flush()
    SAID["again"] = anew is not attached and anew.flush(120)
    SAID["traces"] = [first, second, third]


def crowded(client: Any, attached: Any) -> None:
    """End more spans than the queue takes, at once."""
    with client.start_as_current_observation(name="turn", as_type="agent", input="go") as root:
        for number in range(300):
            client.start_observation(name=f"step-{number}", input=BAD).end()
    SAID["traces"] = [root.trace_id]


def forked(client: Any, attached: Any) -> None:
    """Fork between two turns; the child ends by itself, after a turn of its own."""
    first = turn(client, name="before")
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        made = turn(client, name="child")
        client.flush()
        os.write(write, json.dumps([made, attached.flush(120)]).encode())
        os._exit(0)
    os.waitpid(child, 0)
    second, SAID["child"] = json.loads(os.read(read, 1000))
    SAID["traces"] = [first, second, turn(client, name="after")]


def slow(client: Any, attached: Any) -> None:
    """Trace a turn on which a detector hangs, and one after it."""
    SAID["traces"] = [turn(client, "```python\nHANG BAD\n```"), turn(client, "```python\nBAD = 1\n```")]


def hidden(client: Any, attached: Any) -> None:
    """Trace a turn of which the application's mask hides what violates, and one that it lets through."""
    SAID["traces"] = [turn(client, f"HIDE\n{BAD}"), turn(client)]


def others(client: Any, attached: Any) -> None:
    """Trace with the instrumentations of others, in each shape that Langfuse knows."""
    from opentelemetry import trace

    for scope, attributes, events in ASKED["spans"]:
        tracer = client._resources.tracer_provider.get_tracer(scope, "1.2")
        with tracer.start_as_current_span("turn", attributes={"gen_ai.system": "x", "session.id": "s"}) as root:
            span = tracer.start_span("step", attributes=attributes)
            for event, values in events:
                span.add_event(event, values)
            span.end()
        SAID.setdefault("traces", []).append(trace.format_trace_id(root.get_span_context().trace_id))


def main() -> None:
    """Do what is asked for."""
    client, attached = make_client(), None
    if ASKED.get("attach") is not None:
        import tracevet

        attached = tracevet.attach(client, **ASKED["attach"])
    scenario: Callable[[Any, Any], None] = globals()[ASKED["scenario"]]
    scenario(client, attached)
    if ASKED.get("flush", True):
        client.flush()
        SAID["flushed"] = attached.flush(120) if attached else None
    if "settle" in ASKED and attached:
        deadline = time.monotonic() + 120
        while not attached.trouble and time.monotonic() < deadline:
            time.sleep(0.05)
    SAID["unvetted"], SAID["trouble"] = (attached.unvetted, attached.trouble) if attached else (0, "")
    if not ASKED.get("quiet"):
        sys.stdout.write(json.dumps(SAID))


if __name__ == "__main__":
    main()
