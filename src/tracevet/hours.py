"""When: digests at a time of the wall clock, quiet hours by the wall clock, whatever the clocks are turned."""

import re
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_SPAN = re.compile(r"([1-9]\d{0,4})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Day(StrEnum):
    """A day of the week, Monday first."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


class Hours(NamedTuple):
    """A stretch of the day; it may go over midnight."""

    start: time  # included
    end: time  # excluded

    @classmethod
    def read(cls, text: str) -> "Hours":
        """Read `20:00-07:00`.

        Raises:
            ValueError: it is no such stretch, or an empty one.
        """
        match = _HOURS.fullmatch(text)
        if not match or match[0][:5] == match[0][6:]:
            raise ValueError("hours must be written as 20:00-07:00")
        first, second, third, fourth = map(int, match.groups())
        return cls(time(first, second), time(third, fourth))

    def hold(self, clock: time) -> bool:
        """Tell whether the wall clock stands in it."""
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


def span(text: str) -> timedelta:
    """Read `30m`, `24h`, `7d` or `2w`.

    Raises:
        ValueError: it is none.
    """
    match = _SPAN.fullmatch(text)
    if not match:
        raise ValueError("a time must be written as 30m, 24h, 7d or 2w")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def is_quiet(now: datetime, zone: ZoneInfo, hours: Hours | None, days: frozenset[Day]) -> bool:
    """Tell whether the wall clock of the zone stands in quiet hours, or on a quiet day."""
    local = now.astimezone(zone)
    return list(Day)[local.weekday()] in days or (hours is not None and hours.hold(local.time()))


def next_digest(after: datetime, zone: ZoneInfo, at: time, day: Day | None) -> datetime:
    """Give the first moment after `after` at which the zone's wall clock shows `at`, on `day` or any day; in UTC.

    A time that the clocks leap over comes that much later; one that they show twice counts once, the first time.
    """
    today: date = after.astimezone(zone).date()
    for ahead in range(15):  # a week, and the leaps
        wanted = today + timedelta(days=ahead)
        if day is not None and list(Day)[wanted.weekday()] is not day:
            continue
        moment = datetime.combine(wanted, at, zone).astimezone(UTC)
        if moment > after:
            return moment
    raise AssertionError("every week has each day")  # pragma: no cover
