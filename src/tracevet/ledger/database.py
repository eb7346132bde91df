"""The connection to a ledger: reading sees one state, writing is one process at a time."""

import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool

from tracevet.errors import LedgerError, UsageError
from tracevet.ledger.failures import PATIENCE, sentence
from tracevet.ledger.location import Location

WRITERS = 0x7472616365766574  # PostgreSQL: the advisory lock that writers of a ledger take turns by
IDLE = 60  # seconds after which the server takes a stopped writer's turn away


class Database:
    """An engine for one location; every failure of it comes out as a LedgerError."""

    def __init__(self, location: Location, *, write: bool = True) -> None:
        """Set the engine up; nothing is opened yet."""
        self.location = location
        self.writable = write
        self.engine = _engine(location, write=write)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one committed state."""
        with self._failing(), self.engine.connect() as connection, connection.begin():
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose changes are all kept, or none; wait for other writers before."""
        with self._failing(), self.engine.connect() as plain:
            connection = plain.execution_options(tracevet_begin="BEGIN IMMEDIATE")
            with connection.begin():
                if connection.dialect.name == "postgresql":
                    connection.execute(select(func.pg_advisory_xact_lock(WRITERS)))
                yield connection

    @contextmanager
    def claiming(self) -> Iterator[Connection]:
        """Give a connection for a few rows that several processes change at once: they lock rows, and take no turns."""
        with self._failing(), self.engine.connect() as plain:
            connection = plain.execution_options(tracevet_begin="BEGIN IMMEDIATE")
            with connection.begin():
                yield connection

    def vacuum(self, tables: Iterable[str]) -> None:
        """Give the space of removed rows back, as far as the engine does; SQLite needs room for a copy meanwhile."""
        with self._failing():
            if self.engine.dialect.name == "sqlite":
                self._vacuum_file()
                return
            with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                for table in tables:
                    connection.exec_driver_sql(f'VACUUM ANALYZE "{table}"')

    def _vacuum_file(self) -> None:
        with closing(self.engine.raw_connection()) as raw:  # VACUUM can't stand in a transaction
            cursor = raw.cursor()
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.close()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    @contextmanager
    def readable(self) -> Iterator[None]:
        """Turn a row that can't be read back into a LedgerError."""
        try:
            yield
        except ValueError:  # from None: pydantic's text quotes the row
            raise LedgerError(
                f"ledger {self.location} holds a row that this tracevet can't read; "
                "use the version that wrote it, or name another ledger"
            ) from None

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, self.engine.dialect.loaded_dbapi.Error) as error:
            # from None: the driver's text may quote rows.
            raise LedgerError(f"ledger {self.location}: {sentence(error, self.location.url)}") from None


def _engine(location: Location, *, write: bool) -> Engine:
    if location.url.get_backend_name() == "sqlite":
        return _sqlite(location, write=write)
    try:
        return _postgresql(location, write=write)
    except ModuleNotFoundError:
        raise UsageError(f"ledger {location} needs a driver; install tracevet[postgresql]") from None


def _sqlite(location: Location, *, write: bool) -> Engine:
    options: dict[str, Any] = {"connect_args": {"timeout": PATIENCE, "check_same_thread": False}}
    if location.path is None:
        options["poolclass"] = StaticPool  # a second connection would see another, empty memory
    engine = create_engine(location.url, hide_parameters=True, **options)

    def connected(raw: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
        raw.isolation_level = None  # transactions begin where `begun` says so, not where Python guesses
        try:
            use_wal(raw) if write else raw.execute("PRAGMA query_only=ON")
        except sqlite3.Error:
            raw.close()
            raise

    def begun(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("tracevet_begin", "BEGIN"))

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begun)
    return engine


def use_wal(raw: sqlite3.Connection) -> None:
    """Switch to write-ahead logging; SQLite does not wait by itself for another process that is just doing so."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            raw.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _postgresql(location: Location, *, write: bool) -> Engine:
    defaults = {"connect_timeout": 10, "application_name": "tracevet", "client_encoding": "utf8"}
    arguments = {key: value for key, value in defaults.items() if key not in location.url.query}
    engine = create_engine(location.url, hide_parameters=True, pool_pre_ping=True, connect_args=arguments)

    def connected(raw: Any, entry: ConnectionPoolEntry) -> None:
        raw.execute("SET timezone='UTC'")
        raw.execute(f"SET lock_timeout='{PATIENCE}s'")
        raw.execute(f"SET idle_in_transaction_session_timeout='{IDLE}s'")
        raw.execute(f"SET default_transaction_read_only={'off' if write else 'on'}")
        raw.commit()

    event.listen(engine, "connect", connected)
    return engine
