"""Near-identical violations, grouped across projects by the tokens of their masked evidence."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

from tracevet.model import Violation
from tracevet.reporting.figures import Case, Pattern
from tracevet.repository.tokens import ANY, NAME, WORDS, hashes, masked, normal, raw

SHOWN = 20  # fingerprints named of one pattern
LONGEST = 4_000  # characters of evidence that are looked at
_KEPT = WORDS | {"{}", ANY}


def key(violation: Violation) -> str:
    """Name the pattern of a violation: the same whatever variables, texts, secrets and formatting are.

    Evidence of which nothing but names is left is a pattern of its own.
    """
    forms = _forms(violation.evidence[:LONGEST], hashes(violation.path, violation.language))
    telling = any(form not in {NAME, ANY} and any(map(str.isalnum, form)) for form in forms)
    body = forms if telling else (violation.fingerprint,)
    return hashlib.sha256("\x00".join((violation.policy, *body)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def patterns(cases: Iterable[Case]) -> tuple[Pattern, ...]:
    """Give the patterns of two or more cases, those in the most projects first; `cases` come worst first."""
    groups: dict[str, list[Case]] = {}
    for case in cases:
        if case.pattern:
            groups.setdefault(case.pattern, []).append(case)
    found = [_pattern(name, group) for name, group in groups.items() if len(group) > 1]
    return tuple(sorted(found, key=lambda one: (-len(one.projects), -one.times, one.id)))


def _pattern(name: str, group: Sequence[Case]) -> Pattern:
    worst = max((case.violation for case in group), key=lambda violation: violation.severity.rank)
    return Pattern(
        id=name,
        policy=worst.policy,
        title=worst.title,
        severity=worst.severity,
        evidence=worst.evidence,
        violations=len(group),
        times=sum(case.times for case in group),
        projects=tuple(sorted({case.violation.project or "unknown" for case in group})),
        fingerprints=tuple(case.violation.fingerprint for case in group[:SHOWN]),
    )


@lru_cache(maxsize=4096)
def _forms(evidence: str, hashed: bool) -> tuple[str, ...]:
    text, _ = masked(evidence)
    return tuple(map(_loose, normal(raw(text.strip("…"), hashed=hashed))))


def _loose(form: str) -> str:
    """Leave of a text only what gives it its shape: words of SQL, holes and masks."""
    if not form.startswith('"'):
        return form
    spaced = form[1:].replace("{}", " {} ").replace(ANY, f" {ANY} ")
    return '"' + " ".join(word for word in spaced.split() if word in _KEPT)
