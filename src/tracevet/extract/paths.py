"""Paths of files as prose, fences and comments name them."""

import re

from tracevet.extract.language import of_path

_PATH = re.compile(r"(?:[A-Za-z]:[\\/])?(?!\.*\Z)[\w.@~+$%#()\[\]{}\\/ -]{1,300}")
_LEAD = re.compile(
    r"(?:(?:in|to|new|the|create|created|update|updated|edit|modify|add|save|file|filename|filepath|path|full|listing)\b[\s:*`]*){1,4}",
    re.IGNORECASE,
)
_TAIL = re.compile(r"(?:\s*\((?:new|new file|updated|modified|excerpt)\))?[\s:*`\"'_>]*\Z", re.IGNORECASE)
_COMMENT = re.compile(r"(?:#|//|--|/\*|<!--|;)\s*(.{1,300}?)\s*(?:\*/|-->)?\s*\Z")


def is_path(text: str) -> bool:
    """Tell whether a text can only be the path of a file: one word that ends in a known name or extension."""
    return " " not in text and _PATH.fullmatch(text) is not None and of_path(text) != ""


def path_line(line: str) -> str | None:
    """Give the path a line consists of, such as `app/db.py`, `**app/db.py**:` or `### File: app/db.py`."""
    bare = line.strip()[:400].lstrip("#*`\"'->+ 0123456789.)\t")
    bare = bare if is_path(bare) or not bare else _TAIL.sub("", bare)
    lead = _LEAD.match(bare)
    for candidate in (bare, bare[lead.end() :].lstrip("`*\"'") if lead else ""):
        if is_path(candidate):
            return candidate if candidate in line else None
    return None


def path_comment(line: str) -> str | None:
    """Give the path that a comment consists of, as assistants put one on the first line of a file."""
    found = _COMMENT.match(line.strip()[:400])
    return path_line(found[1]) if found else None
