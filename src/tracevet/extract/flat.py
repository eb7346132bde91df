"""Messages flattened into attributes: OpenInference's `llm.input_messages.0.…`, traceloop's `gen_ai.prompt.0.…`."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from tracevet.extract.message import Call, Message, Part, Result, Role, Text, role_of
from tracevet.extract.walk import Node
from tracevet.model import Json

_KEY = re.compile(
    r"(?:attributes\.)?(?:llm\.(?P<llm>input|output)_messages|gen_ai\.(?P<gen>prompt|completion))"
    r"\.(?P<index>\d{1,6})\.(?:message\.)?(?P<rest>.+)",
    re.DOTALL,
)
_CALL = re.compile(r"tool_calls\.(\d{1,6})\.(?:tool_call\.)?(?:function\.)?(name|arguments|id)")
_TEXT = re.compile(r"content|contents\.\d{1,6}\.message_content\.text")


def fits(fields: Mapping[str, Json]) -> bool:
    """Tell whether there are flattened messages among an object's keys."""
    return any(_KEY.fullmatch(key) for key in fields if "." in key)


def messages(node: Node, *, outputs: bool) -> Iterator[Message]:
    """Yield the messages flattened into an object's keys: those sent to the model, or those it gave back."""
    found: dict[int, dict[str, Node]] = defaultdict(dict)
    for holder in (node, node.get("attributes")):
        keys = holder.value if holder and isinstance(holder.value, dict) else {}
        for key in keys:
            match = _KEY.fullmatch(key) if "." in key else None
            if holder and match and (match["llm"] == "output" or match["gen"] == "completion") is outputs:
                found[int(match["index"])].setdefault(match["rest"], holder.child(key))
    for index in sorted(found):
        yield _message(found[index], Role.ASSISTANT if outputs else Role.USER)


def _message(fields: Mapping[str, Node], role: Role) -> Message:
    role = role_of(fields["role"].value if "role" in fields else None, role)
    texts = [node for key, node in fields.items() if _TEXT.fullmatch(key)]
    if role is Role.TOOL:
        name, call = _word(fields.get("name")), _word(fields.get("tool_call_id")) or None
        return Message(role, tuple(Result(name, call, node) for node in texts))
    return Message(role, (*map(Text, texts), *_calls(fields)))


def _calls(fields: Mapping[str, Node]) -> Iterator[Part]:
    calls: dict[int, dict[str, Node]] = defaultdict(dict)
    for key, node in fields.items():
        match = _CALL.fullmatch(key)
        if match:
            calls[int(match[1])][match[2]] = node
        elif key in ("function_call.name", "function_call_name"):
            calls[-1]["name"] = node
        elif key in ("function_call.arguments", "function_call_arguments_json"):
            calls[-1]["arguments"] = node
    for index in sorted(calls):
        call = calls[index]
        yield Call(
            _word(call.get("name")), _word(call.get("id")) or None, call.get("arguments"), next(iter(call.values()))
        )


def _word(node: Node | None) -> str:
    return node.value if node and isinstance(node.value, str) else ""
