"""What a detector proves harmless: it counts for no policy that does not ask for it, and is counted."""

from typing import Any

import pytest

from tracevet import (
    Confidence,
    Context,
    Finding,
    Outcome,
    Policy,
    Region,
    Severity,
    Snippet,
    Step,
    Surface,
    Trace,
    Verdict,
)
from tracevet.policy import Scanned, decide

TEXT = 'a = run("x")\nrun(run("y"))\n'
CALL = 'run("x")'
ANY = Policy(
    id="any", title="Any", category="c", severity=Severity.HIGH, cwe=("CWE-78",), rules=("b:*",), recommendation="R."
)


def finding(part: str = CALL, **fields: Any) -> Finding:
    start = TEXT.index(part)
    base: dict[str, Any] = {
        "snippet": "",
        "detector": "b",
        "rule": "B605",
        "message": "A shell is started.",
        "cwe": ("CWE-78",),
        "severity": Severity.HIGH,
        "confidence": Confidence.HIGH,
        "region": Region.of(TEXT, start, start + len(part)),
    }
    return Finding(**(base | fields))


def proof(part: str = CALL, **fields: Any) -> Finding:
    base: dict[str, Any] = {
        "detector": "flow", "rule": "command-injection", "message": "All of it is constant.", "cwe": (),
        "refutes": ("CWE-78",),
    }  # fmt: skip
    return finding(part, **(base | fields))


def judge(*findings: Finding, policy: Policy = ANY) -> Verdict:
    place = Snippet(text=TEXT, surface=Surface.SUGGESTED, language="python", span="s", pointer="/output")
    scanned = Scanned(snippet=place, places=(place,), findings=findings)
    return decide(Trace(platform="local", id="t", spans=()), Context(), [scanned], [policy], key=b"k")


@pytest.mark.parametrize(
    ("against", "refuted"),
    [
        ({}, True),
        ({"refutes": ("CWE-89", "CWE-78")}, True),
        ({"refutes": ("b:B605",)}, True),
        ({"refutes": ("b:B6*",)}, True),
        ({"refutes": ("CWE-89",)}, False),
        ({"refutes": ("c:B605",)}, False),
        ({"refutes": ()}, False),
        ({"part": 'a = run("x")'}, False),
        ({"part": '"x"'}, False),
        ({"part": 'run(run("y"))'}, False),
    ],
)
def test_a_proof_holds_for_its_own_kind_and_its_very_place(against: dict[str, Any], refuted: bool) -> None:
    verdict = judge(finding(), proof(**against))
    assert verdict.outcome is (Outcome.CLEAN if refuted else Outcome.VIOLATIONS)
    assert verdict.left_out == int(refuted)


def test_a_harmless_call_does_not_clear_the_call_around_it() -> None:
    (violation,) = judge(finding('run(run("y"))'), finding('run("y")'), proof('run("y")')).violations
    assert violation.evidence == 'run(run("y"))'


def test_a_proof_alone_is_no_weakness() -> None:
    verdict = judge(proof(cwe=("CWE-78",)))
    assert (verdict.outcome, verdict.left_out) == (Outcome.CLEAN, 0)


def test_a_policy_that_asks_for_what_was_refuted_shows_it_with_low_confidence_and_the_reason() -> None:
    verdict = judge(finding(), proof(), policy=ANY.model_copy(update={"refuted": True}))
    (violation,) = verdict.violations
    assert (violation.confidence, violation.severity) == (Confidence.LOW, Severity.HIGH)
    assert violation.grading == ("flow:command-injection speaks against it: All of it is constant.",)
    assert verdict.left_out == 0


def test_what_a_policy_would_not_have_taken_anyhow_is_not_counted() -> None:
    assert judge(finding(cwe=("CWE-1",), detector="c"), proof(refutes=("CWE-1",))).left_out == 0


def test_another_finding_on_the_spot_that_stands_keeps_the_violation() -> None:
    (violation,) = judge(finding(), proof(), finding(cwe=("CWE-95",), rule="B307")).violations
    assert (violation.rule, violation.confidence, violation.grading) == ("B307", Confidence.HIGH, ())


def test_a_violation_shows_the_way_of_the_data_with_its_lines_masked() -> None:
    text = 'x = ask()\npassword = "hunter2" + x\nrun(x)\n'
    steps = tuple(Step(start_line=n, end_line=n, note=note) for n, note in ((1, "in"), (2, "on"), (3, "out")))
    region = Region.of_lines(text, 3, 3)
    place = Snippet(text=text, surface=Surface.APPLIED, language="python", span="s", pointer="/input", path="a.py")
    scanned = Scanned(snippet=place, places=(place,), findings=(finding(region=region, flow=steps),))
    (violation,) = decide(
        Trace(platform="local", id="t", spans=()), Context(), [scanned], [ANY], key=b"k"
    ).violations  # fmt: skip
    assert [(step.start_line, step.note) for step in violation.flow] == [(1, "in"), (2, "on"), (3, "out")]
    assert [step.evidence for step in violation.flow][::2] == ["x = ask()", "run(x)"]
    assert "hunter2" not in violation.model_dump_json()


def test_a_way_of_many_steps_and_of_lines_that_are_not_there_is_cut() -> None:
    steps = tuple(Step(start_line=n, end_line=n, note="on") for n in range(1, 900))
    (violation,) = judge(finding(flow=steps)).violations
    assert len(violation.flow) == 12
    assert violation.flow[-1].start_line == 899
