"""The files that an assistant is about to change, as they stand on disk: its edit is vetted inside them."""

import os
import stat
from collections.abc import Iterable, Sequence

from tracevet.extract import Work, normal_path
from tracevet.extract.acts import Act, Event
from tracevet.model import Files, FileState

MAX_FILE = 200_000  # characters: larger files are not rebuilt, their edits are vetted alone
MAX_FILES = 50

_CHANGES = frozenset({Act.WROTE, Act.APPENDED, Act.REPLACED, Act.INSERTED, Act.MOVED})


def files_before(done: Iterable[Work], directory: str | None, *, undo: bool) -> Files:
    """Read the files that the work changes, as they were before it.

    `undo`: the work is done already; an edit is taken back, and a file for which that can't be is left out, as is
    one that can't be read: what was written there is vetted alone.
    """
    changes: dict[str, list[Event]] = {}
    for event in (event for each in done if not each.failed for event in each.events):
        if event.act in _CHANGES and event.path:
            changes.setdefault(normal_path(event.path, directory), []).append(event)
    texts = {path: read_text(path) for path in list(changes)[:MAX_FILES]}
    if undo:
        texts = {path: text and undone(text, changes[path]) for path, text in texts.items()}
    return Files(states={path: FileState(text=text) for path, text in texts.items() if text is not None}, calls={})


def read_text(path: str) -> str | None:
    """Give the text of a file; None where it is no plain file, too large, no UTF-8 or not there."""
    try:
        file = os.open(os.path.expanduser(path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode) or status.st_size > 4 * MAX_FILE:
            return None
        text = os.read(file, status.st_size).decode("utf-8").replace("\r\n", "\n")
    except (OSError, ValueError):
        return None
    finally:
        os.close(file)
    return text if len(text) <= MAX_FILE else None


def undone(text: str, events: Sequence[Event]) -> str | None:
    """Take edits back, the last one first; None where they are not all there, or could be elsewhere as well."""
    for event in reversed(events):
        if event.act is Act.WROTE:
            return None
        new = event.text.replace("\r\n", "\n")
        if not new or text.count(new) != 1:
            return None
        text = text.replace(new, event.old.replace("\r\n", "\n") if event.act is Act.REPLACED else "")
    return text
