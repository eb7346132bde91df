"""Take values out of rows whose types can't be trusted: a wrong type is an absence, never an error."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeAlias

import orjson

from tracevet.model import Json

Row: TypeAlias = Mapping[str, Json]

DEPTH = 250  # levels of nesting kept; orjson writes 254, and pickling a trace must not overflow either

_LENIENT = json.JSONDecoder(strict=False)  # raw control characters in strings are read, not refused
# Epoch numbers come in seconds, milli-, micro- and nanoseconds; each bound is the year 5138 in its unit.
_UNITS = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9))


def pick(row: Row, *keys: str) -> Json:
    """Give the first of the keys' values that is not null."""
    return next((value for key in keys if (value := row.get(key)) is not None), None)


def text(value: Json) -> str | None:
    """Give a string that holds something, or None."""
    return value if isinstance(value, str) and value else None


def mapping(value: Json) -> dict[str, Json]:
    """Give an object, or an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Json) -> list[Json]:
    """Give a list, or an empty one."""
    return value if isinstance(value, list) else []


def parse(data: bytes | str) -> Json:
    """Parse JSON, lone surrogates, NaN and raw control characters included.

    Raises:
        ValueError: it is not JSON.
        RecursionError: it is nested more deeply than the interpreter can follow.
    """
    try:
        return orjson.loads(data)  # type: ignore[no-any-return]  # orjson promises Any
    except orjson.JSONDecodeError:
        if isinstance(data, bytes):
            data = data.decode("utf-8", "surrogatepass")
        return _LENIENT.decode(data)  # type: ignore[no-any-return]  # the decoder promises Any


def decode(value: Json) -> Json:
    """Parse a string that holds a JSON object or list; give anything else back as it is."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        parsed = parse(value)
    except (ValueError, RecursionError):
        return value
    return value if too_deep(parsed) else parsed


def too_deep(value: Json) -> bool:
    """Tell whether a value is nested in more than DEPTH levels, without recursing itself."""
    level = [value]
    for _ in range(DEPTH):
        inner: list[Json] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        if not inner:
            return False
        level = inner
    return True


def when(value: Json) -> datetime | None:
    """Read a time in UTC from ISO 8601 text (UTC where it names no zone) or an epoch number; None: it is no time."""
    try:
        if isinstance(value, str):
            time = datetime.fromisoformat(value.strip())
            return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            return None
        unit = next((unit for bound, unit in _UNITS if abs(value) < bound), None)
        return datetime.fromtimestamp(value / unit, UTC) if unit else None
    except (ValueError, OverflowError, OSError):
        return None
