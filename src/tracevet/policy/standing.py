"""Which breaches stand in a text, whoever wrote them."""

from collections.abc import Sequence
from dataclasses import replace

from tracevet.model import Policy, Surface
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
