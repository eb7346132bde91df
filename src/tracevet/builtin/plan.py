"""Put files into the order in which they are read: the fullest copy of a session first."""

import re
from collections.abc import Iterator, Sequence

from tracevet.builtin.files import STDIN, Found
from tracevet.builtin.streams import opened, peek

_HEAD = 256 * 1024  # bytes in which a transcript names its session
_SESSION = re.compile(
    rb'"sessionId"\s*:\s*"([^"]{1,100})"|"session_meta".{0,200}?"id"\s*:\s*"([^"]{1,100})"', re.DOTALL
)
_SUBAGENT = re.compile(rb'"isSidechain"\s*:\s*true')


def plan(files: Sequence[Found]) -> Iterator[tuple[Found, ...]]:
    """Group the files by session, in their order; a file of no session is a group of its own.

    Among them a subagent's own file comes before the copies of its messages elsewhere, and a larger file before a
    smaller one, so that a turn which stands in several is met whole before it is met in part.
    """
    sessions: dict[bytes, list[tuple[bool, int, Found]]] = {}
    for file in files:
        session, subagent = _session(file) if len(files) > 1 else (b"", False)
        sessions.setdefault(session or file.path.encode("utf-8", "surrogateescape"), []).append(
            (not subagent, -file.size, file)
        )
    for found in sessions.values():
        yield tuple(file for *_, file in sorted(found, key=lambda entry: entry[:2]))


def _session(file: Found) -> tuple[bytes, bool]:
    """Read which session a file is of, and whether it is a subagent's; what can't be read will be told later."""
    if file.path == STDIN:
        return b"", False
    try:
        with opened(file.path, lambda _: None, lambda _: None) as stream:
            head, _ = peek(stream, _HEAD)
    except OSError:
        return b"", False
    named = _SESSION.search(head)
    return (named[1] or named[2] if named else b""), _SUBAGENT.search(head) is not None
