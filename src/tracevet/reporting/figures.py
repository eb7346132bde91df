"""What a report on a stretch of time says, as data: counts, comparisons, and each violation once."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import Field

from tracevet.model.base import Frozen
from tracevet.model.finding import Severity
from tracevet.model.verdict import Violation


class Scope(Frozen):
    """What a report is about; None asks nothing."""

    made: datetime | None = None  # UTC
    since: datetime | None = None  # included; by the time a trace began
    until: datetime | None = None  # excluded
    project: str | None = None
    developer: str | None = None  # as the report shows developers
    policy: str | None = None
    assistant: str | None = None
    names: bool = False  # developers stand in it by their names, else by pseudonyms


class Row(Frozen):
    """One of several that are compared: a policy, a project, a developer, an assistant, a model.

    `violations` counts what was found in each turn, without what was suppressed or retracted since.
    """

    name: str
    turns: int = 0  # code turns: traces in which the assistant suggested, wrote or ran code
    violations: int = 0
    per_100: float | None = None  # violations per 100 code turns; None without a turn
    open: int = 0
    corrected: int = 0  # by a later step of the same session
    corrected_share: float | None = None  # 0.0 to 1.0, of the violations
    severities: dict[str, int] = Field(default_factory=dict)
    risk: int = 0  # sum over its distinct open violations: 1 low, 3 medium, 7 high, 15 critical, by priority


class PolicyRow(Row):
    """A policy among others; turns are those of the whole report."""

    title: str
    severity: Severity  # the worst that was found
    projects: int = 0
    suppressed: int = 0
    retracted: int = 0  # by reviewers


class Day(Frozen):
    """One day in UTC."""

    day: date
    turns: int = 0
    violations: int = 0
    per_100: float | None = None


class Resolving(StrEnum):
    """What ended a violation."""

    CORRECTED = "corrected"  # the assistant, in a later step of its session
    REVIEWED = "reviewed"  # a person's judgement


class Resolution(Frozen):
    """How long violations took to be resolved, from when their code was first seen."""

    by: Resolving
    count: int  # how many have both times
    median_hours: float
    p90_hours: float


class RuleReviews(Frozen):
    """What people said of what one rule found, each fingerprint once, the youngest judgement counting."""

    rule: str  # "detector:rule"
    judged: int
    confirmed: int = 0
    false_positives: int = 0
    accepted: int = 0
    false_share: float  # 0.0 to 1.0, of those judged


class GapRow(Frozen):
    """What could not be vetted for one reason."""

    reason: str
    count: int
    traces: int
    details: tuple[str, ...] = ()  # the most frequent ones


class Pattern(Frozen):
    """Violations of one policy whose code is nearly the same: names, texts, secrets and formatting apart."""

    id: str
    policy: str
    title: str
    severity: Severity  # the worst
    evidence: str  # of one of them, masked
    violations: int  # distinct
    times: int  # in how many turns
    projects: tuple[str, ...]
    fingerprints: tuple[str, ...]  # the worst ones


class Case(Frozen):
    """One violation, however many traces it was found in; its fields are those of the youngest."""

    violation: Violation
    platform: str
    verdict: str  # Verdict.id
    began: datetime | None = None  # of its trace
    ended: datetime | None = None
    times: int = 1  # traces
    pattern: str | None = None  # Pattern.id

    @property
    def rank(self) -> tuple[bool, int, int, int]:
        """Tell how bad it is, the greatest being the worst: open ones first, then by priority."""
        one = self.violation
        return one.status.value == "open", one.priority.rank, one.severity.rank, self.times


class Utterance(Frozen):
    """A part of a conversation, masked; `marked` are the lines of it that are the evidence."""

    surface: str
    text: str
    path: str | None = None
    language: str = ""
    marked: tuple[int, ...] = ()  # 0-based lines of the text
    left_out: int = 0  # characters that are not shown


class Story(Frozen):
    """What an analyst is told of one case beside itself."""

    fingerprint: str
    conversation: tuple[Utterance, ...] = ()
    note: str = ""  # why the conversation is not shown, or not whole, in a sentence
    sent: tuple[str, ...] = ()  # what was sent to whom, a sentence each
    similar: tuple[str, ...] = ()  # fingerprints of cases of the same pattern


class Digest(Frozen):
    """All that a report says; worst first everywhere, days oldest first."""

    scope: Scope
    traces: int = 0
    turns: int = 0
    violations: int = 0
    per_100: float | None = None
    corrected_share: float | None = None
    undated: int = 0  # traces without a time: in no day
    outcomes: dict[str, int] = Field(default_factory=dict)
    statuses: dict[str, int] = Field(default_factory=dict)  # suppressed and retracted ones, too
    severities: dict[str, int] = Field(default_factory=dict)
    coverage: dict[str, int] = Field(default_factory=dict)  # full, partial, none -> traces
    days: tuple[Day, ...] = ()
    policies: tuple[PolicyRow, ...] = ()
    projects: tuple[Row, ...] = ()
    developers: tuple[Row, ...] = ()
    assistants: tuple[Row, ...] = ()
    models: tuple[Row, ...] = ()
    resolutions: tuple[Resolution, ...] = ()
    rules: tuple[RuleReviews, ...] = ()
    gaps: tuple[GapRow, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    cases: tuple[Case, ...] = ()
    cases_left_out: int = 0  # the least bad, beyond what one report holds
    stories: tuple[Story, ...] = ()  # of the worst cases
