"""Findings that a detector proves wrong: they stay, with low confidence and the reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tracevet.model import Confidence, Finding, Policy
from tracevet.policy.match import breaches, names, rule_name


@dataclass(frozen=True, slots=True)
class Weighed:
    """The findings on one snippet that say something is weak; `reasons` has those that were refuted, and why."""

    findings: tuple[Finding, ...]
    reasons: Mapping[Finding, str]

    def count(self, policy: Policy, finding: Finding) -> bool:
        """Tell whether a finding counts for a policy, whatever the policy is about."""
        return policy.refuted or not self.reasons or finding not in self.reasons

    def left_out(self, found: Iterable[Finding], policies: Sequence[Policy], language: str) -> int:
        """Count the refuted findings that now breach nothing, and did as they were `found`."""
        if not self.reasons:
            return 0
        refuted = [(now, each) for each in found if not each.refutes and (now := _lowered(each)) in self.reasons]
        return sum(
            any(breaches(policy, before, language) for policy in policies)
            and not any(self.count(policy, now) and breaches(policy, now, language) for policy in policies)
            for now, before in refuted
        )


def weigh(findings: Sequence[Finding]) -> Weighed:
    """Lower the confidence of what is refuted on the very same region, by whichever detector; drop the proofs."""
    proofs: dict[tuple[int, int], list[Finding]] = {}
    for proof in findings:
        if proof.refutes:
            proofs.setdefault((proof.region.start, proof.region.end), []).append(proof)
    if not proofs:
        return Weighed(tuple(findings), {})
    kept: list[Finding] = []
    reasons: dict[Finding, str] = {}
    for finding in findings:
        if finding.refutes:
            continue
        near = proofs.get((finding.region.start, finding.region.end), ())
        against = next((each for each in near if _refutes(each, finding)), None)
        kept.append(_lowered(finding) if against else finding)
        if against:
            reasons[kept[-1]] = f"{rule_name(against)} speaks against it: {against.message}"
    return Weighed(tuple(kept), reasons)


def _lowered(finding: Finding) -> Finding:
    return finding.model_copy(update={"confidence": Confidence.LOW})


def _refutes(proof: Finding, finding: Finding) -> bool:
    return not set(proof.refutes).isdisjoint(finding.cwe) or names(rule_name(finding), proof.refutes)
