"""The part of the outbox that one interpreter writes: others may work on the same ledger at the same time."""

import time

from tracevet.ledger import Ledger, OutboxItem

ABANDONED = 30.0  # seconds after which what nobody else has written is taken over
SEEN = 10_000  # items of others that are remembered
WIDER = 10  # how many items are looked at for each that is wanted


class Share(Ledger):
    """A ledger that hands out what its own interpreter vetted, and what others have tried or left."""

    mine: set[str]  # traces
    _seen: dict[tuple[str, int], float]

    def of(self, mine: set[str]) -> "Share":
        """Say which traces are one's own; the set may grow."""
        self.mine, self._seen = mine, {}
        return self

    def pending(self, platform: str, limit: int = 100) -> list[OutboxItem]:
        """Give verdicts that may be tried now, longest due first."""
        found = super().pending(platform, WIDER * limit)
        return [item for item in found if self._wanted(item)][:limit]

    def _wanted(self, item: OutboxItem) -> bool:
        if item.verdict.trace.id in self.mine or item.attempts:
            return True
        now = time.monotonic()
        if len(self._seen) > SEEN:
            self._seen.clear()
        return now - self._seen.setdefault((item.verdict.id, item.revision), now) > ABANDONED
