"""How a suite says that a promise is broken."""

import pytest


def keep(kept: object, broken: str) -> None:
    """Fail the test with the sentence unless the promise is kept."""
    __tracebackhide__ = True
    if not kept:
        pytest.fail(broken)
