"""Listening to people: the reviews of a platform, read into the ledger again and again."""

from collections.abc import Callable
from datetime import datetime, timedelta

from tracevet.ledger import Ledger
from tracevet.model import Review
from tracevet.plugin import Platform
from tracevet.policy import aware

KEY = "reviewed"  # of the bookmark: the youngest review that was read, by the platform's clock
OVERLAP = timedelta(minutes=15)  # read again each time: what became readable late
WHOLE = timedelta(hours=1)  # until everything is read again, which shows what was withdrawn
BATCH = 200  # reviews kept together


class Listening:
    """Reads what is new among a platform's reviews, and now and then all of them."""

    def __init__(self, platform: Platform, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        """Begin with all of them."""
        self._platform, self._ledger, self._clock = platform, ledger, clock
        self._whole: datetime | None = None  # when all were read

    def listen(self) -> int:
        """Read what was said since the last time, and change the verdicts that it is about; give how much was news.

        Raises:
            PlatformError: the platform can't be read; what was read before counts.
            LedgerError: the ledger can't be read or written.
        """
        if type(self._platform).reviews is Platform.reviews:
            return 0  # it has no word for them; saying so would withdraw what another version of it read
        now = self._clock()
        kept = self._ledger.cursor(self._platform.name, KEY)
        if kept is None or self._whole is None or now - self._whole >= WHOLE:
            return self._listen_to_all(now)
        since = datetime.fromisoformat(kept)
        news, _ = self._keep(since - OVERLAP, now)
        return news

    def _listen_to_all(self, now: datetime) -> int:
        news, ids = self._keep(None, now)
        news += self._ledger.reviews.withdraw_others(self._platform.name, ids)
        self._whole = now
        return news

    def _keep(self, since: datetime | None, now: datetime) -> tuple[int, set[str]]:
        ids: set[str] = set()
        news, youngest = 0, since + OVERLAP if since else None
        batch: list[Review] = []
        for review in self._platform.reviews(since):
            ids.add(review.id)
            batch.append(review)
            youngest = max(youngest or aware(review.at), aware(review.at))
            if len(batch) == BATCH:
                news += self._ledger.reviews.keep(self._platform.name, batch)
                batch = []
        news += self._ledger.reviews.keep(self._platform.name, batch)
        # A review from the future must not hide those to come.
        self._ledger.set_cursor(self._platform.name, KEY, min(youngest or now, now).isoformat())
        return news, ids
