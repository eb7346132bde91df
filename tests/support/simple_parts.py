"""A platform in memory, an extractor without tables and a policy, for the tests of run and pipeline."""

from collections.abc import Iterable, Iterator, Sequence

from tracevet import (
    Cursor,
    Extractor,
    Gap,
    Page,
    Platform,
    PlatformError,
    Policy,
    Receipt,
    Severity,
    Snippet,
    Span,
    Surface,
    Trace,
    Verdict,
    Window,
)

POLICY = Policy(
    id="no-bad",
    title="Nothing bad",
    category="test",
    severity=Severity.HIGH,
    cwe=("CWE-89",),
    recommendation="Write something good.",
)


class Shelf(Platform):
    """Hands out the traces it was given, `size` to a page, and counts how far it was read."""

    name = "shelf"
    summary = "Traces in memory."

    def __init__(self, traces: Sequence[Trace], size: int = 10, fails_after: int | None = None) -> None:
        """Hold the traces; fail once so many were read."""
        self.given = traces
        self.size = size
        self.fails_after = fails_after
        self.read = 0

    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        """Yield pages."""
        for at in range(0, len(self.given), self.size):
            if self.fails_after is not None and at >= self.fails_after:
                raise PlatformError("the shelf broke; mend it")
            part = tuple(self.given[at : at + self.size])
            self.read += len(part)
            yield Page(traces=part, done=self.read / len(self.given))

    def write(self, verdict: Verdict) -> Receipt:
        """Accept everything."""
        return Receipt(verdict=verdict.id)


class Inputs(Extractor):
    """Takes each span's input for Python that a tool wrote; a span named `resent` holds history."""

    name = "inputs"
    summary = "The inputs of spans."

    def extract(self, trace: Trace) -> Iterable[Snippet | Gap]:
        """Yield one snippet per span."""
        for span in trace.spans:
            yield Snippet(
                text=str(span.input),
                surface=Surface.APPLIED,
                language="python",
                span=span.id,
                pointer="/input",
                path="app.py",
                resent=span.name == "resent",
            )


class Stumbling(Inputs):
    """Yields one snippet, then raises with the trace's text."""

    name = "stumbling"

    def extract(self, trace: Trace) -> Iterable[Snippet | Gap]:
        """Fail half-way."""
        yield next(iter(super().extract(trace)))
        raise ValueError(trace.spans[0].input)


def trace(name: str, *texts: str, session: str | None = None, resent: Sequence[str] = ()) -> Trace:
    """Make a trace with one span per text."""
    spans = [Span(id=f"{name}-{n}", input=text) for n, text in enumerate(texts)]
    spans += [Span(id=f"{name}-r{n}", input=text, name="resent") for n, text in enumerate(resent)]
    content = "|".join([*texts, *resent])
    return Trace(platform="shelf", id=name, spans=tuple(spans), session_id=session, content=content)
