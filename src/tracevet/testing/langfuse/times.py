"""Times as Langfuse writes them: UTC, milliseconds, `Z`; so written, they sort as text."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from tracevet.testing.langfuse.answers import custom, invalid

Clock = Callable[[], datetime]


def now() -> datetime:
    """Say what time it is, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Write a time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_nanoseconds(nanoseconds: int) -> str:
    """Write a time that OpenTelemetry counts from 1970."""
    return iso(datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=nanoseconds // 1_000_000))


def normal(text: object, *path: str | int) -> str:
    """Write a time that came in ISO 8601 in Langfuse's own way; without an offset it is UTC.

    Raises:
        RefusalError: it is no time.
    """
    try:
        moment = datetime.fromisoformat(str(text).replace(" ", "+"))
    except ValueError:
        raise invalid(custom("Invalid ISO datetime", *path)) from None
    return iso(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def seconds_between(start: str, end: str | None) -> float | None:
    """Count the seconds from one written time to another."""
    if end is None:
        return None
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
