"""Langfuse: the observations of one trace, from the API (v1 and v2) or an export to blob storage."""

from collections.abc import Container, Iterator, Sequence
from datetime import UTC, datetime

from tracevet.model import Gap, GapReason, Json, Span, SpanKind, Trace
from tracevet.records.seal import fingerprint, seal
from tracevet.records.values import Row, decode, pick, sequence, text, when

TRUNCATED = "[TRUNCATED: Field exceeded size limit]"
MEDIA = "@@@langfuseMedia:"
INTERNAL = "langfuse-"  # environments of Langfuse's own evaluators

_KINDS = {"GENERATION": SpanKind.GENERATION, "TOOL": SpanKind.TOOL, "AGENT": SpanKind.AGENT}
_ROOTS = frozenset({"SPAN", "CHAIN"})  # say nothing of what the root of a trace is
_NEVER = datetime.min.replace(tzinfo=UTC)


def trace(rows: Sequence[Row], *, platform: str = "langfuse", parent: Row | None = None) -> Trace:
    """Make one trace of the observations of ONE trace, in any order, repeated or not.

    `parent` is the trace's own record where there is one (v1 API, `traces/` of an export); its nested
    `observations` are read like `rows`. Observations of Langfuse's own evaluators are left out.
    """
    head = parent or {}
    nested = [row for row in sequence(pick(head, "observations")) if isinstance(row, dict)]
    kept = [row for row in _newest([*rows, *nested]) if not _internal(row)]
    gaps: list[Gap] = []
    known = {text(row.get("id")) for row in kept}
    spans = [_span(row, _is_root(row, known), gaps) for row in kept]
    spans.extend(_own_span(head, kept))
    gaps.extend(_unlisted(head, kept))
    every = [head, *kept]
    return seal(
        Trace(
            platform=platform,
            id=_first(every[1:], "traceId", "trace_id") or text(head.get("id")) or "",
            spans=tuple(spans),
            name=text(head.get("name")) or _first(kept, "traceName", "trace_name") or (spans[0].name if spans else ""),
            session_id=_first(every, "sessionId", "session_id"),
            user=_first(every, "userId", "user_id"),
            environment=_first(every, "environment"),
            tags=_tags(every),
            metadata=_metadata(head.get("metadata"), unknown=None),
            start=_time(head, gaps, "timestamp") if not any(span.start for span in spans) else None,
            gaps=tuple(gaps),
        )
    )


def _newest(rows: Sequence[Row]) -> list[Row]:
    """Keep the newest row of each observation, roots first, else by id: an order that the input's has no part in."""
    newest: dict[str, Row] = {}
    for row in rows:
        key = text(row.get("id")) or fingerprint(dict(row))
        if key not in newest or _age(row) >= _age(newest[key]):
            newest[key] = row
    return [row for _, row in sorted(newest.items(), key=lambda item: (not _is_root(item[1], newest), item[0]))]


def _age(row: Row) -> datetime:
    return when(pick(row, "updatedAt", "updated_at", "event_ts", "createdAt", "created_at")) or _NEVER


def _is_root(row: Row, known: Container[str | None]) -> bool:
    marked = pick(row, "isRootObservation", "is_root_observation")
    parent = text(pick(row, "parentObservationId", "parent_observation_id"))
    return marked if isinstance(marked, bool) else parent is None or parent not in known


def _internal(row: Row) -> bool:
    return (text(row.get("environment")) or "").startswith(INTERNAL)


def _span(row: Row, root: bool, gaps: list[Gap]) -> Span:
    word = (text(row.get("type")) or "SPAN").upper()
    kind = SpanKind.AGENT if root and word in _ROOTS else _KINDS.get(word, SpanKind.SPAN)
    metadata = _metadata(row.get("metadata"), unknown="metadata")
    if text(row.get("level")) == "ERROR":
        metadata["is_error"] = True  # of a tool: what it was told to do was not done
    span = Span(
        id=text(row.get("id")) or fingerprint(dict(row)),
        parent_id=text(pick(row, "parentObservationId", "parent_observation_id")),
        kind=kind,
        name=text(row.get("name")) or "",
        start=_time(row, gaps, "startTime", "start_time"),
        end=_time(row, gaps, "endTime", "end_time"),
        input=row.get("input"),
        output=row.get("output"),
        metadata=metadata,
        model=text(pick(row, "model", "providedModelName", "provided_model_name")),
    )
    gaps.extend(_missing(span))
    return span


def _own_span(head: Row, rows: Sequence[Row]) -> Iterator[Span]:
    """Give the trace's own input and output a span, unless an observation shows the same."""
    shown = [decode(row.get(key)) for row in rows for key in ("input", "output")]
    own = [value for key in ("input", "output") if (value := head.get(key)) is not None]
    if not _internal(head) and any(decode(value) not in shown for value in own):
        yield Span(
            id=text(head.get("id")) or "",
            kind=SpanKind.AGENT,
            name=text(head.get("name")) or "",
            start=when(pick(head, "timestamp", "createdAt", "created_at")),
            input=head.get("input"),
            output=head.get("output"),
        )


def _unlisted(head: Row, rows: Sequence[Row]) -> Iterator[Gap]:
    """Find observations that the trace only names: lists of traces come with ids in their place."""
    known = {text(row.get("id")) for row in rows}
    listed = [entry for entry in sequence(pick(head, "observations")) if isinstance(entry, str)]
    missing = sum(entry not in known for entry in listed)
    if missing:
        detail = "observations of which the export holds only the ids"
        yield Gap(reason=GapReason.NOT_RECORDED, detail=detail, count=missing)


def _missing(span: Span) -> Iterator[Gap]:
    """Find what Langfuse cut off or keeps elsewhere, once for each place."""
    for name, value in (("input", span.input), ("output", span.output), ("metadata", dict(span.metadata))):
        for pointer, string in _strings(f"/{name}", value):
            if TRUNCATED in string[-200:]:
                detail = "cut off by Langfuse: the field exceeded its size limit"
                yield Gap(reason=GapReason.TRUNCATED, detail=detail, span=span.id, pointer=pointer)
            if MEDIA in string:
                detail, count = "attachments are kept as media, outside the trace", string.count(MEDIA)
                yield Gap(reason=GapReason.NOT_RECORDED, detail=detail, span=span.id, pointer=pointer, count=count)


def _strings(pointer: str, value: Json) -> Iterator[tuple[str, str]]:
    stack = [(pointer, value)]
    while stack:
        where, item = stack.pop()
        if isinstance(item, str):
            yield where, item
        elif isinstance(item, dict):
            stack.extend((f"{where}/{key.replace('~', '~0').replace('/', '~1')}", item[key]) for key in reversed(item))
        elif isinstance(item, list):
            stack.extend((f"{where}/{index}", item[index]) for index in reversed(range(len(item))))


def _metadata(value: Json, *, unknown: str | None) -> dict[str, Json]:
    """Give metadata as an object, dotted keys as they are; `unknown` is the key for what is no object."""
    found = decode(value)
    if not isinstance(found, dict):
        return {} if found is None or found == "" else {unknown or "metadata": found}
    return {key: decode(item) for key, item in found.items()}


def _time(row: Row, gaps: list[Gap], *keys: str) -> datetime | None:
    value = pick(row, *keys)
    time = when(value)
    if time is None and value not in (None, ""):
        gaps.append(Gap(reason=GapReason.MALFORMED, detail=f"{keys[0]} is no date", span=text(row.get("id"))))
    return time


def _first(rows: Sequence[Row], *keys: str) -> str | None:
    return next((found for row in rows if (found := text(pick(row, *keys)))), None)


def _tags(rows: Sequence[Row]) -> tuple[str, ...]:
    tags = (tag for row in rows for tag in sequence(decode(row.get("tags"))))
    return tuple(dict.fromkeys(tag for tag in tags if isinstance(tag, str)))
