"""What detectors say: findings, and gaps where nothing could be said."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from pydantic import Field

from tracevet.model.base import Frozen, Scale


class Severity(Scale):
    """How bad, in rising order."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Confidence(Scale):
    """How sure, in rising order."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Region(Frozen):
    """A stretch of a snippet's text, half-open in characters, inclusive in lines."""

    start: int = Field(ge=0)  # characters, 0-based
    end: int = Field(ge=0)  # characters, exclusive
    start_line: int = Field(ge=1)
    end_line: int = Field(ge=1)

    @classmethod
    def of(cls, text: str, start: int, end: int) -> "Region":
        """Make the region for a half-open range of characters, cut to the text."""
        start = max(0, min(start, len(text)))
        end = max(start, min(end, len(text)))
        first = text.count("\n", 0, start) + 1
        last = first + text.count("\n", start, max(start, end - 1))
        return cls(start=start, end=end, start_line=first, end_line=last)

    @classmethod
    def of_lines(cls, text: str, first: int, last: int) -> "Region":
        """Make the region that covers whole lines, 1-based and inclusive, cut to the text; line ends are `\\n`."""
        starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        first = max(1, min(first, len(starts) - 1))
        last = max(first, min(last, len(starts) - 1))
        return cls(start=starts[first - 1], end=starts[last] - 1, start_line=first, end_line=last)

    @classmethod
    def whole(cls, text: str) -> "Region":
        """Make the region of the whole text."""
        return cls.of(text, 0, len(text))


class Step(Frozen):
    """One point on the way of data through a snippet; `note` says what happens there and never quotes the code."""

    start_line: int = Field(ge=1)
    end_line: int = Field(ge=1)  # inclusive
    note: str


class Finding(Frozen):
    """One weakness that a detector saw in a snippet, or the proof that there is none.

    `message` says what is wrong in one sentence and never quotes the code: it is stored and shown as it is. A finding
    with `refutes` is such a proof: it breaches no policy, and what others found of that kind on its region counts
    with low confidence.
    """

    snippet: str  # Snippet.digest
    detector: str
    rule: str  # the detector's own name of the check, e.g. "B608"
    message: str
    cwe: tuple[str, ...] = ()  # "CWE-89"
    severity: Severity
    confidence: Confidence
    region: Region
    masks: tuple[Region, ...] = ()  # secrets and personal data in the text: masked wherever the text is shown
    fix: str = ""  # what to write instead, when the detector knows better than the policy
    flow: tuple[Step, ...] = ()  # from where the data comes in to where it does harm; empty: nothing was followed
    refutes: tuple[str, ...] = ()  # what the region is proven free of: CWEs, and checks as "bandit:B608"


class GapReason(StrEnum):
    """Why something could not be vetted."""

    TRUNCATED = "truncated"  # the platform or the integration cut it off
    MALFORMED = "malformed"  # not the format it claims to be
    UNKNOWN_KIND = "unknown-kind"  # a record of a kind that nobody here reads
    UNREADABLE = "unreadable"  # the file or stream could not be read
    TOO_LARGE = "too-large"  # beyond the caps on size and nesting
    NOT_RECORDED = "not-recorded"  # the integration does not send content, or sends a media reference
    REDACTED = "redacted"  # the integration replaced it
    UNPARSABLE = "unparsable"  # code that its detector can't parse
    UNKNOWN_LANGUAGE = "unknown-language"  # code in a language that could not be told
    NO_DETECTOR = "no-detector"  # code in a language that no loaded detector reads
    DETECTOR_FAILED = "detector-failed"
    TIMED_OUT = "timed-out"


class Gap(Frozen):
    """What could not be vetted, and why; `detail` never quotes the trace's text."""

    reason: GapReason
    detail: str
    span: str | None = None  # span id
    pointer: str | None = None  # as in Snippet.pointer
    snippet: str | None = None  # Snippet.digest
    detector: str | None = None
    path: str | None = None  # file in which the gap is: of the project, or of the source of traces
    line: int | None = None  # 1-based line of that file
    count: int = 1  # how many of one kind were folded into this one


@dataclass(frozen=True, slots=True)
class Result:
    """All that one detector said of one snippet."""

    findings: tuple[Finding, ...] = ()
    gaps: tuple[Gap, ...] = ()
