"""What a rule is: one type of personal data, and what is said of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from tracevet import Confidence, Severity
from tracevet_pii.view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One type of personal data. `example` is invented; `⟦` and `⟧` enclose the datum in it."""

    type: str  # as in the option `types`; the rule's id is `pii-` and this
    title: str  # completes "... in the text."
    severity: Severity
    rank: int  # of two rules on one spot the higher wins
    checks: str  # what must hold, for the README
    example: str
    fix: str
    cwe: str = "CWE-359"

    @property
    def id(self) -> str:
        """The rule's own name in findings."""
        return f"pii-{self.type}"


class Hit(NamedTuple):
    """A datum at a half-open range of characters."""

    start: int
    end: int
    rule: Rule
    confidence: Confidence
    reserved: bool = False  # set aside for documentation, tests or private networks: nobody's


Finder: TypeAlias = Callable[[View], Iterator[Hit]]  # yields in no order; hits may overlap

_LEVELS = (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)


def grade(points: int) -> Confidence:
    """Turn points for and against into a confidence: 0 or less is low, 1 medium, 2 or more high."""
    return _LEVELS[max(0, min(points, 2))]
