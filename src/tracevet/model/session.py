"""What a later trace of a session needs of the earlier ones: texts of files in memory, and digests that may be kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, TypeAlias

from pydantic import Field, SkipValidation

from tracevet.model.base import Frozen
from tracevet.model.verdict import Context, Status

When: TypeAlias = tuple[float, int]  # seconds since 1970 in UTC; then, for traces without a time, their turn of arrival
Lines: TypeAlias = str  # keyed digests of the lines of a text that are not blank, 8 characters each

DIGEST = 8  # characters of one line's digest


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """A file as the trace leaves it; lines end in `\\n`, and unknown ones are blank."""

    text: str
    known: tuple[tuple[int, int], ...] | None = None  # line ranges, 1-based, inclusive; None: the whole file


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """The files of a session that are known, by their normal path, longest untouched first."""

    states: Mapping[str, FileState]
    calls: Mapping[str, tuple[str, ...]]  # tool calls that were carried out already -> files they changed


class FileNote(Frozen):
    """What a trace says of a whole file in which a violation may stand."""

    trace: str
    at: When
    lines: Lines
    found: tuple[str, ...] | None = None  # Mark.code of every breach standing in it; None: it was not vetted as a whole
    blind: tuple[str, ...] = ()  # detectors that could not read it
    setup: str = ""  # what it was vetted by


class EditNote(Frozen):
    """An edit of a file that is not known as a whole."""

    trace: str
    at: When
    path: str
    old: Lines
    new: Lines


class Mark(Frozen):
    """A violation in files, and what tells whether it still stands there."""

    trace: str
    at: When
    fingerprint: str  # of the violation
    code: str  # its fingerprint if it had no project, which a session may learn late
    detector: str
    paths: tuple[str, ...]
    lines: Lines
    rebuilt: bool  # it was seen in the whole file, not in a fragment
    edge: bool  # it stands at the edge of a fragment, so that its lines may not be whole
    setup: str = ""  # what it was found by
    status: Status = Status.OPEN
    until: When | None = None  # when it was seen to be gone, of one that is corrected


class Session(Frozen):
    """What a later trace of a session needs of the earlier ones.

    `files` lives in memory alone: it is neither dumped nor stored. All else holds no code, but digests under the
    ledger's key.
    """

    id: str
    context: Context = Context()
    seen: dict[str, str] = Field(default_factory=dict)  # Snippet.digest -> id of the trace that showed it first
    files: Annotated[Files, SkipValidation] = Field(default=Files(states={}, calls={}), exclude=True, repr=False)
    last: When = (0.0, 0)  # of the youngest trace
    notes: dict[str, FileNote] = Field(default_factory=dict)  # by path, the youngest alone
    edits: tuple[EditNote, ...] = ()  # younger than the note on their file
    marks: tuple[Mark, ...] = ()  # oldest first
