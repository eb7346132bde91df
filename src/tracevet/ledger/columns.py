"""Column types that take whatever a hostile trace holds, and mean the same on every engine."""

import hashlib
from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator

LABEL_LIMIT = 200  # characters: three labels fit PostgreSQL's limit of 2704 bytes on an index entry


def label(text: str) -> str:
    """Make a text fit for an index: itself when it is short and plain, else its beginning and a digest.

    Equal texts have equal labels; different texts have different ones, but for a text made to look like a label,
    which is its own.
    """
    if len(text) <= LABEL_LIMIT and storable(text) == text:
        return text
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{storable(text[: LABEL_LIMIT - 40])}…#{digest}"


def storable(text: str) -> str:
    """Replace what no database takes: NUL and lone surrogates."""
    return text.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def utc(moment: datetime) -> datetime:
    """Turn the moment to UTC; one without a time zone is taken as UTC, one beyond the calendar as its end."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        end = datetime.min if moment.year == 1 else datetime.max
        return end.replace(tzinfo=UTC)


class Label(TypeDecorator[str]):
    """A text that is looked up; stored as its label."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Store the label."""
        return None if value is None else label(value)


class Moment(TypeDecorator[datetime]):
    """A moment, in UTC on the way in and out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; SQLite keeps no time zone."""
        if value is None:
            return None
        return utc(value).replace(tzinfo=None) if dialect.name == "sqlite" else utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give UTC back."""
        return None if value is None else utc(value)
