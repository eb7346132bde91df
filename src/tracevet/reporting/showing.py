"""What the formats of a digest share: a reporter of digests, and words for figures."""

from abc import abstractmethod
from collections.abc import Mapping

from tracevet.model import Report
from tracevet.plugin import Reporter
from tracevet.reporting.figures import Digest, Resolution, Resolving, Scope
from tracevet.reporting.gather import summed

WAYS = {
    Resolving.CORRECTED: "corrected by the assistant in the same session",
    Resolving.REVIEWED: "taken out by a reviewer",
}
DAY = 24  # hours


class DigestReporter(Reporter):
    """Shows a digest in one format; of the verdicts of a run it makes one first."""

    @abstractmethod
    def show(self, digest: Digest) -> bytes:
        """Render the digest. Pure: the same digest gives the same bytes."""

    def render(self, report: Report) -> bytes:
        """Render the report's verdicts, each violation once; developers by their names, as they stand there."""
        return self.show(summed(report.verdicts, Scope(names=True)))


def window(scope: Scope) -> str:
    """Say which stretch of time it is."""
    if scope.since and scope.until:
        return f"{scope.since:%Y-%m-%d %H:%M} to {scope.until:%Y-%m-%d %H:%M} UTC"
    if scope.since or scope.until:
        return f"since {scope.since:%Y-%m-%d %H:%M} UTC" if scope.since else f"until {scope.until:%Y-%m-%d %H:%M} UTC"
    return "everything that the ledger holds"


def narrowed(scope: Scope) -> str:
    """Say what it is narrowed to; "" is nothing."""
    names = ("project", "developer", "policy", "assistant")
    return ", ".join(f"{name} {getattr(scope, name)}" for name in names if getattr(scope, name) is not None)


def headline(digest: Digest) -> str:
    """Say the most important in two sentences."""
    if not digest.traces:
        return "No trace was vetted in this stretch of time."
    rate = f", {number(digest.per_100)} per 100 code turns" if digest.per_100 is not None else ""
    said = f"{digest.traces} traces, {digest.turns} of them code turns: {digest.violations} violations{rate}."
    if digest.violations:
        fixed = percent(digest.corrected_share)
        said += f" {digest.statuses.get('open', 0)} stand open, {fixed} the assistant corrected."
    return said


def unvetted(digest: Digest) -> str:
    """Say how much could not be vetted."""
    partly, none = digest.coverage.get("partial", 0), digest.coverage.get("none", 0)
    if not partly + none:
        return "Everything was vetted." if digest.traces else ""
    return f"{partly} traces were vetted in part, {none} not at all."


def number(value: float | None) -> str:
    """Write a rate; `-` is none."""
    return "-" if value is None else f"{value:.1f}"


def percent(value: float | None) -> str:
    """Write a share; `-` is none."""
    return "-" if value is None else f"{100 * value:.0f} %"


def hours(value: float) -> str:
    """Write a time in the unit that suits it."""
    if value >= 2 * DAY:
        return f"{value / DAY:.1f} d"
    return f"{value:.1f} h" if value >= 1 else f"{value * 60:.0f} min"


def resolution(one: Resolution) -> str:
    """Say how long it took."""
    half, most = hours(one.median_hours), hours(one.p90_hours)
    return f"{one.count} {WAYS[one.by]}: half of them within {half}, 90 % within {most}"


def counts(values: Mapping[str, int]) -> str:
    """Write counts in one line."""
    return ", ".join(f"{count} {name}" for name, count in values.items()) or "none"
