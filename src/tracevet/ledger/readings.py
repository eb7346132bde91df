"""Reading shared by several watchers: each takes a stretch of time, and all know how far everything was read."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from tracevet.ledger.database import Database
from tracevet.ledger.leases import Leases
from tracevet.ledger.schema import readings


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A half-open stretch of time that somebody reads, or has read."""

    start: datetime
    stop: datetime
    done: bool
    mine: bool


class Readings:
    """The stretches of time that are being read, by platform."""

    def __init__(self, database: Database, leases: Leases) -> None:
        """Use `Ledger.readings`."""
        self._database, self._leases = database, leases

    def claim(self, platform: str, start: datetime, stop: datetime) -> tuple[datetime, datetime]:
        """Take the first part of a stretch that no other process reads or has just read; an empty one where all is.

        What a process that ended was reading is free again. One object holds one stretch at a time.
        """
        self._leases.join()
        with self._database.writing() as connection:
            first, last = _first_free(self._standing(connection, platform), start, stop)
            if first < last:
                connection.execute(
                    insert(readings).values(platform=platform, start=first, stop=last, owner=self._leases.owner)
                )
        return first, last

    def finish(self, platform: str, stop: datetime) -> datetime:
        """Note that all up to `stop` was read that others don't read; give up to when nothing is left to be read.

        That is `stop`, or where another still reads, or further, where others were faster.
        """
        with self._database.writing() as connection:
            self._note(connection, platform)
            rows = self._standing(connection, platform)
            mark = min([stop, *(row.start for row in rows if not row.done)])
            for row in rows:
                if row.done and row.start <= mark < row.stop:
                    mark = row.stop
            passed = (readings.c.platform == platform) & readings.c.owner.is_(None) & (readings.c.stop <= mark)
            connection.execute(delete(readings).where(passed))
        return mark

    def drop(self, platform: str) -> None:
        """Let go of what is held: it was not read."""
        with self._database.claiming() as connection:
            connection.execute(delete(readings).where(self._ours(platform)))

    def others(self, platform: str) -> bool:
        """Tell whether another process is reading now."""
        with self._database.writing() as connection:
            return any(not row.done and not row.mine for row in self._standing(connection, platform))

    def _note(self, connection: Connection, platform: str) -> None:
        connection.execute(update(readings).where(self._ours(platform)).values(owner=None))

    def _ours(self, platform: str) -> ColumnElement[bool]:
        return (readings.c.platform == platform) & (readings.c.owner == self._leases.owner)

    def _standing(self, connection: Connection, platform: str) -> list[Reading]:
        """Forget what nobody alive reads, and give the rest, oldest first."""
        self._leases.bury(connection)
        owner = readings.c.owner
        here = readings.c.platform == platform
        lost = owner.is_not(None) & (owner != self._leases.owner) & self._leases.free(connection, owner)
        connection.execute(delete(readings).where(here & lost))
        rows = connection.execute(select(readings).where(here).order_by(readings.c.start)).all()
        return [
            Reading(start=row.start, stop=row.stop, done=row.owner is None, mine=row.owner == self._leases.owner)
            for row in rows
        ]


def _first_free(rows: list[Reading], start: datetime, stop: datetime) -> tuple[datetime, datetime]:
    for row in rows:
        if row.start <= start < row.stop:
            start = min(row.stop, stop)
        elif start < row.start < stop:
            return start, row.start
    return start, stop
