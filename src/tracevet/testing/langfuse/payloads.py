"""Where the input and output of a span are found; the first place that has either of them decides."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from tracevet.testing.langfuse.otlp import OtelSpan

Pair = tuple[Any, Any]
_NONE: Pair = (None, None)
_DETAILS = "gen_ai.client.inference.operation.details"
_VERCEL_INPUT = ("ai.prompt.messages", "ai.prompt", "ai.toolCall.args")
_VERCEL_OUTPUT = ("ai.response.text", "ai.result.text", "ai.toolCall.result", "ai.response.object", "ai.result.object")
_PAIRS = (
    ("traceloop.entity.input", "traceloop.entity.output"),
    ("input.value", "output.value"),
    ("input", "output"),
)


def payloads(span: OtelSpan) -> Pair:
    """Give input and output as texts, or None."""
    for source in _SOURCES:
        found = source(span)
        if found != _NONE:
            return _text(found[0]), _text(found[1])
    return _NONE


def is_payload(key: str) -> bool:
    """Say whether an attribute is part of input or output, and so no metadata."""
    return key.startswith(_PREFIXES) or key in _KEYS


def _langfuse(span: OtelSpan) -> Pair:
    return _first(span, ("langfuse.observation.input",)), _first(span, ("langfuse.observation.output",))


def _vercel(span: OtelSpan) -> Pair:
    if span.scope_name != "ai":
        return _NONE
    output = _first(span, _VERCEL_OUTPUT)
    calls = span.attributes.get("ai.response.toolCalls")
    if calls is not None:
        output = {"role": "assistant", "content": output, "tool_calls": calls}
    return _first(span, _VERCEL_INPUT), output


def _details(span: OtelSpan) -> Pair:
    return next((_messages(attributes) for name, attributes in span.events if name == _DETAILS), _NONE)


def _message_events(span: OtelSpan) -> Pair:
    asked = [{**attributes, "role": name.split(".")[1]} for name, attributes in span.events if _is_message(name)]
    answers = [dict(attributes) for name, attributes in span.events if name == "gen_ai.choice"]
    return asked or None, (answers[0] if len(answers) == 1 else answers or None)


def _content_events(span: OtelSpan) -> Pair:
    found = dict(span.events)
    asked, answered = found.get("gen_ai.content.prompt"), found.get("gen_ai.content.completion")
    return asked and asked.get("gen_ai.prompt"), answered and answered.get("gen_ai.completion")


def _pairs(span: OtelSpan) -> Pair:
    found = ((span.attributes.get(asked), span.attributes.get(answered)) for asked, answered in _PAIRS)
    return next((pair for pair in found if pair != _NONE), _NONE)


def _pydantic(span: OtelSpan) -> Pair:
    return span.attributes.get("prompt") or span.attributes.get("all_messages_events"), span.attributes.get(
        "final_result"
    )


def _numbered(span: OtelSpan) -> Pair:
    prompt = _nested(span.attributes, "gen_ai.prompt") or _nested(span.attributes, "llm.input_messages")
    return prompt, _nested(span.attributes, "gen_ai.completion") or _nested(span.attributes, "llm.output_messages")


def _messages_attributes(span: OtelSpan) -> Pair:
    return _messages(span.attributes)


def _tool(span: OtelSpan) -> Pair:
    return _first(span, ("gen_ai.tool.call.arguments",)), _first(span, ("gen_ai.tool.call.result",))


_SOURCES: Sequence[Callable[[OtelSpan], Pair]] = (
    *(_langfuse, _vercel, _details, _message_events, _content_events, _pairs, _pydantic),
    *(_numbered, _messages_attributes, _tool),
)
_PREFIXES = ("gen_ai.prompt.", "gen_ai.completion.", "llm.input_messages.", "llm.output_messages.")
_KEYS = frozenset(
    {key for pair in _PAIRS for key in pair}
    | {*_VERCEL_INPUT, *_VERCEL_OUTPUT, "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"}
    | {"gen_ai.tool.call.arguments", "gen_ai.tool.call.result", "prompt", "all_messages_events", "final_result"}
    | {"langfuse.observation.input", "langfuse.observation.output"}
)


def _messages(attributes: Mapping[str, Any]) -> Pair:
    asked, rules = attributes.get("gen_ai.input.messages"), attributes.get("gen_ai.system_instructions")
    if asked is not None and rules is not None:
        listed = _json(asked)
        asked = [{"role": "system", "content": _json(rules)}, *(listed if isinstance(listed, list) else [listed])]
    return asked, attributes.get("gen_ai.output.messages")


def _is_message(name: str) -> bool:
    return name.startswith("gen_ai.") and name.endswith(".message")


def _first(span: OtelSpan, keys: Sequence[str]) -> Any:
    return next((span.attributes[key] for key in keys if span.attributes.get(key) is not None), None)


def _nested(attributes: Mapping[str, Any], prefix: str) -> list[Any] | None:
    """Turn `prefix.0.role`, `prefix.0.content` back into a list of objects."""
    found: dict[int, dict[str, Any]] = {}
    for key, value in attributes.items():
        number, dot, rest = key.removeprefix(f"{prefix}.").partition(".")
        if key.startswith(f"{prefix}.") and dot and number.isdecimal():
            found.setdefault(int(number), {})[rest.removeprefix("message.")] = value
    return [found[number] for number in sorted(found)] or None


def _json(value: Any) -> Any:
    try:
        return orjson.loads(value) if isinstance(value, str) else value
    except orjson.JSONDecodeError:
        return value


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else orjson.dumps(value).decode()
