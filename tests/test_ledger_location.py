"""A ledger is named by a path, by `:memory:`, or by a URL; its files are for their owner alone."""

import stat
from pathlib import Path

import pytest
from ledger_parts import entry, verdict, violation

from tracevet.errors import LedgerError, UsageError
from tracevet.ledger import Ledger
from tracevet.ledger.location import locate


def modes(directory: Path) -> dict[str, str]:
    return {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in sorted(directory.iterdir())}


def test_the_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        ledger.commit([entry(verdict())])
        assert modes(tmp_path) == dict.fromkeys(("ledger.db", "ledger.db-shm", "ledger.db-wal"), "0o600")
    assert modes(tmp_path) == {"ledger.db": "0o600"}


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    Ledger.open(str(path)).close()
    path.chmod(0o644)
    Ledger.open(str(path)).close()
    assert modes(tmp_path) == {"ledger.db": "0o600"}


def test_by_default_it_lies_in_the_users_data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    Ledger.open(write=False).close()
    assert not list(tmp_path.iterdir())
    with Ledger.open() as ledger:
        path = Path(ledger.location)
    assert (path.name, path.parent.name) == ("ledger.db", "tracevet")
    assert tmp_path in path.parents
    assert oct(stat.S_IMODE(path.parent.stat().st_mode)) == "0o700"


@pytest.mark.parametrize(
    ("prefix", "name"),
    [
        ("", "plain.db"),
        ("", "with space ü?x=1&mode=ro#f.db"),
        ("", "%41.db"),
        ("", "file:x.db"),
        ("", "a'b\".db"),
        ("sqlite:///", "plain.db"),
        ("sqlite:///", "with space ü.db"),
        ("sqlite+pysqlite:///", "file:x.db"),
    ],
)
def test_any_file_name_will_do(tmp_path: Path, prefix: str, name: str) -> None:
    with Ledger.open(f"{prefix}{tmp_path / name}") as ledger:
        ledger.commit([entry(verdict())])
        assert ledger.location == str(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (":memory:", ":memory:"),
        ("sqlite://", ":memory:"),
        ("sqlite:///:memory:", ":memory:"),
        ("sqlite:////var/x.db", "/var/x.db"),
        ("/var/x.db", "/var/x.db"),
        ("postgresql://dev:hunter2@db.example:5433/vet?password=hunter2", "postgresql://db.example:5433/vet"),
        ("postgresql+psycopg://dev:hunter2@db.example/vet", "postgresql://db.example/vet"),
        ("postgres:///vet", "postgresql:///vet"),
    ],
)
def test_a_location_shows_no_password(url: str, name: str) -> None:
    assert str(locate(url)) == name


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "named by a path"),
        ("a\x00b", "named by a path"),
        ("mysql://dev:hunter2@host/db", "known: postgresql, sqlite"),
        ("postgresql+psycopg2://dev:hunter2@host/db", "known: postgresql, sqlite"),
        ("postgresql://dev:hunter2@host:port/db", "can't be read"),
        ("://hunter2", "can't be read"),
        ("sqlite:////x.db?mode=hunter2", "by its path alone"),
        ("sqlite://hunter2/x.db", "by its path alone"),
        ("~nobody-of-that-name/x.db", "without ~"),
    ],
)
def test_a_wrong_address_is_the_users_mistake_and_shows_no_password(url: str, told: str) -> None:
    with pytest.raises(UsageError, match=told) as caught:
        Ledger.open(url)
    assert "hunter2" not in str(caught.value)


def test_reading_alone_makes_nothing_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(str(path), write=False) as ledger:
        assert list(ledger.verdicts()) == []
        assert str(path) in ledger.location
    assert not path.exists()
    with Ledger.open(str(path)) as ledger:
        [stored] = ledger.commit([entry(verdict("t1", violation()))])
        key = ledger.key
    before = path.read_bytes()
    with Ledger.open(str(path), write=False) as ledger:
        assert list(ledger.verdicts()) == [stored]
        assert ledger.key == key
        with pytest.raises(LedgerError, match="only be read"):
            ledger.commit([entry(verdict("t2"))])
    assert path.read_bytes() == before


def test_reading_alone_leaves_an_empty_file_empty(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    path.touch()
    with Ledger.open(str(path), write=False) as ledger:
        assert list(ledger.verdicts()) == []
    assert path.read_bytes() == b""


@pytest.mark.postgresql
def test_reading_alone_makes_nothing_on_a_server(postgresql: str) -> None:
    with Ledger.open(postgresql, write=False) as ledger:
        assert list(ledger.verdicts()) == []
        assert ledger.location.endswith("(none there yet)")
    Ledger.open(postgresql).close()
    with Ledger.open(postgresql, write=False) as ledger:
        assert not ledger.location.endswith("(none there yet)")
        with pytest.raises(LedgerError, match="only be read"):
            ledger.commit([entry(verdict())])
