"""The parts of a message's content, by their `type`: one table for every vendor."""

from collections.abc import Callable, Iterator, Mapping

from tracevet.extract.message import Call, Media, Part, Result, Text, Thought, Unread
from tracevet.extract.walk import Node
from tracevet.model import Json

CALL_IDS = ("call_id", "tool_call_id", "toolCallId", "tool_use_id", "toolUseId", "callId", "id")
NAMES = ("name", "toolName", "tool_name")
CALLS = ("function", "functionCall", "function_call", "tool_call", "toolUse")
ARGUMENTS = ("arguments", "args", "input", "parameters", "action", "kwargs")
RESULTS = ("content", "output", "result", "response", "outputs", "text")


def parts(node: Node) -> Iterator[Part]:
    """Yield the parts of a content: a string, a part, or a list of them."""
    if isinstance(node.value, str):
        yield Text(node)
    elif isinstance(node.value, dict | list) and node.too_deep:
        yield Unread(node)
    elif isinstance(node.value, list):
        for child in node.children():
            yield from parts(child)
    elif isinstance(node.value, dict):
        kind = node.value.get("type")
        yield from PARTS.get(kind, _untyped)(node) if isinstance(kind, str) else _untyped(node)


def call(node: Node) -> Call:
    """Read a tool call, however deep its name and arguments are wrapped."""
    inner, names, ids = node, node.text(*NAMES), node.text(*CALL_IDS)
    for _ in range(3):
        wrapped = inner.get(*CALLS)
        if wrapped is None or not isinstance(wrapped.value, dict):
            break
        inner = wrapped
        names, ids = inner.text(*NAMES) or names, ids or inner.text(*CALL_IDS)
    return Call(names or "", ids, inner.get(*ARGUMENTS), node)


def result(node: Node, name: str = "", call_id: str | None = None) -> Result | None:
    """Read a tool result; None where it holds nothing."""
    inner = node.get("functionResponse", "function_response", "toolResult") or node
    value = inner.get(*RESULTS)
    if value is None:
        return None
    return Result(inner.text(*NAMES) or name, inner.text(*CALL_IDS) or call_id, value)


def is_media(fields: Mapping[str, Json]) -> bool:
    """Tell whether an object is an image, a sound or a file: its strings are no text."""
    kind = fields.get("type")
    return isinstance(kind, str) and PARTS.get(kind) is _media and not isinstance(fields.get("content"), str)


def _text(node: Node) -> Iterator[Part]:
    found = node.get("text", "content", "value", "refusal", "transcript")
    if found is not None:
        yield from parts(found)


def _thought(node: Node) -> Iterator[Part]:
    found = node.get("thinking", "reasoning", "summary", "content", "text", "reasoning_content")
    if found is not None:
        yield from (Thought(part.node) if isinstance(part, Text) else part for part in parts(found))


def _call(node: Node) -> Iterator[Part]:
    yield call(node)


def _function(node: Node) -> Iterator[Part]:
    inner = node.get("function") or node
    if inner.get("arguments") is not None or inner.get("parameters", "description") is None:
        yield call(node)


def _program(node: Node) -> Iterator[Part]:
    inner = node.get("executableCode", "executable_code") or node
    yield Call("code_interpreter", node.text(*CALL_IDS), inner, node)
    outputs = node.get("outputs")
    if outputs is not None:
        yield Result("code_interpreter", node.text(*CALL_IDS), outputs)


def _result(node: Node) -> Iterator[Part]:
    found = result(node)
    if found is not None:
        yield found


def _media(node: Node) -> Iterator[Part]:
    yield Media(node)


def _nothing(node: Node) -> Iterator[Part]:
    return iter(())


def _untyped(node: Node) -> Iterator[Part]:
    """Tell a part by its keys (Gemini, Bedrock, OpenInference), or say that nobody reads it."""
    value = node.value if isinstance(node.value, dict) else {}
    if value.get("thought") is True:
        yield from _thought(node)
        return
    for key, read in UNTYPED.items():
        if value.get(key) is not None:
            yield from read(node)
            return
    if value:
        yield Unread(node)


def _nested(node: Node) -> Iterator[Part]:
    found = node.get("parts", "content", "message_content", "contents")
    if found is not None:
        yield from parts(found)


PARTS: Mapping[str, Callable[[Node], Iterator[Part]]] = {
    **dict.fromkeys(("text", "input_text", "output_text", "summary_text", "refusal"), _text),
    **dict.fromkeys(("thinking", "reasoning", "reasoning_text", "thought"), _thought),
    **dict.fromkeys(("redacted_thinking", "cache_point", "cachePoint"), _nothing),  # encrypted, for the vendor alone
    **dict.fromkeys(
        (
            *("tool_use", "tool_call", "tool-call", "tool_call_chunk", "function_call", "custom_tool_call"),
            *("server_tool_use", "server_tool_call", "mcp_tool_use", "mcp_call", "local_shell_call", "shell_call"),
            *("computer_call", "apply_patch_call", "web_search_call", "file_search_call"),
        ),
        _call,
    ),
    "function": _function,
    **dict.fromkeys(("code_interpreter_call", "executable_code"), _program),
    **dict.fromkeys(
        (
            *("tool_result", "tool-result", "tool_call_response", "server_tool_call_response", "mcp_tool_result"),
            *("function_call_output", "custom_tool_call_output", "local_shell_call_output", "shell_call_output"),
            *("web_search_tool_result", "code_execution_tool_result", "computer_call_output"),
        ),
        _result,
    ),
    **dict.fromkeys(
        (
            *("image", "image_url", "input_image", "blob", "file", "input_file", "uri", "document", "media"),
            *("audio", "input_audio", "video", "image_generation_call"),
        ),
        _media,
    ),
}

UNTYPED: Mapping[str, Callable[[Node], Iterator[Part]]] = {
    "text": _text,
    **dict.fromkeys(("functionCall", "function_call", "toolUse", "tool_call"), _call),
    **dict.fromkeys(("functionResponse", "function_response", "toolResult"), _result),
    **dict.fromkeys(("executableCode", "executable_code"), _program),
    **dict.fromkeys(("inlineData", "inline_data", "fileData", "file_data", "image"), _media),
    **dict.fromkeys(("codeExecutionResult", "code_execution_result"), _nothing),
    **dict.fromkeys(("reasoningContent", "reasoning"), _thought),
    **dict.fromkeys(("parts", "content", "message_content", "contents"), _nested),
}
