"""What became of a session's violations: a later edit removes one, another brings it back. Pure.

Only violations in files are followed. One that was suggested or run stays as it is, and so does one in a file of
which nothing more is known.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b

from tracevet.extract import Edit, Left
from tracevet.model import (
    EditNote,
    FileNote,
    Mark,
    Policy,
    Session,
    Snippet,
    Status,
    Surface,
    Trace,
    Verdict,
    Violation,
)
from tracevet.model.session import DIGEST, Lines, When
from tracevet.policy import Scanned, aware, concluded, fingerprint, standing

MAX_MARKS = 2_000  # of a session; the oldest are forgotten first, and stay as they are
MAX_EDITS = 2_000
MAX_LINES = 40_000  # lines of files whose digests are kept
MAX_MARK = 40  # lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a trace tells of the files of its session, once it was vetted."""

    trace: str
    when: When
    left: Sequence[Left]
    edits: Sequence[Edit]
    scanned: Mapping[str, Scanned]  # by digest
    wholes: Mapping[str, Mapping[str, str]]  # normal path -> text -> digest
    paths: Mapping[tuple[str, str, str | None], str]  # span, pointer and path of an applied snippet -> normal path
    policies: Sequence[Policy]
    blind: Mapping[str, frozenset[str]]  # digest -> detectors that could not read it
    setup: str
    key: bytes


def when(trace: Trace, session: Session) -> When:
    """Tell a trace's place in its session; one without any time comes after those that were there before it."""
    starts = [span.start for span in trace.spans if span.start]
    start = trace.start or min(starts, default=None, key=_seconds) or trace.end
    return (_seconds(start), 0) if start else (session.last[0], session.last[1] + 1)


def learn(session: Session, told: Told, verdict: Verdict) -> Session:
    """Add what a trace tells to its session, in the place of what an earlier vetting of it told."""
    had = told.trace in {*(mark.trace for mark in session.marks), *(edit.trace for edit in session.edits)}
    new = list(_marks(told, verdict))
    followed = {path for mark in (*session.marks, *new) for path in mark.paths} | session.notes.keys()
    left = [file for file in told.left if file.written or file.path in followed]
    if not (had or new or left or told.edits):
        return session.model_copy(update={"last": max(session.last, told.when)})
    notes = dict(session.notes)
    for path, note in _notes(left, told):
        if path not in notes or notes[path].trace == told.trace or notes[path].at <= note.at:
            notes.pop(path, None)
            notes[path] = note
    edits = [*(edit for edit in session.edits if edit.trace != told.trace), *_edits(told)]
    edits = [edit for edit in edits if edit.path not in notes or notes[edit.path].at < edit.at]
    marks = [*(mark for mark in session.marks if mark.trace != told.trace), *new]
    marks = sorted(marks, key=lambda mark: (mark.at, mark.trace, mark.fingerprint))[-MAX_MARKS:]
    update = {
        "last": max(session.last, told.when),
        "notes": _capped(notes),
        "edits": tuple(sorted(edits, key=lambda edit: edit.at)[-MAX_EDITS:]),
    }
    learnt = session.model_copy(update=update)
    return learnt.model_copy(update={"marks": tuple(_judged(marks, learnt))})


def changes(before: Session, after: Session) -> dict[str, dict[str, Status]]:
    """Tell which violations (trace -> fingerprint) have another status than before."""
    old = {(mark.trace, mark.fingerprint): mark.status for mark in before.marks}
    changed: dict[str, dict[str, Status]] = {}
    for mark in after.marks:
        if old.get((mark.trace, mark.fingerprint), mark.status) is not mark.status:
            changed.setdefault(mark.trace, {})[mark.fingerprint] = mark.status
    return changed


def statuses(session: Session, trace: str) -> dict[str, Status]:
    """Give what became of the violations of a trace, by fingerprint."""
    return {mark.fingerprint: mark.status for mark in session.marks if mark.trace == trace}


def ends(session: Session, trace: str) -> dict[str, datetime]:
    """Tell when the corrected violations of a trace were gone, by fingerprint, as far as the traces have times."""
    marks = (mark for mark in session.marks if mark.trace == trace and mark.until is not None)
    timed = ((mark.fingerprint, _moment(mark.until)) for mark in marks)
    return {name: end for name, end in timed if end is not None}


def _moment(at: When | None) -> datetime | None:
    """Give the time, of what has one and lies within the calendar."""
    if at is None or at[1]:
        return None
    try:
        return datetime.fromtimestamp(at[0], UTC)
    except (OverflowError, ValueError):
        return None


def restate(verdict: Verdict, now: Mapping[str, Status]) -> Verdict:
    """Give the verdict with the statuses put in; only open and corrected ones change places."""
    if not any(now.get(v.fingerprint, v.status) is not v.status for v in verdict.violations):
        return verdict
    return concluded(verdict, (_restated(violation, now) for violation in verdict.violations))


def _restated(violation: Violation, now: Mapping[str, Status]) -> Violation:
    status = now.get(violation.fingerprint)
    if status is None or violation.status not in (Status.OPEN, Status.CORRECTED) or status is violation.status:
        return violation
    return violation.model_copy(update={"status": status})


def _judged(marks: Iterable[Mark], session: Session) -> Iterator[Mark]:
    """Judge each by the youngest thing known of every file that the violation was written to."""
    edits: dict[str, list[EditNote]] = {}
    for edit in session.edits:
        edits.setdefault(edit.path, []).append(edit)
    for mark in marks:
        stand = (_stands(mark, session.notes.get(path), edits.get(path, ())) for path in mark.paths)
        gone = all(each is False for each in stand)
        until = (mark.until or _gone_at(mark, session.notes, edits)) if gone else None
        status = Status.CORRECTED if gone else Status.OPEN
        same = (mark.status, mark.until) == (status, until)
        yield mark if same else mark.model_copy(update={"status": status, "until": until})


def _gone_at(mark: Mark, notes: Mapping[str, FileNote], edits: Mapping[str, Sequence[EditNote]]) -> When:
    """Tell when it was gone from the last of its files: by the edit that removed it, else by what shows the file."""
    times = []
    for path in mark.paths:
        took_out = (e for e in edits.get(path, ()) if _holds(e.old, mark.lines) and not _holds(e.new, mark.lines))
        removing = [edit.at for edit in took_out if edit.at >= mark.at]
        times.append(max(removing) if removing else notes[path].at if path in notes else mark.at)
    return max(times, default=mark.at)


def _stands(mark: Mark, note: FileNote | None, edits: Sequence[EditNote]) -> bool | None:
    """Tell whether a violation still stands in a file; None where nothing tells."""
    stands = None
    if note is not None and (note.at >= mark.at or note.trace == mark.trace):
        stands = _stands_in(mark, note)
    for edit in edits:
        if edit.at >= mark.at and mark.lines:
            if _holds(edit.new, mark.lines):
                stands = True
            elif _holds(edit.old, mark.lines):
                stands = False
    return stands


def _stands_in(mark: Mark, note: FileNote) -> bool | None:
    vetted = note.found is not None and mark.detector not in note.blind and mark.setup == note.setup
    found = vetted and mark.code in (note.found or ())
    if mark.rebuilt and vetted:
        return found
    if mark.edge or not mark.lines:
        return True if found else None
    return found or _holds(note.lines, mark.lines)


def _notes(files: Iterable[Left], told: Told) -> Iterator[tuple[str, FileNote]]:
    for left in files:
        digest = told.wholes.get(left.path, {}).get(left.text.rstrip("\n"), "")
        scanned = told.scanned.get(digest)
        found = None if scanned is None else standing(scanned, told.policies, told.key)
        yield (
            left.path,
            FileNote(
                trace=told.trace,
                at=_at(left.at, told),
                lines=_lines(left.text.split("\n"), told.key),
                found=None if found is None else tuple(sorted(found)),
                blind=tuple(sorted(told.blind.get(digest, ()))),
                setup=told.setup,
            ),
        )


def _edits(told: Told) -> Iterator[EditNote]:
    for edit in told.edits:
        old, new = (_lines(text.split("\n"), told.key) for text in (edit.old, edit.new))
        yield EditNote(trace=told.trace, at=_at(edit.at, told), path=edit.path, old=old, new=new)


def _marks(told: Told, verdict: Verdict) -> Iterator[Mark]:
    for violation in verdict.violations:
        snippet = told.scanned[violation.snippet].snippet if violation.snippet in told.scanned else None
        applied = [place for place in violation.places if place.surface is Surface.APPLIED]
        paths = [told.paths.get((place.span, place.pointer, place.path)) for place in applied]
        if snippet is not None and paths and all(paths):
            yield _mark(told, violation, snippet, tuple(dict.fromkeys(path for path in paths if path)))


def _mark(told: Told, violation: Violation, snippet: Snippet, paths: tuple[str, ...]) -> Mark:
    lines = snippet.text.split("\n")
    first, last = violation.start_line, violation.end_line
    return Mark(
        trace=told.trace,
        at=_at(violation.first_seen, told),
        fingerprint=violation.fingerprint,
        code=fingerprint(violation.policy, None, violation.evidence),
        detector=violation.detector,
        paths=paths,
        lines=_lines(lines[first - 1 : last][:MAX_MARK], told.key),
        rebuilt=snippet.rebuilt,
        edge=not snippet.rebuilt and (first == 1 or last >= len(lines)),
        setup=told.setup,
    )


def _lines(lines: Iterable[str], key: bytes) -> Lines:
    bare = (line.strip().encode("utf-8", "surrogatepass") for line in lines)
    return "".join(blake2b(line, key=key[:64], digest_size=DIGEST // 2).hexdigest() for line in bare if line)


def _holds(lines: Lines, part: Lines) -> bool:
    """Tell whether lines stand in others, one behind the other."""
    at = lines.find(part)
    while at >= 0 and at % DIGEST:
        at = lines.find(part, at + 1)
    return at >= 0 and part != ""


def _capped(notes: dict[str, FileNote]) -> dict[str, FileNote]:
    room, kept = MAX_LINES * DIGEST, []
    for path, note in sorted(notes.items(), key=lambda entry: entry[1].at, reverse=True):
        room -= len(note.lines)
        if room < 0:
            break
        kept.append((path, note))
    return dict(reversed(kept))


def _at(moment: datetime | None, told: Told) -> When:
    return (_seconds(moment), 0) if moment else told.when


def _seconds(moment: datetime) -> float:
    return aware(moment).timestamp()
