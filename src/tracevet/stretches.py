"""Stretches of time that could not be read: kept in the ledger, and read as soon as that works."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
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
        self._failures, self._failing, self._left = _loaded(ledger.cursor(platform, KEY))

    def __len__(self) -> int:
        """Count the stretches."""
        return len(self._left)

    def failed(self, start: datetime, stop: datetime) -> int:
        """Note that a stretch could not be read, and tell how often that was so in a row."""
        with self._changing():
            self._failures += 1
            self._failing = (start.isoformat(), stop.isoformat())
        return self._failures

    def passed(self, start: datetime, stop: datetime) -> None:
        """Note that a stretch was read or left; where it lies beside the failing one that tells nothing."""
        first, last = self._failing
        if self._failures and first < stop.isoformat() and start.isoformat() < last:
            with self._changing():
                self._failures = 0

    def leave(self, start: datetime, stop: datetime, now: datetime) -> Stretch:
        """Leave a stretch for later, joined with those that it touches."""
        with self._changing():
            self._join(start, stop, now)
        return Stretch(start=start, stop=stop, tries=0, due=now + AGAIN)

    def _join(self, start: datetime, stop: datetime, now: datetime) -> None:
        apart = [each for each in self._left if each.stop < start or each.start > stop]
        joined = [each for each in self._left if each not in apart]
        first, last = min([start, *(each.start for each in joined)]), max([stop, *(each.stop for each in joined)])
        self._left = [*apart, Stretch(start=first, stop=last, tries=0, due=now + AGAIN)]

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
        self.refresh()
        waiting = [each for each in self._left if each.due <= now]
        if not waiting:
            return None
        first = min(waiting, key=lambda each: (each.due, each.start))
        if first.stop - first.start <= LONGEST:
            return first
        with self._changing():
            return self._cut(first, first.start + LONGEST, now) if first in self._left else None

    def read(self, stretch: Stretch) -> None:
        """Forget a stretch: it was read."""
        with self._changing():
            self._left = [each for each in self._left if each != stretch]

    def again(self, stretch: Stretch, now: datetime) -> None:
        """Try a stretch again later: in halves, so that what can be read of it is, else ever later."""
        with self._changing():
            if stretch in self._left:
                self._retry(stretch, now)

    def refresh(self) -> None:
        """See what other processes noted."""
        self._failures, self._failing, self._left = _loaded(self._ledger.cursor(self._platform, KEY))

    def _retry(self, stretch: Stretch, now: datetime) -> None:
        length = stretch.stop - stretch.start
        if length >= 2 * SHORTEST and len(self._left) < MOST:
            self._cut(stretch, stretch.start + length / 2, now + AGAIN)
        else:
            wait = min(AGAIN * 2.0 ** min(stretch.tries, 10), LATEST)
            self._left[self._left.index(stretch)] = replace(stretch, tries=stretch.tries + 1, due=now + wait)

    def _cut(self, stretch: Stretch, middle: datetime, due: datetime) -> Stretch:
        first, rest = replace(stretch, stop=middle, due=due), replace(stretch, start=middle, due=due)
        at = self._left.index(stretch)
        self._left[at : at + 1] = [first, rest]
        return first

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """Change what is there now, by whichever process, and keep it."""
        with self._ledger.changing_cursor(self._platform, KEY) as held:
            self._failures, self._failing, self._left = _loaded(held.value)
            yield
            left = [(one.start.isoformat(), one.stop.isoformat(), one.tries, one.due.isoformat()) for one in self._left]
            held.value = json.dumps({"failures": self._failures, "failing": self._failing, "left": left})


def _loaded(text: str | None) -> tuple[int, tuple[str, str], list[Stretch]]:
    """Read what is kept: failures in a row, start and stop of what failed in ISO 8601 and UTC, what was left."""
    kept = json.loads(text or '{"failures": 0, "failing": ["", ""], "left": []}')
    first, last = kept["failing"]
    return kept["failures"], (first, last), [_read(row) for row in kept["left"]]


def _read(row: list[object]) -> Stretch:
    start, stop, tries, due = row
    moments = {"start": start, "stop": stop, "due": due}
    times = {name: datetime.fromisoformat(str(text)) for name, text in moments.items()}
    return Stretch(**times, tries=int(str(tries)))
