"""Counting verdicts into the rows and days of a report. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from statistics import median, quantiles

from tracevet.model import Gap, Severity, Status, Verdict, Violation
from tracevet.reporting.figures import Day, GapRow, PolicyRow, Resolution, Resolving, Row

STANDING = frozenset({Status.OPEN, Status.CORRECTED})  # what counts as found
WEIGHTS = {Severity.LOW: 1, Severity.MEDIUM: 3, Severity.HIGH: 7, Severity.CRITICAL: 15}
UNKNOWN = "unknown"
FILLED = 400  # days; over a longer time, days without a trace are left out
DETAILS = 3  # shown of one reason for a gap
MANY = 2_000  # details counted at once; the rare ones are forgotten
TWO = 2  # values that it takes to tell a spread


def per_100(violations: int, turns: int) -> float | None:
    """Give violations per 100 code turns."""
    return round(100 * violations / turns, 2) if turns else None


def share(part: int, whole: int) -> float | None:
    """Give a part of a whole, 0.0 to 1.0."""
    return round(part / whole, 4) if whole else None


def is_code_turn(verdict: Verdict) -> bool:
    """Tell whether the assistant made code in the trace; verdicts of an older tracevet tell only of any text."""
    return bool(verdict.snippets if verdict.code is None else verdict.code)


def moment(verdict: Verdict) -> datetime | None:
    """Tell when its trace began, or else ended, in UTC."""
    when = verdict.trace.start or verdict.trace.end
    return when.astimezone(UTC) if when else None


@dataclass(slots=True)
class Tally:
    """What is counted of one row."""

    turns: int = 0
    statuses: Counter[Status] = field(default_factory=Counter)
    severities: Counter[str] = field(default_factory=Counter)
    risks: dict[str, int] = field(default_factory=dict)  # fingerprint of an open violation -> weight

    def add(self, violation: Violation) -> None:
        """Count a violation of one trace."""
        self.statuses[violation.status] += 1
        if violation.status in STANDING:
            self.severities[violation.severity.value] += 1
        if violation.status is Status.OPEN:
            self.risks[violation.fingerprint] = WEIGHTS[violation.priority]

    @property
    def found(self) -> int:
        """Count what stands."""
        return sum(self.statuses[status] for status in STANDING)

    def fields(self, name: str, turns: int) -> dict[str, object]:
        """Give what a Row has."""
        return {
            "name": name,
            "turns": turns,
            "violations": self.found,
            "per_100": per_100(self.found, turns),
            "open": self.statuses[Status.OPEN],
            "corrected": self.statuses[Status.CORRECTED],
            "corrected_share": share(self.statuses[Status.CORRECTED], self.found),
            "severities": by_severity(self.severities),
            "risk": sum(self.risks.values()),
        }


@dataclass(slots=True)
class Rows:
    """Tallies by name."""

    tallies: dict[str, Tally] = field(default_factory=dict)

    def of(self, name: str | None) -> Tally:
        """Give the tally of a name."""
        return self.tallies.setdefault(name or UNKNOWN, Tally())

    def rows(self) -> tuple[Row, ...]:
        """Give them, those at the greatest risk first."""
        rows = (Row.model_validate(tally.fields(name, tally.turns)) for name, tally in self.tallies.items())
        return tuple(sorted(rows, key=lambda row: (-row.risk, -row.violations, -row.turns, row.name)))


@dataclass(slots=True)
class _Policy:
    """What is counted of a policy beside its tally."""

    title: str
    severity: Severity
    projects: set[str] = field(default_factory=set)
    tally: Tally = field(default_factory=Tally)

    def add(self, violation: Violation) -> None:
        self.tally.add(violation)
        if violation.status in STANDING:
            self.projects.add(violation.project or UNKNOWN)
        if violation.severity.rank > self.severity.rank:
            self.severity = violation.severity


@dataclass(slots=True)
class Policies:
    """What is counted of each policy."""

    found: dict[str, _Policy] = field(default_factory=dict)

    def add(self, violation: Violation) -> None:
        """Count a violation of one trace."""
        self.found.setdefault(violation.policy, _Policy(violation.title, violation.severity)).add(violation)

    def rows(self, turns: int) -> tuple[PolicyRow, ...]:
        """Give them, the one with the most violations first."""
        rows = (self._row(name, one, turns) for name, one in self.found.items())
        return tuple(sorted(rows, key=lambda row: (-row.violations, -row.severity.rank, row.name)))

    @staticmethod
    def _row(name: str, one: _Policy, turns: int) -> PolicyRow:
        more = {
            "title": one.title,
            "severity": one.severity,
            "projects": len(one.projects),
            "suppressed": one.tally.statuses[Status.SUPPRESSED],
            "retracted": one.tally.statuses[Status.RETRACTED],
        }
        return PolicyRow.model_validate({**one.tally.fields(name, turns), **more})


@dataclass(slots=True)
class Days:
    """Turns and violations of each day."""

    turns: Counter[date] = field(default_factory=Counter)
    violations: Counter[date] = field(default_factory=Counter)
    undated: int = 0

    def add(self, when: datetime | None, *, turn: bool, violations: int) -> None:
        """Count a trace."""
        if when is None:
            self.undated += 1
            return
        self.turns[when.date()] += turn
        self.violations[when.date()] += violations

    def rows(self) -> tuple[Day, ...]:
        """Give them, oldest first, without a hole unless that makes very many."""
        seen = sorted(self.turns.keys() | self.violations.keys())
        return tuple(self._row(day) for day in _filled(seen))

    def _row(self, day: date) -> Day:
        turns, found = self.turns[day], self.violations[day]
        return Day(day=day, turns=turns, violations=found, per_100=per_100(found, turns))


@dataclass(slots=True)
class Gaps:
    """What could not be vetted, by reason."""

    counts: Counter[str] = field(default_factory=Counter)
    traces: Counter[str] = field(default_factory=Counter)
    details: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, gaps: Iterable[Gap]) -> None:
        """Count the gaps of one trace."""
        reasons = set()
        for gap in gaps:
            reason = gap.reason.value
            reasons.add(reason)
            self.counts[reason] += gap.count
            details = self.details.setdefault(reason, Counter())
            details[gap.detail] += gap.count
            if len(details) > MANY:
                self.details[reason] = Counter(dict(details.most_common(MANY // 2)))
        self.traces.update(reasons)

    def rows(self) -> tuple[GapRow, ...]:
        """Give them, the most frequent first."""
        return tuple(
            GapRow(
                reason=reason,
                count=count,
                traces=self.traces[reason],
                details=tuple(detail for detail, _ in self.details[reason].most_common(DETAILS)),
            )
            for reason, count in sorted(self.counts.items(), key=lambda entry: (-entry[1], entry[0]))
        )


def resolutions(hours: Mapping[Resolving, list[float]]) -> Iterator[Resolution]:
    """Sum up how long what took, those that took none left out."""
    for by, values in hours.items():
        if values:
            tenth = quantiles(values, n=10, method="inclusive")[-1] if len(values) >= TWO else values[0]
            yield Resolution(by=by, count=len(values), median_hours=round(median(values), 2), p90_hours=round(tenth, 2))


def by_severity(counts: Mapping[str, int]) -> dict[str, int]:
    """Put counts in order, the worst first."""
    order = [severity.value for severity in reversed(Severity)]
    return {name: counts[name] for name in order if counts.get(name)}


def _filled(seen: list[date]) -> Iterable[date]:
    if not seen or (seen[-1] - seen[0]).days > FILLED:
        return seen
    return (seen[0] + timedelta(days=number) for number in range((seen[-1] - seen[0]).days + 1))
