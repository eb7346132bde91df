"""Read statements of Python 2 as Python 3, in place."""

import re

from tracevet_python.parse.lex import lex
from tracevet_python.parse.line import Line

Lines = tuple[Line, ...]
_SUITE = r"(?:^|[:;])\s*"
_PRINT = re.compile(_SUITE + r"(print)(\s+(?!=)|\s*(?=[\"'(>]))(>>)?")
_EXEC = re.compile(_SUITE + r"(exec)(\s+)(?!=)")
_IN = re.compile(r"\s(in)\s(?=[^\"']*$)")
_EXCEPT = re.compile(r"\s*except\s+(?:[\w.]+|\([^()]*\))(\s*,\s*)\w+\s*:")
_RAISE = re.compile(_SUITE + r"raise\s+[\w.]+(\s*,\s*)")
_TICKS = re.compile(r"`([^`\"'\n]+)`")
_OCTAL = re.compile(r"(?<![\w.])0()[0-7]+[lL]?(?![\w.])")
_LONG = re.compile(r"(?<![\w.])(?:0[xXo][0-9a-fA-F]+|\d+)([lL])(?!\w)")
_PREFIX = re.compile(r"(?<!\w)([uU])[rR](?=[\"'])")


def raise_(lines: Lines) -> Lines:
    """Rewrite what Python 3 does not read; what it does read stays as it is."""
    words = tuple(_words(line) for line in lines)
    for pattern, rewrite in ((_PRINT, _print), (_EXEC, _exec), (_RAISE, _raise)):
        match = pattern.search(words[0].text)
        if match:
            words = rewrite(words, match)
    match = _EXCEPT.match(words[0].text)
    if match:
        words = (words[0].put(match.start(1), match.end(1), " as "), *words[1:])
    return words


def _words(line: Line) -> Line:
    for pattern, new in ((_OCTAL, "o"), (_LONG, " "), (_PREFIX, " ")):
        edits = [(match.start(1), match.end(1), new) for match in pattern.finditer(line.text)]
        line = line.edit(edits) if edits else line
    if "<>" in line.text:
        line = line.edit([(match.start(), match.end(), "!=") for match in re.finditer("<>", line.text)])
    edits = []
    for match in _TICKS.finditer(line.text):
        edits += [(match.start(), match.start() + 1, "repr("), (match.end() - 1, match.end(), ")")]
    return line.edit(edits) if edits else line


def _print(lines: Lines, match: re.Match[str]) -> Lines:
    lines = _closed(lines)
    first = lines[0]
    if match.group(3):
        first = first.put(match.start(3), match.end(3), "  ")
    return (first.put(match.end(1), match.end(1) + (match.group(2)[:1] != ""), "("), *lines[1:])


def _exec(lines: Lines, match: re.Match[str]) -> Lines:
    into = _IN.search(lines[0].text)
    first = lines[0].put(into.start(1), into.end(1), ", ") if into else lines[0]
    first, *rest = _closed((first, *lines[1:]))
    return (first.put(match.end(1), match.end(1) + 1, "("), *rest)


def _raise(lines: Lines, match: re.Match[str]) -> Lines:
    first, *rest = _closed(lines)
    return (first.put(match.start(1), match.end(1), "("), *rest)


def _closed(lines: Lines) -> Lines:
    """Put a closing bracket at the end of the code, or of its first part."""
    statements = lex(lines)
    if not statements:
        return lines
    row, column = statements[0].row, statements[0].column
    if row == 0:
        semicolon = lines[0].text.find(";", 0, column)
        column = semicolon if semicolon >= 0 else column
    closed = lines[row].put(column, column, ")")
    return (*lines[:row], closed, *lines[row + 1 :])
