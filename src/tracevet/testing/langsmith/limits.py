"""Rate limits: how many requests of a kind a workspace may make in ten seconds."""

from collections import deque
from datetime import datetime, timedelta
from math import ceil

from tracevet.testing.langsmith.answers import RefusalError
from tracevet.testing.langsmith.options import Limits

WINDOW = timedelta(seconds=10)


class Limiter:
    """Counts the requests of each kind over a sliding window."""

    def __init__(self, limits: Limits) -> None:
        """Start with nothing counted."""
        self._limits = limits
        self._recent: dict[tuple[str, str], deque[datetime]] = {}

    def count(self, kind: str, workspace: str, moment: datetime) -> None:
        """Count a request; `kind` is a field of `Limits`.

        Raises:
            RefusalError: 429 with `Retry-After`; the refused request isn't counted.
        """
        allowed: int | None = getattr(self._limits, kind)
        if allowed is None:
            return
        recent = self._recent.setdefault((kind, workspace), deque())
        while recent and recent[0] <= moment - WINDOW:
            recent.popleft()
        if len(recent) >= allowed:
            wait = ceil((recent[0] + WINDOW - moment).total_seconds()) if recent else 10
            raise RefusalError(429, {"detail": "Rate limit exceeded"}, {"retry-after": str(wait)})
        recent.append(moment)
