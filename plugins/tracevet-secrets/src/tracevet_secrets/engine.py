"""The regular-expression engine, RE2: matches in time linear in the text, on bytes."""

import importlib
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any, Protocol

ENGINE = "google-re2"
_MEMORY = 32 << 20  # bytes for one automaton's cache; past it RE2 slows down but stays linear


class Match(Protocol):
    """One match; group 0 is the whole."""

    def span(self, group: int = 0) -> tuple[int, int]:
        """Give the group's byte range, (-1, -1) where it took no part."""
        ...


class Regex(Protocol):
    """A compiled pattern over bytes."""

    groups: int  # how many groups can capture

    def match(self, text: bytes, pos: int, endpos: int | None = None) -> Match | None:
        """Match at `pos` exactly."""
        ...

    def search(self, text: bytes, pos: int, endpos: int | None = None) -> Match | None:
        """Find the first match from `pos` on."""
        ...

    def finditer(self, text: bytes) -> Iterator[Match]:
        """Find all matches, left to right, without overlap."""
        ...


def compile_pattern(pattern: str) -> Regex:
    """Compile an ASCII pattern; the text is read as Latin-1, so any bytes at all can be searched."""
    re2: Any = importlib.import_module("re2")  # imported here: a plugin's module must stay cheap; ships no types
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = _MEMORY
    options.log_errors = False
    compiled: Regex = re2.compile(pattern.encode("ascii"), options=options)
    return compiled


def engine_version() -> str:
    """Name the engine and its version, e.g. `google-re2 1.1.20251105`."""
    return f"{ENGINE} {version(ENGINE)}"
