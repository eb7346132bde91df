"""Writing runs: one at a time, in batches, and as multipart."""

from collections.abc import Callable, Iterable
from functools import partial
from uuid import UUID

from tracevet.testing.langsmith import feedback
from tracevet.testing.langsmith.answers import Answer, Row, rejected
from tracevet.testing.langsmith.calls import Call
from tracevet.testing.langsmith.packing import Operation, operations
from tracevet.testing.langsmith.stored import changes, new_run

# langsmith-sdk issue 2111: an operation that was done already, or a change of a run that has ended.
CONFLICT = "Conflict: payload already received: payloads already received"
_ACCEPTED = Answer({"message": "Runs batch ingested"}, 202)


def create(call: Call) -> Answer:
    """Take one new run."""
    return _ingest(call, [Operation("post", call.fields())])


def update(call: Call) -> Answer:
    """Take a change of a run."""
    return _ingest(call, [Operation("patch", {**call.fields(), "id": call.path["run"]})])


def batch(call: Call) -> Answer:
    """Take new runs and changes of runs."""
    fields = call.fields()
    new, changed = (fields.get(kind) or [] for kind in ("post", "patch"))
    if not (isinstance(new, list) and isinstance(changed, list)):
        raise rejected(422, "post and patch are lists of runs")
    return _ingest(call, [*(Operation("post", run) for run in new), *(Operation("patch", run) for run in changed)])


def multipart(call: Call) -> Answer:
    """Take runs, changes and feedback in parts."""
    return _ingest(call, list(operations(call.body, call.headers.get("content-type", ""))))


def _ingest(call: Call, received: Iterable[Operation]) -> Answer:
    """Apply what is new; refuse with 409 where nothing is."""
    taken = [_TAKERS[operation.kind](call, operation.fields) for operation in received]
    if taken and not any(taken):
        raise rejected(409, CONFLICT)
    return _ACCEPTED


def _post(call: Call, fields: Row) -> bool:
    runs = call.workspace.runs
    run = _identified(fields)
    if run in runs.created:
        return False
    row = new_run(fields, call.workspace, now=call.now)
    end = changes(row, ("end_time", "outputs", "error", "status")) if row["end_time"] and call.delays.ends else {}
    runs.created.add(run)
    if row["end_time"]:
        runs.ended.add(run)
    begun = row | {"end_time": None, "outputs": None, "error": None, "status": "pending"} if end else row
    call.workspace.arrivals.later(call.delays.runs, partial(runs.put, begun))
    if end:
        call.workspace.arrivals.later(call.delays.runs + call.delays.ends, partial(runs.change, run, end))
    return True


def _patch(call: Call, fields: Row) -> bool:
    runs = call.workspace.runs
    run = _identified(fields)
    if run in runs.ended:
        return False
    change = changes(fields)
    if change.get("end_time"):
        runs.ended.add(run)
        change.setdefault("status", "error" if change.get("error") else "success")
    delay = call.delays.runs + (call.delays.ends if change.get("end_time") else 0)
    call.workspace.arrivals.later(delay, partial(runs.change, run, change))
    return True


def _feedback(call: Call, fields: Row) -> bool:
    return feedback.accept(call, {**fields, "extend_trace_retention": True})  # multipart reads no other wish


def _identified(fields: object) -> str:
    try:
        return str(UUID(str(fields.get("id") if isinstance(fields, dict) else None)))
    except ValueError:
        raise rejected(422, "a run needs a UUID as its id") from None


_TAKERS: dict[str, Callable[[Call, Row], bool]] = {"post": _post, "patch": _patch, "feedback": _feedback}
