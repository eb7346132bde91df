"""What a reporter is given: verdicts, and the counts behind them."""

from pydantic import Field

from tracevet.model.base import Frozen
from tracevet.model.finding import Gap
from tracevet.model.verdict import Verdict


class Totals(Frozen):
    """Counts over everything that was looked at, shown or not."""

    traces: int = 0
    clean: int = 0
    unknown: int = 0
    violating: int = 0
    violations: int = 0
    by_severity: dict[str, int] = Field(default_factory=dict)
    by_policy: dict[str, int] = Field(default_factory=dict)
    gaps: dict[str, int] = Field(default_factory=dict)  # reason -> how often
    missing: dict[str, int] = Field(default_factory=dict)  # field of Context -> traces in which it is unknown
    snippets: int = 0  # distinct within their traces
    scanned: int = 0  # snippets a detector ran on
    remembered: int = 0  # snippets answered from the ledger
    unchanged: int = 0  # traces whose verdict stood in the ledger already
    seconds: float = 0.0


class Report(Frozen):
    """Verdicts to be shown together, worst first, and what could not be read at all."""

    verdicts: tuple[Verdict, ...]
    gaps: tuple[Gap, ...] = ()  # of no trace: files and lines that could not be read
    totals: Totals = Totals()
