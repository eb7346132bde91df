"""What was done to files: one event for each write, edit, read or loss, in the order in which a trace shows them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Act(StrEnum):
    """What was done."""

    WROTE = "wrote"  # `text` is all of the file now
    APPENDED = "appended"  # `text` was put behind the file's end
    REPLACED = "replaced"  # `text` stands where `old` stood
    INSERTED = "inserted"  # `text` stands behind line `line`; 0 is the file's beginning
    SAW = "saw"  # `text` stands in the file from line `line` on; nobody wrote it just now
    MOVED = "moved"  # the file is at `to` now
    LOST = "lost"  # the file was changed or removed in a way that the trace does not tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that was done to a file; texts as recorded."""

    act: Act
    path: str = ""  # as the trace spells it; "" with LOST: each file whose name stands in `text`, all where that is ""
    text: str = ""
    old: str = ""
    every: bool = False  # REPLACED: wherever `old` stood
    line: int | None = None  # REPLACED: near it, 1-based, and the first of several will do
    whole: bool = True  # SAW: it is the whole file
    to: str = ""
    span: str = ""
    call: str | None = None
    at: datetime | None = None
