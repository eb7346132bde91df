"""The filter language: `and(eq(run_type, "tool"), gt(end_time, "2026-11-23T09:00:00Z"))` read into a tree."""

import re
from dataclasses import dataclass
from typing import Any

DEEPEST = 20
_TOKEN = re.compile(
    r"""\s*(?:(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(?P<number>-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)"""
    r"""|(?P<word>[A-Za-z_]\w*)|(?P<mark>[(),\[\]]))"""
)
_ESCAPE = re.compile(r"\\(.)")
_CONSTANTS = {"true": True, "false": False, "null": None, "none": None}


class FilterError(Exception):
    """A filter that is none."""


@dataclass(frozen=True, slots=True)
class Name:
    """A field."""

    name: str


@dataclass(frozen=True, slots=True)
class Test:
    """A function with what it is applied to: names, plain values, lists and other tests."""

    function: str
    arguments: tuple[Any, ...]


def parse(text: str) -> Test:
    """Read a filter.

    Raises:
        FilterError: it is none.
    """
    reader = _Reader(text)
    found = reader.value(0)
    if not isinstance(found, Test) or reader.more():
        raise FilterError("a filter is one function with its arguments")
    return found


class _Reader:
    """Reads one filter from the left to the right."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def more(self) -> bool:
        return bool(self._text[self._at :].strip())

    def value(self, depth: int) -> Any:
        if depth > DEEPEST:
            raise FilterError("the filter is nested too deeply")
        kind, word = self._next()
        if kind == "text":
            return _ESCAPE.sub(r"\1", word[1:-1])
        if kind == "number":
            return float(word) if set(word) & set(".eE") else int(word)
        if kind == "word":
            return self._named(word, depth)
        if word == "[":
            return self._list("]", depth)
        raise FilterError(f"unexpected {word!r} at {self._at}")

    def _named(self, word: str, depth: int) -> Any:
        if self._text[self._at :].lstrip().startswith("("):
            self._next()
            return Test(word.lower(), self._list(")", depth))
        return _CONSTANTS[word.lower()] if word.lower() in _CONSTANTS else Name(word)

    def _list(self, end: str, depth: int) -> tuple[Any, ...]:
        found: list[Any] = []
        while not self._text[self._at :].lstrip().startswith(end):
            if found and self._next()[1] != ",":
                raise FilterError(f"expected a comma at {self._at}")
            found.append(self.value(depth + 1))
        self._next()
        return tuple(found)

    def _next(self) -> tuple[str, str]:
        match = _TOKEN.match(self._text, self._at)
        if match is None or match.lastgroup is None:
            raise FilterError(f"unexpected text at {self._at}")
        self._at = match.end()
        return match.lastgroup, match[match.lastgroup]
