"""Stretches of time that could not be read: kept in the ledger, and read as soon as that works."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from tracevet.ledger import Ledger

KEY = "unread"  # of the bookmark
AGAIN = timedelta(minutes=5)  # until a stretch is tried again; doubled with each further attempt
LATEST = timedelta(hours=1)
LONGEST = timedelta(hours=1)  # tried at once
SHORTEST = timedelta(minutes=1)  # not cut any further
MOST = 50  # stretches; beyond, none is cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A half-open stretch of time, and when to try it again."""

    start: datetime
    stop: datetime
    tries: int
    due: datetime

    def __str__(self) -> str:
        """Show it to a person."""
        return f"{self.start:%Y-%m-%d %H:%M:%S} to {self.stop:%Y-%m-%d %H:%M:%S} UTC"


class Unread:
    """What of a platform could not be read, and how often reading failed where the watch stands now.

    Every change is committed at once, so that nothing is forgotten, however the process ends.
    """

    def __init__(self, ledger: Ledger, platform: str) -> None:
        """Go on with what the ledger has."""
        self._ledger, self._platform = ledger, platform
        kept = json.loads(ledger.cursor(platform, KEY) or '{"failures": 0, "failing": ["", ""], "left": []}')
        self._failures: int = kept["failures"]
        self._failing: tuple[str, str] = tuple(kept["failing"])  # start and stop, in ISO 8601 and UTC
        self._left = [_read(row) for row in kept["left"]]

    def __len__(self) -> int:
        """Count the stretches."""
        return len(self._left)

    def failed(self, start: datetime, stop: datetime) -> int:
        """Note that a stretch could not be read, and tell how often that was so in a row."""
        self._failures += 1
        self._failing = (start.isoformat(), stop.isoformat())
        self._keep()
        return self._failures

    def passed(self, start: datetime, stop: datetime) -> None:
        """Note that a stretch was read or left; where it lies beside the failing one that tells nothing."""
        first, last = self._failing
        if self._failures and first < stop.isoformat() and start.isoformat() < last:
            self._failures = 0
            self._keep()

    def leave(self, start: datetime, stop: datetime, now: datetime) -> Stretch:
        """Leave a stretch for later, joined with those that it touches."""
        apart = [each for each in self._left if each.stop < start or each.start > stop]
        joined = [each for each in self._left if each not in apart]
        first, last = min([start, *(each.start for each in joined)]), max([stop, *(each.stop for each in joined)])
        self._left = [*apart, Stretch(start=first, stop=last, tries=0, due=now + AGAIN)]
        self._keep()
        return Stretch(start=start, stop=stop, tries=0, due=now + AGAIN)

    def around(self, start: datetime, stop: datetime) -> tuple[datetime, datetime]:
        """Give the first part of a window that was not left for later; an empty one where all was."""
        for each in sorted(self._left, key=lambda each: each.start):
            if each.start <= start < each.stop:
                start = min(each.stop, stop)
            elif start < each.start < stop:
                return start, each.start
        return start, stop

    def due(self, now: datetime) -> Stretch | None:
        """Give what is to be tried now, longest due first, and no more of it than can be read at once."""
        waiting = [each for each in self._left if each.due <= now]
        if not waiting:
            return None
        first = min(waiting, key=lambda each: (each.due, each.start))
        if first.stop - first.start <= LONGEST:
            return first
        middle = first.start + LONGEST
        return self._cut(first, middle, now)

    def read(self, stretch: Stretch) -> None:
        """Forget a stretch: it was read."""
        self._left.remove(stretch)
        self._keep()

    def again(self, stretch: Stretch, now: datetime) -> None:
        """Try a stretch again later: in halves, so that what can be read of it is, else ever later."""
        length = stretch.stop - stretch.start
        if length >= 2 * SHORTEST and len(self._left) < MOST:
            self._cut(stretch, stretch.start + length / 2, now + AGAIN)
        else:
            wait = min(AGAIN * 2.0 ** min(stretch.tries, 10), LATEST)
            self._left[self._left.index(stretch)] = replace(stretch, tries=stretch.tries + 1, due=now + wait)
        self._keep()

    def _cut(self, stretch: Stretch, middle: datetime, due: datetime) -> Stretch:
        first, rest = replace(stretch, stop=middle, due=due), replace(stretch, start=middle, due=due)
        at = self._left.index(stretch)
        self._left[at : at + 1] = [first, rest]
        return first

    def _keep(self) -> None:
        left = [(one.start.isoformat(), one.stop.isoformat(), one.tries, one.due.isoformat()) for one in self._left]
        kept = {"failures": self._failures, "failing": self._failing, "left": left}
        self._ledger.set_cursor(self._platform, KEY, json.dumps(kept))


def _read(row: list[object]) -> Stretch:
    start, stop, tries, due = row
    moments = {"start": start, "stop": stop, "due": due}
    times = {name: datetime.fromisoformat(str(text)) for name, text in moments.items()}
    return Stretch(**times, tries=int(str(tries)))
