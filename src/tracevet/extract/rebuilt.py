"""What rebuilding files gives: texts placed in their files, what is left of the files, and edits without a file."""

import posixpath
import re
from dataclasses import dataclass
from datetime import datetime

from tracevet.model import Files

Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A text that was written, in its file."""

    span: str
    call: str | None
    fragment: str  # without line ends at its end, as snippets are
    path: str  # normal
    text: str  # of the file, likewise
    changed: Ranges | None  # lines that it changed; None: all of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A whole file as the trace leaves it, or last shows it."""

    path: str  # normal
    at: datetime | None  # of the last thing that was done to it
    text: str
    written: bool  # the assistant wrote to it in this trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """An edit in a file that is not known."""

    path: str  # normal
    at: datetime | None
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """What rebuilding gave; the tuples are in the order of the trace."""

    files: Files
    placed: tuple[Placed, ...]
    left: tuple[Left, ...]
    edits: tuple[Edit, ...]
    failed: frozenset[tuple[str, str | None]]  # span and call of tools that wrote nothing


def normal_path(path: str, directory: str | None) -> str:
    """Spell a path in one way: absolute where the directory is known, with `/`, without `.` and `..`."""
    path = path.strip().replace("\\", "/")
    if directory and not path.startswith(("/", "~")) and not re.match(r"[A-Za-z]:/", path):
        path = posixpath.join(directory.replace("\\", "/"), path)
    return posixpath.normpath(path)
