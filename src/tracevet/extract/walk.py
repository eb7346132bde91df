"""Values of a span, each with the pointer that leads to it, also through strings that hold JSON."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from tracevet.extract import lenient
from tracevet.model import Json, Span

MAX_TEXT = 2_000_000  # characters of one text that are read
MAX_JSON = 32_000_000  # characters of one string of JSON that are read: it may hold a whole session
MAX_DEPTH = 64  # containers in each other, JSON in strings included
MAX_POINTER = 2_000  # characters: long keys around many values must not multiply
MAX_LAYERS = 3  # strings of JSON in strings of JSON

_STUMP = re.compile(r"\[?\s*\{\s*(?:\"[^\"\\\n]{0,200}\"?\s*:?\s*(?:[\[{\s]*|[-+.\w]{0,40}))?")

_WHOLE = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class Node:
    """A value and the JSON pointer (RFC 6901) from the span's root object to it."""

    value: Json
    pointer: str
    depth: int = 0

    @property
    def too_deep(self) -> bool:
        """Tell whether nothing below this node is read."""
        return self.depth >= MAX_DEPTH or len(self.pointer) > MAX_POINTER

    def child(self, key: str | int) -> "Node":
        """Give the value under a key or index that is there."""
        value = self.value[key]  # type: ignore[index]  # the caller knows the container
        return Node(value, f"{self.pointer}/{escape(str(key))}", self.depth + 1)

    def get(self, *keys: str) -> "Node | None":
        """Give the value of the first of the keys that is there and not null."""
        fields = self.value if isinstance(self.value, dict) else {}
        for key in keys:
            if key in fields and fields[key] is not None:
                return self.child(key)
        return None

    def text(self, *keys: str) -> str | None:
        """Give the first of the keys' values that is a string with something in it."""
        fields = self.value if isinstance(self.value, dict) else {}
        for key in keys:
            if key in fields and fields[key] and isinstance(fields[key], str):
                return str(fields[key])
        return None

    def children(self) -> Iterator["Node"]:
        """Yield the values of a list or object, in their order."""
        if isinstance(self.value, dict):
            yield from (self.child(key) for key in self.value)
        elif isinstance(self.value, list):
            yield from (self.child(index) for index in range(len(self.value)))


@dataclass(frozen=True, slots=True)
class Decoded:
    """The list or object that a string holds, and whether something of it is missing."""

    value: Json
    cut: bool


def escape(key: str) -> str:
    """Write a key as a part of a JSON pointer."""
    return key.replace("~", "~0").replace("/", "~1") if "/" in key or "~" in key else key


def resolve(span: Span, pointer: str) -> Json:
    """Follow the pointer of a snippet or gap to the value it names, through strings that hold JSON.

    Raises:
        LookupError: the pointer leads nowhere.
    """
    value: Json = {"input": span.input, "output": span.output, "metadata": dict(span.metadata)}
    for token in pointer.split("/")[1:]:
        value = _step(value, token.replace("~1", "/").replace("~0", "~"))
    return value


def spoken(value: Json) -> str | None:
    """Give the text that a snippet's pointer stands for: a string, a list of lines that have their line ends, or a list
    of words as a shell would read them.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
        if len(value) > 1 and all(str(line).endswith("\n") for line in value[:-1]):
            return "".join(map(str, value))
        return shlex.join(str(word) for word in value)
    return None


def decode(text: str) -> Decoded | None:
    """Read the list or object in a string, as far as the caps allow; None where it holds none."""
    cut = len(text) > MAX_JSON
    for _ in range(MAX_LAYERS):
        if not (lenient.holds_json(text) or text.startswith('"')):
            return None
        value, missing = lenient.loads(text[:MAX_JSON])
        if missing and _is_prose(text[:MAX_JSON]):
            return None
        cut = cut or missing
        if not isinstance(value, str):
            return _container(value, cut)
        text = value
    return None


def opened(node: Node) -> tuple[Node, bool]:
    """Give the node with the JSON in its string read, and whether some is missing; as it is, where it holds none."""
    decoded = decode(node.value) if isinstance(node.value, str) else None
    if decoded is None:
        return node, False
    return Node(decoded.value, node.pointer, node.depth + 1), decoded.cut


def is_stump(text: str) -> bool:
    """Tell JSON that was cut off before any of its values, so that it can't be told from prose by what it holds."""
    return text.startswith(("{", "[{")) and _STUMP.fullmatch(text) is not None


def _container(value: Json, cut: bool) -> Decoded | None:
    if not isinstance(value, dict | list) or (cut and not value):
        return None
    return Decoded(value, cut)


def _is_prose(text: str) -> bool:
    """Tell a text that goes on after its JSON (`[1] See the docs`) from JSON that was cut off."""
    start = len(text) - len(text.lstrip())
    try:
        _, end = _WHOLE.raw_decode(text, start)
    except (ValueError, RecursionError):
        return False
    rest = text[end:].strip("]} \t\r\n")
    return rest != "" and lenient.truncation(rest) is None


def _step(value: Json, token: str) -> Json:
    if isinstance(value, str):
        decoded = decode(value)
        value = decoded.value if decoded else None
    if isinstance(value, dict):
        return value[token]
    if isinstance(value, list) and token.isdecimal():
        return value[int(token)]
    raise LookupError(f"nothing below a {type(value).__name__} in the pointer")
