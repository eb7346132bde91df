"""The extractor for everything that assistants, gateways and SDK wrappers are known to record."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar

from tracevet.extract.memo import Memo
from tracevet.extract.message import Role
from tracevet.extract.past import Past, Pasts, Spelling, spelled
from tracevet.extract.reading import Item, Reading, Taken
from tracevet.extract.recording import record
from tracevet.extract.resumed import Texts
from tracevet.extract.spans import call_id, span_items
from tracevet.extract.walk import Node
from tracevet.model import Gap, Snippet, Span, SpanKind, Trace
from tracevet.plugin import Extractor


@dataclass(frozen=True, slots=True)
class Begun:
    """A trace under way; lists are known by their identity."""

    trace: Trace
    sources: dict[int, Spelling] = field(default_factory=dict)  # of lists that stood in a string
    recalled: dict[int, Past] = field(default_factory=dict)  # all that the messages of a list give


class StandardExtractor(Extractor):
    """Reads the shapes of assistants, gateways and SDK wrappers, by tables."""

    name: ClassVar[str] = "standard"
    summary: ClassVar[str] = "Finds code and text in the traces of every assistant, gateway and SDK wrapper we know."

    def __init__(self) -> None:
        """Start with nothing remembered."""
        self._memo: Memo[Taken] = Memo()
        self._pasts = Pasts()
        self._texts = Texts()

    def extract(self, trace: Trace) -> Iterator[Snippet | Gap]:
        """Yield the trace's snippets in the order of its spans, and a Gap for each thing that could not be read.

        A message that an earlier list of messages of the trace began with gives no second occurrence, so that the
        work follows what is new in a trace. Texts that are known from other traces are not taken apart again.
        """
        for item in self._items(trace, Reading(self._memo)):
            if isinstance(item, Snippet | Gap):
                yield item

    def begin(self, trace: Trace) -> Begun:
        """Decode the requests that generations hold as strings; pointers into them stay the same."""
        begun = Begun(trace)
        key = (trace.platform, trace.session_id)
        spans = tuple(self._opened(key, span, begun) for span in trace.spans)
        return replace(begun, trace=replace(trace, spans=spans))

    def resume(self, begun: Begun) -> Iterator[Item]:
        """Yield what `extract` does, but for the messages that an earlier trace of the session showed as well.

        These come as stretches, whose snippets are made only where they are needed.
        """
        reading = Reading(self._memo, lambda node, role: self._recall(reading, node, role, begun))
        yield from self._items(begun.trace, reading)

    def _opened(self, key: Hashable, span: Span, begun: Begun) -> Span:
        if span.kind is not SpanKind.GENERATION or not isinstance(span.input, str):
            return span
        opened = self._texts.open(key, span.input)
        if opened is None:
            return span
        begun.sources[id(opened.messages)] = Spelling(span.input, tuple(opened.ends))
        return replace(span, input=opened.value)

    def _items(self, trace: Trace, reading: Reading) -> Iterator[Item]:
        ids = (call_id(span) for span in trace.spans if span.kind is SpanKind.TOOL)
        runs = frozenset(call for call in ids if call)
        for span in trace.spans:
            yield from span_items(reading, span, runs)

    def _recall(self, reading: Reading, node: Node, role: Role, begun: Begun) -> Past | None:
        """Give what the messages of a list give, where that depends on nothing else in the trace."""
        source = begun.sources.get(id(node.value))
        spelling = None if reading.calls else source or spelled(node.value)
        if spelling is None:
            return None
        place: Hashable = (node.pointer, node.depth, role, reading.span.kind)
        key = (begun.trace.platform, begun.trace.session_id)
        former, shared = self._pasts.find(key, place, spelling.text)
        past = record(reading, node, role, spelling, former, shared)
        if past is not None:
            self._pasts.keep(key, past, former, shared)
            begun.recalled[id(node.value)] = past
        return past
