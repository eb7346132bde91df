"""What would be written, said without asking the server."""

from collections.abc import Iterator

from tracevet import Verdict
from tracevet_langsmith.marks import Subject, marks, spans_of
from tracevet_langsmith.writing import Writer, to_review


def preview(verdict: Verdict, writer: Writer) -> Iterator[str]:
    """Say, a line each, which feedback and queue items a verdict becomes."""
    if not writer.tells(verdict):
        return
    trace = verdict.trace.id
    subject = Subject(project="", runs=dict.fromkeys((trace, *spans_of(verdict.violations))))
    if "feedback" in writer.kinds:
        for mark in marks(verdict, subject, ""):
            place = "" if mark.run == trace else f" run {mark.run}"
            yield f"feedback {mark.key} = {mark.value} ({mark.score:g}) on trace {trace}{place}"
    if "queue" in writer.kinds:
        yield from (f"queue item for trace {trace} run {run}" for run in to_review(verdict.violations))
