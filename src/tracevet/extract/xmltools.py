"""Tool calls written as XML in an assistant's text, as Cline and Roo do."""

import re
from collections.abc import Iterator

from tracevet.extract.language import guess, of_path
from tracevet.extract.piece import Piece, PieceKind

_TOOLS: dict[str, str] = {
    "write_to_file": "path content line_count",
    "replace_in_file": "path diff",
    "apply_diff": "path diff content start_line end_line",
    "edit_file": "target_file path instructions code_edit",
    "insert_content": "path line content operations",
    "search_and_replace": "path search replace operations use_regex ignore_case start_line end_line",
    "execute_command": "command cwd requires_approval",
    "use_mcp_tool": "server_name tool_name arguments",
    "attempt_completion": "result command",
    "new_task": "mode message",
}
_CODE = frozenset({"content", "code_edit", "replace"})
_OLD = frozenset({"search"})
_LONG = _CODE | _OLD | {"diff", "operations", "result", "message", "arguments"}  # values whose blanks matter
_LINE_END = re.compile(r"\r?\n")
_OPEN = re.compile(rf"<({'|'.join(_TOOLS)})>")
_AROUND = re.compile(r"\s*<(?:/?(?:args|file)|/diff|diff(?=>\s*<content>))>")  # Roo puts several files into one call
_CDATA = re.compile(r"\s*<!\[CDATA\[(.*?)(?:\]\]>\s*)?\Z", re.DOTALL)
_ENDS = {
    (tool, name): re.compile(rf"</{name}>(?=\s*(?:</?(?:{'|'.join(names.split())}|{tool}|args|file)>|\Z))")
    for tool, names in _TOOLS.items()
    for name in names.split()
}
_PARAMETERS = {tool: re.compile(rf"\s*<({'|'.join(names.split())})>") for tool, names in _TOOLS.items()}


def calls(text: str) -> Iterator[tuple[str, dict[str, Piece]]]:
    """Yield the tool calls in a text: the tool's name, and its parameters as they stand there.

    `content` and its like are FILE pieces with path and language, `command` is RUN, `search` OLD, anything else CODE
    in the language "text" ("diff" for patches, which are not taken apart here). A parameter may hold any markup, the
    closing tag of its own included: it ends where another parameter or the end of the call follows, or with the text.
    Tags are no part of the pieces, nor are the line end after the opening one and blanks around short values. A call
    about several files comes once for each.
    """
    at = 0
    while found := _OPEN.search(text, at):
        at = found.end()
        fields: dict[str, tuple[int, int]] = {}
        while opened := _parameter(text, at, found[1]):
            name, start = opened
            if name == "path" and "path" in fields:
                yield found[1], _pieces(text, fields)
                fields = {}
            stop, at = _end(text, start, name, found[1])
            key = "diff" if (found[1], name) == ("apply_diff", "content") else name
            fields[key] = _trimmed(text, name, start, stop)
        if fields:
            yield found[1], _pieces(text, fields)


def _parameter(text: str, at: int, tool: str) -> tuple[str, int] | None:
    while around := _AROUND.match(text, at):
        at = around.end()
    found = _PARAMETERS[tool].match(text, at)
    return (found[1], found.end()) if found else None


def _end(text: str, start: int, name: str, tool: str) -> tuple[int, int]:
    """Give the end of a parameter's value, and where to read on."""
    closing = _ENDS[tool, name].search(text, start)
    if closing:
        return closing.start(), closing.end()
    tag = f"</{name}>"
    cut = next((size for size in range(len(tag) - 1, 0, -1) if text.endswith(tag[:size])), 0)
    return max(start, len(text) - cut), len(text)


def _trimmed(text: str, name: str, start: int, stop: int) -> tuple[int, int]:
    if name in _LONG:
        data = _CDATA.fullmatch(text, start, stop)
        start, stop = data.span(1) if data else (start, stop)
        line_end = _LINE_END.match(text, start, stop)
        return (line_end.end() if line_end else start), stop
    value = text[start:stop]
    return start + len(value) - len(value.lstrip()), stop - (
        len(value) - len(value.rstrip())
    ) if value.strip() else start


def _pieces(text: str, fields: dict[str, tuple[int, int]]) -> dict[str, Piece]:
    values = {name: text[start:stop] for name, (start, stop) in fields.items()}
    path = values.get("path") or values.get("target_file")
    return {name: _piece(name, value, fields[name][0], path) for name, value in values.items()}


def _piece(name: str, value: str, offset: int, path: str | None) -> Piece:
    if name in _CODE or name in _OLD:
        kind = PieceKind.OLD if name in _OLD else PieceKind.FILE
        language = (of_path(path) if path else "") or guess(value)
        return Piece(text=value, offset=offset, kind=kind, path=path, language=language, info=name)
    if name == "command":
        return Piece(text=value, offset=offset, kind=PieceKind.RUN, language="shell", info=name)
    language = "diff" if name == "diff" else "text"
    return Piece(text=value, offset=offset, kind=PieceKind.CODE, path=path, language=language, info=name)
