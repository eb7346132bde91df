"""Budgets: how many requests a minute all processes on one ledger together may make of a platform."""

import time
from collections.abc import Callable

from sqlalchemy import Connection, Double, cast, delete, extract, func, literal, select, update
from sqlalchemy.sql.elements import ColumnElement

from tracevet.ledger.database import Database
from tracevet.ledger.schema import budgets
from tracevet.ledger.upsert import upsert

LOOK = 30.0  # seconds after which a platform without a budget is looked up again
MINUTE = 60.0


class Budgets:
    """One bucket of permits for each platform, filled steadily, so that no minute holds more than one beyond them.

    Permits go in the order in which they were asked for; a process that dies leaves at most one unused.
    """

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        """Use `Ledger.budgets`; the server's clock counts, or where there is none, `clock`, in seconds."""
        self._database, self._clock = database, clock

    def set(self, platform: str, per_minute: float) -> None:
        """Set how many requests a minute may be made from now on; 0 lifts the limit."""
        with self._database.claiming() as connection:
            if per_minute <= 0:
                connection.execute(delete(budgets).where(budgets.c.platform == platform))
                return
            now = connection.scalar(select(self._now(connection)))
            row = {"platform": platform, "per_minute": per_minute, "permits": 1.0, "at": now}
            upsert(connection, budgets, [row])

    def per_minute(self, platform: str) -> float | None:
        """Give the limit; None: there is none."""
        with self._database.reading() as connection:
            return connection.scalar(select(budgets.c.per_minute).where(budgets.c.platform == platform))

    def permit(self, platform: str) -> float | None:
        """Take the next permit, and give the seconds until it holds; None: there is no limit."""
        with self._database.claiming() as connection:
            now = self._now(connection)
            passed = func.max(0.0, now - budgets.c.at) if _lite(connection) else func.greatest(0.0, now - budgets.c.at)
            filled = budgets.c.permits + passed * budgets.c.per_minute / MINUTE
            capped = func.min(1.0, filled) if _lite(connection) else func.least(1.0, filled)
            taken = update(budgets).where(budgets.c.platform == platform).values(permits=capped - 1.0, at=now)
            row = connection.execute(taken.returning(budgets.c.permits, budgets.c.per_minute)).one_or_none()
        return None if row is None else max(0.0, -row.permits * MINUTE / row.per_minute)

    def pace(
        self,
        platform: str,
        *,
        sleep: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> Callable[[], None]:
        """Give what a platform calls before each request: it returns once the request may be made; for any thread."""
        unlimited_until = [clock()]

        def wait() -> None:
            if clock() < unlimited_until[0]:
                return
            seconds = self.permit(platform)
            if seconds is None:
                unlimited_until[0] = clock() + LOOK
            elif seconds > 0:
                sleep(seconds)

        return wait

    def _now(self, connection: Connection) -> ColumnElement[float]:
        if _lite(connection):
            return literal(self._clock(), Double)
        return cast(extract("epoch", func.clock_timestamp()), Double)


def _lite(connection: Connection) -> bool:
    return connection.dialect.name == "sqlite"
