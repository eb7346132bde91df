"""Writing back while a scan runs: in between, so that the outbox stays short, and at the end."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime

from tracevet.errors import PlatformError
from tracevet.ledger import Ledger
from tracevet.model import Verdict
from tracevet.plugin import Platform
from tracevet.write import Drained, drain, pace, require_account

EVERY = 500  # verdicts


class Outgoing:
    """Writes the verdicts of one scan to their platform; what comes from disk stays there."""

    def __init__(self, platform: Platform, ledger: Ledger, *, keep: bool, write: bool) -> None:
        """Look whether platform and ledger belong together; without `keep` nothing is queued, nor written.

        Raises:
            UsageError: the ledger belongs to another account.
            PlatformError: the platform can't be asked.
        """
        self._platform, self._ledger = platform, ledger
        self._queues = keep and platform.name != "local"
        self._writes = self._queues and write
        self._total = Drained()
        self._error = ""  # why nothing can be written
        if self._queues:
            pace(platform, ledger)
            require_account(platform, ledger)

    def along(self, verdicts: Iterator[Verdict]) -> Iterator[Verdict]:
        """Give the verdicts, and write now and then what is due; where that fails, the end will tell."""
        for number, verdict in enumerate(verdicts, 1):
            yield verdict
            if number % EVERY == 0 and not self._error:
                self._drain()

    def finish(self) -> bool:
        """Write what is still due, say on stderr what became of it, and tell whether all of it is there."""
        if not self._writes:
            return True
        self._drain()
        total, left = self._total, self._ledger.outbox_counts()
        for note in (*total.notes, *filter(None, [self._error])):
            _say(note)
        waiting = left.due + left.waiting
        _say(f"{self._platform.name}: {total.written} verdicts written, {waiting} to be written, {left.parked} parked")
        return not (self._error or total.again or total.parked)

    def _drain(self) -> None:
        if not self._writes:
            return
        self._error = ""
        try:
            self._add(drain(self._platform, self._ledger, lambda: datetime.now(UTC)))
        except PlatformError as error:
            self._error = str(error)

    def _add(self, drained: Drained) -> None:
        self._total.written += drained.written
        self._total.again += drained.again
        self._total.parked += drained.parked
        self._total.dropped += drained.dropped
        self._total.note(*drained.notes)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
