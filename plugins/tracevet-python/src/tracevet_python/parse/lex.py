"""Cut lines into statements without a grammar: by brackets and strings, closed or not. Linear in the text."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tracevet_python.parse.line import Line

_CODE = re.compile(r"""#|((?<!\w)[rRbBuUfFtT]{1,2})?(\"{3}|'{3}|"|')|[()\[\]{}]|\\$""")
_IN_STRING = {quote: re.compile(rf"\\.|\\$|{quote}|\{{\{{|\{{") for quote in ('"""', "'''", '"', "'")}
_PAIRS = {")": "(", "]": "[", "}": "{"}
_NEVER_INSIDE = re.compile(  # starts a statement, and can't stand at the start of a line in brackets
    r"\s*(?:(?:def|class|return|import|with|while|raise|del|assert|global|nonlocal|except|elif)\b(?!\s*[=,)\]}:.])"
    r"|from\s+[\w.]+\s+import\b|(?:try|finally|else)\s*:\s*(?:#|$)|(?:pass|break|continue)\s*$|async\s+def\b|@\w[\w.]*(?:\(|$))"
)
_GOES_ON = re.compile(r"(?:for|if|else|and|or|not|in|is|lambda|await|async|None|True|False)\b|\w+\s*(?::(?!=)|,\s*$)")
_SPACE = re.compile(r"[ \t\f]*")
_DEEPEST = 250  # more than any Python reads; what is open beyond that isn't followed
_TAB = 8  # columns, as Python's tokenizer counts


@dataclass(frozen=True, slots=True)
class Statement:
    """Lines that belong together: a simple statement, several joined by `;`, or the header of a block."""

    lines: tuple[Line, ...]
    indent: int  # columns
    row: int  # where its code ends: line, 0-based
    column: int  # and column, before any comment
    open: str = ""  # brackets that nothing closes, outermost first
    stray: str = ""  # brackets that close nothing
    quote: str = ""  # of a string that nothing closes

    @property
    def text(self) -> str:
        """Its lines, without the first one's indentation."""
        return "\n".join(line.text for line in self.lines).lstrip(" \t\f")

    @property
    def code_end(self) -> str:
        """The last line of its code, up to the end of the code."""
        return self.lines[self.row].text[: self.column]


@dataclass(slots=True)
class _State:
    """What is open at some place: brackets, strings, and expressions in f-strings, outermost first."""

    stack: list[str] = field(default_factory=list)  # "(", "[", "{"; a quote, after "f" where it takes expressions; "f{"
    stray: str = ""
    quote: str = ""
    lines: list[Line] = field(default_factory=list)
    row: int = 0
    column: int = 0
    continued: bool = False  # by a backslash

    def push(self, opened: str) -> None:
        if len(self.stack) < _DEEPEST:
            self.stack.append(opened)

    def close(self) -> Statement:
        opened = "".join(each for each in self.stack if each in "([{")
        quotes = [each for each in self.stack if each[-1] in "\"'"]
        return Statement(
            tuple(self.lines),
            indent_of(self.lines[0].text),
            self.row,
            self.column,
            opened,
            self.stray,
            self.quote or (quotes[-1].lstrip("f") if quotes else ""),
        )


def lex(lines: Iterable[Line], *, strict: bool = False) -> list[Statement]:
    """Cut lines into statements; blank lines and lines of comments between them are left away.

    A line that can't stand in brackets ends a statement whose brackets are open. When strict, so does one that is
    not indented more than the statement, unless it looks as if it went on.
    """
    statements: list[Statement] = []
    state = _State()
    for line in lines:
        if state.lines and _ends(state, line.text, strict=strict):
            statements.append(state.close())
            state = _State()
        if not state.lines and not _has_code(line.text):
            continue
        state.lines.append(line)
        _read(state, line.text)
        if not state.stack and not state.continued:
            statements.append(state.close())
            state = _State()
    if state.lines:
        statements.append(state.close())
    return statements


def indent_of(text: str) -> int:
    """Give the width of the white space that a line starts with, in columns."""
    width = 0
    for char in text:
        if char == " ":
            width += 1
        elif char == "\t":
            width += _TAB - width % _TAB
        elif char == "\f":
            width = 0
        else:
            break
    return width


def margin_of(text: str) -> int:
    """Give the number of characters of white space that a line starts with."""
    match = _SPACE.match(text)
    return match.end() if match else 0


def _has_code(text: str) -> bool:
    code = text.lstrip(" \t\f")
    return bool(code.strip()) and not code.startswith("#")


def _ends(state: _State, text: str, *, strict: bool) -> bool:
    """Tell whether a line starts anew although the statement before it is not complete."""
    if any(each[-1] in "\"'" for each in state.stack):
        return False
    if _NEVER_INSIDE.match(text):
        return True
    if not strict or not state.stack or indent_of(text) > indent_of(state.lines[0].text):
        return False
    code = text.lstrip()
    return code[:1].isidentifier() and not _GOES_ON.match(code)


def _read(state: _State, text: str) -> None:
    """Follow one line through brackets and strings."""
    at, comment = 0, -1
    state.continued = False
    while at < len(text) and comment < 0:
        top = state.stack[-1] if state.stack else ""
        if top[-1:] in ('"', "'"):
            at = _read_string(state, text, at, top)
        else:
            at, comment = _read_code(state, text, at, top)
    code = text[:comment] if comment >= 0 else text
    if code.strip():
        state.row, state.column = len(state.lines) - 1, len(code.rstrip())
    _end_line(state, text)


def _read_code(state: _State, text: str, at: int, top: str) -> tuple[int, int]:
    """Read to the next thing that counts; give the place after it, and that of a comment or -1."""
    match = _CODE.search(text, at)
    if not match:
        return len(text), -1
    found = match.group()
    if found == "#":
        return match.end(), -1 if "f{" in state.stack[-2:] else match.start()
    if match.group(2):
        prefix = (match.group(1) or "").lower()
        state.push(("f" if "f" in prefix or "t" in prefix else "") + match.group(2))
    elif found in "([{":
        state.push(found)
    elif found == "\\":
        state.continued = True
    elif found == "}" and top == "f{":
        state.stack.pop()
    else:
        _close(state, found)
    return match.end(), -1


def _read_string(state: _State, text: str, at: int, top: str) -> int:
    match = _IN_STRING[top.lstrip("f")].search(text, at)
    if not match:
        return len(text)
    found = match.group()
    if found == "{" and top[0] == "f":
        state.push("f{")
    elif found[0] in "\"'":
        state.stack.pop()
    return match.end()


def _close(state: _State, bracket: str) -> None:
    """Close what the bracket closes, and what stands open in that."""
    for index in range(len(state.stack) - 1, -1, -1):
        if state.stack[index][-1] in "\"'" or state.stack[index] == "f{":
            return
        if state.stack[index] == _PAIRS[bracket]:
            del state.stack[index:]
            return
        if len(state.stack) - index > 3:  # noqa: PLR2004  # a closer of something far out is more likely a stray
            break
    if not state.stack:
        state.stray += bracket


def _end_line(state: _State, text: str) -> None:
    """End strings that must end with their line."""
    for index, each in enumerate(state.stack):
        if each[-1] in "\"'" and len(each.lstrip("f")) == 1:
            if (len(text) - len(text.rstrip("\\"))) % 2 and index == len(state.stack) - 1:
                return
            state.quote = each.lstrip("f")
            state.column = max(state.column, len(text))
            del state.stack[index:]
            return
