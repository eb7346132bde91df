"""Fences found line by line, for Markdown that nests too deep or too much for a CommonMark reader."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_MARKER = r"(?:>|[*+-](?=[ \t])|\d{1,9}[.)](?=[ \t]))"
_PREFIX = re.compile(rf"^([ \t]*+)((?:{_MARKER}[ \t]*+)++)", re.MULTILINE)
_ONE_MARKER = re.compile(_MARKER)
_QUOTE = re.compile(r"[ \t]{0,3}>")
_FENCE = re.compile(r"(?:[ \t>]|[*+-](?=[ \t])|\d{1,9}[.)](?=[ \t]))*+(`{3,}+(?=[^`]*\Z)|~{3,})[ \t]*(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A code block: the number of its first line, 0-based, and its content without what it is nested in."""

    first: int
    info: str
    lines: tuple[str, ...]


def depth(text: str) -> int:
    """Estimate from above how deep the quotes and lists of a text nest, in time linear in its length."""
    return max(
        (len(_ONE_MARKER.findall(found[2])) + len(found[1].expandtabs(4)) // 2 for found in _PREFIX.finditer(text)),
        default=1,
    )


def scan(lines: Sequence[str]) -> Iterator[Block]:
    """Yield the fenced blocks among the lines, at whatever depth; indented blocks can't be told this way."""
    number = 0
    while number < len(lines):
        fence = _FENCE.match(lines[number])
        number += 1
        if fence:
            first = number
            while number < len(lines) and not _closes(lines[number], fence[1]):
                number += 1
            yield Block(first, fence[2], (*_dedented(lines[first:number], fence[0][: fence.start(1)]), ""))
            number += 1


def _closes(line: str, fence: str) -> bool:
    bare = line.lstrip(" \t>").rstrip(" \t")
    return len(bare) >= len(fence) and bare == fence[0] * len(bare)


def _dedented(lines: Sequence[str], prefix: str) -> Iterator[str]:
    quotes = prefix.count(">")
    inner = prefix.rpartition(">")[2]
    indent = max(0, len(inner.expandtabs(4)) - (1 if quotes else 0))
    for line in lines:
        at = 0
        for _ in range(quotes):
            if not (quote := _QUOTE.match(line, at)):
                break
            at = quote.end()
        at += bool(quotes) and line.startswith(" ", at)
        blank = len(line) - at - len(line[at:].lstrip(" "))
        yield line[at + min(indent, blank) :]
