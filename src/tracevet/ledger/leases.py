"""Leases: what one process works on, so that others leave it alone until it lets go or dies."""

import os
import platform
import socket
import threading
import uuid
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, delete, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from tracevet.errors import LedgerError
from tracevet.ledger.columns import label
from tracevet.ledger.database import Database
from tracevet.ledger.schema import leases, owners
from tracevet.ledger.upsert import chunks, upsert

SECONDS = 60.0  # without a sign of life, until what a process holds is free; one that ended here loses it at once
BEATS = 4  # signs of life in that time


class Leases:
    """What this ledger object holds; a thread of its own shows that the process lives.

    A process that stands still for longer than a lease may find that another did its work, too: what is done under
    a lease must bear being done twice. Of several machines the server's clock counts.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Use `Ledger.leases`; nothing is held, and nobody told."""
        self.owner = f"{_machine()}:{os.getpid()}:{_started(os.getpid())}:{uuid.uuid4().hex[:12]}"
        self.heir: str | None = None  # whose the verdicts are that are queued here
        self.seconds = SECONDS
        self._database, self._clock = database, clock
        self._joined = False
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def share(self, owner: str) -> None:
        """Act as the same owner as another ledger object of this process; what is queued here is that owner's."""
        self.owner = self.heir = owner

    def join(self) -> None:
        """Show that this process lives, from now on until the ledger is closed; free what ended processes held."""
        if self._joined:
            return
        with self._database.claiming() as connection:
            self.bury(connection)
            self._beat(connection)
        self._joined = True
        if self._database.location.path is not None or self._database.engine.dialect.name != "sqlite":
            self._thread = threading.Thread(target=self._live, name="leases", daemon=True)
            self._thread.start()

    def take(self, names: Collection[str]) -> set[str]:
        """Take what is free of these, and give all of them that are held here now."""
        if not names:
            return set()
        self.join()
        labels = {label(name): name for name in names}
        held: set[str] = set()
        with self._database.claiming() as connection:
            for chunk in chunks(sorted(labels)):  # in one order everywhere: two that take the same don't lock up
                self._take(connection, chunk)
                ours = select(leases.c.name).where(leases.c.name.in_(chunk), leases.c.owner == self.owner)
                held.update(labels[name] for name in connection.scalars(ours))
        return held

    def want(self, names: Collection[str]) -> None:
        """Ask whoever holds these to let go of them as soon as it can."""
        with self._database.claiming() as connection:
            self.bury(connection)
            for chunk in chunks(sorted(map(label, names))):
                connection.execute(update(leases).where(leases.c.name.in_(chunk)).values(wanted=1))

    def wanted(self) -> set[str]:
        """Give the labels of what is held here and wanted by others."""
        with self._database.reading() as connection:
            query = select(leases.c.name).where(leases.c.owner == self.owner, leases.c.wanted == 1)
            return set(connection.scalars(query))

    def release(self, names: Collection[str]) -> None:
        """Let go of these."""
        if not names:
            return
        with self._database.claiming() as connection:
            for chunk in chunks(sorted(map(label, names))):
                mine = (leases.c.owner == self.owner) & leases.c.name.in_(chunk)
                connection.execute(delete(leases).where(mine))

    def close(self) -> None:
        """Let go of everything; a second time does nothing."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._joined:
            self._joined = False
            try:
                with self._database.claiming() as connection:
                    connection.execute(delete(leases).where(leases.c.owner == self.owner))
                    connection.execute(delete(owners).where(owners.c.id == self.owner))
            except LedgerError:
                return  # it lapses by itself

    def free(self, connection: Connection, column: ColumnElement[str | None]) -> ColumnElement[bool]:
        """Tell whether what a column names as its owner may be taken: by nobody, by us, or by one that died."""
        alive = exists().where(owners.c.id == column, owners.c.until > self.moment(connection))
        return column.is_(None) | (column == self.owner) | ~alive

    def moment(self, connection: Connection) -> datetime:
        """Tell the time by one clock for all: the server's, or this machine's."""
        if connection.dialect.name == "postgresql":
            return connection.execute(select(func.clock_timestamp())).scalar_one().astimezone(UTC)  # type: ignore[no-any-return]  # SQL's
        return self._clock()

    def _take(self, connection: Connection, chunk: Collection[str]) -> None:
        into = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(leases)
        taken = into.values([{"name": name, "owner": self.owner, "wanted": 0} for name in chunk])
        connection.execute(
            taken.on_conflict_do_update(
                index_elements=[leases.c.name],
                set_={"owner": self.owner, "wanted": 0},
                where=self.free(connection, leases.c.owner) & (leases.c.owner != self.owner),
            )
        )

    def _beat(self, connection: Connection) -> None:
        until = self.moment(connection) + timedelta(seconds=self.seconds)
        upsert(connection, owners, [{"id": self.owner, "until": until}])

    def bury(self, connection: Connection) -> None:
        """Forget the owners that lapsed, and those of this machine whose process is gone."""
        rows = connection.execute(select(owners.c.id, owners.c.until).where(owners.c.id != self.owner)).all()
        now = self.moment(connection)
        dead = sorted(row.id for row in rows if row.until <= now or _gone(row.id))
        for chunk in chunks(dead):
            connection.execute(delete(owners).where(owners.c.id.in_(chunk)))
            connection.execute(delete(leases).where(leases.c.owner.in_(chunk)))

    def _live(self) -> None:
        while not self._ending.wait(self.seconds / BEATS):
            try:
                with self._database.claiming() as connection:
                    self._beat(connection)
            except LedgerError:
                continue  # whoever works with the ledger will tell; it lapses if this goes on


@cache
def _machine() -> str:
    """Tell machines apart, and what counts processes apart from others on one machine; names neither."""
    parts = [socket.gethostname(), platform.system()]
    for path in ("/proc/sys/kernel/random/boot_id", "/proc/self/ns/pid"):
        try:
            parts.append(Path(path).read_text() if path.endswith("id") and "ns" not in path else os.readlink(path))
        except OSError:
            parts.append("")
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def _started(process: int) -> str:
    """Tell when a process began, so that another of the same number is not taken for it; "" where nobody says."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return "" if fields[0] == "Z" else fields[19]  # Z: it ended, and nobody asked how
    except (OSError, IndexError):
        return ""


def _gone(owner: str) -> bool:
    """Tell whether an owner was a process of this machine that has ended."""
    machine, _, rest = owner.partition(":")
    number, _, rest = rest.partition(":")
    if machine != _machine() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return _started(int(number)) != rest.partition(":")[0]
