"""What a rule is: the format of one kind of secret, as data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from tracevet import Confidence, Severity

Grade = Callable[[str], Confidence | None]  # how sure, given the secret; None: it isn't one
Locate = Callable[[bytes, int], tuple[int, int] | None]  # the secret's byte range, given where a keyword stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """The format of one kind of secret.

    A rule is tried wherever one of its keywords stands: the pattern must match there, and its first group (or
    the whole, without one) is the secret. With `back`, it may match from that many bytes before the keyword on.
    Patterns are RE2 over ASCII, and end at the longest secret: `reach` bytes past the keyword, or earlier.

    Examples are shapes, so that no file here holds what a scanner would take for a live secret: `«base62:36»`
    stands for 36 characters of that alphabet, and the tests fill it in. `⟦` and `⟧` enclose the secret where it
    is not the whole example.
    """

    id: str  # lower-case and dashes
    title: str  # "GitHub personal access token": completes "... in the text"
    source: str  # where the format is documented
    keywords: tuple[str, ...] = ()  # none: found by the assignment model, not by a pattern
    fold: bool = False  # keywords in any case
    pattern: str = ""
    locate: Locate | None = None  # instead of a pattern, where none can say it
    grade: Grade | None = None  # what the pattern can't say: checksums, decoded content
    cwe: str = "CWE-798"
    severity: Severity = Severity.HIGH
    confidence: Confidence = Confidence.HIGH
    rank: int = 2  # of two rules on one spot the higher wins: 2 a provider's format, 1 a form, 0 an assignment
    joined: bool = False  # may follow a letter, digit or _ directly
    back: int = 0  # bytes
    reach: int = 400  # bytes
    examples: tuple[str, ...] = ()
    counterexamples: tuple[str, ...] = ()


class Hit(NamedTuple):
    """A secret at a half-open range of bytes."""

    start: int
    end: int
    rule: Rule
    confidence: Confidence
