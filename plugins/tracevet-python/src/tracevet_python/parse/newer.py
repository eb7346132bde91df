"""Read what later versions of Python allow as the one that runs reads it, in place."""

import re
import sys

from tracevet_python.parse.line import Line
from tracevet_python.parse.nesting import unnest

Lines = tuple[Line, ...]
_TYPE = re.compile(r"\s*(type\s)\s*\w+\s*(\[[^=]*\])?\s*=")
_GENERIC = re.compile(r"\s*(?:async\s+)?(?:def|class)\s+\w+(\[.*?\])\s*[(:]")
_TEMPLATE = re.compile(r"(?<!\w)([tT])[rR]?(?=[\"'])|(?<!\w)[rR]([tT])(?=[\"'])")
_TYPES_FROM = _NESTED_FROM = (3, 12)  # PEP 695, PEP 701
_TEMPLATES_FROM = (3, 14)  # PEP 750


def lower(lines: Lines) -> Lines:
    """Take type parameters away, read `t"..."` as `f"..."`, and give nested strings quotes that differ."""
    if sys.version_info < _TYPES_FROM:
        lines = (_without_types(lines[0]), *lines[1:])
    if sys.version_info < _TEMPLATES_FROM:
        lines = tuple(_formatted(line) for line in lines)
    if sys.version_info < _NESTED_FROM:
        lines = tuple(unnest(line) for line in lines)
    return lines


def _without_types(line: Line) -> Line:
    match = _TYPE.match(line.text)
    ranges = [match.span(index) for index in (1, 2) if match.group(index)] if match else []
    match = _GENERIC.match(line.text)
    ranges += [match.span(1)] if match else []
    return line.edit([(start, end, " " * (end - start)) for start, end in ranges]) if ranges else line


def _formatted(line: Line) -> Line:
    edits = [(at := match.start(match.lastindex or 0), at + 1, "f") for match in _TEMPLATE.finditer(line.text)]
    return line.edit(edits) if edits else line
