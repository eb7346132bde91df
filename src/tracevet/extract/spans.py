"""The fields of a span, by its kind: what was asked, what was answered, and what a tool was given and gave back."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from tracevet.extract import flat, prose, results, silent, walk
from tracevet.extract.arguments import arguments, path_of
from tracevet.extract.continued import continued
from tracevet.extract.message import Call, Cut, Media, Message, Part, Result, Role, Stretch, Text, Thought
from tracevet.extract.messages import messages
from tracevet.extract.metadata import CALL_IDS, TOOL_NAMES, VALUE_CAP, Payload, payloads, word
from tracevet.extract.past import Resent
from tracevet.extract.reading import Item, Reading
from tracevet.extract.tools import Meaning
from tracevet.extract.walk import Node
from tracevet.model import Gap, GapReason, Snippet, Span, SpanKind, Surface


def span_items(reading: Reading, span: Span, runs: frozenset[str]) -> Iterator[Item]:
    """Yield what stands in a span, input first; `runs` are the ids of the calls that have a span of their own."""
    reading.span = span
    tool = span.kind is SpanKind.TOOL
    asked = list(_tool_input(reading, span) if tool else _asked(reading, span, runs))
    answered = list(_tool_output(reading, span) if tool else _answered(reading, span, runs))
    if span.kind is SpanKind.GENERATION:
        answered = continued(asked, answered)
    attributes = list(_metadata(reading, span, runs))
    yield from asked
    yield from answered
    yield from attributes
    yield from _flags(reading, span)
    pointer = silent.missing(span, attributes=_tells(attributes, span))
    if pointer:
        yield from reading.gap(GapReason.NOT_RECORDED, f"no content was recorded: {silent.setting(span)}", pointer)


def _tells(items: Iterable[Item], span: Span) -> bool:
    """Tell whether metadata gave what the span is about: of a generation, something generated."""
    made = (Surface.SUGGESTED, Surface.APPLIED, Surface.COMMAND)
    if span.kind is SpanKind.GENERATION:
        return any(isinstance(item, Snippet) and item.surface in made for item in items)
    return any(
        isinstance(item, Snippet) or (isinstance(item, Gap) and item.reason is GapReason.REDACTED) for item in items
    )


def _asked(reading: Reading, span: Span, runs: frozenset[str]) -> Iterator[Item]:
    node = reading.histories.opened(Node(span.input, "/input"))
    found = list(messages(node, Role.USER, reading.histories.read))
    yield from _history(reading, found, runs)


def _history(reading: Reading, found: list[Message], runs: frozenset[str]) -> Iterator[Item]:
    """Read what was sent to the model: new is what follows its last answer, and the last prompt."""
    answer = max((i for i, message in enumerate(found) if message.role is Role.ASSISTANT), default=-1)
    prompt = max((i for i, message in enumerate(found) if is_prompt(message)), default=-1)
    for index, message in enumerate(found):
        yield from message_items(reading, message, runs, resent=index <= answer and index != prompt)


def is_prompt(message: Message) -> bool:
    """Tell what a developer said from tools' results, which some vendors send in the user's name."""
    return message.role is Role.USER and any(isinstance(part, Text) for part in message.parts)


def _answered(reading: Reading, span: Span, runs: frozenset[str]) -> Iterator[Item]:
    for message in messages(Node(span.output, "/output"), Role.ASSISTANT):
        yield from message_items(reading, message, runs, resent=False)


def message_items(reading: Reading, message: Message, runs: frozenset[str], *, resent: bool) -> Iterator[Item]:
    """Yield what stands in a message; `resent` where it is an old part of a history."""
    for part in message.parts:
        yield from _part(reading, message.role, part, runs, resent=resent)


def _part(reading: Reading, role: Role, part: Part, runs: frozenset[str], *, resent: bool) -> Iterator[Item]:
    match part:
        case Text(node):
            yield from _text(reading, role, node, resent=resent)
        case Thought(node):
            yield from reading.text(node, prose.thought, resent=resent)
        case Call():
            yield from _call(reading, part, runs, resent=resent)
        case Result(name, call, value):
            yield from _result(reading, value, name, call, resent=resent)
        case Cut(node):
            yield from reading.limit(node, Meaning.CUT)
        case Media(node):
            yield from reading.limit(node, Meaning.MEDIA)
        case Stretch():
            yield from _stretch(reading, part)
        case _:
            yield from _unread(reading, role, part.node, resent=resent)


def _stretch(reading: Reading, known: Stretch) -> Iterator[Item]:
    past, bounds = known.past, (known.first, known.stop)
    reading.calls.update(past.calls.between(*bounds))
    for item in past.others.between(*bounds):
        if isinstance(item, Gap):
            yield from reading.gap(item.reason, item.detail, item.pointer or "")
        else:
            yield replace(item, span=reading.span.id)
    yield Resent(reading.span.id, past.snippets.between(*bounds), past.digests.between(*bounds))


def _text(reading: Reading, role: Role, node: Node, *, resent: bool) -> Iterator[Item]:
    if role is Role.ASSISTANT:
        yield from reading.text(node, prose.said, resent=resent)
        inner, _ = walk.opened(node)
        if inner is not node:
            yield from _shown(reading, inner, resent=resent)
    elif role is Role.USER:
        yield from reading.text(node, prose.asked, resent=resent)
    else:
        yield from reading.text(node, prose.known, resent=resent)


def _shown(reading: Reading, node: Node, *, resent: bool) -> Iterator[Item]:
    """Read an answer given as JSON: files and commands in it are suggested, not applied."""
    for about in arguments(node, ""):
        if about.meaning is not Meaning.OTHER:
            yield from reading.argument(about, resent=resent, surface=Surface.SUGGESTED)


def _call(reading: Reading, call: Call, runs: frozenset[str], *, resent: bool) -> Iterator[Item]:
    if call.id:
        known = reading.calls.get(call.id, (call.name, None))
        opened = walk.opened(call.arguments)[0] if call.arguments else None
        reading.calls[call.id] = (call.name or known[0], path_of(opened) or known[1])
    if call.arguments is None:
        if call.id not in runs and not resent:
            detail = f"the arguments of a tool call were not recorded: {silent.setting(reading.span)}"
            yield from reading.gap(GapReason.NOT_RECORDED, detail, call.node.pointer)
        return
    for about in arguments(call.arguments, call.name):
        yield from reading.argument(about, resent=resent, call=call.id)


def _result(
    reading: Reading, node: Node, name: str, call: str | None, path: str | None = None, *, resent: bool
) -> Iterator[Item]:
    known, named = reading.calls.get(call or "", ("", None))
    for about in results.results(node, name or known, path or named):
        if about.meaning in (Meaning.OTHER, Meaning.OLD):
            yield from reading.text(about.node, prose.known, about.path, resent=resent, call=call)
        else:
            yield from reading.argument(about, resent=resent, call=call)


def _unread(reading: Reading, role: Role, node: Node, *, resent: bool) -> Iterator[Item]:
    """Read the texts of a value in no known format: an answer's as shown, all others as there before."""
    if node.too_deep:
        yield from reading.limit(node, Meaning.LIMIT)
        return
    if role is Role.ASSISTANT:
        items = [item for about in arguments(node, "") for item in reading.argument(about, surface=Surface.SUGGESTED)]
    else:
        items = [item for about in results.results(node, "", None) for item in reading.text(about.node, prose.known)]
    yield from items
    if items and reading.span.kind is SpanKind.GENERATION:
        detail = "a message in no known format: its texts were read one by one"
        yield from reading.gap(GapReason.UNKNOWN_KIND, detail, node.pointer)


def _tool_input(reading: Reading, span: Span) -> Iterator[Item]:
    node, name, call = Node(span.input, "/input"), tool_name(span), call_id(span)
    if call:
        path = path_of(walk.opened(node)[0])
        reading.calls[call] = (name, path or reading.calls.get(call, ("", None))[1])
    for about in arguments(node, name):
        yield from reading.argument(about, call=call)


def _tool_output(reading: Reading, span: Span) -> Iterator[Item]:
    path = path_of(walk.opened(Node(span.input, "/input"))[0])
    yield from _result(reading, Node(span.output, "/output"), tool_name(span), call_id(span), path, resent=False)


def _metadata(reading: Reading, span: Span, runs: frozenset[str]) -> Iterator[Item]:
    node = Node(dict(span.metadata), "/metadata")
    for payload, value in payloads(node):
        if payload is None:
            yield from _stray(reading, value)
            continue
        if isinstance(value.value, str) and len(value.value) == VALUE_CAP:
            detail = f"cut at {VALUE_CAP} characters by the platform's list of observations: ask it to expand this key"
            yield from reading.gap(GapReason.TRUNCATED, detail, value.pointer)
        yield from _payload(reading, span, payload, value, runs)
    yield from _history(reading, list(flat.messages(node, outputs=False)), runs)
    for message in flat.messages(node, outputs=True):
        yield from message_items(reading, message, runs, resent=False)


def _payload(reading: Reading, span: Span, payload: Payload, node: Node, runs: frozenset[str]) -> Iterator[Item]:
    call = call_id(span)
    match payload:
        case Payload.PROMPT | Payload.ANSWER | Payload.THOUGHT | Payload.COMMAND:
            yield from reading.text(node, _TEXTS[payload], call=call)
        case Payload.ARGUMENTS:
            path = path_of(walk.opened(Node(span.input, "/input"))[0])
            for about in arguments(node, tool_name(span), path):
                yield from reading.argument(about, call=call)
        case Payload.RESULT | Payload.CONTEXT:
            yield from _result(reading, node, tool_name(span), call, resent=False)
        case Payload.INPUT:
            yield from _history(reading, list(messages(node, Role.USER, reading.histories.read)), runs)
        case Payload.OUTPUT:
            for message in messages(node, Role.ASSISTANT):
                yield from message_items(reading, message, runs, resent=False)


_TEXTS = {
    Payload.PROMPT: prose.asked,
    Payload.ANSWER: prose.said,
    Payload.THOUGHT: prose.thought,
    Payload.COMMAND: prose.command,
}


def _stray(reading: Reading, node: Node) -> Iterator[Gap]:
    """Say where metadata that nobody knows holds code."""
    text = str(node.value)[: walk.MAX_TEXT]
    if "\n" in text and any(draft.language != prose.TEXT for draft in reading.take(text, prose.other).drafts):
        detail = "metadata that nobody knows holds code: it was not vetted"
        yield from reading.gap(GapReason.UNKNOWN_KIND, detail, node.pointer)


def _flags(reading: Reading, span: Span) -> Iterator[Gap]:
    """Say where the input or the output is beyond the caps, or noted as cut by the integration."""
    for pointer, value in (("/input", span.input), ("/output", span.output)):
        if isinstance(value, str) and len(value) > walk.MAX_JSON:
            yield from reading.gap(GapReason.TOO_LARGE, f"only {walk.MAX_JSON:,} characters were read", pointer)
    for key, pointer in (
        ("input_meta", "/input"),
        ("user_text", "/input"),
        ("output_meta", "/output"),
        ("assistant_text", "/output"),
    ):
        note = span.metadata.get(key)
        if isinstance(note, dict) and note.get("truncated") is True:
            yield from reading.gap(GapReason.TRUNCATED, "the integration notes that it cut this off", pointer)


def tool_name(span: Span) -> str:
    """Give the name of the tool that a span ran."""
    return word(span.metadata, *TOOL_NAMES) or span.name


def call_id(span: Span) -> str | None:
    """Give the id of the tool call that a span ran, where it says so."""
    found = word(span.metadata, *CALL_IDS)
    if found or span.kind is not SpanKind.TOOL:
        return found
    asked = walk.opened(Node(span.input, ""))[0].text("callId", "tool_use_id", "call_id")
    listed = Node(span.output, "").get("messages")
    answers = listed.children() if listed else ()
    return asked or next((found for answer in answers if (found := answer.text("tool_call_id"))), None)
