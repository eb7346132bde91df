"""What the info string of a fence says: the language, and in many dialects the file."""

import re
from dataclasses import dataclass

from tracevet.extract.language import of_info, of_path
from tracevet.extract.paths import is_path

_QUOTED = re.compile(r"(\d{1,7}):(\d{1,7}):(\S{1,300})")  # Cursor: lines of a file that exists
_KEY = re.compile(
    r"\b(?:title|file|filename|file_name|filepath|path|name|src)\s?[=:]\s?(?:\"([^\"]{1,300})\"|'([^']{1,300})'|([^\s}\"']{1,300}))"
)
_WORD_AND_PATH = re.compile(r"([\w+#-]{1,30})[: |]\s?([^\s:|{}\"']{1,300})(?:\s|\Z)")


@dataclass(frozen=True, slots=True)
class Info:
    """Language and path by an info string, and whether it quotes lines that exist."""

    language: str = ""
    path: str | None = None
    quoted: bool = False


def read_info(info: str) -> Info:
    """Read an info string: `python title="a.py"`, `python:a.py`, `{.python file=a.py}`, `a.py`, `12:15:a.py` …"""
    info = info.strip()[:600]
    if quoted := _QUOTED.match(info):
        return Info(of_path(quoted[3]), quoted[3], quoted=True)
    first = info.split(maxsplit=1)[0] if info else ""
    if is_path(first) and not of_info(info):
        return Info(of_path(first), first)
    return Info(of_info(info), _path(info))


def _path(info: str) -> str | None:
    if key := _KEY.search(info):
        path = next(value for value in key.groups() if value)
        return path if of_path(path) or "/" in path else None
    if (pair := _WORD_AND_PATH.match(info)) and is_path(pair[2]):
        return pair[2]
    return None
