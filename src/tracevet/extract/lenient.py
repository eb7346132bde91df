"""JSON that may have been cut off: everything that can still be read of it.

`jiter`, `json-repair` and `partial-json-parser` were tried; each gives up on nesting, lone surrogates or raw line ends
in strings, or invents values. So: orjson, then the standard library, then a reader without recursion.
"""

import json
import re
from typing import Any

import orjson

from tracevet.model import Json

MAX_DEPTH = 200  # what lies deeper in broken JSON is left out

_MARKER = re.compile(r"(?:…|\.\.\.)?\s?\[(?:output |content |text )?truncated\b[^\[\]\n]{0,100}\]\s*\Z", re.IGNORECASE)
_MARKER_ROOM = 160  # characters; a marker stands in the last of them
_SPACE = " \t\r\n\ufeff"
_TOKEN = re.compile(
    r'[ \t\r\n\ufeff]*(?:(?P<mark>[{}\[\]:,])|"(?P<string>[^"\\]*+(?:\\.[^"\\]*+)*+)(?P<end>"|\\?\Z)'
    r'|(?P<word>[^\s\ufeff{}\[\]:,"]++|.))',
    re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|u[0-9a-fA-F]{0,3}|(.))", re.DOTALL)
_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_MISSING: Any = object()


def loads(text: str) -> tuple[Json, bool]:
    """Read as much of a JSON text as there is, and tell whether something is missing.

    A string that was cut keeps its beginning; a key without a value, a half-written number or escape, and what lies
    deeper than orjson's 1,024 or, in broken JSON, 200 levels are left out, and count as missing. A text without any
    JSON gives (None, True). Where a key comes twice, the last one counts. Linear, without recursion of its own.
    """
    text = text.strip(_SPACE)
    cut = truncation(text)
    if cut is None:
        whole = _strict(text)
        if whole is not _MISSING:
            return whole, False
    value, missing = _Reader().read(text[:cut])
    return value, missing or cut is not None


def holds_json(text: str) -> bool:
    """Tell by a glance whether a text is meant to be a JSON object or list; it may still be broken."""
    head = re.match(r"[\s\ufeff]*(?:\{\s*(?:[\"}]|\Z)|\[\s*(?:[\[{\"\]\d-]|true|false|null|\Z))", text)
    return head is not None


def truncation(text: str) -> int | None:
    """Give the place of the marker by which an integration says that it cut the text there, if it ends in one."""
    start = max(0, len(text) - _MARKER_ROOM)
    found = _MARKER.search(text, start)
    return found.start() if found else None


def _strict(text: str) -> Any:
    try:
        return orjson.loads(text)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        pass  # a lone surrogate, NaN or a raw line end is no reason to give up
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return _MISSING


class _Reader:
    """Reads tokens into values; `stack` holds the open containers, `keys` the keys their next values belong to."""

    def __init__(self) -> None:
        self.root: Any = _MISSING
        self.stack: list[Any] = []
        self.keys: list[str | None] = []
        self.too_deep = 0
        self.missing = False

    def read(self, text: str) -> tuple[Json, bool]:
        position = 0
        while token := _TOKEN.match(text, position):
            position = token.end()
            self._take(token, at_end=position == len(text))
            if not self.stack:
                break
        closed = self.root is not _MISSING and not self.stack and not text[position:].strip()
        return (None, True) if self.root is _MISSING else (self.root, self.missing or not closed)

    def _take(self, token: re.Match[str], *, at_end: bool) -> None:
        if token["mark"]:
            self._mark(token["mark"])
        elif self.too_deep:
            return
        elif token["string"] is not None:
            self._string(_unescape(token["string"]), cut=token["end"] != '"')
        else:
            self._word(token["word"], at_end=at_end)

    def _mark(self, mark: str) -> None:
        if mark in "{[":
            self._open({} if mark == "{" else [])
        elif mark in "}]":
            self._close(mark)
        elif mark == "," and self.keys and not self.too_deep:
            self._drop_key()

    def _open(self, container: Any) -> None:
        if self.too_deep or len(self.stack) >= MAX_DEPTH:
            self.too_deep += 1
            self.missing = True
            return
        self._put(container)
        self.stack.append(container)
        self.keys.append(None)

    def _close(self, mark: str) -> None:
        if self.too_deep:
            self.too_deep -= 1
        elif self.stack:
            self._drop_key()
            self.keys.pop()
            self.missing |= isinstance(self.stack.pop(), dict) != (mark == "}")

    def _drop_key(self) -> None:
        self.missing |= self.keys[-1] is not None
        self.keys[-1] = None

    def _string(self, value: str, *, cut: bool) -> None:
        self.missing |= cut
        if not self._is_key():
            self._put(value)
        elif not cut:
            self.keys[-1] = value

    def _word(self, word: str, *, at_end: bool) -> None:
        value = _MISSING if at_end and self.stack else _strict(word)
        if value is _MISSING or self._is_key():
            self.missing = True
            if self.keys:
                self.keys[-1] = None
        else:
            self._put(value)

    def _is_key(self) -> bool:
        return bool(self.stack) and isinstance(self.stack[-1], dict) and self.keys[-1] is None

    def _put(self, value: Any) -> None:
        if not self.stack:
            self.root = value
        elif isinstance(self.stack[-1], list):
            self.stack[-1].append(value)
        elif self.keys[-1] is not None:
            self.stack[-1][self.keys[-1]] = value
            self.keys[-1] = None
        else:
            self.missing = True


def _unescape(raw: str) -> str:
    if "\\" not in raw:
        return raw
    text = _ESCAPE.sub(_character, raw)
    # Two escapes may make one character beyond the BMP; a lone surrogate stays what it is.
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass") if "\\u" in raw else text


def _character(escape: re.Match[str]) -> str:
    if escape[1] is not None:
        return chr(int(escape[1], 16))
    return _ESCAPES.get(escape[2] or "", escape[2] or "")
