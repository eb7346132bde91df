"""Code as tokens in a normal form: the same for code that was formatted anew, or whose variables were renamed."""

import re
from collections.abc import Sequence
from itertools import islice
from pathlib import PurePosixPath
from typing import NamedTuple

NAME = "\x01"  # stands for a name that may be chosen freely
ANY = "\x02"  # stands for what is masked in the evidence

# What the languages that assistants write mostly give a meaning of its own; any other name may be renamed.
WORDS = frozenset(
    [
        "False",
        "None",
        "True",
        "and",
        "as",
        "assert",
        "async",
        "await",
        "break",
        "case",
        "catch",
        "class",
        "const",
        "continue",
        "debugger",
        "def",
        "default",
        "defer",
        "del",
        "do",
        "elif",
        "else",
        "end",
        "enum",
        "except",
        "export",
        "extends",
        "false",
        "final",
        "finally",
        "fn",
        "for",
        "foreach",
        "from",
        "func",
        "function",
        "global",
        "go",
        "goto",
        "if",
        "impl",
        "import",
        "in",
        "include",
        "instanceof",
        "interface",
        "is",
        "lambda",
        "let",
        "loop",
        "match",
        "mod",
        "mut",
        "namespace",
        "new",
        "nil",
        "nonlocal",
        "not",
        "null",
        "or",
        "package",
        "pass",
        "private",
        "protected",
        "pub",
        "public",
        "raise",
        "require",
        "rescue",
        "return",
        "select",
        "self",
        "static",
        "struct",
        "super",
        "switch",
        "this",
        "throw",
        "throws",
        "trait",
        "true",
        "try",
        "type",
        "typeof",
        "unless",
        "unsafe",
        "until",
        "use",
        "using",
        "var",
        "void",
        "when",
        "where",
        "while",
        "with",
        "yield",
        "echo",
        "exit",
        "print",
        "SELECT",
        "INSERT",
        "UPDATE",
        "DELETE",
        "FROM",
        "WHERE",
        "INTO",
        "VALUES",
        "AND",
        "OR",
        "JOIN",
        "DROP",
        "TABLE",
        "RUN",
        "USER",
        "EXPOSE",
        "COPY",
    ]
)
HASH = frozenset({".py", ".rb", ".sh", ".bash", ".yml", ".yaml", ".toml", ".tf", ".pl", ".r", ".dockerfile"})
HASH_LANGUAGES = frozenset({"python", "ruby", "shell", "bash", "yaml", "toml", "terraform", "dockerfile", "perl"})

_STRING = r"""[rbfuRBFU]{0,2}(?:\"\"\".*?\"\"\"|'''.*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|`(?:[^`\\]|\\.)*`"""
_REST = r"[^\W\d]\w*|\d[\w.]*|->|=>|::|:=|[=!<>]==?|&&|\|\||[^\s\w]"
_MASK = r"(?:[\w-]{4}…[\w-]{2} )?\[masked: \d{1,9} chars(?:, hmac [0-9a-f]{8})?\]"
_SLASHES = re.compile(rf"{_STRING}|//[^\n]*|/\*.*?\*/|{_REST}", re.DOTALL)
_HASHES = re.compile(rf"{_STRING}|#[^\n]*|{_REST}", re.DOTALL)
_EITHER = {True: _HASHES, False: _SLASHES}
_HOLE = re.compile(r"\{[^{}\n]*\}")
_MASKED = re.compile(_MASK)
_QUOTES = "\"'`"


class Token(NamedTuple):
    """One token: as it is compared, as it is written, and where."""

    normal: str
    raw: str
    start: int  # characters, 0-based


def hashes(path: str | None, language: str = "") -> bool:
    """Tell whether `#` begins a comment in a file; elsewhere `//` and `/* */` do."""
    if language:
        return language in HASH_LANGUAGES
    name = PurePosixPath(path or "")
    return name.suffix.lower() in HASH or name.name.lower() in {"dockerfile", "makefile", "gemfile"}


def raw(text: str, *, hashed: bool) -> list[str]:
    """Cut a text into tokens as they are written, without comments."""
    mark = ("#",) if hashed else ("//", "/*")
    return [token for token in _EITHER[hashed].findall(text) if not token.startswith(mark)]


def normal(written: Sequence[str]) -> list[str]:
    """Bring tokens to the normal form, one by one.

    A name that is called, or is part of another thing, stays; so do words of the languages, numbers and texts. In
    texts white space, quotes, prefixes and what fills their holes do not count.
    """
    if not written:
        return []
    before = ["", *written[:-1]]
    after = [*written[1:], ""]
    return [_normal(token, left, right) for token, left, right in zip(written, before, after, strict=True)]


def tokens(text: str, *, hashed: bool) -> list[Token]:
    """Cut a text into tokens with their places."""
    mark = ("#",) if hashed else ("//", "/*")
    found = [match for match in _EITHER[hashed].finditer(text) if not match[0].startswith(mark)]
    forms = normal([match[0] for match in found])
    return [Token(form, match[0], match.start()) for form, match in zip(forms, found, strict=True)]


def span(text: str, first: int, last: int, *, hashed: bool) -> tuple[int, int]:
    """Give where the token with one number starts, and where that with another ends; in characters, half-open."""
    mark = ("#",) if hashed else ("//", "/*")
    found = (match for match in _EITHER[hashed].finditer(text) if not text.startswith(mark, match.start()))
    wanted = list(islice(found, first, last + 1))
    return wanted[0].start(), wanted[-1].end()


def masked(text: str) -> tuple[str, bool]:
    """Put a mark for each mask that stands in evidence, and tell whether there was one."""
    marked, count = _MASKED.subn(ANY, text)
    return marked, bool(count)


def _normal(token: str, left: str, right: str) -> str:
    first = token[0]
    if first.isalpha() or first == "_":
        if token[-1] in _QUOTES and len(token) > 1:
            return _text(token.lstrip("rbfuRBFU"))
        return token if token in WORDS or right == "(" or left in {".", "->", "::"} else NAME
    return _text(token) if first in _QUOTES and len(token) > 1 else token


def _text(token: str) -> str:
    size = 3 if token[:3] in {'"""', "'''"} and len(token) > 5 else 1  # noqa: PLR2004 - both ends of a long quote
    return '"' + " ".join(_HOLE.sub("{}", token[size:-size]).split())
