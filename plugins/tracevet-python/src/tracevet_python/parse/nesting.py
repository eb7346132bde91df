"""Give strings nested in an f-string quotes that differ from all around them, as Python 3.11 wants it."""

import re
from dataclasses import dataclass, field

from tracevet_python.parse.line import Edit, Line

_START = re.compile(r"(?<!\w)(?:([fFtT][rR]?|[rR][fFtT])|[bBuUrR]{1,2})?(\"{3}|'{3}|\"|')|#")
_DEEPEST = 2  # f-strings in fields of f-strings: there are no more kinds of quotes
_OTHER = {'"': "'", "'": '"'}


@dataclass(slots=True)
class _String:
    """One string that was read, and what has to be changed in it."""

    end: int  # column behind it
    closed: bool
    edits: list[Edit] = field(default_factory=list)


def unnest(line: Line) -> Line:
    """Change the quotes of f-strings that hold strings, and of these. A backslash in a field becomes a blank."""
    edits: list[Edit] = []
    at = 0
    while (match := _START.search(line.text, at)) and match.group() != "#":
        string = _read(line.text, match, 0, match.group(2)[0])
        edits += string.edits if string.closed else []
        at = string.end
    return line.edit(sorted(edits)) if edits else line


def _read(text: str, match: re.Match[str], depth: int, outer: str) -> _String:
    """Read one string; `outer` is the quote that the outermost one is written with."""
    if not match.group(1) or depth > _DEEPEST:
        return _leaf(text, match, _plain_end(text, match.end(), match.group(2)), depth)
    at, quote = match.end(), match.group(2)
    inner: list[Edit] = []
    while at < len(text) and not text.startswith(quote, at):
        if text[at] == "\\" or text.startswith("{{", at):
            at += 2
        elif text[at] == "{":
            at = _read_field(text, at + 1, depth, outer, inner)
        else:
            at += 1
    if not inner:
        return _leaf(text, match, at, depth)
    mine = (outer * 3, _OTHER[outer] * 3, '"')[depth]
    return _String(at + len(quote), at < len(text), [*_quoted(match, at, mine), *inner])


def _read_field(text: str, at: int, depth: int, outer: str, edits: list[Edit]) -> int:
    """Read one replacement field, and note the changes of strings in it; give the column behind it."""
    level = 1
    while at < len(text) and level:
        match = _START.match(text, at)
        if match and match.group(2):
            string = _read(text, match, depth + 1, outer)
            edits += string.edits
            at = string.end
        else:
            level += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
    return at


def _leaf(text: str, match: re.Match[str], end: int, depth: int) -> _String:
    """A string that holds no other: it may keep a single quote, unless an f-string around it needs that."""
    quote = match.group(2)
    if depth == 0:
        return _String(end + len(quote), closed=True)
    mine = quote if len(quote) == 1 and depth < _DEEPEST else "'"
    awkward = {"\\", mine} if depth < _DEEPEST else {"\\", '"', "'"}
    blanks = [(at, at + 1, " ") for at in range(match.end(), min(end, len(text))) if text[at] in awkward]
    return _String(end + len(quote), end < len(text), [*_quoted(match, end, mine), *blanks])


def _quoted(match: re.Match[str], end: int, quote: str) -> list[Edit]:
    return [(*match.span(2), quote), (end, end + len(match.group(2)), quote)]


def _plain_end(text: str, at: int, quote: str) -> int:
    """The column at which a string's closing quotes stand, or one beyond the text."""
    while at < len(text) and not text.startswith(quote, at):
        at += 2 if text[at] == "\\" else 1
    return at
