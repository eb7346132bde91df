"""Whether a policy is breached less since an assistant was told of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tracevet.model import Status, Verdict


@dataclass(slots=True, kw_only=True)
class Effect:
    """How often a policy was breached before and after a moment, per 100 traces."""

    policy: str
    since: datetime
    traces: list[int] = field(default_factory=lambda: [0, 0])  # before, after
    breaching: list[int] = field(default_factory=lambda: [0, 0])  # traces that breach it; before, after

    @property
    def rates(self) -> tuple[float | None, float | None]:
        """Give the rates before and after; None where there is no trace."""
        pairs = zip(self.breaching, self.traces, strict=True)
        before, after = (100 * some / of if of else None for some, of in pairs)
        return before, after


def effects(verdicts: Iterable[Verdict], policies: Sequence[str], since: datetime) -> list[Effect]:
    """Compare the traces before with those after; one without a time counts for neither."""
    found = {policy: Effect(policy=policy, since=since) for policy in policies}
    for verdict in verdicts:
        at = verdict.trace.start or verdict.trace.end
        if at is None:
            continue
        breached = {v.policy for v in verdict.violations if v.status in {Status.OPEN, Status.CORRECTED}}
        for policy, effect in found.items():
            effect.traces[at >= since] += 1
            effect.breaching[at >= since] += policy in breached
    return list(found.values())
