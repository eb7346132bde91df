"""Regexes that take linear time, whatever the text."""

from functools import cache
from typing import Any


@cache
def found_by(regex: str) -> Any:
    """Compile a regex; an empty one finds nothing.

    Raises:
        ValueError: RE2 can't read it; the text says why.
    """
    import re2  # type: ignore[import-untyped]  # google-re2 ships no types

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(regex or r"[^\x00-\x{10FFFF}]", options)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        raise ValueError(reason.decode() if isinstance(reason, bytes) else str(reason)) from None
