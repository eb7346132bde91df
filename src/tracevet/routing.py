"""[routes.NAME]: the settings of one route for alerts."""

import datetime as dt
from datetime import timedelta
from enum import StrEnum
from functools import cached_property
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from tracevet.hours import Day, Hours, span
from tracevet.model import Severity, Surface
from tracevet.model.base import Frozen


class When(StrEnum):
    """How soon a violation is told."""

    NOW = "now"
    DAILY = "daily"
    WEEKLY = "weekly"


class Recipient(StrEnum):
    """Whom the channel writes to."""

    CHANNEL = "channel"  # its own address
    DEVELOPER = "developer"  # whose trace it is, where [developers] has an address


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("this machine knows no such time zone; write one such as Europe/Berlin") from None
    return name


def _hours(text: str) -> str:
    Hours.read(text)
    return text


def _span(text: str) -> str:
    span(text)
    return text


def _time(text: str) -> str:
    if len(text) != len("09:00"):
        raise ValueError("a time of day must be written as 09:00")
    try:
        dt.time.fromisoformat(text)
    except ValueError:
        raise ValueError("a time of day must be written as 09:00") from None
    return text


Globs = tuple[Annotated[str, Field(min_length=1, max_length=500)], ...]
Span = Annotated[str, AfterValidator(_span)]


class RouteOptions(Frozen):
    """One route: which violations go where, and when; what isn't narrowed takes all."""

    channel: str = Field(description="Name of a table [notifiers.NAME].")
    severity: Severity = Severity.HIGH  # this bad, or worse
    policies: Globs = ()
    projects: Globs = ()
    developers: Globs = ()
    assistants: Globs = ()
    surfaces: tuple[Surface, ...] = ()
    to: Recipient = Recipient.CHANNEL
    when: When = When.NOW
    time: Annotated[str, AfterValidator(_time)] = "09:00"  # of digests
    day: Day = Day.MONDAY  # of weekly ones
    zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    cool_down: Span = "7d"  # a fingerprint that was told is not told again for so long
    quiet: Annotated[str, AfterValidator(_hours)] | None = None
    quiet_days: tuple[Day, ...] = ()
    quiet_below: Severity = Severity.CRITICAL  # what is this bad waits for no end of the quiet hours
    escalate_after: Span | None = None
    escalate_to: str | None = None  # name of a table [notifiers.NAME]

    @model_validator(mode="after")
    def _whole(self) -> "RouteOptions":
        if (self.escalate_after is None) != (self.escalate_to is None):
            raise ValueError("escalate_after and escalate_to go together")
        return self

    @cached_property
    def clock_zone(self) -> ZoneInfo:
        """The time zone of all its times."""
        return ZoneInfo(self.zone)

    @property
    def at(self) -> dt.time:
        """The time of digests."""
        return dt.time.fromisoformat(self.time)

    @cached_property
    def quiet_hours(self) -> Hours | None:
        """The quiet hours of each day."""
        return Hours.read(self.quiet) if self.quiet else None

    @property
    def cool_down_time(self) -> timedelta:
        """How long a told fingerprint is not told again."""
        return span(self.cool_down)

    @property
    def escalate_after_time(self) -> timedelta | None:
        """After how long without an answer it is escalated."""
        return span(self.escalate_after) if self.escalate_after else None
