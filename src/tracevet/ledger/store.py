"""The ledger: everything that outlives a run, in one file or on one server."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import chain
from types import TracebackType
from typing import Self

from sqlalchemy import select

from tracevet.ledger import (
    bookmarks,
    committing,
    decisions,
    fingerprints,
    outbox,
    policies,
    results,
    rulings,
    upkeep,
    verdicts,
)
from tracevet.ledger.aftermath import Aftermath
from tracevet.ledger.alerts import Alerts
from tracevet.ledger.audit import Action, Audit, Event, who
from tracevet.ledger.budgets import Budgets
from tracevet.ledger.database import Database
from tracevet.ledger.leases import Leases
from tracevet.ledger.location import locate
from tracevet.ledger.opinions import Opinions
from tracevet.ledger.reaches import Reaches
from tracevet.ledger.readings import Readings
from tracevet.ledger.records import Entry, Failure, Held, LedgerStats, OutboxCounts, OutboxItem, PruneCounts
from tracevet.ledger.reviews import Reviews
from tracevet.ledger.schema import KEY, KEY_BYTES, meta
from tracevet.ledger.suppressions import Suppressions
from tracevet.ledger.upgrade import connect
from tracevet.model import Json, Receipt, Result, Session, Severity, Verdict

SESSION_IDLE = timedelta(days=1)  # without news for so long, a session is forgotten


def utc_now() -> datetime:
    """Tell the time."""
    return datetime.now(UTC)


class Ledger:
    """What was vetted, the verdicts, what is still to be written back, and bookmarks.

    A context manager. Several processes may work on one ledger at once; one object belongs to one thread, and
    is not to be used in a forked child. What a method has committed when it returns survives a killed process.
    It keeps no code but the masked evidence of violations. Every method raises LedgerError when the ledger can't
    be read or written, in a sentence that names it; what was committed before is kept.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Use `Ledger.open`."""
        self._database = database
        self._clock = clock
        self._used: set[tuple[str, str]] = set()  # results served whose last use is noted on an earlier day
        self.key = self._key()  # 32 bytes, made once for each ledger: for HMACs
        self.reviews = Reviews(database, clock)
        self.opinions = Opinions(database)
        self.suppressions = Suppressions(database, clock)
        self.audit = Audit(database, clock)
        self.alerts = Alerts(database, clock)
        self.aftermath = Aftermath(database)
        self.reaches = Reaches(database, clock)
        self.leases = Leases(database, clock)
        self.readings = Readings(database, self.leases)
        self.budgets = Budgets(database)

    @classmethod
    def open(cls, url: str | None = None, *, write: bool = True, clock: Callable[[], datetime] = utc_now) -> Self:
        """Open the ledger; make it where there is none, and bring an older one to this version.

        Args:
            url: a path, `:memory:`, or `postgresql://…`; None is a file in the user's data directory. The file is
                readable by its owner alone.
            write: False leaves what is there as it is: nothing is made or brought up to date. Where there is no
                ledger, an empty one in memory stands in.
            clock: tells the time.

        Raises:
            UsageError: the address can't be understood, or needs a driver that is not installed.
            LedgerError: it can't be opened, is no ledger, or is of a newer version.
        """
        database = connect(locate(url), write=write)
        try:
            return cls(database, clock)
        except BaseException:
            database.close()
            raise

    @property
    def location(self) -> str:
        """The path, or server and database, without user and password."""
        return str(self._database.location)

    def close(self) -> None:
        """Let go of what is held, and close the connections; a second time does nothing."""
        self.leases.close()
        self._database.close()

    def __enter__(self) -> Self:
        """Give the ledger, to be closed at the end."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def results(self, engine: str, digests: Collection[str]) -> dict[str, Result]:
        """Give what the engine said of those snippets that it has scanned."""
        if not digests:
            return {}
        with self._database.reading() as connection:
            found, used = results.fetch(connection, engine, digests)
        today = results.day(self._clock())
        self._used.update((engine, digest) for digest, last in used.items() if last < today)
        return found

    def known(self, platform: str, trace_ids: Collection[str], setup: str) -> dict[str, tuple[str, Verdict]]:
        """Give content digest and verdict of those traces that were vetted under the setup."""
        if not trace_ids:
            return {}
        with self._database.reading() as connection:
            return verdicts.known(connection, platform, trace_ids, setup)

    def stored(self, platform: str, trace_ids: Collection[str]) -> dict[str, Entry]:
        """Give those traces' verdicts, whatever setup made them, as entries that can be committed again.

        They stand as they were committed, without what reviews and suppressions made of them.
        """
        if not trace_ids:
            return {}
        with self._database.reading() as connection:
            return verdicts.stored(connection, platform, trace_ids)

    def commit(
        self, entries: Sequence[Entry], *, cursors: Mapping[tuple[str, str], str] | None = None
    ) -> list[Verdict]:
        """Store the entries and cursors (by platform and key), all or none; give the verdicts as stored, in order.

        Idempotent. Each violation gets as `first_seen` the earliest time over all verdicts with its fingerprint.
        A verdict that is to be written is queued once for each change of what it says. A violation that a former
        verdict on the trace had is kept, and queued with it as retracted. Of several verdicts on one trace the
        last stays. What reviews retract or suppressions hold back comes out, and is stored, as that.

        Raises:
            ValueError: a verdict has two violations of one fingerprint.
        """
        for entry in entries:
            _require_distinct(entry.verdict)
        now, said = self._clock(), [entry.verdict for entry in entries]
        with self._database.writing() as connection, self._readable():
            firsts = fingerprints.learn(connection, said)
            fingerprints.note_ends(connection, chain.from_iterable(entry.ends.items() for entry in entries))
            decided = decisions.meet(connection, said, now)
            changes = committing.store(connection, entries, decided.apply, now)
            outbox.queue(connection, [change for change in changes if change.entry.write], now, self.leases.heir)
            results.keep(connection, [entry.results for entry in entries], results.day(now))
            results.touch(connection, self._used, results.day(now))
            bookmarks.keep_sessions(connection, _sessions(entries), now)
            bookmarks.set_cursors(connection, cursors or {}, now)
        self._used.clear()
        self.reviews.settle()  # a review that waited for one of these may be about others, too
        return [committing.with_first_seen(decided.apply(verdict), firsts) for verdict in said]

    def judged(self, said: Sequence[Verdict]) -> list[Verdict]:
        """Give verdicts as `commit` would, as far as reviews and suppressions go, and store nothing."""
        with self._database.reading() as connection, self._readable():
            retracted = rulings.foresee(connection, said)
            suppressor = self.suppressions.foresee(connection, self._clock())
        decided = decisions.Decisions(retracted=retracted, suppressor=suppressor)
        return [decided.apply(verdict) for verdict in said]

    def pending(self, platform: str, limit: int = 100) -> list[OutboxItem]:
        """Give verdicts that the platform does not have and that may be tried now, longest due first."""
        with self._database.reading() as connection, self._readable():
            return outbox.pending(connection, platform, limit, self._clock())

    def claim(self, platform: str, limit: int = 100) -> list[OutboxItem]:
        """Take verdicts that the platform does not have and that may be tried now, newest trace first.

        They are this process's until they are settled, or let go of, or it ends: no other gets them.
        """
        self.leases.join()
        with self._database.claiming() as connection, self._readable():
            return outbox.claim(connection, platform, limit, self._clock(), self.leases)

    def unclaim(self, items: Sequence[OutboxItem]) -> None:
        """Let go of items that could not be tried."""
        with self._database.claiming() as connection:
            outbox.unclaim(connection, items, self.leases.owner)

    def waiting(self, platform: str, limit: int) -> tuple[int, list[OutboxItem]]:
        """Give how many verdicts are to be written to the platform, now or later, and the newest of them."""
        with self._database.reading() as connection, self._readable():
            return outbox.sample(connection, platform, limit)

    def accepted(self, item: OutboxItem, receipt: Receipt) -> None:
        """Note that the platform has the item; if the verdict changed meanwhile, that change stays queued."""
        self.settle([(item, receipt)])

    def failed(self, item: OutboxItem, reason: str, retry_at: datetime | None) -> None:
        """Note why the item failed and when to try again; None parks it until the verdict changes."""
        self.settle([(item, Failure(reason=reason, retry_at=retry_at))])

    def settle(self, results: Sequence[tuple[OutboxItem, Receipt | Failure]]) -> None:
        """Note what became of several items, all or none, as `accepted` and `failed` do one by one."""
        with self._database.writing() as connection:
            outbox.settle(connection, results, self._clock())
            outbox.unclaim(connection, [item for item, _ in results], self.leases.owner)

    def outbox_counts(self) -> OutboxCounts:
        """Count what is still to be written, over all platforms."""
        with self._database.reading() as connection:
            return outbox.counts(connection, self._clock())

    def cursor(self, platform: str, key: str) -> str | None:
        """Give the bookmark that was last set."""
        with self._database.reading() as connection:
            return bookmarks.cursor(connection, platform, key)

    def set_cursor(self, platform: str, key: str, value: str) -> None:
        """Set a bookmark; `commit` sets one together with what it stands for."""
        with self._database.writing() as connection:
            bookmarks.set_cursors(connection, {(platform, key): value}, self._clock())

    @contextmanager
    def changing_cursor(self, platform: str, key: str) -> Iterator[Held]:
        """Give a bookmark that no other process changes meanwhile; what its value then is, is set."""
        with self._database.writing() as connection:
            held = Held(value=bookmarks.cursor(connection, platform, key))
            yield held
            bookmarks.set_cursors(connection, {(platform, key): held.value or ""}, self._clock())

    def session(self, platform: str, name: str) -> Session | None:
        """Give the session as it was last committed."""
        with self._database.reading() as connection:
            return bookmarks.session(connection, platform, name)

    def drop_sessions(self, older_than: datetime | None = None) -> int:
        """Forget the sessions without news since then, or for a day, and give their number."""
        with self._database.writing() as connection:
            return bookmarks.drop_sessions(connection, older_than or self._clock() - SESSION_IDLE)

    def verdicts(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        policy: str | None = None,
        min_severity: Severity | None = None,
        project: str | None = None,
        developer: str | None = None,
    ) -> Iterator[Verdict]:
        """Give the verdicts that match, whole, newest trace first; memory stays bounded however many there are.

        The window is half-open, by the time the trace began; a trace without one stands where it was first
        committed. `policy` and `min_severity` ask for one violation that has both, and is not retracted.
        """
        wanted = verdicts.Filter(
            since=since, until=until, policy=policy, min_severity=min_severity, project=project, developer=developer
        )
        with self._readable():
            yield from verdicts.stream(self._database, wanted)

    def export(self) -> Iterator[dict[str, Json]]:
        """Give every verdict as it is published in JSON, newest trace first."""
        for verdict in self.verdicts():
            yield verdict.model_dump(mode="json")

    def stats(self) -> LedgerStats:
        """Tell where the ledger is, how big, and what is in it."""
        with self._database.reading() as connection:
            return upkeep.stats(connection, self._database.location, self._clock())

    def prune(self, before: datetime) -> PruneCounts:
        """Remove what was last committed or used before, and give the space back; violations go with their verdict.

        What is still to be written to its platform stays. Removed in steps: what is gone when it fails stays gone.
        The audit log stays whole, and notes it beforehand.
        """
        self.audit.note(
            Event(action=Action.PRUNE, subject=f"what was last used before {before:%Y-%m-%d %H:%M}", actor=who())
        )
        return upkeep.prune(self._database, before)

    def note_policies(self, digests: Mapping[str, str]) -> None:
        """Note in the audit log that other policies hold than before: each by its id and a digest of what it says."""
        with self._database.reading() as connection:
            known = policies.known(connection, digests)
        if self._database.writable and not known:
            with self._database.writing() as connection, self._readable():
                policies.note(connection, digests, who(), self._clock())

    def _key(self) -> bytes:
        with self._database.reading() as connection:
            text = connection.scalar(select(meta.c.value).where(meta.c.key == KEY))
        with self._readable():
            key = bytes.fromhex(text or "")
            if len(key) != KEY_BYTES:
                raise ValueError(KEY)
        return key

    def _readable(self) -> AbstractContextManager[None]:
        return self._database.readable()


def _require_distinct(verdict: Verdict) -> None:
    if len({violation.fingerprint for violation in verdict.violations}) != len(verdict.violations):
        raise ValueError(f"verdict {verdict.id} has two violations of one fingerprint")


def _sessions(entries: Sequence[Entry]) -> dict[str, dict[str, Session]]:
    kept: dict[str, dict[str, Session]] = {}
    for entry in entries:
        if entry.session is not None:
            kept.setdefault(entry.verdict.trace.platform, {})[entry.session.id] = entry.session
    return kept
