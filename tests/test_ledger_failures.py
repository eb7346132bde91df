"""Whatever is wrong with the ledger's disk or server is told in a sentence, and what was committed is kept."""

import os
import socket
import sqlite3
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from ledger_parts import batch, entry, verdict, violation
from sqlalchemy import Engine, event, make_url

from tracevet.errors import LedgerError
from tracevet.ledger import Ledger, schema
from tracevet.ledger.database import use_wal

NOBODY = 65534


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """Act as a user for whom permissions count, in a directory of its own."""
    with tempfile.TemporaryDirectory() as name:
        root = os.geteuid() == 0
        if root:
            os.chown(name, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield Path(name)
        finally:
            if root:
                os.seteuid(0)
            os.chmod(name, 0o700)


def fail(url: str | Path, told: str) -> str:
    """Open a ledger that can't be opened; give the sentence."""
    with pytest.raises(LedgerError, match=told) as caught:
        Ledger.open(str(url))
    assert caught.value.__cause__ is None
    assert "\n" not in str(caught.value)
    return str(caught.value)


def filled(path: Path) -> Path:
    with Ledger.open(str(path)) as ledger:
        ledger.commit(batch(0, size=200))
    return path


def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    assert str(tmp_path / "no") in fail(tmp_path / "no" / "ledger.db", "does not exist")


def test_a_directory_is_no_ledger(tmp_path: Path) -> None:
    fail(tmp_path, "not a file")


def test_a_pipe_is_no_ledger_and_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    fail(tmp_path / "pipe", "not a file")


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    text = b"my notes, and quite a lot of them\n" * 100
    path.write_bytes(text)
    fail(path, "not a ledger")
    assert path.read_bytes() == text


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE songs (title TEXT)")
        fail(path, "something else lives there")
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("songs",)]


def test_a_damaged_ledger_is_told(tmp_path: Path) -> None:
    path = filled(tmp_path / "ledger.db")
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(b"\xff" * (size - 8192))
    with pytest.raises(LedgerError, match="damaged"), Ledger.open(str(path)) as ledger:
        list(ledger.verdicts())


def test_a_ledger_cut_off_is_told(tmp_path: Path) -> None:
    path = filled(tmp_path / "ledger.db")
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(LedgerError, match="damaged"), Ledger.open(str(path)) as ledger:
        list(ledger.verdicts())


def test_a_directory_without_permission_is_told(unprivileged: Path) -> None:
    unprivileged.chmod(0o500)
    fail(unprivileged / "ledger.db", "Permission denied")


def test_a_file_without_permission_is_told(unprivileged: Path) -> None:
    path = filled(unprivileged / "ledger.db")
    path.chmod(0o000)
    fail(path, "can't be opened")


def test_a_read_only_ledger_keeps_what_it_has(unprivileged: Path) -> None:
    path = filled(unprivileged / "ledger.db")
    path.chmod(0o400)
    with Ledger.open(str(path)) as ledger:
        with pytest.raises(LedgerError, match="only be read"):
            ledger.commit([entry(verdict("new"))])
        assert len(list(ledger.verdicts())) == 200


@pytest.fixture
def small_disk() -> Iterator[Callable[[int], None]]:
    """Limit the pages of every ledger that is opened from then on."""
    limits: list[Callable[..., None]] = []

    def limit(pages: int) -> None:
        def connected(raw: sqlite3.Connection, entry: object) -> None:
            raw.execute(f"PRAGMA max_page_count={pages}")

        event.listen(Engine, "connect", connected)
        limits.append(connected)

    yield limit
    for each in limits:
        event.remove(Engine, "connect", each)


def test_a_full_disk_keeps_what_was_committed(tmp_path: Path, small_disk: Callable[[int], None]) -> None:
    small_disk(200)
    kept: list[str] = []
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        with pytest.raises(LedgerError, match="disk is full"):
            kept.extend(said.trace.id for number in range(1_000) for said in ledger.commit(batch(number)))
        assert len(kept) > 4
        assert {said.trace.id for said in ledger.verdicts()} == set(kept)
        assert ledger.stats().counts["violations"] == 3 * len(kept)
        with pytest.raises(LedgerError, match="disk is full"):
            ledger.commit(batch(1_000))


def test_no_room_for_a_new_ledger_leaves_none(tmp_path: Path, small_disk: Callable[[int], None]) -> None:
    small_disk(2)
    fail(tmp_path / "ledger.db", "disk is full")
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []


def test_a_writer_that_hangs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracevet.ledger.database.PATIENCE", 0)
    path = filled(tmp_path / "ledger.db")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with Ledger.open(str(path)) as ledger:
        with pytest.raises(LedgerError, match="another process has been writing"):
            ledger.commit([entry(verdict("new"))])
        assert len(list(ledger.verdicts())) == 200
        other.execute("ROLLBACK")
        ledger.commit([entry(verdict("new"))])
    other.close()


def test_a_ledger_that_another_process_is_making_is_waited_for(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        class Waiting(sqlite3.Connection):
            """Lets the other go on once it has met its lock."""

            def execute(self, sql: str, /, *parameters: Any) -> sqlite3.Cursor:
                try:
                    return super().execute(sql, *parameters)
                except sqlite3.OperationalError:
                    other.execute("ROLLBACK")
                    raise

        with closing(Waiting(tmp_path / "ledger.db", timeout=30, isolation_level=None)) as raw:
            use_wal(raw)
            assert raw.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_server_that_does_not_answer_is_told_without_the_password() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        told = fail(f"postgresql://dev:hunter2@127.0.0.1:{port}/vet?sslpassword=hunter2", "can't be used")
    assert "hunter2" not in told
    assert f"127.0.0.1:{port}/vet" in told


@pytest.mark.parametrize("query", ["options=hunter2", "no_such_option=hunter2", "connect_timeout=hunter2"])
def test_a_wrong_option_is_told_without_its_value(query: str) -> None:
    told = fail(f"postgresql://dev:hunter2@127.0.0.1:1/vet?{query}", "can't be used")
    assert "hunter2" not in told


@pytest.mark.postgresql
@pytest.mark.parametrize(
    ("part", "value"), [("password", "wr0ng-p4ss"), ("username", "stranger"), ("database", "none")]
)
def test_a_server_that_refuses_is_told_without_the_password(postgresql: str, part: str, value: str) -> None:
    change: dict[str, Any] = {part: value}
    url = make_url(postgresql).set(**change)
    told = fail(url.render_as_string(hide_password=False), "can't be used")
    assert "wr0ng-p4ss" not in told
    assert f":{url.password}" not in told


@pytest.mark.postgresql
def test_tables_of_something_else_on_a_server_are_left_alone(postgresql: str) -> None:
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute("CREATE TABLE unrelated (x int)")
        Ledger.open(postgresql).close()
        connection.execute("DROP TABLE tracevet_version")
        fail(postgresql, "something else lives there")


def cut_while_writing(ledger: Ledger, other: "psycopg.Connection[Any]") -> None:
    with ledger._database.writing() as connection:
        mine = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        other.execute("SELECT pg_terminate_backend(%s)", [mine])
        connection.exec_driver_sql("SELECT 1")


@pytest.mark.postgresql
def test_a_connection_that_was_cut_is_made_anew(postgresql: str) -> None:
    with Ledger.open(postgresql) as ledger, psycopg.connect(postgresql, autocommit=True) as other:
        ledger.commit([entry(verdict("t1", violation()))])
        with ledger._database.reading() as connection:
            mine = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
        other.execute("SELECT pg_terminate_backend(%s)", [mine])
        ledger.commit([entry(verdict("t2"))])
        with pytest.raises(LedgerError, match=r"ended the connection|connection due to"):
            cut_while_writing(ledger, other)
        assert len(list(ledger.verdicts())) == 2


@pytest.mark.postgresql
def test_a_writer_on_the_server_that_hangs_is_told(postgresql: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracevet.ledger.database.PATIENCE", 0.1)
    with Ledger.open(postgresql) as hanging, Ledger.open(postgresql) as ledger:
        with hanging._database.writing(), pytest.raises(LedgerError, match="another process has been writing"):
            ledger.commit([entry(verdict("t1"))])
        ledger.commit([entry(verdict("t1"))])


@pytest.mark.postgresql
def test_a_user_who_may_not_write_is_told(postgresql: str) -> None:
    Ledger.open(postgresql).close()
    with psycopg.connect(postgresql, autocommit=True) as connection, stranger(connection) as role:
        url = make_url(postgresql).set(username=role, password="hunter2")
        with Ledger.open(url.render_as_string(hide_password=False)) as ledger:
            assert list(ledger.verdicts()) == []
            with pytest.raises(LedgerError, match="may not do this"):
                ledger.commit([entry(verdict("t1"))])


@pytest.mark.postgresql
def test_an_error_of_the_server_quotes_no_row(postgresql: str) -> None:
    with Ledger.open(postgresql) as ledger:
        with pytest.raises(LedgerError) as caught:
            insert_twice(ledger, "hunter".upper())
        assert "refused with UniqueViolation (23505)" in str(caught.value)
        assert "HUNTER" not in "".join(traceback.format_exception(caught.value))


def insert_twice(ledger: Ledger, value: str) -> None:
    row = {"engine": value, "digest": value, "findings": value, "gaps": value, "used": 0}
    with ledger._database.writing() as connection:
        connection.execute(schema.results.insert(), [row])
        connection.execute(schema.results.insert(), [row])


@contextmanager
def stranger(connection: "psycopg.Connection[Any]") -> Iterator[str]:
    """Make a user who may only read the connection's schema."""
    [own] = connection.execute("SELECT current_schema()").fetchone() or [""]
    role = own.replace("test_", "role_")
    connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'hunter2'")
    try:
        connection.execute(f"GRANT USAGE ON SCHEMA {own} TO {role}")
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA {own} TO {role}")
        yield role
    finally:
        connection.execute(f"DROP OWNED BY {role}")
        connection.execute(f"DROP ROLE {role}")
