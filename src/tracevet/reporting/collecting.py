"""From verdicts to a digest: one pass, with what people decided beside it. Pure."""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tracevet.model import Decision, Fact, Place, ShownStep, Status, Verdict, Violation
from tracevet.reporting.counting import (
    STANDING,
    Days,
    Gaps,
    Policies,
    Rows,
    Tally,
    by_severity,
    is_code_turn,
    moment,
    per_100,
    resolutions,
    share,
)
from tracevet.reporting.figures import Case, Digest, Resolving, RuleReviews, Scope
from tracevet.reporting.patterns import key, patterns
from tracevet.reporting.pseudonyms import Pseudonyms

HELD = 20_000  # cases one report holds
Ruled = Mapping[str, tuple[Decision, datetime]]  # fingerprint -> the youngest judgement, and when it was made


@dataclass(slots=True)
class Collection:
    """What is gathered of the verdicts of a report, each given once."""

    pseudonyms: Pseudonyms
    traces: int = 0
    turns: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    coverage: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)
    projects: Rows = field(default_factory=Rows)
    developers: Rows = field(default_factory=Rows)
    assistants: Rows = field(default_factory=Rows)
    models: Rows = field(default_factory=Rows)
    policies: Policies = field(default_factory=Policies)
    days: Days = field(default_factory=Days)
    gaps: Gaps = field(default_factory=Gaps)
    cases: dict[str, Case] = field(default_factory=dict)
    dropped: int = 0

    def add(self, verdict: Verdict, wanted: Callable[[Violation], bool]) -> None:
        """Count a verdict, younger ones first, with those of its violations that are wanted."""
        found = [violation for violation in verdict.violations if wanted(violation)]
        turn, standing = is_code_turn(verdict), [one for one in found if one.status in STANDING]
        self.traces += 1
        self.turns += turn
        self.outcomes[verdict.outcome.value] += 1
        self.coverage[verdict.coverage.value] += 1
        self.statuses.update(one.status.value for one in found)
        self.severities.update(one.severity.value for one in standing)
        self.days.add(moment(verdict), turn=turn, violations=len(standing))
        self.gaps.add(verdict.gaps)
        for tally in self._tallies(verdict):
            tally.turns += turn
            for violation in found:
                tally.add(violation)
        for violation in found:
            self.policies.add(violation)
            self._keep(verdict, violation)

    def digest(self, scope: Scope, ruled: Ruled, corrected: Mapping[str, datetime]) -> Digest:
        """Sum up, with what people said, and when sessions corrected what, both by fingerprint."""
        cases = sorted(self.cases.values(), key=lambda case: (case.rank, case.violation.fingerprint), reverse=True)
        known = [case.model_copy(update={"pattern": key(case.violation)}) for case in cases]
        found = sum(self.severities.values())
        return Digest(
            scope=scope,
            traces=self.traces,
            turns=self.turns,
            violations=found,
            per_100=per_100(found, self.turns),
            corrected_share=share(self.statuses[Status.CORRECTED.value], found),
            undated=self.days.undated,
            outcomes=dict(self.outcomes),
            statuses=dict(self.statuses),
            severities=by_severity(self.severities),
            coverage=dict(self.coverage),
            days=self.days.rows(),
            policies=self.policies.rows(self.turns),
            projects=self.projects.rows(),
            developers=self.developers.rows(),
            assistants=self.assistants.rows(),
            models=self.models.rows(),
            resolutions=tuple(resolutions(_hours(cases, ruled, corrected))),
            rules=_rules(cases, ruled),
            gaps=self.gaps.rows(),
            patterns=patterns(known),
            cases=tuple(known),
            cases_left_out=self.dropped,
        )

    def _tallies(self, verdict: Verdict) -> Iterator[Tally]:
        context = verdict.context
        yield self.projects.of(said(context.project))
        yield self.developers.of(self.pseudonyms.of(said(context.developer)))
        yield self.assistants.of(said(context.assistant))
        yield self.models.of(said(context.model))

    def _keep(self, verdict: Verdict, violation: Violation) -> None:
        """Put a violation to those of its fingerprint: one that is open counts before the others."""
        before = self.cases.get(violation.fingerprint)
        times = before.times + 1 if before else 1
        if before and not (violation.status is Status.OPEN and before.violation.status is not Status.OPEN):
            self.cases[violation.fingerprint] = before.model_copy(update={"times": times})
            return
        self.cases[violation.fingerprint] = Case(
            violation=_hidden(violation, self.pseudonyms),
            platform=verdict.trace.platform,
            verdict=verdict.id,
            began=verdict.trace.start,
            ended=verdict.trace.end,
            times=times,
        )
        if len(self.cases) > 2 * HELD:
            self._drop()

    def _drop(self) -> None:
        worst = heapq.nlargest(HELD, self.cases.values(), key=lambda case: case.rank)
        self.dropped += len(self.cases) - len(worst)
        self.cases = {case.violation.fingerprint: case for case in worst}


def said(fact: Fact | None) -> str | None:
    """Give what a fact says."""
    return fact.value if fact else None


def _hidden(violation: Violation, pseudonyms: Pseudonyms) -> Violation:
    """Give the violation as it may be shown: without the developer's name and home, unless names are shown."""
    if pseudonyms.reveal:
        return violation
    who = violation.developer

    def hide(text: str | None) -> str | None:
        return text and pseudonyms.hide(text, who)

    names = ("path", "repository", "branch", "evidence", "message", "because", "url", "session", "project")
    update: dict[str, object] = {name: hide(getattr(violation, name)) for name in names}
    update["developer"] = who and pseudonyms.of(who)
    update["places"] = tuple(_moved(place, hide(place.path)) for place in violation.places)
    update["flow"] = tuple(_shown(step, hide(step.evidence) or "") for step in violation.flow)
    return violation.model_copy(update=update)


def _moved(place: Place, path: str | None) -> Place:
    return place if path == place.path else place.model_copy(update={"path": path})


def _shown(step: ShownStep, evidence: str) -> ShownStep:
    return step if evidence == step.evidence else step.model_copy(update={"evidence": evidence})


def _hours(cases: Iterable[Case], ruled: Ruled, corrected: Mapping[str, datetime]) -> dict[Resolving, list[float]]:
    """Tell how long each took from when its code was first seen until it was resolved."""
    hours: dict[Resolving, list[float]] = {by: [] for by in Resolving}
    for case in cases:
        first, ruling = case.violation.first_seen, ruled.get(case.violation.fingerprint)
        if first is None:
            continue
        if case.violation.status is Status.CORRECTED and case.violation.fingerprint in corrected:
            hours[Resolving.CORRECTED].append(_between(first, corrected[case.violation.fingerprint]))
        elif case.violation.status is Status.RETRACTED and ruling:
            hours[Resolving.REVIEWED].append(_between(first, ruling[1]))
    return hours


def _between(first: datetime, last: datetime) -> float:
    return max(0.0, (last - first).total_seconds() / 3600)


def _rules(cases: Iterable[Case], ruled: Ruled) -> tuple[RuleReviews, ...]:
    said: dict[str, Counter[Decision]] = {}
    for case in cases:
        ruling = ruled.get(case.violation.fingerprint)
        if ruling:
            rule = f"{case.violation.detector}:{case.violation.rule}"
            said.setdefault(rule, Counter())[ruling[0]] += 1
    rows = [_reviews(rule, counts) for rule, counts in said.items()]
    return tuple(sorted(rows, key=lambda row: (-row.false_positives, -row.judged, row.rule)))


def _reviews(rule: str, counts: Counter[Decision]) -> RuleReviews:
    judged = sum(counts.values())
    wrong = counts[Decision.FALSE_POSITIVE]
    return RuleReviews(
        rule=rule,
        judged=judged,
        confirmed=counts[Decision.CONFIRMED],
        false_positives=wrong,
        accepted=counts[Decision.ACCEPTED_RISK],
        false_share=round(wrong / judged, 4),
    )
