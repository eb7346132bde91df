"""What an assistant is about to do, or did: one hook event of any of them in the same words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tracevet.model import Json, Span, SpanKind, Trace
from tracevet.records.seal import seal

ROOT, CALL = "hook", "call"  # ids of spans


class Stage(StrEnum):
    """When the assistant asks."""

    BEFORE = "before"  # a tool is about to run
    AFTER = "after"  # a tool ran
    PROMPT = "prompt"  # the developer is about to send this
    READ = "read"  # a file is about to be shown to the model


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One event."""

    assistant: str
    event: str  # as the assistant names it
    stage: Stage
    tool: str = ""
    arguments: Json = None
    result: Json = None
    prompt: str = ""
    call: str | None = None
    session: str | None = None
    facts: Mapping[str, Json] = field(default_factory=dict)  # who and where, by the keys that integrations record


def trace_of(intent: Intent) -> Trace:
    """Give the trace that a platform would have of this, so that all that vets traces vets it likewise."""
    prompt: Json = {"role": "user", "content": intent.prompt} if intent.prompt else None
    spans = [Span(id=ROOT, kind=SpanKind.AGENT, name=intent.event, input=prompt, metadata=intent.facts)]
    if intent.tool:
        spans.append(
            Span(
                id=CALL,
                parent_id=ROOT,
                kind=SpanKind.TOOL,
                name=intent.tool,
                input=intent.arguments,
                output=intent.result,
                metadata={"tool_use_id": intent.call} if intent.call else {},
            )
        )
    name = f"{intent.session or intent.assistant}:{intent.call or intent.event}"
    return seal(
        Trace(
            platform="hook",
            id=name,
            spans=tuple(spans),
            session_id=intent.session,
            metadata=intent.facts,
        )
    )
