"""All that a trace shows to have been done to files, each tool call once, in the order of the spans."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from tracevet.extract import edits, effects, knowledge, walk
from tracevet.extract.acts import Act, Event
from tracevet.extract.histories import Histories
from tracevet.extract.knowledge import Known
from tracevet.extract.message import Call, Message, Part, Result, Role, Stretch
from tracevet.extract.messages import messages
from tracevet.extract.metadata import Payload, payloads
from tracevet.extract.past import Past
from tracevet.extract.spans import call_id, tool_name
from tracevet.extract.tools import KEYS, Meaning, tool
from tracevet.extract.walk import Node
from tracevet.model import Json, Span, SpanKind, Trace

MAX_EVENTS = 20_000  # of one trace

_SCRIPT = 2  # the word after `bash -c`


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What one tool call did to files."""

    span: str
    call: str | None
    failed: bool
    events: tuple[Event, ...]


@dataclass(slots=True)
class _Calls:
    """The calls that messages show, until their results are found; none that was carried out before."""

    done_before: Collection[str]
    made: dict[str, tuple[str, Json]] = field(default_factory=dict)  # id -> tool, arguments
    results: dict[str, Json] = field(default_factory=dict)

    def take(self, part: Part) -> None:
        """Note what a part shows; of each id the first call and the first result."""
        if isinstance(part, Stretch):
            made, results = part.past.made, part.past.results
            done = self.done_before
            for id_, name, value in [one for one in made.between(part.first, part.stop) if one[0] not in done]:
                self.made.setdefault(id_, (name, value))
            for id_, value in [one for one in results.between(part.first, part.stop) if one[0] not in done]:
                self.results.setdefault(id_, value)
        elif isinstance(part, Call) and part.id and part.arguments is not None:
            self.made.setdefault(part.id, (part.name, part.arguments.value))
        elif isinstance(part, Result) and part.id and part.id not in self.done_before:
            self.results.setdefault(part.id, part.value.value)


def work(
    trace: Trace, done_before: Collection[str] = (), recalled: Mapping[int, Past] = MappingProxyType({})
) -> list[Work]:
    """Give what the trace's tool calls did to files, without the calls that an earlier trace of the session showed.

    Spans of tools say it best. A call that has none is taken from the answer or the history it stands in, with its
    result from a later message. `recalled` knows lists by their identity.
    """
    tools = [span for span in trace.spans if span.kind is SpanKind.TOOL]
    ran = {call for span in tools if (call := call_id(span))}
    done: list[Work] = []
    for span in trace.spans:
        if span.kind is SpanKind.TOOL:
            done.append(_of_tool(span))
        elif span.kind is SpanKind.GENERATION:
            done += _of_answer(span, ran)
    if not tools:
        done = _with_results(trace, done, done_before, recalled)
    return [each for each in _once(done, frozenset(span.id for span in tools)) if each.call not in done_before]


def _of_tool(span: Span) -> Work:
    name, value, result = tool_name(span), span.input, span.output
    if value in (None, "", {}, []):
        node = Node(dict(span.metadata), "")
        value = next((found.value for payload, found in payloads(node) if payload is Payload.ARGUMENTS), None)
    return _worked(span, name, call_id(span), value, result, failed=knowledge.failed(span.metadata, result))


def _of_answer(span: Span, ran: Collection[str]) -> Iterator[Work]:
    for message in messages(Node(span.output, "/output"), Role.ASSISTANT):
        for call in _calls(message):
            if call.id not in ran and call.arguments is not None:
                yield _worked(span, call.name, call.id, call.arguments.value, None, failed=False)


def _worked(span: Span, name: str, call: str | None, value: Json, result: Json, *, failed: bool) -> Work:
    events = [
        replace(event, span=span.id, call=call, at=span.end or span.start) for event in done_by(name, value, result)
    ]
    shown = events if not failed or tool(name).bare is Meaning.SHELL else [e for e in events if e.act is Act.SAW]
    return Work(span=span.id, call=call, failed=failed and len(shown) < len(events), events=tuple(shown[:MAX_EVENTS]))


def done_by(name: str, value: Json, result: Json) -> list[Event]:
    """Give what a call did to files, and what its result shows of them."""
    opened = walk.opened(Node(value, ""))[0].value
    fields = edits.unwrapped(opened)
    command = _command(name, opened, fields)
    if command is not None:
        return effects.of_command(command[: walk.MAX_TEXT], result, done=result is not None)
    found = edits.of_call(name, opened)
    known = knowledge.of_result(name, fields, result) if edits.path_in(fields) else Known()
    if not found and not known.before:
        return [known.after] if known.after else []
    if known.foreign and edits.path_in(fields):  # a person changed it before it was written
        return [known.after or Event(act=Act.LOST, path=edits.path_in(fields))]
    return [event for event in (known.before, *found, known.after) if event is not None]


def _command(name: str, value: Json, fields: Mapping[str, Json]) -> str | None:
    """Give the shell command that a call runs."""
    if isinstance(value, str):
        return value if tool(name).bare is Meaning.SHELL else None
    if tool(name).keys.get("command") is Meaning.LABEL:
        return None
    found = next((fields[key] for key in fields if KEYS.get(key) is Meaning.SHELL), None)
    if isinstance(found, list) and found and all(isinstance(word, str) for word in found):
        words = [str(word) for word in found]
        script = words[_SCRIPT] if len(words) > _SCRIPT and re.fullmatch(r"-[a-z]*c", words[1]) else None
        return script or ("\n".join(words) if "commands" in fields else walk.spoken(found))
    return found if isinstance(found, str) else None


def _calls(message: Message) -> Iterator[Call]:
    yield from (part for part in message.parts if isinstance(part, Call))


def _with_results(
    trace: Trace, done: list[Work], done_before: Collection[str], recalled: Mapping[int, Past]
) -> list[Work]:
    """Add what results in messages tell of the calls."""
    calls = _history(trace, done_before, recalled)
    spans = {each.call: each.span for each in done}
    by_id = {span.id: span for span in trace.spans}
    told: dict[str | None, Work] = {}
    for id_, result in calls.results.items():
        name, value = calls.made.get(id_, ("", None))
        if name:
            span = by_id[spans[id_]] if id_ in spans else trace.spans[0]
            told[id_] = _worked(span, name, id_, value, result, failed=knowledge.failed({}, result))
    return [*told.values(), *(each for each in done if each.call not in told)]


def _history(trace: Trace, done_before: Collection[str], recalled: Mapping[int, Past]) -> _Calls:
    calls, histories = _Calls(done_before), Histories(lambda node, _: recalled.get(id(node.value)))
    for span in trace.spans:
        if span.kind is not SpanKind.GENERATION:
            continue
        node = histories.opened(Node(span.input, "/input"))
        found = [*messages(node, Role.USER, histories.read), *messages(Node(span.output, "/output"), Role.ASSISTANT)]
        for part in (part for message in found for part in message.parts):
            calls.take(part)
    return calls


def _once(done: list[Work], tools: frozenset[str]) -> list[Work]:
    """Leave out what an answer asked for where a tool's span shows that it was done."""
    signs = {_sign(each) for each in done if each.span in tools and each.events}
    kept: list[Work] = []
    calls: set[str] = set()
    for each in done:
        copy = each.span not in tools and _sign(each) in signs
        if copy or (each.call is not None and each.call in calls and each.span not in tools):
            continue
        calls.update([each.call] if each.call else [])
        kept.append(each)
    return kept


def _sign(each: Work) -> tuple[tuple[str, str, str], ...]:
    return tuple((event.path, event.old, event.text) for event in each.events if event.act is not Act.SAW)
