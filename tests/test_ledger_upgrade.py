"""A ledger of an older version is brought up to date with all it holds; one of a newer version is left alone."""

import re
from pathlib import Path

import pytest
from ledger_parts import FOUND, entry, next_migrations, verdict, violation
from sqlalchemy import Connection, inspect, update

from tracevet.errors import LedgerError
from tracevet.ledger import Ledger, schema
from tracevet.ledger import upgrade as upgrading
from tracevet.ledger.database import Database
from tracevet.ledger.location import locate, make_file


def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str = "pass") -> None:
    """Act as a tracevet that knows one version more."""
    monkeypatch.setattr(upgrading, "MIGRATIONS", next_migrations(tmp_path / "migrations", more))
    monkeypatch.setattr(schema, "VERSION", 3)


def shape(connection: Connection) -> dict[str, object]:
    """Describe all tables: columns in order, with types and nullability, keys and indexes."""
    seen = inspect(connection)
    tables = set(seen.get_table_names()) - {schema.versions.name}
    return {
        name: (
            [(c["name"], str(c["type"]), c["nullable"]) for c in seen.get_columns(name)],
            seen.get_pk_constraint(name)["constrained_columns"],
            sorted((index["name"] or "", *index["column_names"]) for index in seen.get_indexes(name)),
            re.findall("WITHOUT ROWID", _made_by(connection, name)),
        )
        for name in sorted(tables)
    }


def _made_by(connection: Connection, table: str) -> str:
    if connection.dialect.name != "sqlite":
        return ""
    made = connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = ?", (table,)).scalar()
    return str(made)


def test_the_migrations_lead_to_the_tables_that_a_new_ledger_has(ledger_url: str) -> None:
    location = locate(ledger_url)
    make_file(location)
    database = Database(location)
    with database.writing() as connection:
        upgrading._migrate(connection)
        migrated = shape(connection)
        assert upgrading.version(connection, location) == schema.VERSION
        schema.metadata.drop_all(connection)
    with database.writing() as connection:
        upgrading._create(connection)
        made = shape(connection)
    database.close()
    assert migrated == made
    assert set(made) == set(schema.metadata.tables) - {schema.versions.name}


def test_an_older_ledger_is_brought_up_to_date_with_all_it_holds(
    ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Ledger.open(ledger_url) as ledger:
        key = ledger.key
        ledger.commit([entry(verdict("t1", violation()), results={"e": {"d1": FOUND}})])
        before = list(ledger.export())
    next_version(tmp_path, monkeypatch)
    with Ledger.open(ledger_url) as ledger:
        assert ledger.key == key
        assert ledger.results("e", ["d1"]) == {"d1": FOUND}
        assert list(ledger.export()) == before
        with ledger._database.reading() as connection:
            row = connection.exec_driver_sql("SELECT project, reviewed FROM violations").one()
            assert tuple(row) == ("user-service", "no")
            assert "later" in inspect(connection).get_table_names()
            assert upgrading.version(connection, locate(ledger_url)) == 3
            assert len(inspect(connection).get_indexes("violations")) == 4


def test_an_upgrade_that_fails_changes_nothing(
    ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Ledger.open(ledger_url) as ledger, ledger._database.reading() as connection:
        before = shape(connection)
    with monkeypatch.context() as later:
        next_version(tmp_path, later, more='op.execute("SELECT no_such_function()")')
        with pytest.raises(LedgerError):
            Ledger.open(ledger_url)
    with Ledger.open(ledger_url) as ledger, ledger._database.reading() as connection:
        assert shape(connection) == before
        assert upgrading.version(connection, locate(ledger_url)) == 2


def test_a_dry_run_does_not_upgrade(ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Ledger.open(ledger_url).close()
    with monkeypatch.context() as later:
        next_version(tmp_path, later)
        with pytest.raises(LedgerError, match="is of version 2, and this tracevet reads 3; a run that may write"):
            Ledger.open(ledger_url, write=False)
    Ledger.open(ledger_url).close()


@pytest.mark.parametrize("write", [True, False])
def test_a_newer_ledger_is_left_alone_and_the_way_out_is_told(ledger_url: str, write: bool) -> None:
    with Ledger.open(ledger_url) as ledger:
        location = ledger.location
        with ledger._database.writing() as connection:
            connection.execute(update(schema.versions).values(version_num="0007"))
    told = "is of version 7, and this tracevet knows up to 2; upgrade tracevet or name another ledger"
    with pytest.raises(LedgerError, match=f"^ledger {re.escape(location)} {told}$"):
        Ledger.open(ledger_url, write=write)


@pytest.mark.parametrize("mark", ["", "deadbeef", "１"])
def test_a_version_that_is_no_number_is_told(ledger_url: str, mark: str) -> None:
    with Ledger.open(ledger_url) as ledger, ledger._database.writing() as connection:
        connection.execute(update(schema.versions).values(version_num=mark))
    with pytest.raises(LedgerError, match="no version that can be read"):
        Ledger.open(ledger_url)


@pytest.mark.parametrize("key", ["", "abc", "zz" * 32, "ab"])
def test_a_key_that_was_tampered_with_is_told(ledger_url: str, key: str) -> None:
    with Ledger.open(ledger_url) as ledger, ledger._database.writing() as connection:
        connection.execute(update(schema.meta).values(value=key))
    with pytest.raises(LedgerError, match="can't read"):
        Ledger.open(ledger_url)
