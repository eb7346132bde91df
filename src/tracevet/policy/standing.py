"""What stands: the breaches in a text, whoever wrote them; the violations of a verdict, whatever became of them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from tracevet.model import Outcome, Policy, Review, Status, Surface, Verdict, Violation
from tracevet.policy.breach import find_breaches
from tracevet.policy.fingerprint import fingerprint
from tracevet.policy.match import Scanned


def standing(scanned: Scanned, policies: Sequence[Policy], key: bytes) -> frozenset[str]:
    """Give the fingerprints of all breaches in a file, as if all of it were written now, and in no project."""
    place = replace(scanned.snippet, surface=Surface.APPLIED, changed=None)
    whole = replace(scanned, places=(place,))
    return frozenset(
        fingerprint(found.policy.id, None, found.evidence) for found in find_breaches(whole, policies, {}, key)
    )


def concluded(verdict: Verdict, violations: Iterable[Violation]) -> Verdict:
    """Give the verdict with these violations; only open ones count in its outcome and severity."""
    parts = tuple(violations)
    found = [violation.severity for violation in parts if violation.status is Status.OPEN]
    nothing = Outcome.UNKNOWN if verdict.gaps else Outcome.CLEAN
    update = {
        "violations": parts,
        "severity": max(found, key=lambda severity: severity.rank, default=None),
        "outcome": Outcome.VIOLATIONS if found else nothing,
    }
    return verdict.model_copy(update=update)


def retract(verdict: Verdict, fingerprints: Collection[str]) -> Verdict:
    """Give the verdict with the violations of these fingerprints retracted."""
    if not any(violation.fingerprint in fingerprints for violation in verdict.violations):
        return verdict
    retracted = {"status": Status.RETRACTED}
    parts = (v.model_copy(update=retracted) if v.fingerprint in fingerprints else v for v in verdict.violations)
    return concluded(verdict, parts)


def concerns(review: Review, violation: Violation) -> bool:
    """Tell whether a review of the violation's trace is about it."""
    spans = {violation.span_id, *(place.span for place in violation.places)}
    return review.span in {None, *spans} and review.policy in {None, violation.policy}
