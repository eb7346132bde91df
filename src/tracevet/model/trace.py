"""What a platform recorded, and the pieces of text taken out of it.

Dataclasses, because there are very many of these.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from tracevet.model.finding import Gap

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


class SpanKind(StrEnum):
    """What a span did; platforms' own types map onto these."""

    AGENT = "agent"  # a turn or an agent around other spans (LangSmith chain, Langfuse AGENT, a root SPAN)
    GENERATION = "generation"  # one call of a model
    TOOL = "tool"  # one call of a tool
    SPAN = "span"  # any other step, events included


class Surface(StrEnum):
    """How a snippet came to be in the trace."""

    PROMPT = "prompt"  # the developer sent it
    SUGGESTED = "suggested"  # the assistant said it
    APPLIED = "applied"  # a tool wrote it to a file
    COMMAND = "command"  # a tool ran it
    CONTEXT = "context"  # it was there before: read files, old text, tool results


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One step of a trace: a Langfuse observation, a LangSmith run, a transcript's call.

    `input` and `output` are as recorded: parsed JSON, or a string (which may itself hold JSON).
    """

    id: str
    parent_id: str | None = None  # may name a span that was never recorded; cycles are possible
    kind: SpanKind = SpanKind.SPAN
    name: str = ""
    start: datetime | None = None  # with time zone
    end: datetime | None = None  # with time zone
    input: Json = None
    output: Json = None
    metadata: Mapping[str, Json] = field(default_factory=dict)
    model: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One turn or request as a platform recorded it, spans oldest first."""

    platform: str  # name of the platform plugin it came through
    id: str
    spans: tuple[Span, ...]
    name: str = ""
    session_id: str | None = None
    user: str | None = None
    url: str | None = None
    environment: str | None = None
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Json] = field(default_factory=dict)
    start: datetime | None = None  # with time zone
    end: datetime | None = None  # with time zone
    gaps: tuple[Gap, ...] = ()  # what the platform itself could not deliver of this trace
    content: str = ""  # digest of the recorded bytes: two traces of one id and content are the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A piece of text out of a trace, and the exact place it came from.

    `pointer` is a JSON pointer (RFC 6901) from the span's root object, e.g. `/input/content`. Where a
    string on the way holds JSON itself, the pointer goes on inside it. `offset` counts characters from
    the start of the string pointed at. A text that does not stand there unbroken (the added lines of a
    patch, say) has `lines`: for each of its lines, the offset at which that line starts. A `rebuilt` snippet is the
    whole file that the text there was written into; `changed` are the lines which that text changed.
    """

    text: str
    surface: Surface
    language: str  # lower-case: "python", "javascript", "shell", "text" …; "" where it could not be told
    span: str  # id of the span it stands in
    pointer: str
    offset: int = 0  # characters
    lines: tuple[int, ...] | None = None  # characters
    path: str | None = None  # the file it is meant for, as the trace spells it
    changed: tuple[tuple[int, int], ...] | None = None  # line ranges, 1-based, inclusive; None: all lines are new
    resent: bool = False  # it stands in history that was sent again: new only if nothing else showed it
    call: str | None = None  # id of the tool call, where there is one
    rebuilt: bool = False
    digest: str = field(init=False, compare=False)  # of all a detector may look at: text, language, surface

    def __post_init__(self) -> None:
        """Compute the digest; a lone surrogate is no reason to fail."""
        data = "\x00".join((self.surface, self.language, self.text)).encode("utf-8", "surrogatepass")
        object.__setattr__(self, "digest", hashlib.sha256(data).hexdigest()[:32])
