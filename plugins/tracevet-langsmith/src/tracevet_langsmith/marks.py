"""Which feedback a verdict becomes. Pure: the same verdict and runs give the same feedback, ids included."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from tracevet import Coverage, Severity, Status, Verdict, Violation
from tracevet_langsmith.texts import comment, summary

POLICY = "policy."  # beginning of the key of a policy's feedback; its id follows
SEVERITY = "policy.severity"
COVERAGE = "policy.coverage"
REVIEW = "policy.review"
CLEARED = "cleared"  # the value of what is not said any more
CORRECTED = "corrected"  # the value of what a later step put right
SCORES = {Severity.LOW: 0.25, Severity.MEDIUM: 0.5, Severity.HIGH: 0.75, Severity.CRITICAL: 1.0}
COVERED = {Coverage.FULL: 1.0, Coverage.PARTIAL: 0.5, Coverage.NONE: 0.0}

_IDS = UUID("8f6ad7b1-8e2c-5c07-9d8e-3a1f6c5b2d90")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The runs of one trace that feedback is put on, each with its start; the root's id is the trace's."""

    project: str
    runs: Mapping[str, datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One piece of feedback on one run."""

    id: str
    trace: str
    run: str
    key: str
    score: float  # 0.0 nothing wrong, 1.0 critical; of the coverage 0.0 nothing vetted, 1.0 all
    value: str
    comment: str


def identity(*parts: str) -> str:
    """Give an id that is the same for the same parts."""
    return str(uuid5(_IDS, "\x00".join(parts)))


def marks(verdict: Verdict, subject: Subject, workspace: str) -> Iterator[Mark]:
    """Yield a mark for each violated policy on the root and on each offending run, and the roll-up on the root."""
    trace = verdict.trace.id
    for policy, violations in _by_policy(verdict.violations).items():
        for run in dict.fromkeys((trace, *spans_of(violations))):
            if run in subject.runs:
                about = violations if run == trace else [one for one in violations if run in _spans(one)]
                score, value = _said(about)
                text = comment(_standing(about), cleared=value)
                yield _mark(workspace, trace, run, f"{POLICY}{policy}", score, value, text)
    if trace in subject.runs:
        yield from _roll_up(verdict, workspace)


def spans_of(violations: Iterable[Violation]) -> list[str]:
    """Give the runs in which the violations stand, strongest first."""
    return list(dict.fromkeys(span for violation in violations for span in _spans(violation)))


def _roll_up(verdict: Verdict, workspace: str) -> Iterator[Mark]:
    trace, worst, coverage = verdict.trace.id, verdict.severity, verdict.coverage
    if verdict.violations:
        score, value = (SCORES[worst], str(worst)) if worst else (0.0, CLEARED)
        yield _mark(workspace, trace, trace, SEVERITY, score, value, summary(verdict))
    yield _mark(workspace, trace, trace, COVERAGE, COVERED[coverage], str(coverage), summary(verdict))


def _mark(workspace: str, trace: str, run: str, key: str, score: float, value: str, text: str) -> Mark:
    name = identity(workspace, trace, run, key)
    return Mark(id=name, trace=trace, run=run, key=key, score=score, value=value, comment=text)


def _said(violations: Sequence[Violation]) -> tuple[float, str]:
    """Say what holds of one policy: the worst severity while a violation is open."""
    worst = max((one.severity for one in violations if one.status is Status.OPEN), key=_rank, default=None)
    if worst:
        return SCORES[worst], str(worst)
    return 0.0, CORRECTED if any(one.status is Status.CORRECTED for one in violations) else CLEARED


def _rank(severity: Severity) -> int:
    return severity.rank


def _standing(violations: Sequence[Violation]) -> list[Violation]:
    return [one for one in violations if one.status is Status.OPEN] or list(violations)


def _by_policy(violations: Iterable[Violation]) -> dict[str, list[Violation]]:
    found: dict[str, list[Violation]] = {}
    for violation in violations:
        found.setdefault(violation.policy, []).append(violation)
    return found


def _spans(violation: Violation) -> list[str]:
    return list(dict.fromkeys([violation.span_id, *(place.span for place in violation.places)]))
