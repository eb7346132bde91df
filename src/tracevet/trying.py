"""What policies would have flagged, had they been on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from tracevet.assembly import Assembly
from tracevet.errors import ConfigError
from tracevet.ledger import Ledger
from tracevet.model import Finding, Mode, Outcome, Policy, PolicyPack, Status, Verdict, Violation
from tracevet.policy import breaches
from tracevet.policy.grading import lowered
from tracevet.policy.refuting import weigh
from tracevet.workers import Engine

Said = Mapping[str, tuple[Finding, ...]]  # Snippet.digest -> what all detectors said of it


def tried(assembly: Assembly, pack: PolicyPack) -> Assembly:
    """Give the assembly as it would be with that pack's policies alone, each of them on."""
    policies = tuple(
        policy.model_copy(update={"mode": Mode.MONITOR}) if policy.mode is Mode.OFF else policy
        for policy in pack.policies
    )
    if not policies:
        raise ConfigError(f"{pack.source}: holds no policies")
    return replace(assembly, policies=policies)


@dataclass(slots=True, kw_only=True)
class Regraded:
    """What policies make of what the ledger knows; grows while `verdicts` are taken."""

    ledger: Ledger
    policies: Sequence[Policy]
    engines: Sequence[Engine]
    looked_at: int = 0  # verdicts
    forgotten: int = field(default=0)  # violations whose findings the ledger does not hold any more

    def verdicts(self, since: datetime | None) -> Iterator[Verdict]:
        """Yield the verdicts that the policies would have changed, with their violations alone, newest first.

        Only where some policy found something: what was found elsewhere stands in no verdict, so its trace can't be
        told. Nothing is written.
        """
        for verdict in self.ledger.verdicts(since=since):
            self.looked_at += 1
            violations = tuple(self._violations([each for each in verdict.violations if each.status is Status.OPEN]))
            if violations:
                worst = max((each.severity for each in violations), key=lambda grade: grade.rank)
                update = {"violations": violations, "severity": worst, "outcome": Outcome.VIOLATIONS}
                yield verdict.model_copy(update=update)

    def _violations(self, known: Sequence[Violation]) -> Iterator[Violation]:
        said = self._said({each.snippet for each in known})
        given: set[tuple[str, str, int, int]] = set()
        for violation in known:
            if violation.snippet not in said:
                self.forgotten += 1
            for policy in self.policies:
                spot = (policy.id, violation.snippet, violation.start_line, violation.end_line)
                finding = _breach(policy, violation, said.get(violation.snippet, ()))
                if finding and spot not in given:
                    given.add(spot)
                    yield _as(policy, violation, finding)

    def _said(self, digests: set[str]) -> Said:
        found: dict[str, tuple[Finding, ...]] = {}
        for engine in self.engines:
            for digest, result in self.ledger.results(engine.id, digests).items():
                found[digest] = (*found.get(digest, ()), *result.findings)
        return found


def _breach(policy: Policy, violation: Violation, findings: Sequence[Finding]) -> Finding | None:
    """Give the finding on the violation's lines that breaches the policy where the violation stands."""
    if not {place.surface for place in violation.places} & set(policy.surfaces):
        return None
    weighed = weigh(findings)
    return next(
        (
            each
            for each in weighed.findings
            if weighed.count(policy, each)
            and breaches(policy, each, violation.language)
            and each.region.start_line <= violation.end_line
            and violation.start_line <= each.region.end_line
        ),
        None,
    )


def _as(policy: Policy, violation: Violation, finding: Finding) -> Violation:
    """Tell the violation as one of another policy."""
    places = tuple(place for place in violation.places if place.surface in policy.surfaces)
    return violation.model_copy(
        update={
            "policy": policy.id,
            "title": policy.title,
            "category": policy.category,
            "mode": policy.mode,
            "severity": lowered(policy.severity) if violation.grading else policy.severity,
            "recommendation": policy.recommendation.strip(),
            "detector": finding.detector,
            "rule": finding.rule,
            "message": finding.message,
            "confidence": finding.confidence,
            "surface": places[0].surface,
            "places": places,
            "occurrences": len(places),
        }
    )
