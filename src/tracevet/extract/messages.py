"""The formats in which calls of a model are recorded: one table, first match wins."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from tracevet.extract import flat, walk
from tracevet.extract.message import ROLES, Cut, Message, Part, Result, Role, Text, Thought, Unread, role_of
from tracevet.extract.parts import CALL_IDS, NAMES, PARTS, call, parts, result
from tracevet.extract.walk import Node
from tracevet.model import Json

Fields: TypeAlias = dict[str, Json]
Lists: TypeAlias = Callable[[Node, Role], Iterator[Message]]

_BODY = ("content", "parts", "text", "refusal", "output_text")
_THOUGHTS = ("reasoning", "reasoning_content", "thinking")
_CALLLISTS = ("tool_calls", "toolCalls", "invalid_tool_calls", "toolInvocations")
_INSTRUCTIONS = ("system", "instructions", "system_instruction", "systemInstruction", "system_prompt")
LISTS = ("messages", "contents", "input_messages", "output_messages")
_ITEMS = ("functionCall", "functionResponse", "toolUse", "toolResult", "executableCode", "codeExecutionResult")
_WRAPPERS = ("message", "output", "outputs", "input", "inputs", "response", "completion", "prompt", "generated_text")


@dataclass(frozen=True, slots=True)
class Format:
    """One format: how to recognise it, and how to read it."""

    name: str
    fits: Callable[[Fields], bool]
    read: Callable[[Node, Role, Lists], Iterator[Message]]


def every(node: Node, role: Role) -> Iterator[Message]:
    """Yield every message of a list."""
    for index in range(len(node.value) if isinstance(node.value, list) else 0):
        yield from messages(node.child(index), role)


def messages(node: Node, role: Role, lists: Lists = every) -> Iterator[Message]:
    """Yield the messages in a value, oldest first.

    `role` is for texts that come without one. `lists` reads each list that may be a history. What is in none of the
    formats comes as a message with an Unread part, JSON that was cut off with a Cut part.
    """
    node, cut = walk.opened(node)
    value = node.value
    if cut or (isinstance(value, str) and walk.is_stump(value)):
        yield Message(role, (Cut(node),))
    if isinstance(value, str):
        yield Message(role, (Text(node),))
    elif isinstance(value, dict | list) and value and node.too_deep:
        yield Message(role, (Unread(node),))
    elif isinstance(value, list):
        yield from lists(node, role)
    elif isinstance(value, dict) and value:
        form = next((form for form in FORMATS if form.fits(value)), None)
        yield from form.read(node, role, lists) if form else [Message(role, (Unread(node),))]


def _parts_of(node: Node, role: Role) -> Iterator[Part]:
    fields = node.value if isinstance(node.value, dict) else {}
    for key in _THOUGHTS:
        if key in fields:
            yield from (Thought(part.node) if isinstance(part, Text) else part for part in parts(node.child(key)))
    said = [part for key in _BODY if key in fields for part in parts(node.child(key))]
    if role is Role.TOOL:
        found = None if said else node.get("output", "result", "response")
        said = [_as_result(part, node) for part in (said or ([Text(found)] if found else []))]
    yield from said
    yield from _calls_of(node)
    yield from _results_of(node)


def _as_result(part: Part, node: Node) -> Part:
    """Take what a tool's message says for the tool's result."""
    if isinstance(part, Text | Unread):
        return Result(node.text(*NAMES) or "", node.text(*CALL_IDS), part.node)
    return part


def _calls_of(node: Node) -> Iterator[Part]:
    for source in (node, node.get("additional_kwargs")):
        fields = source.value if source and isinstance(source.value, dict) else {}
        for key in _CALLLISTS:
            if source and key in fields and fields[key]:
                yield from _listed(source.child(key))
        if source and isinstance(fields.get("function_call"), dict):
            yield call(source.child("function_call"))


def _listed(node: Node) -> Iterator[Part]:
    node, cut = walk.opened(node)
    if cut:
        yield Cut(node)
    items = node.children() if isinstance(node.value, list) else iter((node,))
    for item in items:
        yield call(item) if isinstance(item.value, dict) else Unread(item)


def _results_of(node: Node) -> Iterator[Part]:
    listed = node.get("tool_results")
    for item in listed.children() if listed else ():
        found = result(item)
        if found is not None:
            yield found


def _message(node: Node, role: Role, lists: Lists) -> Iterator[Message]:
    fields = node.value if isinstance(node.value, dict) else {}
    role = role_of(fields.get("role", fields.get("type")), role)
    yield Message(role, tuple(_parts_of(node, role)))


def _langchain(node: Node, role: Role, lists: Lists) -> Iterator[Message]:
    inner = node.get("kwargs", "data")
    kind = node.get("id")
    if inner is not None:
        fields = inner.value if isinstance(inner.value, dict) else {}
        last = kind.value[-1] if kind and isinstance(kind.value, list) and kind.value else None
        role = role_of(last, role_of(fields.get("type"), role_of(node.text("type"), role)))
        yield Message(role, tuple(_parts_of(inner, role)))


def _choices(node: Node, role: Role, lists: Lists) -> Iterator[Message]:
    listed = node.get("choices")
    for choice in listed.children() if listed else ():
        inner = choice.get("message", "delta", "text")
        if inner is not None:
            yield from messages(inner, Role.ASSISTANT)


def _generations(node: Node, role: Role, lists: Lists) -> Iterator[Message]:
    listed = node.get("generations")
    if listed is not None:
        yield from messages(listed, Role.ASSISTANT)


def _generation(node: Node, role: Role, lists: Lists) -> Iterator[Message]:
    inner = node.get("message")
    if inner is not None:
        yield from messages(inner, Role.ASSISTANT)


def _payload(node: Node, role: Role, lists: Lists) -> Iterator[Message]:
    yield from _conversation(node, role, lists)
    answer = node.get("response")
    if answer is not None:
        yield from messages(answer, Role.ASSISTANT)


def _conversation(node: Node, role: Role, lists: Lists) -> Iterator[Message]:
    yield from _instructions(node)
    prompt = node.get("prompt")
    if prompt is not None:
        yield from messages(prompt, Role.USER)
    for key in LISTS:
        listed = node.get(key)
        if listed is not None:
            yield from messages(listed, role, lists)


def _candidates(node: Node, role: Role, lists: Lists) -> Iterator[Message]:
    listed = node.get("candidates")
    for candidate in listed.children() if listed else ():
        inner = candidate.get("content")
        if inner is not None:
            yield from messages(inner, Role.ASSISTANT)


def _item(node: Node, role: Role, lists: Lists) -> Iterator[Message]:
    yield Message(role, tuple(parts(node)))


def _tool_result(node: Node, role: Role, lists: Lists) -> Iterator[Message]:
    found = result(node)
    yield Message(Role.TOOL, (found,) if found else ())


def _bare(node: Node, role: Role, lists: Lists) -> Iterator[Message]:
    yield Message(role, tuple(_parts_of(node, role)))


def _wrapped(node: Node, role: Role, lists: Lists) -> Iterator[Message]:
    yield from _instructions(node)
    for child in node.children():
        key = child.pointer.rpartition("/")[2]
        if key in _WRAPPERS and child.value is not None:
            yield from messages(child, role, lists)
        elif isinstance(child.value, str) and "\n" in child.value and key not in _INSTRUCTIONS:
            yield Message(role, (Unread(child),))


def _instructions(node: Node) -> Iterator[Message]:
    for key in _INSTRUCTIONS:
        found = node.get(key)
        if found is not None:
            yield Message(Role.SYSTEM, tuple(parts(found)))


def _flattened(node: Node, role: Role, lists: Lists) -> Iterator[Message]:
    yield from flat.messages(node, outputs=role is Role.ASSISTANT)


def _has(*keys: str) -> Callable[[Fields], bool]:
    def fits(fields: Fields) -> bool:
        return any(fields[key] not in (None, "", []) for key in keys if key in fields)

    return fits


def _has_list(*keys: str) -> Callable[[Fields], bool]:
    def fits(fields: Fields) -> bool:
        return any(isinstance(fields[key], list) for key in keys if key in fields)

    return fits


def _is_langchain(fields: Fields) -> bool:
    if "lc" in fields:
        return isinstance(fields.get("kwargs"), dict)
    return "data" in fields and isinstance(fields["data"], dict) and role_of(fields.get("type"), None) is not None


def _is_payload(fields: Fields) -> bool:
    return "messages" in fields and "response" in fields and ("litellm_call_id" in fields or "call_type" in fields)


def _is_message(fields: Fields) -> bool:
    if isinstance(fields.get("role"), str):
        return True
    kind = fields.get("type")
    return isinstance(kind, str) and kind.lower() in ROLES and "content" in fields


def _is_item(fields: Fields) -> bool:
    kind = fields.get("type")
    return (isinstance(kind, str) and kind in PARTS) or any(isinstance(fields.get(key), dict) for key in _ITEMS)


def _is_result(fields: Fields) -> bool:
    return "output" in fields and isinstance(fields.get("name", fields.get("tool_use_id")), str)


FORMATS: tuple[Format, ...] = (
    Format("LangChain constructor or dumped message", _is_langchain, _langchain),
    Format("OpenAI chat completion", _has_list("choices"), _choices),
    Format("LangChain result", _has_list("generations"), _generations),
    Format("LangChain generation", lambda fields: "generation_info" in fields and "message" in fields, _generation),
    Format("LiteLLM logging payload", _is_payload, _payload),
    Format("message with a role: OpenAI, Anthropic, OTel GenAI, Gemini, plugins", _is_message, _message),
    Format("Gemini response", _has_list("candidates"), _candidates),
    Format("request with a list of messages", _has(*LISTS), _conversation),
    Format("Responses item, or a part without its message", _is_item, _item),
    Format("tool result by name: the Codex plugin for Langfuse", _is_result, _tool_result),
    Format("message without a role: plugins' outputs", _has(*_BODY, *_THOUGHTS, *_CALLLISTS), _bare),
    Format("messages flattened into keys: OpenInference, traceloop", flat.fits, _flattened),
    Format("value in a wrapper: Responses, prompt templates, plain functions", _has(*_WRAPPERS), _wrapped),
)
