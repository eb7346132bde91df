"""An application that traces to LangSmith, with and without being vetted; run as a process of its own.

What stands in `LIVE` (JSON) says what it does. It prints one line of JSON at its end.
"""

import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

ASKED: dict[str, Any] = json.loads(os.environ["LIVE"])
BAD = '```python\ndef f(cur, user):\n    query = f"SELECT * FROM users WHERE id = {user}"\n    cur.execute(query)\n```'
SAID: dict[str, Any] = {}


def make_client() -> Any:
    """Make the client, with the run buffer that is asked for: the application's own, ours, or ours around it."""
    from langsmith import Client

    options: dict[str, Any] = {"tracing_sampling_rate": ASKED["sample"]} if "sample" in ASKED else {}
    if "process" in ASKED:
        options |= {"process_buffered_run_ops": make_process(), "run_ops_buffer_size": 100}
    if ASKED.get("hide"):
        options["hide_outputs"] = True
    return Client(**options)


def make_process() -> Any:
    """Make the function for the run buffer."""

    def own(runs: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
        return [{**run, "name": str(run.get("name")).upper()} for run in runs]

    if ASKED["process"] == "own":
        return own
    from tracevet_langsmith import policy_tags

    return policy_tags(own, budget_ms=20_000)


def turn(client: Any, text: str = BAD, pad: str = "") -> str:
    """Trace one turn; give its id."""
    from langsmith import RunTree

    metadata = {"metadata": {"thread_id": "s1", "cwd": "/srv/shop"}}
    root = RunTree(
        name="turn", run_type="chain", inputs={"input": "add a lookup"}, client=client, extra=metadata, tags=["mine"]
    )
    root.post()
    step = root.create_child(name="llm", run_type="llm", inputs={"messages": [{"role": "user", "content": "q"}]})
    step.post()
    step.end(outputs={"messages": [{"role": "assistant", "content": text}]})
    step.patch()
    if pad:
        other = root.create_child(name="read", run_type="tool", inputs={"input": {"pad": pad}})
        other.end(outputs={"output": "read"})
        other.post()
    root.end(outputs={"output": "done"})
    root.patch()
    return str(root.trace_id)


def plain(client: Any, attached: Any) -> None:
    """Trace a turn that violates a policy, and one that does not."""
    SAID["traces"] = [turn(client), turn(client, "fine")]


def large(client: Any, attached: Any) -> None:
    """Trace a turn with a step that is too large to be sent from memory."""
    SAID["traces"] = [turn(client, pad="y" * 6_000_000)]


def failing(client: Any, attached: Any) -> None:
    """End by an exception."""
    turn(client)
    raise SystemExit(ASKED["code"]) if "code" in ASKED else ValueError("the application's own")


SCENARIOS: dict[str, Callable[[Any, Any], None]] = {"plain": plain, "large": large, "failing": failing}


def main() -> None:
    """Do what is asked."""
    client, attached = make_client(), None
    if ASKED["attach"] is not None:
        import tracevet

        attached = tracevet.attach(client, **ASKED["attach"])
    SCENARIOS[ASKED["scenario"]](client, attached)
    client.flush()
    if attached is not None and ASKED.get("flush", True):
        SAID["flushed"] = attached.flush(90)
    if attached is not None:
        SAID["trouble"], SAID["unvetted"] = attached.trouble, attached.unvetted
    if not ASKED.get("quiet"):
        sys.stdout.write(json.dumps(SAID))
    sys.stdout.flush()


if __name__ == "__main__":
    main()
