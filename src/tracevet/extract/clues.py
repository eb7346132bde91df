"""The directory where no metadata names it: tools' arguments, then the blocks in which assistants state it."""

import re
from collections.abc import Iterator
from itertools import islice

from tracevet.extract import facts, walk
from tracevet.extract.message import Call, Role, Text
from tracevet.extract.messages import messages
from tracevet.extract.tools import KEYS, Meaning, normal
from tracevet.extract.walk import Node
from tracevet.model import Fact, Span, SpanKind, Trace

SPANS = 50  # that are searched
MESSAGES = 20  # of each span
HEAD = 100_000  # characters of each text

_STATED = (
    (re.compile(r"# Current W(?:orking|orkspace) Directory \(([^()\n]{1,300})\) Files"), "<environment_details>"),
    (re.compile(r"<cwd>([^<>]{1,400})</cwd>"), "<cwd>"),
    (re.compile(r"<workspace_info>[^<>-]{1,200}\n- ([^<>\n]{1,300})\n"), "<workspace_info>"),
)
_ABSOLUTE = re.compile(r"[/~\\]|[A-Za-z]:")


def directory(trace: Trace) -> Fact | None:
    """Give the directory that the trace's tools worked in, or that its messages state."""
    spans = trace.spans[:SPANS]
    found = (fact for span in spans for fact in _worked_in(span))
    return next(found, None) or next((fact for span in spans for fact in _stated(span)), None)


def _worked_in(span: Span) -> Iterator[Fact]:
    if span.kind is SpanKind.TOOL:
        yield from _argument(Node(span.input, "/input"))
    elif span.kind is SpanKind.GENERATION:
        for message in islice(messages(Node(span.output, "/output"), Role.ASSISTANT), MESSAGES):
            for part in message.parts:
                if isinstance(part, Call) and part.arguments:
                    yield from _argument(part.arguments)


def _argument(node: Node) -> Iterator[Fact]:
    node = walk.opened(node)[0]
    for holder in (node, node.get("input", "args", "arguments")):
        fields = holder.value if holder and isinstance(holder.value, dict) else {}
        for key, value in fields.items():
            kept = facts.directory(value) if KEYS.get(normal(key)) is Meaning.DIRECTORY else None
            if kept and _ABSOLUTE.match(kept):
                yield Fact(value=kept, source=f"tool argument {normal(key)}")


def _stated(span: Span) -> Iterator[Fact]:
    for message in islice(messages(Node(span.input, "/input"), Role.USER), MESSAGES):
        texts = (
            [part.node.value for part in message.parts if isinstance(part, Text)] if message.role is Role.USER else []
        )
        for text in texts:
            for pattern, source in _STATED:
                found = pattern.search(str(text), 0, HEAD)
                kept = facts.directory(found[1]) if found else None
                if kept:
                    yield Fact(value=kept, source=source)
