"""Find log calls and the names in their arguments, in whole files and broken fragments, in linear time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_CALL = re.compile(
    r"\b(?:\w{0,40}log\w{0,40}\.(?:debug|info|warn|warning|error|exception|critical|log)|print)\s*\(", re.IGNORECASE
)
_TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
    |(?P<prefix>[A-Za-z]{0,2})(?P<string>'''(?:[^\\']|\\.|'(?!''))*'''|\"""(?:[^\\"]|\\.|"(?!""))*\"""
        |'(?:[^\\'\n]|\\.)*'|"(?:[^\\"\n]|\\.)*")
    |(?P<name>[^\W\d]\w*)|(?P<open>[(\[{])|(?P<close>[)\]}])|(?P<cut>\[-4:\])""",
    re.VERBOSE | re.DOTALL,
)
_FIELD = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Call:
    """A log call: where it stands, and the names in its arguments with the functions around each."""

    start: int
    end: int
    names: tuple[tuple[str, tuple[str, ...]], ...]


def log_calls(text: str) -> Iterator[Call]:
    """Yield the log calls of a text in order; one within another's arguments belongs to that one."""
    at = 0
    while match := _CALL.search(text, at):
        end, names = _arguments(text, match.end())
        yield Call(match.start(), end, tuple(names))
        at = max(end, match.end())


def _arguments(text: str, start: int) -> tuple[int, list[tuple[str, tuple[str, ...]]]]:
    """Read up to the bracket that closes the call, or the end of what is there."""
    names: list[tuple[str, tuple[str, ...]]] = []
    around: list[str] = []
    last, end = "", len(text)
    for token in _TOKEN.finditer(text, start):
        if token["name"]:
            names.append((token["name"], tuple(filter(None, around))))
        elif token["string"] and "f" in token["prefix"].lower():
            fields = " ".join(_FIELD.findall(token["string"]))
            names += [(name, (*around, *inner)) for name, inner in _arguments(fields, 0)[1]]
        elif token["open"]:
            around.append(last)
        elif token["close"]:
            if not around:
                end = token.end()
                break
            around.pop()
        last = token["name"] or ""
    return end, names
