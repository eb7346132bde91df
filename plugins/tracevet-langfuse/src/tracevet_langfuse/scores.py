"""Which scores a verdict becomes. Pure: the same verdict and subject give the same scores, ids included."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid5

from tracevet import Status, Verdict, Violation
from tracevet_langfuse.texts import score_comment, summary, told_reach

POLICY = "policy"  # the policy tag: one for each violated policy, value = the policy's id
SEVERITY = "policy.severity"
COVERAGE = "policy.coverage"
CLEARED = "cleared"  # the value of what is not said any more
CORRECTED = "corrected"  # the value of what a later step put right

_IDS = UUID("5f1b6c1e-8f0b-5d51-9a75-0d2f0c7a4f11")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An observation, or a trace, as far as a score on it must know it."""

    start: datetime
    environment: str | None  # as scores may have it
    own_environment: str | None = None  # as it was recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """What a guardrail observation of ours says."""

    level: str
    message: str
    tags: tuple[str, ...] | None  # sorted; None: the server does not tell

    def same_as(self, other: "Posted | None") -> bool:
        """Tell whether another one says the same, as far as it is known."""
        if other is None:
            return False
        tags = other.tags is None or other.tags == self.tags
        return tags and (other.level, other.message) == (self.level, self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A trace that is written to: when and where, and what its rows say of it as a whole."""

    trace: Seen
    observations: Mapping[str, Seen]
    guardrails: Mapping[str, Posted] = field(default_factory=dict)  # ours, by their ids
    public: bool = False
    tags: tuple[str, ...] = ()
    name: str = ""
    user: str = ""
    session: str = ""
    release: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A categorical score on a trace, or on one of its observations."""

    id: str
    trace_id: str
    observation_id: str | None
    name: str
    value: str
    comment: str
    timestamp: datetime
    environment: str | None
    metadata: Mapping[str, str] = field(default_factory=dict)


def identity(*parts: str) -> str:
    """Give an id that is the same for the same parts."""
    return str(uuid5(_IDS, "\x00".join(parts)))


def scores(verdict: Verdict, subject: Subject, project: str) -> Iterator[Score]:
    """Yield the policy tags of the trace, of each offending observation, and the roll-up."""
    writer = _Writer(verdict, subject, project)
    for policy, violations in _by_policy(verdict.violations).items():
        yield writer.policy(policy, violations, None)
        for span in spans_of(violations):
            if span in subject.observations:
                yield writer.policy(policy, standing_in(violations, span), span)
    yield from writer.roll_up()


def spans_of(violations: Iterable[Violation]) -> list[str]:
    """Give the observations in which the violations stand, strongest first."""
    return list(dict.fromkeys(span for violation in violations for span in _spans(violation)))


def standing_in(violations: Iterable[Violation], span: str) -> list[Violation]:
    """Give those that stand in an observation, whatever became of them."""
    return [one for one in violations if span in _spans(one)]


def value_of(violations: Sequence[Violation]) -> str:
    """Say what holds of one policy: its id while a violation is open."""
    statuses = {violation.status for violation in violations}
    if Status.OPEN in statuses:
        return violations[0].policy
    return CORRECTED if Status.CORRECTED in statuses else CLEARED


class _Writer:
    """Fills in what all scores of one verdict share."""

    def __init__(self, verdict: Verdict, subject: Subject, project: str) -> None:
        self._verdict, self._subject, self._project = verdict, subject, project

    def policy(self, policy: str, violations: Sequence[Violation], span: str | None) -> Score:
        standing = [one for one in violations if one.status is Status.OPEN] or list(violations)
        comment = score_comment(standing, cleared=value_of(violations))
        return self._score(POLICY, value_of(violations), comment, span, policy, _metadata(policy, standing))

    def roll_up(self) -> Iterator[Score]:
        verdict = self._verdict
        worst = str(verdict.severity) if verdict.severity else CLEARED
        if verdict.violations:
            yield self._score(SEVERITY, worst, summary(verdict))
        yield self._score(COVERAGE, str(verdict.coverage), summary(verdict))

    def _score(
        self,
        name: str,
        value: str,
        comment: str,
        span: str | None = None,
        policy: str = "",
        metadata: Mapping[str, str] | None = None,
    ) -> Score:
        seen = self._subject.observations[span] if span else self._subject.trace
        trace = self._verdict.trace.id
        return Score(
            id=identity(self._project, trace, span or "", policy, name),
            trace_id=trace,
            observation_id=span,
            name=name,
            value=value,
            comment=comment,
            timestamp=seen.start,
            environment=seen.environment,
            metadata=metadata or {},
        )


def _by_policy(violations: Iterable[Violation]) -> dict[str, list[Violation]]:
    found: dict[str, list[Violation]] = {}
    for violation in violations:
        found.setdefault(violation.policy, []).append(violation)
    return found


def _spans(violation: Violation) -> list[str]:
    return list(dict.fromkeys([violation.span_id, *(place.span for place in violation.places)]))


def _metadata(policy: str, violations: Sequence[Violation]) -> dict[str, str]:
    """Tell a machine the same; Langfuse merges metadata by key, so every key is always there."""
    worst = violations[0]
    return {
        "policy": policy,
        "status": str(worst.status),
        "severity": str(worst.severity),
        "rule": worst.rule,
        "detector": worst.detector,
        "cwe": ", ".join(worst.cwe),
        "fingerprint": ", ".join(violation.fingerprint for violation in violations[:20]),
        "violations": str(len(violations)),
        "reach": told_reach(violations),
    }
