"""Tasks for the worker processes of a backfill: some end their worker."""

import os
import signal
from pathlib import Path


def begin() -> None:
    """Begin a worker."""


def double(number: int) -> int:
    """Give the double."""
    return 2 * number


def die(number: int) -> int:
    """End the worker over the number 3, each time."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return double(number)


def die_once(marker: str) -> str:
    """End the worker unless the file is there; make it first."""
    if not Path(marker).exists():
        Path(marker).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return marker
