"""Opening: a ledger of any older version is brought to this one as it is opened, one of a newer version is refused."""

import secrets

from sqlalchemy import Connection, insert, inspect, select

from tracevet.errors import LedgerError
from tracevet.ledger import schema
from tracevet.ledger.database import Database
from tracevet.ledger.location import Location, make_file, memory

MIGRATIONS = "tracevet.ledger:migrations"


def connect(location: Location, *, write: bool) -> Database:
    """Connect to the ledger, made or brought to this version; to read where there is none, an empty memory stands in.

    Raises:
        UsageError: the driver for it is not installed.
        LedgerError: as in `prepare`.
    """
    if write:
        make_file(location)
    database = Database(location, write=write)
    try:
        if write or _exists(database):
            prepare(database)
            return database
    except BaseException:
        database.close()
        raise
    database.close()
    return connect(memory(instead_of=location), write=True)


def prepare(database: Database) -> None:
    """Make the tables, or bring them to the current version; several processes may do so at once.

    Raises:
        LedgerError: it is of a newer version, or something else lives there; or it is of an older version
            and opened for reading only.
    """
    with database.reading() as connection:
        found = version(connection, database.location)
    if found == schema.VERSION:
        return
    if not database.writable:
        raise LedgerError(
            f"ledger {database.location} is of version {found or 0}, and this tracevet reads {schema.VERSION}; "
            "a run that may write brings it there"
        )
    with database.writing() as connection:
        found = version(connection, database.location)  # another process may have been faster
        if found is None:
            _create(connection)
        elif found < schema.VERSION:
            _migrate(connection)


def version(connection: Connection, location: Location) -> int | None:
    """Read the version of the ledger that is there; None where nothing is yet.

    Raises:
        LedgerError: it is of a newer version, or something else lives there.
    """
    tables = set(inspect(connection).get_table_names())
    if schema.versions.name not in tables:
        strange = tables if connection.dialect.name == "sqlite" else tables & schema.metadata.tables.keys()
        if strange:
            raise LedgerError(f"ledger {location}: something else lives there; name another path or database")
        return None
    text = connection.scalar(select(schema.versions.c.version_num)) or ""
    if not (text.isascii() and text.isdigit()):
        raise LedgerError(f"ledger {location} has no version that can be read; name another ledger")
    if int(text) > schema.VERSION:
        raise LedgerError(
            f"ledger {location} is of version {int(text)}, and this tracevet knows up to {schema.VERSION}; "
            "upgrade tracevet or name another ledger"
        )
    return int(text)


def _exists(database: Database) -> bool:
    location = database.location
    if location.path is not None and not location.path.exists():
        return False
    with database.reading() as connection:
        return version(connection, location) is not None


def _create(connection: Connection) -> None:
    schema.metadata.create_all(connection, checkfirst=False)
    connection.execute(insert(schema.versions).values(version_num=f"{schema.VERSION:04}"))
    connection.execute(insert(schema.meta).values(key=schema.KEY, value=secrets.token_hex(schema.KEY_BYTES)))


def _migrate(connection: Connection) -> None:
    from alembic import command  # slow to import, and rarely needed
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", MIGRATIONS)
    config.set_main_option("path_separator", "os")
    command.upgrade(config, "head")
