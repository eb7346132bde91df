"""Tell by its content what a row is: whose transcript it belongs to, or which platform exported it."""

from collections.abc import Iterator
from enum import StrEnum

from tracevet.model import Json
from tracevet.records import claude_code, codex
from tracevet.records.values import Row, text

PAGES = ("data", "items", "runs", "traces")  # keys under which APIs list what they return

_OBSERVATIONS = frozenset(
    {
        *("SPAN", "EVENT", "GENERATION", "AGENT", "TOOL", "CHAIN"),
        *("RETRIEVER", "EVALUATOR", "EMBEDDING", "GUARDRAIL"),
    }
)
_TRACE_KEYS = frozenset({"userId", "user_id", "sessionId", "session_id", "htmlPath", "bookmarked", "public", "tags"})
_CLAUDE_KEYS = frozenset({"sessionId", "uuid", "parentUuid", "leafUuid", "messageId"})
_LEVELS = 3  # of pages in lists in pages


class Shape(StrEnum):
    """What a row is."""

    CLAUDE_CODE = "claude-code"
    CODEX = "codex"
    OBSERVATION = "langfuse-observation"
    TRACE = "langfuse-trace"
    RUN = "langsmith"


TRANSCRIPTS = frozenset({Shape.CLAUDE_CODE, Shape.CODEX})


def shape(row: Json) -> Shape | None:
    """Tell what a row is; None: nothing that is read here."""
    if not isinstance(row, dict):
        return None
    tests = (
        (Shape.RUN, _run),
        (Shape.OBSERVATION, _observation),
        (Shape.CODEX, _codex),
        (Shape.CLAUDE_CODE, _claude_code),
        (Shape.TRACE, _trace),
    )
    return next((found for found, test in tests if test(row)), None)


def unpack(value: Json, levels: int = _LEVELS) -> Iterator[Json]:
    """Yield the rows in a value: itself, or what stands in it when it is a list or a page of an API."""
    if isinstance(value, list) and levels:
        for item in value:
            yield from unpack(item, levels - 1)
    elif isinstance(value, dict) and levels and (page := page_key(value)) and shape(value) is None:
        yield from unpack(value[page], levels - 1)
    else:
        yield value


def page_key(row: Row) -> str | None:
    """Find the key under which a page lists its rows."""
    return next((key for key in PAGES if isinstance(row.get(key), list)), None)


def _run(row: Row) -> bool:
    return "run_type" in row and any(key in row for key in ("trace_id", "dotted_order", "id"))


def _observation(row: Row) -> bool:
    named = any(isinstance(row.get(key), str) for key in ("traceId", "trace_id"))
    kind = text(row.get("type"))
    timed = "startTime" in row or "start_time" in row
    return named and (timed or (kind is not None and kind.upper() in _OBSERVATIONS))


def _trace(row: Row) -> bool:
    if not isinstance(row.get("id"), str) or "traceId" in row or "trace_id" in row:
        return False
    return isinstance(row.get("observations"), list) or ("timestamp" in row and not _TRACE_KEYS.isdisjoint(row))


def _codex(row: Row) -> bool:
    kind = text(row.get("type"))
    if isinstance(row.get("payload"), dict):
        return kind in codex.KINDS
    if kind is None:  # older rollouts begin with their header, and note states
        return "record_type" in row or ("timestamp" in row and ("instructions" in row or "git" in row))
    return kind in codex.ITEMS and not _CLAUDE_KEYS.intersection(row) and "payload" not in row


def _claude_code(row: Row) -> bool:
    return text(row.get("type")) in claude_code.KINDS and not _CLAUDE_KEYS.isdisjoint(row)
