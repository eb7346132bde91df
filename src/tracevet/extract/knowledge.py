"""What the result of a tool tells of a file: its text before or after, a part of it, or that the tool failed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tracevet.extract import lenient, walk
from tracevet.extract.acts import Act, Event
from tracevet.extract.edits import Fields, path_in
from tracevet.extract.tools import tool
from tracevet.extract.walk import Node
from tracevet.model import Json

_BEFORE = ("originalFile", "originalContent", "oldContent", "original_file")
_AFTER = ("newContent", "new_content")
_INNER = ("output", "result", "response", "resultDisplay", "toolUseResult", "file", "content", "metadata")
_LIMITS = ("offset", "limit", "startline", "endline", "startlineone", "viewrange", "ranges", "pages", "lineranges")
_READ_CAP = 2_000  # lines that readers of files give at once
_NUMBERED = re.compile(r"[ \t]{0,8}(\d{1,7})(?:→|\t|\| ?|: )([^\n]*)(?:\n|\Z)")
_FAILED = re.compile(
    r"\s*(?:<tool_use_error>|error\b|failed\b|failure\b|string to replace not found|string not found|no match"
    r"|invalid (?:context|patch|tool)|file has not been read|patch failed|verification failed|the user doesn't want)",
    re.IGNORECASE,
)
_LAYERS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a result tells."""

    before: Event | None = None
    after: Event | None = None  # the file as somebody saw it when all was done
    foreign: bool = False  # somebody else changed what the tool wrote


def failed(metadata: Mapping[str, Json], value: Json) -> bool:
    """Tell whether a tool says that it did nothing."""
    if metadata.get("is_error") is True or metadata.get("level") == "ERROR" or metadata.get("error"):
        return True
    for fields in _layers(value):
        code = fields.get("exit_code", fields.get("exitCode", 0))
        if fields.get("success") is False or fields.get("is_error") is True or fields.get("status") == "error":
            return True
        if (isinstance(code, int) and code) or (fields.get("error") and not fields.get("output")):
            return True
    text = said(value)
    return text is not None and _FAILED.match(text) is not None


def of_result(name: str, arguments: Fields, value: Json) -> Known:
    """Give what the result of a tool tells of the file that it was called with."""
    path = path_in(arguments)
    if tool(name).reads or arguments.get("command") == "view":
        return Known(after=_read(path, arguments, value)) if path else Known()
    before = after = None
    foreign = False
    for fields in _layers(value):
        old, new = (_text(fields, *keys) for keys in (_BEFORE, _AFTER))
        before = before or (_saw(path, old) if old is not None and path else None)
        foreign = foreign or fields.get("userModified") is True
        after = after or (_saw(path, new) if new is not None and path else None)
        if foreign and old is not None and path:
            patched = _patched(old, fields.get("structuredPatch"))
            after = after or (_saw(path, patched) if patched is not None else None)
    return Known(before=before, after=after, foreign=foreign)


def printed(path: str, first: int, value: Json, *, whole: bool) -> Event | None:
    """Give what a command that prints a file tells of it."""
    stdout = next((text for fields in _layers(value) if (text := _text(fields, "stdout", "aggregated_output"))), None)
    text = stdout or said(value)
    if text is None or text.startswith(("Chunk ID:", "Exit code:", "Wall time:")):
        text = text.partition("\nOutput:\n")[2] if text else None
    if not text or lenient.truncation(text) is not None:
        return None
    return Event(act=Act.SAW, path=path, text=text, line=first, whole=whole)


def said(value: Json) -> str | None:
    """Give the text of a result, however it is wrapped."""
    for _ in range(_LAYERS):
        if isinstance(value, list):
            texts = [said(item) for item in value[:100]]
            return "".join(text for text in texts if text) or None
        if not isinstance(value, dict):
            break
        value = next((value[key] for key in ("text", "output", "content", "result") if value.get(key)), None)
    return value if isinstance(value, str) else None


def unnumbered(text: str) -> tuple[int, str] | None:
    """Take the numbers off the lines of a listing, and give the first of them; None where there are none."""
    lines: list[str] = []
    at = first = 0
    while (found := _NUMBERED.match(text, at)) and found.end() > at:
        number = int(found[1])
        first = first or number
        if number != first + len(lines):
            break
        lines.append(found[2].removesuffix("\r"))
        at = found.end()
    return (first, "\n".join(lines)) if first and lines else None


def _read(path: str, arguments: Fields, value: Json) -> Event | None:
    partly = any(arguments.get(key) is not None for key in _LIMITS)
    for fields in _layers(value):
        text, first, total = fields.get("content"), fields.get("startLine"), fields.get("totalLines")
        if isinstance(text, str) and isinstance(first, int) and first >= 1:
            whole = first == 1 and (fields.get("numLines") == total if total is not None else not partly)
            return _seen(path, text, first, whole=whole)
    text = said(value)
    if text is None or _FAILED.match(text):
        return None
    listing = unnumbered(text)
    if listing is not None:
        first, body = listing
        return _seen(path, body, first, whole=first == 1 and not partly and body.count("\n") + 1 < _READ_CAP)
    return None if partly else _seen(path, text, 1, whole=True)


def _seen(path: str, text: str, first: int, *, whole: bool) -> Event | None:
    if lenient.truncation(text) is not None:
        return None
    return Event(act=Act.SAW, path=path, text=text, line=first, whole=whole)


def _saw(path: str, text: str) -> Event | None:
    return _seen(path, text, 1, whole=True)


def _patched(text: str, hunks: Json) -> str | None:
    """Apply the hunks of a `structuredPatch`; None where they do not fit."""
    lines = text.split("\n")
    for hunk in reversed(hunks) if isinstance(hunks, list) else ():
        rows = hunk.get("lines") if isinstance(hunk, dict) else None
        start = hunk.get("oldStart") if isinstance(hunk, dict) else None
        if not isinstance(rows, list) or not isinstance(start, int):
            return None
        words = [str(row) for row in rows if not str(row).startswith("\\")]
        old, new = ([row[1:] for row in words if row[:1] in signs] for signs in (" -", " +"))
        if lines[max(0, start - 1) : max(0, start - 1) + len(old)] != old:
            return None
        lines[max(0, start - 1) : max(0, start - 1) + len(old)] = new
    return "\n".join(lines)


def _layers(value: Json, depth: int = _LAYERS) -> Iterator[dict[str, Json]]:
    """Yield the objects in a result that say something of the tool's work, outermost first."""
    if isinstance(value, str) and depth:
        value = walk.opened(Node(value, ""))[0].value if value[:1] in ("{", "[", '"') else None
    if not isinstance(value, dict) or not depth:
        return
    yield value
    for key in _INNER:
        yield from _layers(value.get(key), depth - 1)


def _text(fields: Mapping[str, Json], *keys: str) -> str | None:
    return next((value for key in keys if isinstance(value := fields.get(key), str)), None)
