"""Counts over the verdicts of a run, each trace counted once, as it was last seen."""

from collections import Counter
from dataclasses import dataclass, field

from tracevet.model import Context, Gap, GapReason, Outcome, Severity, Status, Totals, Verdict
from tracevet.run import Progress

FAILURES = frozenset({GapReason.DETECTOR_FAILED, GapReason.TIMED_OUT, GapReason.MALFORMED, GapReason.UNREADABLE})
UNREAD = frozenset({*FAILURES, GapReason.TOO_LARGE})
FACTS = tuple(Context.model_fields)


@dataclass(frozen=True, slots=True)
class _Line:
    """What is kept of one trace."""

    outcome: Outcome
    breaches: tuple[tuple[str, Severity], ...]  # open violations: policy, severity
    gaps: tuple[tuple[GapReason, int], ...]
    missing: int  # bits: fields of Context that are unknown


@dataclass(slots=True)
class Tally:
    """Counts verdicts; a trace that comes again replaces what was counted of it."""

    _lines: dict[tuple[str, str], _Line] = field(default_factory=dict)

    def add(self, verdict: Verdict) -> None:
        """Count the verdict."""
        gaps: Counter[GapReason] = Counter()
        for gap in verdict.gaps:
            gaps[gap.reason] += gap.count
        missing = sum(1 << bit for bit, name in enumerate(FACTS) if getattr(verdict.context, name) is None)
        breaches = tuple((v.policy, v.severity) for v in verdict.violations if v.status is Status.OPEN)
        self._lines[verdict.trace.platform, verdict.trace.id] = _Line(
            verdict.outcome, breaches, tuple(gaps.items()), missing
        )

    def worst(self) -> Severity | None:
        """Tell the worst open violation's severity."""
        found = (severity for line in self._lines.values() for _, severity in line.breaches)
        return max(found, key=lambda severity: severity.rank, default=None)

    def incomplete(self, gaps: list[Gap]) -> bool:
        """Tell whether something failed, so that worse than what is shown can't be ruled out."""
        failed = any(reason in FAILURES for line in self._lines.values() for reason, _ in line.gaps)
        return failed or any(gap.reason in UNREAD for gap in gaps)

    def totals(self, progress: Progress) -> Totals:
        """Sum up; `gaps` counts those of the traces and those of none."""
        lines = self._lines.values()
        outcomes = Counter(line.outcome for line in lines)
        gaps: Counter[str] = Counter()
        for reason, count in [entry for line in lines for entry in line.gaps]:
            gaps[reason] += count
        for gap in progress.gaps:
            gaps[gap.reason] += gap.count
        missing = {name: sum(line.missing >> bit & 1 for line in lines) for bit, name in enumerate(FACTS)}
        return Totals(
            traces=len(lines),
            clean=outcomes[Outcome.CLEAN],
            unknown=outcomes[Outcome.UNKNOWN],
            violating=outcomes[Outcome.VIOLATIONS],
            violations=sum(len(line.breaches) for line in lines),
            by_severity=dict(Counter(str(severity) for line in lines for _, severity in line.breaches)),
            by_policy=dict(Counter(policy for line in lines for policy, _ in line.breaches)),
            gaps=dict(gaps),
            missing={name: count for name, count in missing.items() if count},
            snippets=progress.snippets,
            scanned=progress.scanned,
            remembered=progress.remembered,
            unchanged=progress.unchanged,
            seconds=round(progress.seconds, 3),
        )
