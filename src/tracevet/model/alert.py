"""A message to people about violations, as it goes to a channel."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from tracevet.model.base import Frozen
from tracevet.model.finding import Severity
from tracevet.model.verdict import Violation


class AlertKind(StrEnum):
    """Why a message is sent."""

    VIOLATIONS = "violations"
    DIGEST = "digest"  # what came together in a day or a week
    ESCALATION = "escalation"  # nobody acknowledged it in time
    SAMPLE = "sample"  # made up, to try the route


class AlertItem(Frozen):
    """One violation that is told; its evidence is masked."""

    violation: Violation
    platform: str  # where its trace is
    traces: int = Field(1, ge=1)  # in how many traces it is open
    new: int = Field(1, ge=0)  # how many of them were not told on this route before

    @property
    def severity(self) -> Severity:
        """How bad it is, its reach counted in."""
        return self.violation.priority


class Alert(Frozen):
    """One message to be delivered whole, once."""

    id: str  # letters, digits, `_`; the same each time this message is tried, so that a channel can tell a repeat
    kind: AlertKind
    route: str  # its name in the configuration
    at: datetime  # when it was made, UTC
    items: tuple[AlertItem, ...] = Field(min_length=1)  # worst first
    more: int = Field(0, ge=0)  # violations beyond the items
    to: str | None = None  # the address to write to instead of the channel's own, as the user's map gives it
    again: bool = False  # a try before was cut off: it may have been delivered already

    @property
    def severity(self) -> Severity:
        """How bad the worst item is."""
        return max((item.severity for item in self.items), key=lambda severity: severity.rank)
