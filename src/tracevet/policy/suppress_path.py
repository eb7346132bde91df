"""Which files a glob covers: `*`, `?` and `[…]` within a name, `**` for any folders; a folder covers what is in it."""

from fnmatch import fnmatchcase
from posixpath import normpath

ANY = "**"


def covers(glob: str, path: str) -> bool:
    """Tell whether a glob covers a path, however that is spelled; one without a leading / begins at any folder.

    The time is bounded by the product of their lengths, whatever they hold.
    """
    pattern = _parts(glob)
    if not glob.startswith("/"):
        pattern = [ANY, *pattern]
    names = _parts(normpath(path.replace("\\", "/"))) if path else []
    at = _onward({0}, pattern)
    for name in names:
        if len(pattern) in at:
            return True
        at = _onward({_step(one, pattern) for one in at if _fits(name, pattern[one])}, pattern)
    return bool(names) and len(pattern) in at


def _parts(path: str) -> list[str]:
    return [part for part in path.split("/") if part not in {"", "."}]


def _fits(name: str, part: str) -> bool:
    return part == ANY or fnmatchcase(name, part)


def _step(at: int, pattern: list[str]) -> int:
    return at if pattern[at] == ANY else at + 1


def _onward(at: set[int], pattern: list[str]) -> set[int]:
    """Add the places that are reached without a name: those behind a `**`."""
    reached = set(at)
    for one in sorted(at):
        step = one
        while step < len(pattern) and pattern[step] == ANY:
            step += 1
            reached.add(step)
    return reached
