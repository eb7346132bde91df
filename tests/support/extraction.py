"""Short ways to build traces, extract them, and look at what came out."""

from typing import Any

from tracevet.extract import StandardExtractor
from tracevet.extract.walk import resolve, spoken
from tracevet.model import Gap, Json, Snippet, Span, SpanKind, Trace


def trace(*spans: Span, **fields: Any) -> Trace:
    return Trace(platform="test", id="t", spans=spans, **fields)


def generation(input: Json = None, output: Json = None, id: str = "g", **fields: Any) -> Span:  # noqa: A002 - as in Span
    return Span(id=id, kind=SpanKind.GENERATION, name="call", input=input, output=output, **fields)


def tool(name: str, input: Json = None, output: Json = None, id: str = "t", **fields: Any) -> Span:  # noqa: A002 - as in Span
    return Span(id=id, kind=SpanKind.TOOL, name=name, input=input, output=output, **fields)


def extract(*spans: Span) -> tuple[list[Snippet], list[Gap]]:
    """Give what the extractor finds, apart; each snippet is checked to lead back to its text."""
    whole = trace(*spans)
    items = list(StandardExtractor().extract(whole))
    snippets = [item for item in items if isinstance(item, Snippet)]
    for snippet in snippets:
        assert_leads_back(whole, snippet)
    return snippets, [item for item in items if isinstance(item, Gap)]


def short(snippets: list[Snippet]) -> list[tuple[str, str, str]]:
    """Give each snippet as (surface, language, text)."""
    return [(snippet.surface.value, snippet.language, snippet.text) for snippet in snippets]


def source(whole: Trace, snippet: Snippet) -> str:
    """Give the string that a snippet's pointer leads to."""
    spans = [span for span in whole.spans if span.id == snippet.span]
    text = spoken(resolve(spans[0], snippet.pointer))
    assert text is not None
    return text


def assert_leads_back(whole: Trace, snippet: Snippet) -> None:
    """Check that a snippet's text stands where the snippet says."""
    text = source(whole, snippet)
    if snippet.lines is None:
        assert text.startswith(snippet.text, snippet.offset)
    else:
        lines = snippet.text.split("\n")
        assert len(lines) == len(snippet.lines)
        assert all(text.startswith(line, start) for line, start in zip(lines, snippet.lines, strict=True))


def nested(depth: int, inner: Json = "x") -> Json:
    """Give a value so many containers deep."""
    value = inner
    for level in range(depth):
        value = {"content": value} if level % 2 else [value]
    return value
