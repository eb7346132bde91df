"""Computing with constants."""

from collections.abc import Callable
from typing import Any

from tracevet_python.flow.values import UNKNOWN, Value, constant

FOLD_CAP = 10_000  # no constant grows beyond, and no power is taken


def truth(value: Value) -> bool | None:
    """Tell whether a value counts as true; None if that is not known."""
    if value.known:
        return bool(value.const)
    if value.shape and value.rest is None and not value.taints:
        return bool(value.fields)
    return None


def fold(function: Callable[..., Any], *parts: Any) -> Value:
    """Compute with constants; what raises or grows too large is not known."""
    try:
        result = function(*parts)
    except Exception:  # constants of a hostile snippet: anything may be raised, and means the same
        return UNKNOWN
    if isinstance(result, int) and result.bit_length() > FOLD_CAP:
        return UNKNOWN
    return constant(result) if isinstance(result, str | bytes | int | float | bool | None) else UNKNOWN
