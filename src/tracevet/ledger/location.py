"""Where a ledger is: a file, a server, or memory only."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from tracevet.errors import LedgerError, UsageError

MEMORY = ":memory:"
POSTGRESQL = frozenset({"postgresql", "postgres", "postgresql+psycopg"})
SQLITE = frozenset({"sqlite", "sqlite+pysqlite"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A ledger's address."""

    url: URL
    name: str  # fit to be shown: the path, or the server and database, without user and password
    path: Path | None = None  # None: no file of ours
    default: bool = False  # in the user's data directory, which is made with it

    def __str__(self) -> str:
        """Show it."""
        return self.name


def locate(url: str | None) -> Location:
    """Read a ledger's address: a path, `:memory:`, `sqlite:///path`, `postgresql://…`, or None for the default path.

    Nothing is made yet.

    Raises:
        UsageError: it is none of these; the text does not repeat it, for it may hold a password.
    """
    if url is None:
        return _file(platformdirs.user_data_path("tracevet", appauthor=False) / "ledger.db", default=True)
    if not url or "\x00" in url:
        raise UsageError("a ledger is named by a path, :memory:, or postgresql://USER@HOST/DATABASE; this is neither")
    if "://" not in url:
        return memory() if url == MEMORY else _file(Path(url))
    return _of_url(url)


def memory(instead_of: Location | None = None) -> Location:
    """Give an address in memory; it may stand in for a ledger that does not exist."""
    name = f"{instead_of} (none there yet)" if instead_of else MEMORY
    return Location(url=URL.create("sqlite", database=MEMORY), name=name)


def make_file(location: Location) -> None:
    """Make the ledger's file, or keep what is there, readable by its owner alone; without a file, do nothing.

    SQLite gives the files it puts beside it (-wal, -shm) the same mode.

    Raises:
        LedgerError: it can't be made, or is no file.
    """
    path = location.path
    if path is None:
        return
    try:
        if location.default:
            _make_directory(path.parent)
        # A file that exists is not opened here: closing it would drop the locks SQLite holds on it in this process.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        _keep_private(path)
    except FileNotFoundError:
        raise LedgerError(
            f"ledger {path}: the directory {path.parent} does not exist; make it or name another"
        ) from None
    except OSError as error:
        raise LedgerError(f"ledger {path} can't be made: {error.strerror}; name another path") from None


def _keep_private(path: Path) -> None:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise LedgerError(f"ledger {path}: this is not a file; name another path")
        if status.st_mode & 0o077 and status.st_uid == os.geteuid():
            path.chmod(0o600)
    except OSError as error:
        raise LedgerError(f"ledger {path} can't be opened: {error.strerror}; name another path") from None


def _make_directory(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_mode & 0o077:
        path.chmod(0o700)


def _file(path: Path, *, default: bool = False) -> Location:
    path = _absolute(path)
    return Location(url=URL.create("sqlite", database=str(path)), name=str(path), path=path, default=default)


def _absolute(path: Path) -> Path:
    try:
        return path.expanduser().absolute()
    except RuntimeError:  # ~nobody
        raise UsageError(f"ledger {path}: there is no such user's directory; name a path without ~") from None


def _of_url(text: str) -> Location:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise UsageError("the ledger's URL can't be read; write postgresql://USER@HOST:PORT/DATABASE") from None
    if url.drivername in POSTGRESQL:
        return Location(url=url.set(drivername="postgresql+psycopg"), name=_shown(url))
    if url.drivername not in SQLITE:
        raise UsageError(f"no ledger on {url.drivername!r}; known: postgresql, sqlite")
    if url.query or url.host:
        raise UsageError("a ledger's file is named by its path alone: sqlite:///relative or sqlite:////absolute")
    return memory() if url.database in {None, "", MEMORY} else _file(Path(str(url.database)))


def _shown(url: URL) -> str:
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{url.host or ''}{port}/{url.database or ''}"
