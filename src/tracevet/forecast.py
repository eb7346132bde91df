"""What writing will take, told before it begins: how many traces, which things, what is billed, how long."""

from collections import Counter
from dataclasses import dataclass, field

from tracevet.ledger import Ledger
from tracevet.plugin import ANY, Cost, Platform

SAMPLE = 200  # verdicts that are looked at; the others are taken to be like them


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What it takes to write what a platform lacks; numbers beyond the sample are estimates."""

    traces: int  # verdicts that are to be written
    sampled: int  # of these, the newest, were looked at
    things: dict[str, int] = field(default_factory=dict)  # by kind, such as score or comment
    requests: int = 0
    units: int = 0  # that the platform bills
    per_minute: float | None = None  # requests, the budget; None: no limit is set

    @property
    def hours(self) -> float | None:
        """The time that it takes at the budget, where there is one, if nobody else uses it."""
        return self.requests / self.per_minute / 60 if self.per_minute else None

    def lines(self) -> list[str]:
        """Say it to a person."""
        about = "about " if self.sampled < self.traces else ""
        things = ", ".join(f"{about}{count} {kind}" for kind, count in self.things.items()) or "nothing to be said"
        lines = [f"{self.traces} traces: {things}", f"{about}{self.requests} requests, {self.units} billable units"]
        if self.hours is None:
            return [*lines, "no budget is set; --requests-per-minute N sets one for all processes on this ledger"]
        return [*lines, f"about {self.hours:.1f} hours at {self.per_minute:g} requests a minute"]


def forecast(platform: Platform, ledger: Ledger, limit: int | None = None) -> Forecast:
    """Look at what waits for the platform, `limit` verdicts at most; asks nothing of the platform.

    Raises:
        LedgerError: the ledger can't be read.
    """
    count, items = ledger.waiting(platform.name, min(SAMPLE, limit or SAMPLE))
    count = count if limit is None else min(count, limit)
    lines = [list(platform.preview(item.verdict)) for item in items]
    kinds = Counter(line.split(" ", 1)[0].rstrip(",") for said in lines for line in said)
    kinds[ANY] = sum(map(bool, lines))
    scale = count / len(items) if items else 0.0
    costs = {kind: platform.costs.get(kind, Cost(requests=0.0 if kind == ANY else 1.0)) for kind in kinds}
    return Forecast(
        traces=count,
        sampled=min(len(items), count),
        things={kind: round(number * scale) for kind, number in kinds.items() if kind},
        requests=round(scale * sum(number * costs[kind].requests for kind, number in kinds.items())),
        units=round(scale * sum(number * costs[kind].units for kind, number in kinds.items())),
        per_minute=ledger.budgets.per_minute(platform.name),
    )
