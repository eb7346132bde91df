"""Mend one statement in place: characters, placeholders, notebook lines, and marks of code left out."""

import re
from collections.abc import Callable

from tracevet_python.parse.line import Edit, Line
from tracevet_python.parse.newer import lower
from tracevet_python.parse.older import raise_
from tracevet_python.parse.placeholders import name_placeholders
from tracevet_python.parse.repair import Repair

Lines = tuple[Line, ...]
_ODD = re.compile(r"\x1b\[[0-9;]*[A-Za-z]|[\x00-\x08\x0b\x0e-\x1f\x7f\u2028\u2029\x85]|[^\x00-\x7f]")
_LIKE = {
    **dict.fromkeys("‘’‚‛′`´", "'"),
    **dict.fromkeys("“”„‟″«»", '"'),
    **dict.fromkeys("‐‑‒–—−", "-"),
    **dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\xad\u200e\u200f\u2028\u2029\x85", " "),
    **dict.fromkeys("→⇒", ">"),
    **{chr(code + 0xFEE0): chr(code) for code in range(0x21, 0x7F) if not chr(code).isalnum()},
    "×": "*",
    "÷": "/",
    "�": " ",
}
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})[^`]*$|\s*(?:<{7}|>{7})(?: .*)?$|={7}\s*$|-{3,40}\s*$")
_LEFT_OUT = re.compile(
    r"\s*(?:\.{4,}|…+|⋮|\[(?:\.{3}|…)\]|<(?:\.{3}|…)>|\((?:\.{3}|…)\)|(?://|--|\*|/\*)\s*(?:\.{3}|…).*"
    r"|(?:\.{3}|…)\s*[^\W\d].*?(?:\.{3}|…)?|-+ ?(?:snip|8<|✂).*|\[(?:truncated|snip|omitted)[^\]]*\]"
    r"|(?:\.{3}|…)\s*\[(?:truncated|snip|omitted)[^\]]*\].*)\s*$"
)
_ELLIPSIS_LINE = re.compile(r"\s*(?:\.{3}|…),?\s*(?:#.*)?$")
_ELLIPSIS = re.compile(r"(?<=[(,{\[])(\s*)(?:\.{3}|…)(?=\s*(?:[),}\]]|$))")
_MAGIC = re.compile(r"[!%?]|\{%|[\w.]+\?{1,2}\s*$|(?:\([\w.-]+\) ?)?(?:[\w.-]+@[\w.-]+[: ][^$#\s]*)?\$ +\S")
_MAGIC_VALUE = re.compile(r"=\s*([!%][^=].*)$")


def characters(lines: Lines) -> Lines:
    """Replace typography and terminal colours by what was meant, one character for one."""
    return tuple(_plain(line) for line in lines)


def _plain(line: Line) -> Line:
    edits: list[Edit] = []
    for match in _ODD.finditer(line.text):
        found = match.group()
        like = _LIKE.get(found, " " if found.isspace() or found < " " or len(found) > 1 else found)
        if found == "\x7f":
            like = " "
        if like != found:
            edits.append((match.start(), match.end(), like * len(found)))
    return line.edit(edits) if edits else line


def placeholders(lines: Lines) -> Lines:
    """Read redaction marks as names."""
    return tuple(name_placeholders(line) for line in lines)


def magics(lines: Lines) -> Lines:
    """Blank what only a notebook or shell runs; the value of an assignment becomes a name."""
    if _MAGIC.match(lines[0].text.lstrip()):
        return tuple(line.put(0, len(line.text), "") for line in lines)
    match = _MAGIC_VALUE.search(lines[0].text)
    return (lines[0].put(match.start(1), match.end(1), "_"),) if match and len(lines) == 1 else lines


def fences(lines: Lines) -> Lines:
    """Blank the lines that enclose code in Markdown, and those that divide the sides of a conflict."""
    return _blanked(lines, _FENCE)


def ellipsis(lines: Lines) -> Lines:
    """Blank lines that say that code was left out, and read dots among arguments and items as more of them."""
    blanked = _blanked(_blanked(lines, _LEFT_OUT), _ELLIPSIS_LINE)
    return tuple(
        line.edit([(match.end(1), match.end(), "**_") for match in _ELLIPSIS.finditer(line.text)]) for line in blanked
    )


def _blanked(lines: Lines, pattern: re.Pattern[str]) -> Lines:
    return tuple(line.put(0, len(line.text), "") if pattern.match(line.text) else line for line in lines)


FIXES: tuple[tuple[Repair, Callable[[Lines], Lines]], ...] = (
    (Repair.FENCE, fences),
    (Repair.ELLIPSIS, ellipsis),
    (Repair.PLACEHOLDERS, placeholders),
    (Repair.NEW, lower),
    (Repair.OLD, raise_),
    (Repair.MAGICS, magics),
    (Repair.CHARACTERS, characters),
)
"""Most likely first; each takes the lines as the ones before left them."""
