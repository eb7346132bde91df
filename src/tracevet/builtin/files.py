"""Find the files to read under the paths a user named, each once, in sorted order."""

import fnmatch
import glob
import os
import re
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from stat import S_ISDIR, S_ISREG
from typing import NamedTuple

from tracevet.errors import SourceError
from tracevet.model import Gap, GapReason

DEFAULTS = ("~/.claude/projects", "~/.codex/sessions")
STDIN = "-"

_VERSION_CONTROL = frozenset({".git", ".hg", ".svn", ".jj"})
_HOME = re.compile(r"^(?:/home|/Users|[A-Za-z]:\\Users)[/\\][^/\\]+")

_Identity = tuple[int, int]  # device and inode
_CIRCLE = "a link back to a directory above it"
_NO_FILE = "neither a file nor a directory; what comes through a pipe is read as - from standard input"
_Wanted = Callable[[str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A file to read."""

    path: str  # "-" for standard input
    shown: str  # as it may be shown: without the name of anyone's home directory
    size: int  # bytes, at the time it was found
    under: str | None  # the directory named by the user that holds it, as shown; None: the file itself was named


def find(paths: Sequence[str]) -> Iterator[Found | Gap]:
    """Yield the regular files that the paths name, and a gap for everything that can't be one of them.

    A path is a file, a directory (read recursively, version control left out), a glob, or `-`. Without any, the
    default directories of Claude Code and Codex are taken as far as they exist. Links are followed; no file comes
    twice, and a loop ends.

    Raises:
        SourceError: a path does not exist.
    """
    seen: set[_Identity] = set()
    for path in paths or _defaults():
        if path == STDIN:
            yield Found(path=STDIN, shown="standard input", size=0, under=None)
            continue
        plain, met = os.path.expanduser(path), 0
        for top, wanted in _tops(plain):
            met += yield from _walk(top, seen, wanted)
        if not met and not os.path.lexists(plain):
            raise SourceError(f"no file matches {path!r}")


def show(path: str) -> str:
    """Give a path as it may be shown: home directories bear people's names."""
    path = path.encode("utf-8", "replace").decode()  # names are bytes to the system, of any kind
    home = os.path.expanduser("~")
    if path == home or path.startswith(home + os.sep):
        return "~" + path[len(home) :]
    return _HOME.sub("~", path)


def _defaults() -> list[str]:
    found = [path for path in DEFAULTS if os.path.isdir(os.path.expanduser(path))]
    if not found:
        raise SourceError(f"no traces here: neither {' nor '.join(DEFAULTS)} exists; name a file, a directory or -")
    return found


def _tops(path: str) -> list[tuple[str, _Wanted]]:
    """Give where to walk, and which files to take on the way."""
    if os.path.lexists(path):
        return [(path, lambda _: True)]
    if not glob.has_magic(path):
        raise SourceError(f"no file or directory at {path!r}")
    if "**" not in path:
        return [(name, lambda _: True) for name in sorted(glob.glob(path, include_hidden=True))]
    # The walk ends where links lead in circles; glob follows each of them until the system stops it.
    parts = path.split(os.sep)
    fixed = next(number for number, part in enumerate(parts) if glob.has_magic(part))
    top = os.sep.join(parts[:fixed]) or (os.sep if path.startswith(os.sep) else os.curdir)
    skip = len(top.rstrip(os.sep)) + 1
    return [(top, lambda name: _fits(name[skip:].split(os.sep), parts[fixed:]))] if os.path.isdir(top) else []


def _fits(names: Sequence[str], pattern: Sequence[str]) -> bool:
    """Tell whether a path, or a directory that holds it, is matched."""
    if not pattern:
        return True
    if pattern[0] == "**":
        return _fits(names, pattern[1:]) or (bool(names) and _fits(names[1:], pattern))
    return bool(names) and fnmatch.fnmatchcase(names[0], pattern[0]) and _fits(names[1:], pattern[1:])


def _walk(top: str, seen: set[_Identity], wanted: _Wanted) -> Generator[Found | Gap, None, int]:
    """Yield what is wanted below a path, unless it was seen; return how much was wanted."""
    stack, entered, met = [_Step(top, None, ())], set[_Identity](), 0
    while stack:
        step = stack.pop()
        try:
            status = os.stat(step.path)
            identity = status.st_dev, status.st_ino
            if S_ISDIR(status.st_mode):
                if identity in step.above:
                    yield Gap(reason=GapReason.UNREADABLE, detail=_CIRCLE, path=show(step.path))
                elif identity not in entered:
                    entered.add(identity)
                    stack.extend(_inside(step, identity))
            elif wanted(step.path):
                met += 1
                yield from _file(step, status, seen)
        except OSError as error:
            yield unreadable(show(step.path), error)
    return met


def _inside(step: "_Step", identity: _Identity) -> Iterator["_Step"]:
    """Give what a directory holds, last first: it goes on a stack."""
    for name in sorted(os.listdir(step.path), reverse=True):
        if name not in _VERSION_CONTROL:
            yield _Step(os.path.join(step.path, name), step.under or show(step.path), (*step.above, identity))


def _file(step: "_Step", status: os.stat_result, seen: set[_Identity]) -> Iterator[Found | Gap]:
    identity = status.st_dev, status.st_ino
    if not S_ISREG(status.st_mode):
        yield Gap(reason=GapReason.UNREADABLE, detail=_NO_FILE, path=show(step.path))
    elif identity not in seen:
        seen.add(identity)
        yield Found(path=step.path, shown=show(step.path), size=status.st_size, under=step.under)


class _Step(NamedTuple):
    """Something to look at on the walk."""

    path: str
    under: str | None  # the directory named by the user
    above: tuple[_Identity, ...]  # directories on the way


def unreadable(shown: str, error: OSError) -> Gap:
    """Make the gap for something that the system does not let us read."""
    reason = os.strerror(error.errno).lower() if error.errno else "it can't be read"
    return Gap(reason=GapReason.UNREADABLE, detail=reason, path=shown)
