"""What became of violations: corrected by a later edit, brought back, or still there."""

from collections.abc import Sequence

import pytest
from file_traces import bash, call, edit, read, scan, setup, turn, vet_all, write

from tracevet import Outcome, Session, Severity, Span, Status
from tracevet.model.session import Files
from tracevet.pipeline import vet
from tracevet.session import changes, restate, statuses

OPEN, CORRECTED = Status.OPEN, Status.CORRECTED
BAD = write("a.py", "import x\n\nbad(1)\nend\n")
TAINTED = write("a.py", "x = input()\nbad(x)\n")
FIX = edit("a.py", "bad(1)", "good(1)")

TURNS: list[tuple[str, Sequence[Sequence[Span]], Status]] = [
    ("nothing more", [[BAD]], OPEN),
    ("an edit of the same turn", [[BAD, FIX]], CORRECTED),
    ("an edit of a later turn", [[BAD], [FIX]], CORRECTED),
    ("a write of a later turn", [[BAD], [write("a.py", "end\n")]], CORRECTED),
    ("an edit elsewhere in the file", [[BAD], [edit("a.py", "end", "the end")]], OPEN),
    ("an edit of another file", [[BAD], [write("b.py", "good(1)\n")]], OPEN),
    ("a fix that failed", [[BAD], [edit("a.py", "bad(1)", "good(1)", is_error=True)]], OPEN),
    ("a fix that is taken back", [[BAD], [FIX], [edit("a.py", "good(1)", "bad(1)")]], OPEN),
    ("the same line put elsewhere", [[BAD], [write("a.py", "import x\n\n\n\n    bad(1)\n")]], OPEN),
    ("another cause removed", [[TAINTED], [edit("a.py", "x = input()", "x = 1")]], CORRECTED),
    ("another cause still there", [[TAINTED], [edit("a.py", "x = input()", "y = 2\nx = input()")]], OPEN),
    ("sed, and nobody looked", [[BAD], [bash("sed -i s/bad/good/ a.py")]], OPEN),
    (
        "sed, then a read",
        [[BAD], [bash("sed -i s/bad/good/ a.py"), read("a.py", "import x\n\ngood(1)\nend")]],
        CORRECTED,
    ),
    ("sed, then a read that shows it", [[BAD], [bash("sed -i s/q/r/ a.py"), read("a.py", "import x\n\nbad(1)")]], OPEN),
    ("a fix, then git checkout", [[BAD, FIX, bash("git checkout .")]], CORRECTED),
    ("the file removed", [[BAD], [bash("rm a.py")]], OPEN),
    ("a state that nobody can parse, with the line", [[BAD], [edit("a.py", "end", "!!")]], OPEN),
    ("a state that nobody can parse, without it", [[BAD], [edit("a.py", "bad(1)", "!!")]], CORRECTED),
    (
        "a patch",
        [
            [BAD],
            [
                call(
                    "apply_patch",
                    {"input": "*** Begin Patch\n*** Update File: a.py\n@@\n-bad(1)\n+good(1)\n*** End Patch"},
                )
            ],
        ],
        CORRECTED,
    ),
    ("a person's change of a fix", [[BAD], [edit("a.py", "bad(1)", "good(1)", result={"userModified": True})]], OPEN),
    ("a run command", [[bash("python -c 'bad(1)'")], [write("a.py", "good(1)")]], OPEN),
]


@pytest.mark.parametrize(("turns", "expected"), [row[1:] for row in TURNS], ids=[row[0] for row in TURNS])
def test_what_became_of_the_first_turns_violation(turns: Sequence[Sequence[Span]], expected: Status) -> None:
    traces = [turn(f"t{number}", *spans, minute=number) for number, spans in enumerate(turns)]
    verdicts, session = vet_all(*traces)
    now = restate(verdicts[0], statuses(session, "t0"))
    assert [violation.status for violation in now.violations] == [expected]


@pytest.mark.parametrize(("turns", "expected"), [row[1:] for row in TURNS], ids=[row[0] for row in TURNS])
def test_a_new_process_knows_no_texts_and_never_calls_more_corrected(
    turns: Sequence[Sequence[Span]], expected: Status
) -> None:
    session, first = Session(id="s"), None
    for number, spans in enumerate(turns):
        verdict, session = vet(turn(f"t{number}", *spans, minute=number), session, setup(), scan)
        first = first or verdict
        session = Session.model_validate_json(session.model_dump_json())
        assert session.files == Files(states={}, calls={})
    assert first is not None
    (violation,) = restate(first, statuses(session, "t0")).violations
    unknown = (TURNS[9][1], TURNS[17][1])  # only the whole file would tell
    assert violation.status is expected or (violation.status is OPEN and any(turns is each for each in unknown))


def test_a_corrected_violation_stays_in_the_verdict_and_does_not_count() -> None:
    (verdict,), _ = vet_all(turn("t", BAD, FIX))
    assert (verdict.outcome, verdict.severity, len(verdict.violations)) == (Outcome.CLEAN, None, 1)
    (verdict,), _ = vet_all(turn("t", BAD, FIX, write("b.py", "bad(2)\n")))
    assert (verdict.outcome, verdict.severity, len(verdict.violations)) == (Outcome.VIOLATIONS, Severity.HIGH, 2)
    (verdict,), _ = vet_all(turn("t", BAD, FIX, write("b.py", "!!\n")))
    assert verdict.outcome is Outcome.UNKNOWN


def test_a_violation_in_two_files_is_corrected_when_both_are() -> None:
    both = turn("t0", BAD, write("b.py", "bad(1)\n"))
    _, session = vet_all(both, turn("t1", FIX, minute=1))
    assert set(statuses(session, "t0").values()) == {OPEN}
    _, session = vet_all(both, turn("t1", FIX, minute=1), turn("t2", edit("b.py", "bad(1)", "ok"), minute=2))
    assert set(statuses(session, "t0").values()) == {CORRECTED}


def test_changes_name_the_other_traces_and_both_directions() -> None:
    _, one = vet_all(turn("t0", BAD))
    _, two = vet_all(turn("t0", BAD), turn("t1", FIX, minute=1))
    _, three = vet_all(
        turn("t0", BAD), turn("t1", FIX, minute=1), turn("t2", edit("a.py", "good(1)", "bad(1)"), minute=2)
    )
    assert [set(found.values()) for found in changes(one, two).values()] == [{CORRECTED}]
    assert [set(found.values()) for found in changes(two, three).values()] == [{OPEN}]
    assert list(changes(one, two)) == ["t0"]


def test_vetting_a_trace_again_changes_nothing() -> None:
    traces = [turn("t0", BAD), turn("t1", FIX, minute=1)]
    _, session = vet_all(*traces)
    again, after = vet(traces[0], session.model_copy(update={"files": Files(states={}, calls={})}), setup(), scan)
    assert [violation.status for violation in again.violations] == [CORRECTED]
    assert (after.marks, after.notes.keys()) == (session.marks, session.notes.keys())


def test_a_reviewers_status_is_left_alone() -> None:
    (verdict,), _ = vet_all(turn("t", BAD))
    (violation,) = verdict.violations
    kept = verdict.model_copy(update={"violations": (violation.model_copy(update={"status": Status.SUPPRESSED}),)})
    assert restate(kept, {violation.fingerprint: CORRECTED}).violations[0].status is Status.SUPPRESSED


def test_what_a_file_was_before_says_nothing_of_a_later_violation() -> None:
    large = "value = 1\n" * 30_000 + "bad(1)\nend\n"  # too large to be rebuilt
    verdicts, session = vet_all(turn("t0", write("a.py", "good(1)\n")), turn("t1", write("a.py", large), minute=1))
    assert [violation.status for violation in verdicts[1].violations] == [OPEN]
    assert set(statuses(session, "t1").values()) == {OPEN}
