"""The extractor for everything that assistants, gateways and SDK wrappers are known to record."""

from collections.abc import Iterator
from typing import ClassVar

from tracevet.extract.memo import Memo
from tracevet.extract.reading import Item, Reading, Taken
from tracevet.extract.spans import call_id, span_items
from tracevet.model import SpanKind, Trace
from tracevet.plugin import Extractor


class StandardExtractor(Extractor):
    """Reads the shapes of assistants, gateways and SDK wrappers, by tables."""

    name: ClassVar[str] = "standard"
    summary: ClassVar[str] = "Finds code and text in the traces of every assistant, gateway and SDK wrapper we know."

    def __init__(self) -> None:
        """Start with nothing remembered."""
        self._memo: Memo[Taken] = Memo()

    def extract(self, trace: Trace) -> Iterator[Item]:
        """Yield the trace's snippets in the order of its spans, and a Gap for each thing that could not be read.

        A message that an earlier list of messages of the trace began with gives no second occurrence, so that the
        work follows what is new in a trace. Texts that are known from other traces are not taken apart again.
        """
        reading = Reading(self._memo)
        ids = (call_id(span) for span in trace.spans if span.kind is SpanKind.TOOL)
        runs = frozenset(call for call in ids if call)
        for span in trace.spans:
            yield from span_items(reading, span, runs)
