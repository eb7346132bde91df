"""Whether a watch lives and is of use: what Kubernetes asks."""

import threading
import time
from collections.abc import Callable

HUNG = 900.0  # seconds without a sign of life, after which the watch is taken to hang
STALE = 300.0  # seconds since the last look that came to its end, after which it is not ready


class Health:
    """Signs of life of one watch; for any thread."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin alive, and not ready."""
        self._clock = clock
        self._lock = threading.Lock()
        self._moved, self._done, self._working = clock(), float("-inf"), False

    def moved(self, *, working: bool = True) -> None:
        """Note that something was done; `working`: a look is under way that has got somewhere."""
        with self._lock:
            self._moved, self._working = self._clock(), working

    def looked(self) -> None:
        """Note that a look came to its end."""
        with self._lock:
            self._moved = self._done = self._clock()
            self._working = False

    @property
    def alive(self) -> bool:
        """Whether it moves at all; otherwise starting it again is of use."""
        with self._lock:
            return self._clock() - self._moved <= HUNG

    @property
    def ready(self) -> bool:
        """Whether ledger and platform answered lately: a look came to its end, or a long one gets on."""
        with self._lock:
            now = self._clock()
            return now - self._done <= STALE or (self._working and now - self._moved <= STALE)
