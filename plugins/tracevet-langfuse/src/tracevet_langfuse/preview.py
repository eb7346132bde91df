"""What would be written, said without asking the server."""

from collections.abc import Iterator
from datetime import UTC, datetime

from tracevet import Status, Verdict
from tracevet_langfuse.guardrail import fits, guardrails
from tracevet_langfuse.scores import Seen, Subject, scores, spans_of
from tracevet_langfuse.tagging import EFFECTS, tags_of
from tracevet_langfuse.writing import COMMENTS, QUEUED, Writer

_ANY = Seen(start=datetime(2000, 1, 1, tzinfo=UTC), environment=None)


def preview(verdict: Verdict, writer: Writer) -> Iterator[str]:
    """Say, a line each, what a verdict becomes."""
    if not writer.tells(verdict):
        return
    trace = verdict.trace.id
    subject = Subject(trace=_ANY, observations=dict.fromkeys(spans_of(verdict.violations), _ANY))
    if "scores" in writer.kinds:
        for score in scores(verdict, subject, ""):
            place = f" observation {score.observation_id}" if score.observation_id else ""
            yield f"score {score.name} = {score.value} on trace {trace}{place}"
    if "tags" in writer.kinds:
        yield from (f"tag {tag} on trace {trace} ({EFFECTS})" for tag in tags_of(verdict))
    if "guardrail" in writer.kinds:
        fitting = (one for one in guardrails(verdict, subject) if fits(one.trace, one.parent))
        yield from (f"guardrail, {one.posted.level}, on trace {trace} observation {one.parent}" for one in fitting)
    yield from _annotations(verdict, writer)


def _annotations(verdict: Verdict, writer: Writer) -> Iterator[str]:
    trace = verdict.trace.id
    standing = [one for one in verdict.violations if one.status is Status.OPEN]
    if "comments" in writer.kinds:
        for violation in standing[:COMMENTS]:
            yield f"comment on {violation.policy} on trace {trace} observation {violation.span_id}"
    if "queue" in writer.kinds:
        severe = dict.fromkeys(one.span_id for one in standing if one.severity.rank >= QUEUED.rank)
        yield from (f"queue item for trace {trace} observation {span}" for span in severe)
