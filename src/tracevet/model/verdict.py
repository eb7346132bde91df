"""The result for one trace: violations with all an analyst needs, gaps, and who and where."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from tracevet.model.base import Frozen
from tracevet.model.finding import Confidence, Gap, Severity, Step
from tracevet.model.policy import Mode
from tracevet.model.reach import Reach
from tracevet.model.trace import Surface


class Fact(Frozen):
    """Something known of a trace, and where it was read."""

    value: str
    source: str  # e.g. "metadata.cwd" or "tag project:"


class Context(Frozen):
    """Who and where; what the trace does not say stays None."""

    developer: Fact | None = None
    project: Fact | None = None
    repository: Fact | None = None
    branch: Fact | None = None
    commit: Fact | None = None
    directory: Fact | None = None
    assistant: Fact | None = None
    assistant_version: Fact | None = None
    model: Fact | None = None
    session: Fact | None = None
    approval_mode: Fact | None = None


class Outcome(StrEnum):
    """What can be said of a trace."""

    VIOLATIONS = "violations"
    CLEAN = "clean"  # everything was vetted, and nothing was found
    UNKNOWN = "unknown"  # nothing was found, but not everything could be vetted


class Coverage(StrEnum):
    """How much of what should be vetted could be."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"


class Status(StrEnum):
    """What became of a violation."""

    OPEN = "open"
    CORRECTED = "corrected"  # a later step of the same session removed it
    SUPPRESSED = "suppressed"
    RETRACTED = "retracted"


class TraceRef(Frozen):
    """Which trace a verdict is about."""

    platform: str
    id: str
    name: str = ""
    session: str | None = None
    url: str | None = None
    start: datetime | None = None
    end: datetime | None = None


class Place(Frozen):
    """One spot at which a violation stands."""

    span: str
    pointer: str
    surface: Surface
    path: str | None = None
    start_line: int  # 1-based, in the file where it could be rebuilt, else in the snippet
    end_line: int  # inclusive


class ShownStep(Step):
    """A step with the code that stands there, masked; its lines are as in Place."""

    evidence: str


class Violation(Frozen):
    """A breach of a policy, with everything needed to judge it without the trace at hand.

    The place fields are those of the strongest occurrence; `places` lists them all. `evidence` is code with
    secrets and personal data masked, at most a few lines.
    """

    fingerprint: str  # the same for the same code, policy and project: across runs, traces and platforms
    policy: str
    title: str
    severity: Severity
    category: str
    mode: Mode
    cwe: tuple[str, ...]
    detector: str
    rule: str
    confidence: Confidence
    message: str
    surface: Surface
    language: str
    path: str | None
    start_line: int  # as in Place
    end_line: int  # inclusive
    snippet: str  # Snippet.digest
    span_id: str
    trace_id: str
    url: str | None
    developer: str | None
    project: str | None
    repository: str | None
    branch: str | None
    assistant: str | None
    model: str | None
    session: str | None
    evidence: str
    recommendation: str
    references: tuple[str, ...] = ()
    status: Status = Status.OPEN
    because: str = ""  # why it is suppressed, and until when
    first_seen: datetime | None = None  # when the code was first seen, by the traces' own clocks
    occurrences: int = Field(ge=1)  # places in this trace
    places: tuple[Place, ...]
    also: tuple[str, ...] = ()  # other rules that saw the same, as "detector:rule"
    flow: tuple[ShownStep, ...] = ()  # from where data comes in to where it does harm
    grading: tuple[str, ...] = ()  # why severity or confidence is lower than policy and detector say, in sentences
    reach: Reach | None = None  # how far the code came in its repository; None: nobody looked

    @property
    def priority(self) -> Severity:
        """Give its severity, one grade higher where its code stands in the main branch."""
        grades = list(Severity)
        raised = self.reach is not None and self.reach.main
        return grades[min(grades.index(self.severity) + raised, len(grades) - 1)]


class Verdict(Frozen):
    """The result for one trace."""

    id: str  # deterministic: of platform and trace id
    trace: TraceRef
    outcome: Outcome
    severity: Severity | None  # the worst open violation's; None without one
    coverage: Coverage
    violations: tuple[Violation, ...] = ()  # worst first
    gaps: tuple[Gap, ...] = ()
    context: Context = Context()
    snippets: int = 0  # distinct pieces of text that were vetted
    code: int | None = None  # distinct pieces of code that the assistant suggested, wrote or ran; None: nobody counted
    left_out: int = 0  # findings that breach nothing only because they were refuted


class Receipt(Frozen):
    """What a platform accepted of a verdict."""

    verdict: str  # Verdict.id
    written: tuple[str, ...] = ()  # the platform's ids of what now stands there
    notes: tuple[str, ...] = ()  # what could not be done, in sentences
