"""Extended retention: which traces are kept long, and how many a plan allows."""

from tracevet.testing.langsmith.answers import refused
from tracevet.testing.langsmith.calls import Call


def extend(call: Call, trace: str) -> None:
    """Keep a trace long, as feedback does unless it is told not to.

    Raises:
        RefusalError: the plan has no room for one more.
    """
    kept, allowed = call.workspace.long_traces, call.rules.long_traces
    if trace in kept:
        return
    if allowed is not None and len(kept) >= allowed:
        raise refused(429, "Monthly longlived traces usage limit exceeded")
    kept.add(trace)
