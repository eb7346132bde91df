"""Times as LangSmith writes them: UTC with microseconds, so written that they sort as text."""

from collections.abc import Callable
from datetime import UTC, datetime

from tracevet.testing.langsmith.answers import unprocessable

Clock = Callable[[], datetime]


def now() -> datetime:
    """Say what time it is, in UTC."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Write a time with `Z`, as runs are stored and as version 2 shows them."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def naive(text: str) -> str:
    """Write a stored time without its zone, as version 1 shows runs."""
    return text.removesuffix("Z")


def moment(text: object, *place: str | int) -> datetime:
    """Read a time in ISO 8601; without an offset it is UTC.

    Raises:
        RefusalError: it is no time.
    """
    try:
        read = datetime.fromisoformat(str(text).replace(" ", "+"))
    except ValueError:
        raise unprocessable("Input should be a valid datetime", *place, kind="datetime_from_date_parsing") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def stored(value: object, *place: str | int) -> str | None:
    """Write a time that came in the way it is stored; nothing stays nothing.

    Raises:
        RefusalError: it is no time.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):  # some SDKs send milliseconds
        return iso(datetime.fromtimestamp(value / 1000, UTC))
    return None if value is None else iso(moment(value, *place))


def seconds_between(start: str, end: str | None) -> float | None:
    """Count the seconds from one stored time to another."""
    if end is None:
        return None
    return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
