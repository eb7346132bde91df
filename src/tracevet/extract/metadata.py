"""Metadata of a span: keys found flat or nested, and the keys under which integrations hide content."""

from collections.abc import Container, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache

from tracevet.extract.walk import Node
from tracevet.model import Json

VALUE_CAP = 200  # characters to which Langfuse's list of observations cuts metadata values

TOOL_NAMES = (
    *("tool_name", "gen_ai.tool.name", "cursor.tool_name", "codex.tool_name", "claude.tool_name", "ls_tool_name"),
    *("ai.toolCall.name", "tool.name", "tool"),
)
CALL_IDS = (
    *("tool_use_id", "tool_id", "gen_ai.tool.call.id", "gen_ai.tool.call_id", "cursor.tool_use_id", "codex.call_id"),
    *("claude.tool_id", "callID", "call_id", "tool_call_id", "ai.toolCall.id"),
)


class Payload(StrEnum):
    """What a metadata value holds."""

    PROMPT = "prompt"
    ANSWER = "answer"
    THOUGHT = "thought"
    COMMAND = "command"
    ARGUMENTS = "arguments"
    RESULT = "result"
    INPUT = "input"  # messages sent to the model
    OUTPUT = "output"  # messages it gave back
    CONTEXT = "context"


PAYLOADS: Mapping[str, Payload] = {
    "user_prompt": Payload.PROMPT,
    "copilot_chat.user_request": Payload.PROMPT,
    "attributes.prompt": Payload.PROMPT,
    "attributes.response": Payload.ANSWER,
    "ai.response.text": Payload.ANSWER,
    "thinking": Payload.THOUGHT,
    "full_command": Payload.COMMAND,
    "cursor.edits": Payload.ARGUMENTS,
    "gen_ai.tool.call.arguments": Payload.ARGUMENTS,
    "ai.toolCall.args": Payload.ARGUMENTS,
    "tool_input": Payload.ARGUMENTS,
    "tool_parameters": Payload.ARGUMENTS,
    "attributes.arguments": Payload.ARGUMENTS,
    "gen_ai.tool.call.result": Payload.RESULT,
    "ai.toolCall.result": Payload.RESULT,
    "attributes.output": Payload.RESULT,
    "gen_ai.input.messages": Payload.INPUT,
    "input.value": Payload.INPUT,
    "ai.prompt.messages": Payload.INPUT,
    "traceloop.entity.input": Payload.INPUT,
    "gen_ai.output.messages": Payload.OUTPUT,
    "output.value": Payload.OUTPUT,
    "ai.response.toolCalls": Payload.OUTPUT,
    "traceloop.entity.output": Payload.OUTPUT,
    "gen_ai.system_instructions": Payload.CONTEXT,
    "user_instructions": Payload.CONTEXT,
    "developer_instructions": Payload.CONTEXT,
}

_PREFIXES = frozenset(
    prefix for key in (*PAYLOADS, "attributes.") for prefix in (key[:at] for at in range(len(key)) if key[at] == ".")
)


def find(metadata: Mapping[str, Json], *keys: str) -> tuple[str, Json] | None:
    """Give the first of the dotted keys that is there with a value, and its spelling: flat, nested, or an attribute."""
    for key in keys if metadata else ():
        if metadata.keys().isdisjoint(_heads(key)):
            continue
        for spelling in (key, f"attributes.{key}"):
            value = _at(metadata, spelling)
            if value is not None:
                return spelling, value
    return None


def may_hold(names: Container[str], key: str) -> bool:
    """Tell whether objects whose top-level names are these can hold the dotted key, in any spelling."""
    return any(head in names for head in _heads(key))


@lru_cache(maxsize=1024)
def _heads(key: str) -> tuple[str, ...]:
    """Give every top-level name under which the key can begin."""
    spellings = (key, f"attributes.{key}")
    return tuple(
        dict.fromkeys(
            spelling[:at]
            for spelling in spellings
            for at in (*(at for at, letter in enumerate(spelling) if letter == "."), len(spelling))
        )
    )


def word(metadata: Mapping[str, Json], *keys: str) -> str | None:
    """Give the first of the dotted keys' values that is a string with something in it."""
    for key in keys:
        found = find(metadata, key)
        if found and isinstance(found[1], str) and found[1].strip():
            return found[1]
    return None


def payloads(node: Node) -> Iterator[tuple[Payload | None, Node]]:
    """Yield the metadata values that hold content, and, as None, the strings under keys that nobody knows."""
    yield from _payloads(node, "")


def _payloads(node: Node, prefix: str) -> Iterator[tuple[Payload | None, Node]]:
    fields = node.value if isinstance(node.value, dict) else {}
    for key in fields:
        name = prefix + key[:100]
        payload = PAYLOADS.get(name) or PAYLOADS.get(name.removeprefix("attributes."))
        child = node.child(key)
        if payload is not None:
            yield payload, child
        elif isinstance(child.value, str):
            yield None, child
        elif isinstance(child.value, dict) and (name in _PREFIXES or name.removeprefix("attributes.") in _PREFIXES):
            yield from _payloads(child, name + ".")


def _at(holder: Mapping[str, Json], key: str) -> Json:
    if key in holder:
        return holder[key]
    at = key.find(".")
    while at >= 0:
        inner = holder.get(key[:at])
        found = _at(inner, key[at + 1 :]) if isinstance(inner, dict) else None
        if found is not None:
            return found
        at = key.find(".", at + 1)
    return None
