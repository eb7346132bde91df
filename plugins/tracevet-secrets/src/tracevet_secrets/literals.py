"""The value after an operator: a string literal, or the bare text that configuration and commands allow."""

import re
from typing import NamedTuple

from tracevet_secrets.words import words

_LONGEST = 600  # bytes of a value that are looked at
_LINE = 300  # bytes of a line that are looked at, before a name and after a value
_OPENER = re.compile(
    rb"""(?:(?:new[ ]|&)?(?:str|[Ss]tring(?:\.valueOf|::from)?|bytes|SecretStr|SecureString|Secret|Some|of|Buffer\.from
        |(?:base64\.)?b64decode|atob|SymmetricSecurityKey|(?:System\.Text\.)?Encoding\.\w+\.GetBytes|TextEncoder\(\)\.encode
        |\[\]byte|ConvertTo-SecureString(?:[ ]-String)?|NetworkCredential|pulumi\.secret|[Tt]ext|scalar)[ ]?\(?\s?)?
        ([A-Za-z@$]{0,2})(\\*)(\"\"\"|'''|["'`])""",
    re.VERBOSE,
)
_BARE = re.compile(rb"[^\s\"'`<>&;,)\]}|\\]+")
_WHOLE = re.compile(rb"[^\s\"'`]+")
_COMMENT = re.compile(rb"\s+(?:#|//|;).*$")
_LINE_HEAD = re.compile(
    rb"""[\s\-*>;#/!]*(?:(?:export|set|setenv|setx|declare|readonly|local|ENV|ARG|let|var|val|const|def)\s+(?:-x\s+)?)?
         (?:\$env:|\$)?["']?""",
    re.VERBOSE | re.IGNORECASE,
)
_CONTENT = re.compile(rb"([^<>\n]{1,400}?)\s*</")
_COMMA = re.compile(rb"[\"'`]{0,3}\s*,\s*")
_ENVIRONMENT = re.compile(rb"(?:.*[\s;|&])?(?:-e|--env|export|ENV|ARG|env)?[ \t]*[A-Z_a-z=\d.]*", re.DOTALL)
_CALL = re.compile(rb"[A-Za-z_$@][\w$.]*\s*[(\[]")

# Languages in which a bare word is never a string.
CODE = words(
    """
    python javascript typescript tsx jsx java go csharp c# php ruby c cpp c++ rust kotlin swift scala dart
    groovy lua perl r json sql hcl terraform toml vue svelte solidity objective-c objectivec elixir haskell
    julia
    """
)


class Literal(NamedTuple):
    """A value in the text: its byte range without quotes, and how it is written."""

    start: int
    end: int
    quoted: bool
    alone: bool  # bare, and all of its line after the operator
    after: bytes  # what follows it in the line, up to a limit


def literal_at(data: bytes, pos: int) -> Literal | None:
    """Read the string literal that begins at a byte, through prefixes and the usual wrappers, as `b"` or `bytes("`.

    An escaped quote (`\\"`), as in JSON inside a string, is ended by one escaped alike. One that isn't ended
    goes to the end of its line.
    """
    opener = _OPENER.match(data, pos)
    if opener is None:
        return None
    start = opener.end()
    end = _close(data, start, opener[2], opener[3])
    formatted = opener[1].lower() in {b"f", b"rf", b"fr", b"$", b"$@", b"@$"} and b"{" in data[start:end]
    return None if formatted else Literal(start, end, True, False, data[end : end + 8])


def _close(data: bytes, start: int, escape: bytes, quote: bytes) -> int:
    limit = min(len(data), start + _LONGEST)
    end = data.find(escape + quote, start, limit)
    while not escape and end > start and _is_escaped(data, start, end):
        end = data.find(quote, end + 1, limit)
    line = data.find(b"\n", start, limit)
    if len(quote) == 1 and line >= 0 and (end < 0 or line < end):
        return line
    return end if end >= 0 else limit


def _is_escaped(data: bytes, start: int, end: int) -> bool:
    before = data[start:end]
    return (len(before) - len(before.rstrip(b"\\"))) % 2 == 1


def bare_at(data: bytes, name: int, pos: int, language: str) -> Literal | None:
    """Read the bare value at `pos`, whose name begins at `name`; None where the language would read it as code."""
    head = data[max(data.rfind(b"\n", 0, name) + 1, name - _LINE) : name]
    if language in CODE and not _in_text(head):
        return None
    stop = data.find(b"\n", pos, pos + _LINE)
    rest = data[pos : stop if stop >= 0 else pos + _LINE]
    trimmed = _unclosed(_COMMENT.sub(b"", rest).rstrip())
    if _LINE_HEAD.fullmatch(head) and language not in CODE and (whole := _WHOLE.fullmatch(trimmed.rstrip(b",;"))):
        alone = trimmed == whole[0]
        return Literal(pos, pos + len(whole[0]), False, alone, rest[len(whole[0]) : len(whole[0]) + 8])
    bare = _BARE.match(rest)
    if (
        bare
        and language not in CODE
        and data[pos - 1 : pos] == b"="
        and _ENVIRONMENT.fullmatch(head)
        and (bare.end() == len(rest) or rest[bare.end() : bare.end() + 1].isspace())
    ):
        return Literal(pos, pos + bare.end(), False, True, b"")  # PGPASSWORD=… psql
    if bare is None or _CALL.match(rest):
        return None
    return Literal(pos, pos + bare.end(), False, False, rest[bare.end() : bare.end() + 8])


def _unclosed(value: bytes) -> bytes:
    """Drop the closing brackets at a value's end that it doesn't open."""
    for opening, closing in (b"()", b"[]", b"{}"):
        while value.endswith(bytes([closing])) and value.count(bytes([closing])) > value.count(bytes([opening])):
            value = value[:-1]
    return value


def content_at(data: bytes, pos: int) -> Literal | None:
    """Read the content of an XML element; None where it holds elements, or lines."""
    content = _CONTENT.match(data, pos)
    return Literal(content.start(1), content.end(1), True, False, b"") if content else None


def nth_literal_at(data: bytes, pos: int, number: int) -> Literal | None:
    """Read the string literal that follows `number` others and their commas, as in `user, password = "x", "y"`."""
    literal = literal_at(data, pos)
    while literal and number:
        comma = _COMMA.match(data, literal.end)
        literal, number = (literal_at(data, comma.end()) if comma else None), number - 1
    return literal


def _in_text(head: bytes) -> bool:
    """Say whether what follows the head of a line stands in a string or a comment."""
    quotes = any(head.count(quote) % 2 for quote in (b'"', b"'", b"`"))
    return quotes or b"#" in head or b"//" in head or head.lstrip().startswith((b"*", b"--", b"/*"))
