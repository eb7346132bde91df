"""How Langfuse turns a span into a row: whose it is, what it is called, what is metadata."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

from tracevet.testing.langfuse.answers import Row
from tracevet.testing.langfuse.kinds import kind
from tracevet.testing.langfuse.otlp import OtelSpan
from tracevet.testing.langfuse.payloads import is_payload, payloads
from tracevet.testing.langfuse.stored import BLANK, as_text, from_text
from tracevet.testing.langfuse.times import from_nanoseconds

_ENVIRONMENT = re.compile(r"[a-z0-9_-]{1,40}")
_NAMES = ("gen_ai.tool.name", "ai.toolCall.name")
_USERS = ("langfuse.user.id", "user.id", "langfuse.trace.metadata.langfuse_user_id", "ai.telemetry.metadata.userId")
_SESSIONS = (
    *("langfuse.session.id", "session.id", "gen_ai.conversation.id"),
    *("langfuse.trace.metadata.langfuse_session_id", "ai.telemetry.metadata.sessionId"),
)
_MODELS = (
    *("langfuse.observation.model.name", "gen_ai.response.model", "gen_ai.request.model", "ai.model.id"),
    *("llm.model_name", "model"),
)
_ENVIRONMENTS = ("langfuse.environment", "deployment.environment.name", "deployment.environment")
_TAGS = ("langfuse.trace.tags", "langfuse.tags", "tag.tags")
_METADATA = ("langfuse.observation.metadata", "langfuse.trace.metadata")
_USAGE = {"input": ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt")} | {
    "output": ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion")
}


def to_row(span: OtelSpan, *, project: str, now: str) -> Row:
    """Make the stored row of one span."""
    attributes = span.attributes
    asked, answered = payloads(span)
    root = span.parent_id is None or any(
        _true(attributes, f"langfuse.internal.{key}") for key in ("as_root", "is_app_root")
    )
    return {
        **BLANK,
        **_usage(attributes),
        "id": span.span_id,
        "traceId": span.trace_id,
        "projectId": project,
        "parentObservationId": span.parent_id,
        "isRootObservation": root,
        "startTime": from_nanoseconds(span.start),
        "endTime": from_nanoseconds(span.end) if span.end else None,
        "createdAt": now,
        "updatedAt": now,
        "type": kind(attributes),
        "name": _name(span),
        "level": attributes.get("langfuse.observation.level") or ("ERROR" if span.failed else "DEFAULT"),
        "statusMessage": attributes.get("langfuse.observation.status_message") or span.status_message,
        "version": str(_either(span, ("langfuse.version",)) or ""),
        "release": str(_either(span, ("langfuse.release",)) or ""),
        "environment": _environment(span),
        "public": _true(attributes, "langfuse.trace.public"),
        "userId": str(_first(attributes, _USERS) or ""),
        "sessionId": str(_first(attributes, _SESSIONS) or ""),
        "traceName": str(attributes.get("langfuse.trace.name") or (_name(span) if root else "")),
        "tags": _tags(_first(attributes, _TAGS)),
        "input": asked,
        "output": answered,
        "model": str(_first(attributes, _MODELS) or ""),
        "modelParameters": _object(attributes.get("langfuse.observation.model.parameters")),
        "promptName": attributes.get("langfuse.observation.prompt.name"),
        "promptVersion": attributes.get("langfuse.observation.prompt.version"),
        "metadata": {key: _stored(value) for key, value in _metadata(span)},
    }


def _name(span: OtelSpan) -> str:
    named = _first(span.attributes, _NAMES)
    function, operation = (span.attributes.get(f"ai.{key}") for key in ("telemetry.functionId", "operationId"))
    return str(named or (f"{function}:{operation}" if function and operation else span.name))


def _environment(span: OtelSpan) -> str:
    """Take the span's, then the resource's; Langfuse replaces a name that it refuses."""
    name = str(_either(span, _ENVIRONMENTS) or "default")
    return name if _ENVIRONMENT.fullmatch(name) else "default"


def _usage(attributes: Mapping[str, Any]) -> Row:
    """Count tokens: what the SDK said, else the GenAI attributes; costs are only what was sent."""
    usage = _object(attributes.get("langfuse.observation.usage_details")) or {
        name: value for name, keys in _USAGE.items() if (value := _first(attributes, keys)) is not None
    }
    costs = _object(attributes.get("langfuse.observation.cost_details"))
    if usage:
        usage = {"total": sum(usage.values())} | usage
    return {
        "usageDetails": usage,
        **{f"{name}Usage": usage.get(name, 0) for name in ("input", "output", "total")},
        "costDetails": costs,
        "totalCost": costs.get("total", sum(costs.values())),
    }


def _metadata(span: OtelSpan) -> Iterator[tuple[str, Any]]:
    for prefix in reversed(_METADATA):  # the observation's own key wins
        yield from _flat(_object(span.attributes.get(prefix)))
        dotted = f"{prefix}."
        yield from ((key[len(dotted) :], value) for key, value in span.attributes.items() if key.startswith(dotted))
    if not span.scope_name.startswith("langfuse-sdk"):
        foreign = {key: value for key, value in span.attributes.items() if not is_payload(key)}
        yield from ((f"attributes.{key}", _plain(value)) for key, value in foreign.items())
    yield from ((f"scope.attributes.{key}", value) for key, value in span.scope_attributes.items())
    yield from (("scope.version", span.scope_version), ("scope.name", span.scope_name))
    yield from ((f"resourceAttributes.{key}", value) for key, value in span.resource.items())


def _stored(value: Any) -> str:
    """Write a metadata value; SDK 5 sends each as JSON, older ones send texts bare."""
    if not isinstance(value, str):
        return as_text(value)
    return as_text(from_text(value)) if value.startswith('"') else value


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | list | dict) else orjson.dumps(value).decode()


def _first(attributes: Mapping[str, Any], keys: Sequence[str]) -> Any:
    return next((attributes[key] for key in keys if attributes.get(key) not in (None, "")), None)


def _either(span: OtelSpan, keys: Sequence[str]) -> Any:
    found = _first(span.attributes, keys)
    return _first(span.resource, keys) if found is None else found


def _true(attributes: Mapping[str, Any], key: str) -> bool:
    return str(attributes.get(key)).lower() == "true"


def _tags(value: Any) -> list[str]:
    """Sort tags and drop doubles; one text may hold a JSON list or commas."""
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            value = value.split(",")
    listed = value if isinstance(value, list) else []
    return sorted({str(tag).strip() for tag in listed} - {""})


def _object(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = orjson.loads(value)
        except orjson.JSONDecodeError:
            return {}
    return value if isinstance(value, dict) else {}
