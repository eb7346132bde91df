"""A finished OpenTelemetry span as the observation that Langfuse makes of it. Pure.

Source: Langfuse's `OtelIngestionProcessor` and `ObservationTypeMapper`. Only what vetting reads is mapped.
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tracevet import Json
from tracevet_langfuse.rows import WHOLE

CUT = 200  # characters that Langfuse leaves of a metadata value
SDK = "langfuse-sdk"  # beginning of the scope of the SDK's own spans

_WHOLE = frozenset(WHOLE.split(","))
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
_ENVIRONMENT = re.compile(r"[a-z0-9_-]{1,40}")
_TAGS = ("langfuse.trace.tags", "langfuse.tags", "tag.tags")
_METADATA = ("langfuse.observation.metadata", "langfuse.trace.metadata")
_TYPES = frozenset(
    {"SPAN", "GENERATION", "EVENT", "EMBEDDING", "AGENT", "TOOL", "CHAIN", "RETRIEVER", "GUARDRAIL", "EVALUATOR"}
)
_OPERATIONS = {
    **dict.fromkeys(("chat", "completion", "text_completion", "generate_content", "generate"), "GENERATION"),
    **dict.fromkeys(("invoke_agent", "create_agent"), "AGENT"),
    "embeddings": "EMBEDDING",
    "execute_tool": "TOOL",
}
_VERCEL = {
    **dict.fromkeys(("ai.generateText.doGenerate", "ai.streamText.doStream"), "GENERATION"),
    **dict.fromkeys(("ai.generateObject.doGenerate", "ai.streamObject.doStream"), "GENERATION"),
    **dict.fromkeys(("ai.embedMany.doEmbed", "ai.embed.doEmbed"), "EMBEDDING"),
    "ai.toolCall": "TOOL",
}
_VERCEL_IN = ("ai.prompt.messages", "ai.prompt", "ai.toolCall.args")
_VERCEL_OUT = ("ai.response.text", "ai.result.text", "ai.toolCall.result", "ai.response.object", "ai.result.object")
_PAIRS = (
    ("traceloop.entity.input", "traceloop.entity.output"),
    ("input.value", "output.value"),
    ("input", "output"),
)
_PREFIXES = ("gen_ai.prompt.", "gen_ai.completion.", "llm.input_messages.", "llm.output_messages.")
_CONTENT = frozenset(
    {key for pair in _PAIRS for key in pair}
    | {*_VERCEL_IN, *_VERCEL_OUT, "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"}
    | {"gen_ai.tool.call.arguments", "gen_ai.tool.call.result", "prompt", "all_messages_events", "final_result"}
    | {"langfuse.observation.input", "langfuse.observation.output"}
)

Attributes = Mapping[str, Any]


def plain(value: Any) -> Any:
    """Give an attribute's value as JSON."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, Sequence) and not isinstance(value, str) else value


def is_root(attributes: Attributes, parent: object) -> bool:
    """Tell whether a span is the root of its trace in this application."""
    marks = ("langfuse.internal.as_root", "langfuse.internal.is_app_root")
    return parent is None or any(str(attributes.get(mark)).lower() == "true" for mark in marks)


def observation(span: Mapping[str, Any]) -> dict[str, Any]:
    """Make the row that observations v2 give of a span, read whole and with the metadata that is asked for."""
    own, resource, parent = span["attributes"], span["resource"], span["parent"]
    asked, answered = _content(own, span["scope"][0], span["events"])
    root = is_root(own, parent)
    environment = str(_first(own, _ENVIRONMENTS) or _first(resource, _ENVIRONMENTS) or "default")
    return {
        "id": span["id"],
        "trace_id": span["trace"],
        "parent_observation_id": parent,
        "is_root_observation": root,
        "start_time": _time(span["start"]),
        "end_time": _time(span["end"]),
        "type": _kind(own),
        "name": _name(own, span["name"]),
        "environment": environment if _ENVIRONMENT.fullmatch(environment) else "default",
        "user_id": str(_first(own, _USERS) or ""),
        "session_id": str(_first(own, _SESSIONS) or ""),
        "trace_name": str(own.get("langfuse.trace.name") or (_name(own, span["name"]) if root else "")),
        "tags": _tags(_first(own, _TAGS)),
        "input": _text(asked),
        "output": _text(answered),
        "model": str(_first(own, _MODELS) or ""),
        "metadata": {key: _cut(key, value) for key, value in _metadata(own, resource, span["scope"])},
    }


def _time(nanoseconds: int | None) -> str | None:
    if not nanoseconds:
        return None
    moment = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=nanoseconds // 1_000_000)
    return moment.isoformat(timespec="milliseconds")


def _name(own: Attributes, name: str) -> str:
    function, operation = own.get("ai.telemetry.functionId"), own.get("ai.operationId")
    return str(_first(own, _NAMES) or (f"{function}:{operation}" if function and operation else name))


def _kind(own: Attributes) -> str:
    said = str(own.get("langfuse.observation.type", "")).upper()
    inference = str(own.get("openinference.span.kind", "")).replace("LLM", "GENERATION")
    vercel = str(own.get("operation.name") or own.get("ai.operationId") or "")
    operation = _OPERATIONS.get(str(own.get("gen_ai.operation.name", ""))) or next(
        (word for prefix, word in _VERCEL.items() if vercel.startswith(prefix)), None
    )
    tool = "TOOL" if own.get("gen_ai.tool.name") or own.get("gen_ai.tool.call.id") else None
    named = next((word for word in (said, inference) if word in _TYPES), None)
    return named or operation or tool or ("GENERATION" if _first(own, _MODELS) else "SPAN")


def _content(own: Attributes, scope: str, events: Sequence[tuple[str, Attributes]]) -> tuple[Any, Any]:
    """Give input and output from the first place that has either."""
    for asked, answered in _places(own, scope, events):
        if asked is not None or answered is not None:
            return asked, answered
    return None, None


def _places(own: Attributes, scope: str, events: Sequence[tuple[str, Attributes]]) -> Iterator[tuple[Any, Any]]:
    yield own.get("langfuse.observation.input"), own.get("langfuse.observation.output")
    if scope == "ai":
        yield _vercel(own)
    yield from (_messages(a) for name, a in events if name == "gen_ai.client.inference.operation.details")
    asked = [{**a, "role": name.split(".")[1]} for name, a in events if re.fullmatch(r"gen_ai\..*\.message", name)]
    choices = [dict(a) for name, a in events if name == "gen_ai.choice"]
    yield asked or None, (choices[0] if len(choices) == 1 else choices or None)
    found = dict(events)
    prompt, completion = found.get("gen_ai.content.prompt", {}), found.get("gen_ai.content.completion", {})
    yield prompt.get("gen_ai.prompt"), completion.get("gen_ai.completion")
    yield from ((own.get(first), own.get(second)) for first, second in _PAIRS)
    yield own.get("prompt") or own.get("all_messages_events"), own.get("final_result")
    prompts = _nested(own, "gen_ai.prompt") or _nested(own, "llm.input_messages")
    yield prompts, _nested(own, "gen_ai.completion") or _nested(own, "llm.output_messages")
    yield _messages(own)
    yield own.get("gen_ai.tool.call.arguments"), own.get("gen_ai.tool.call.result")


def _vercel(own: Attributes) -> tuple[Any, Any]:
    output = _present(own, _VERCEL_OUT)
    if (calls := own.get("ai.response.toolCalls")) is not None:
        output = {"role": "assistant", "content": output, "tool_calls": calls}
    return _present(own, _VERCEL_IN), output


def _messages(own: Attributes) -> tuple[Any, Any]:
    asked, rules = own.get("gen_ai.input.messages"), own.get("gen_ai.system_instructions")
    if asked is not None and rules is not None:
        listed = _parsed(asked)
        asked = [{"role": "system", "content": _parsed(rules)}, *(listed if isinstance(listed, list) else [listed])]
    return asked, own.get("gen_ai.output.messages")


def _nested(own: Attributes, prefix: str) -> list[Any] | None:
    """Turn `prefix.0.role`, `prefix.0.content` back into a list of objects."""
    found: dict[int, dict[str, Any]] = {}
    for key, value in own.items():
        number, dot, rest = key.removeprefix(f"{prefix}.").partition(".")
        if key.startswith(f"{prefix}.") and dot and number.isdecimal():
            found.setdefault(int(number), {})[rest.removeprefix("message.")] = value
    return [found[number] for number in sorted(found)] or None


def _metadata(own: Attributes, resource: Attributes, scope: Sequence[Any]) -> Iterator[tuple[str, Any]]:
    for prefix in reversed(_METADATA):  # the observation's own key wins
        whole = _parsed(own.get(prefix))
        yield from _flat(whole if isinstance(whole, dict) else {})
        dotted = f"{prefix}."
        yield from ((key[len(dotted) :], value) for key, value in own.items() if key.startswith(dotted))
    if not scope[0].startswith(SDK):
        foreign = (key for key in own if not (key.startswith(_PREFIXES) or key in _CONTENT))
        yield from ((f"attributes.{key}", _shown(own[key])) for key in foreign)
    yield from ((f"scope.attributes.{key}", value) for key, value in scope[2].items())
    yield from (("scope.version", scope[1]), ("scope.name", scope[0]))
    yield from ((f"resourceAttributes.{key}", value) for key, value in resource.items())


def _cut(key: str, value: Any) -> Json:
    """Store a metadata value as Langfuse does, cut it as its API does, and read it back."""
    text = value if isinstance(value, str) else _dump(value)
    if text.startswith('"'):  # SDK 5 sends each text as JSON, older ones send it bare
        read = _parsed(text)
        text = read if isinstance(read, str) and _parsed(read) == read else _dump(read)
    cut: Json = _parsed(text if key in _WHOLE else text[:CUT])
    return cut


def _flat(values: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value


def _tags(value: Any) -> list[str]:
    """Sort tags and drop doubles; one text may hold a JSON list or commas."""
    if isinstance(value, str):
        read = _parsed(value)
        value = read if isinstance(read, list) else value.split(",")
    return sorted({str(tag).strip() for tag in value or ()} - {""})


def _first(own: Attributes, keys: Sequence[str]) -> Any:
    return next((own[key] for key in keys if own.get(key) not in (None, "")), None)


def _present(own: Attributes, keys: Sequence[str]) -> Any:
    return next((own[key] for key in keys if own.get(key) is not None), None)


def _shown(value: Any) -> Any:
    return value if isinstance(value, str | list | dict) else _dump(value)


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else _dump(value)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _parsed(value: Any) -> Any:
    if not isinstance(value, str) or value[:1] not in set('{["-0123456789tfn'):
        return value
    try:
        return json.loads(value, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return value


def _refuse(word: str) -> None:
    raise ValueError(word)
