"""LangSmith: the runs of one trace, from the API (v1 and v2) or a bulk export."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from tracevet.model import Gap, GapReason, Json, Span, SpanKind, Trace
from tracevet.records.seal import fingerprint, seal
from tracevet.records.values import Row, decode, mapping, pick, sequence, text, when

_UNFINISHED = datetime.min.replace(tzinfo=UTC)
_KINDS = {"tool": SpanKind.TOOL, "llm": SpanKind.GENERATION}
_THREAD = ("session_id", "conversation_id", "thread_id")  # LangSmith's own order for threads
# What the SDKs put into `extra` beside the metadata; all else there is metadata (LiteLLM writes it so).
_NOT_METADATA = frozenset({"metadata", "runtime", "invocation_params", "options", "batch_size"})
# Content that the server keeps in object storage; the row then holds a link, or nothing.
_ELSEWHERE = (("inputs", "inputs_s3_urls"), ("outputs", "outputs_s3_urls"), ("attachments", "s3_urls"))


def trace(runs: Sequence[Row], *, platform: str = "langsmith") -> Trace:
    """Make one trace of the runs of ONE trace, in any order, repeated or not.

    Of a run that comes more than once the finished record is kept. The runs' field `session_id` is the project;
    the trace's session is the thread named in the metadata.
    """
    kept = _latest(runs)
    gaps: list[Gap] = []
    metadata = [_metadata(run) for run in kept]
    spans = tuple(_span(run, found, gaps) for run, found in zip(kept, metadata, strict=True))
    return seal(
        Trace(
            platform=platform,
            id=next((found for run in kept if (found := text(run.get("trace_id")))), spans[0].id if spans else ""),
            spans=spans,
            name=spans[0].name if spans else "",
            session_id=_thread(kept, metadata),
            url=next((path for run in kept[:1] if (path := _url(run))), None),
            tags=_tags(kept),
            metadata=metadata[0] if metadata else {},
            gaps=tuple(gaps),
        )
    )


def _thread(runs: Sequence[Row], metadata: Sequence[dict[str, Json]]) -> str | None:
    named = next((found for item in metadata if (found := text(pick(item, *_THREAD)))), None)
    return named or next((found for run in runs if (found := text(run.get("thread_id")))), None)


def _latest(runs: Sequence[Row]) -> list[Row]:
    """Keep one row of each run, roots first, else by place in the tree: an order that the input's has no part in."""
    latest: dict[str, Row] = {}
    for run in runs:
        key = text(run.get("id")) or fingerprint(dict(run))
        if key not in latest or _finished(run) >= _finished(latest[key]):
            latest[key] = run
    return [
        run for _, run in sorted(latest.items(), key=lambda item: (not _is_root(item[1]), _order(item[1]), item[0]))
    ]


def _finished(run: Row) -> datetime:
    return when(run.get("end_time")) or _UNFINISHED


def _order(run: Row) -> str:
    return text(run.get("dotted_order")) or ""


def _is_root(run: Row) -> bool:
    marked = run.get("is_root")
    return (
        marked if isinstance(marked, bool) else _parent(run) is None or text(run.get("id")) == text(run.get("trace_id"))
    )


def _parent(run: Row) -> str | None:
    """Give the direct parent; v2 lists all ancestors, the root first."""
    ancestors = [name for name in sequence(decode(run.get("parent_run_ids"))) if text(name)]
    return text(run.get("parent_run_id")) or (text(ancestors[-1]) if ancestors else None)


def _span(run: Row, metadata: dict[str, Json], gaps: list[Gap]) -> Span:
    extra = mapping(decode(run.get("extra")))
    parameters = mapping(extra.get("invocation_params"))
    span = Span(
        id=text(run.get("id")) or fingerprint(dict(run)),
        parent_id=_parent(run),
        kind=_kind(run, metadata),
        name=text(run.get("name")) or "",
        start=_time(run, gaps, "start_time"),
        end=_time(run, gaps, "end_time"),
        input=decode(run.get("inputs")),
        output=decode(run.get("outputs")),
        metadata=metadata,
        model=text(pick(metadata, "ls_model_name")) or text(pick(parameters, "model", "model_name")),
    )
    gaps.extend(_missing(run, span))
    return span


def _kind(run: Row, metadata: dict[str, Json]) -> SpanKind:
    word = (text(run.get("run_type")) or "").lower()
    if word == "chain" and (_is_root(run) or metadata.get("ls_agent_purpose") == "coding"):
        return SpanKind.AGENT
    return _KINDS.get(word, SpanKind.SPAN)


def _metadata(run: Row) -> dict[str, Json]:
    extra = mapping(decode(run.get("extra")))
    named = decode(pick(extra, "metadata")) or decode(pick(run, "metadata"))
    if isinstance(named, dict):
        return named
    return {key: value for key, value in extra.items() if key not in _NOT_METADATA}


def _missing(run: Row, span: Span) -> Iterator[Gap]:
    for name, links in _ELSEWHERE:
        if run.get(name) in (None, {}, "") and decode(run.get(links)) not in (None, {}, [], ""):
            detail = f"{name} are kept in object storage, outside the run"
            pointer = {"inputs": "/input", "outputs": "/output"}.get(name)
            yield Gap(reason=GapReason.NOT_RECORDED, detail=detail, span=span.id, pointer=pointer)
    attached = mapping(decode(run.get("attachments")))
    if attached:
        detail = "attachments are kept in object storage, outside the run"
        yield Gap(reason=GapReason.NOT_RECORDED, detail=detail, span=span.id, count=len(attached))


def _time(run: Row, gaps: list[Gap], key: str) -> datetime | None:
    value = run.get(key)
    time = when(value)
    if time is None and value not in (None, ""):
        gaps.append(Gap(reason=GapReason.MALFORMED, detail=f"{key} is no date", span=text(run.get("id"))))
    return time


def _url(run: Row) -> str | None:
    path = text(run.get("app_path"))
    return path if path and path.startswith(("https://", "http://")) else None


def _tags(runs: Sequence[Row]) -> tuple[str, ...]:
    tags = (tag for run in runs for tag in sequence(decode(run.get("tags"))))
    return tuple(dict.fromkeys(tag for tag in tags if isinstance(tag, str)))
