"""How many requests a minute may be made, so that others of the same organisation are not starved."""

import time
from collections import deque
from collections.abc import Callable

MINUTE = 60.0  # seconds


class Budget:
    """Lets at most so many requests pass in any sixty seconds; 0 lets all pass."""

    def __init__(
        self,
        requests_per_minute: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Start with nothing spent."""
        self._limit = requests_per_minute
        self._clock = clock
        self._sleep = sleep
        self._spent: deque[float] = deque(maxlen=max(1, requests_per_minute))

    def spend(self) -> None:
        """Return as soon as one more request may be made."""
        if not self._limit:
            return
        if len(self._spent) == self._limit:
            left = self._spent[0] + MINUTE - self._clock()
            if left > 0:
                self._sleep(left)
        self._spent.append(self._clock())
