"""Finish a trace: spans in order, times filled in, and the digest by which an unchanged trace is recognised."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

import orjson

from tracevet.model import Gap, GapReason, Json, Span, Trace
from tracevet.records.values import DEPTH, too_deep

MAX_LABEL = 500  # characters of an id or a name; real ones are far shorter

_LAST = datetime.max.replace(tzinfo=UTC)


def seal(trace: Trace) -> Trace:
    """Give the trace with its spans oldest first, `start`, `end` and `content` set, and nothing nested too deeply.

    Spans that start together keep their order. `content` does not depend on the order of the spans. A value beyond
    the depth cap is replaced by None, with a Gap. Ids and names are fit to be stored anywhere, see `label`.
    """
    trace = _labelled(trace)
    gaps = list(trace.gaps)
    spans, parts = [], []
    for span in trace.spans:
        kept, data = _measure(span, gaps)
        spans.append(kept)
        parts.append(hashlib.sha256(data).digest())
    metadata = {} if too_deep(dict(trace.metadata)) else trace.metadata
    return replace(
        trace,
        spans=tuple(sorted(spans, key=lambda span: span.start or _LAST)),
        metadata=metadata,
        start=trace.start or min((span.start for span in spans if span.start), default=None),
        end=trace.end or max((time for span in spans if (time := span.end or span.start)), default=None),
        gaps=tuple(gaps),
        content=_content(replace(trace, metadata=metadata), parts, gaps),
    )


def label(text: str) -> str:
    """Give an id or a name without what databases and UTF-8 refuse, at most MAX_LABEL long; equal stays equal."""
    if len(text) <= MAX_LABEL and text.isascii() and "\x00" not in text:
        return text
    clean = text.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    if len(clean) <= MAX_LABEL:
        return clean
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{clean[: MAX_LABEL - len(digest) - 1]}~{digest}"


def fingerprint(value: Json) -> str:
    """Give a short digest of a value, for things that come without an id."""
    return hashlib.sha256(canonical(value) if not too_deep(value) else b"too deep").hexdigest()[:16]


def _labelled(trace: Trace) -> Trace:
    return replace(
        trace,
        id=label(trace.id),
        name=label(trace.name),
        session_id=trace.session_id and label(trace.session_id),
        user=trace.user and label(trace.user),
        environment=trace.environment and label(trace.environment),
        tags=tuple(map(label, trace.tags)),
        spans=tuple(map(_labelled_span, trace.spans)),
        gaps=tuple(gap.model_copy(update={"span": label(gap.span)}) if gap.span else gap for gap in trace.gaps),
    )


def _labelled_span(span: Span) -> Span:
    words = span.id, span.parent_id or "", span.name, span.model or ""
    id_, parent, name, model = map(label, words)
    if (id_, parent, name, model) == words:
        return span
    return replace(span, id=id_, parent_id=span.parent_id and parent, name=name, model=span.model and model)


def _content(trace: Trace, parts: Iterable[bytes], gaps: Iterable[Gap]) -> str:
    head = [trace.name, trace.session_id, trace.user, trace.environment, sorted(trace.tags), dict(trace.metadata)]
    digest = hashlib.sha256(canonical(head))
    for part in sorted(parts):
        digest.update(part)
    for line in sorted(f"{gap.reason}\n{gap.detail}\n{gap.span}\n{gap.pointer}\n{gap.count}" for gap in gaps):
        digest.update(line.encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]


def _measure(span: Span, gaps: list[Gap]) -> tuple[Span, bytes]:
    """Give the span as it may be kept, and its canonical bytes."""
    try:
        return span, orjson.dumps(_fields(span), option=orjson.OPT_SORT_KEYS)
    except TypeError:  # lone surrogates, integers of more than 64 bits, or nested too deeply
        span = _shallow(span, gaps)
        return span, canonical(_fields(span))


def _fields(span: Span) -> list[object]:
    head = [span.id, span.parent_id, span.kind, span.name, span.model, span.start, span.end]
    return [*head, span.input, span.output, dict(span.metadata)]


def _shallow(span: Span, gaps: list[Gap]) -> Span:
    deep = [name for name in ("input", "output", "metadata") if too_deep(getattr(span, name))]
    detail = f"nested in more than {DEPTH} levels"
    gaps.extend(Gap(reason=GapReason.TOO_LARGE, detail=detail, span=span.id, pointer=f"/{name}") for name in deep)
    return replace(
        span,
        input=None if "input" in deep else span.input,
        output=None if "output" in deep else span.output,
        metadata={} if "metadata" in deep else span.metadata,
    )


def stored(value: Json) -> bytes | None:
    """Give a value's JSON, or None where it is nested too deeply to be kept."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return None if too_deep(value) else json.dumps(value).encode()


def canonical(value: object) -> bytes:
    """Give a value's JSON with sorted keys; fit for everything that is not nested too deeply."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return json.dumps(value, sort_keys=True, default=str).encode()
