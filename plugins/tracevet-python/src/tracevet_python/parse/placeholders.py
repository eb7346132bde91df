"""Read redaction marks and `<...>` that stand outside of strings as names, in place."""

import re

from tracevet_python.parse.line import Edit, Line

_MARK = re.compile(
    r"(?P<string>[bBrRuUfF]{0,2}(?:\"{3}|'{3})|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*')|(?P<comment>\#.*)"
    r"|(?P<mark>\[(?:[A-Z]{2,}_)*(?:REDACTED|SECRET|MASKED|FILTERED|HIDDEN|CENSORED)[A-Za-z0-9_ :.-]{0,80}\]"
    r"|<(?:REDACTED|[A-Z][A-Z0-9_ :-]{1,80})>|<[a-z][a-z0-9]*(?:[-_ ][a-z0-9]+)+>|<your[^<>\n]{0,80}>"
    r"|\$\{\w{1,80}\}|\{\{ ?[\w.]{1,80} ?\}\}"
    r"|(?<=[=:(,\s])\*{3,}(?=\s*(?:$|[,)\]};\#]))|redacted-by-[\w-]{1,40})"
)
_PAIRS = {")": "(", "]": "[", "}": "{"}
_WIDE = re.compile(r"\W")


def name_placeholders(line: Line) -> Line:
    """Give each mark a name of its own length.

    A mark that swallowed the start of a call or subscript, as in `[SECRET_DETECTED]"KEY"]`, opens it again.
    """
    if not any(sign in line.text for sign in ("[", "<", "***", "${", "{{", "redacted-by")):
        return line
    marks = (match for match in _MARK.finditer(line.text) if match.group("mark"))
    edits: list[Edit] = [(*match.span(), _name(line.text, match)) for match in marks]
    return line.edit(edits) if edits else line


def _name(text: str, match: re.Match[str]) -> str:
    name = _WIDE.sub("_", match.group())
    name = name if not name[0].isdigit() else "_" + name[1:]
    after = text[match.end() : match.end() + 1]
    if after and (after in "\"'" or after.isalnum()):
        return name[:-1] + (_swallowed(text, match.end()) or "+")
    return name


def _swallowed(text: str, at: int) -> str:
    """The bracket that the first closer without an opener asks for."""
    depth = 0
    for match in re.finditer(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[()\[\]{}]", text[at : at + 1000]):
        if match.group() in "([{":
            depth += 1
        elif match.group() in ")]}":
            depth -= 1
            if depth < 0:
                return _PAIRS[match.group()]
    return ""
