"""What a change brings: the files as they are now, and which of their lines are new."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tracevet.errors import SourceError, UsageError
from tracevet.repository.git import LARGEST, Repository

_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A file that was changed; its text is None where it is too large to be vetted."""

    path: str  # in the repository
    text: str | None
    added: tuple[tuple[int, int], ...]  # line ranges, 1-based, inclusive


def changes(repository: Repository, base: str) -> Iterator[Change]:
    """Yield the files that differ between where `base` parted and the working tree, with the lines that are new.

    What git does not track is no change; links and binary files hold no lines.

    Raises:
        UsageError: there is no such base, or nothing in common with it; the text says how to get it.
        SourceError: the repository can't be read.
    """
    start = _parting(repository, base)
    for path in repository.changed(start):
        ranges = tuple(_added(repository.patch(start, path)))
        data = _content(repository.path, path) if ranges else None
        if data is not None and b"\x00" not in data[:8192]:
            text = data.decode("utf-8", "replace").replace("\r\n", "\n") if len(data) <= LARGEST else None
            yield Change(path=path, text=text, added=ranges)


def _parting(repository: Repository, base: str) -> str:
    tip = repository.commit(base)
    more = "; the clone is shallow: fetch more of it (fetch-depth: 0)" if repository.shallow else ""
    if tip is None:
        raise UsageError(f"--base {base!r} names no commit in {repository.path}{more}; fetch it, or name another")
    head = repository.commit("HEAD")
    parting = repository.merge_base(tip, head) if head else None
    if parting is None:
        raise UsageError(f"--base {base!r} and HEAD have no commit in common in {repository.path}{more}")
    return parting


def _added(patch: str) -> Iterator[tuple[int, int]]:
    for hunk in _HUNK.finditer(patch):
        first, count = int(hunk[1]), int(hunk[2] or "1")
        if count:
            yield first, first + count - 1


def _content(root: Path, path: str) -> bytes | None:
    """Read a file of the working tree, following no link; None where it is no file."""
    where = root / path
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        if not where.parent.resolve().is_relative_to(root.resolve()):
            return None
        with open(os.open(where, flags), "rb") as file:
            return file.read(LARGEST + 1)
    except FileNotFoundError as error:
        raise SourceError(f"{path!r} changed while it was looked at; run again") from error
    except OSError:
        return None
