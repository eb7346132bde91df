"""What went wrong with the database, in a sentence that quotes neither rows nor passwords."""

import re
import sqlite3

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

PATIENCE = 30  # seconds to wait for another process that is writing

_FULL = "the disk is full; free some space and run again"
_READ_ONLY = "it can only be read; make it writable or name another"
_BUSY = f"another process has been writing for {PATIENCE} seconds; try again, or look for one that hangs"
_KEPT = "what was committed is kept"

_SQLITE = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_LOCKED: _BUSY,
    sqlite3.SQLITE_CANTOPEN: "it can't be opened; look at the path and its permissions, or name another",
    sqlite3.SQLITE_CORRUPT: "it is damaged; move it away and scan again, or restore a copy",
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: "the disk reports an error; look whether it is full or failing",
    sqlite3.SQLITE_NOTADB: "this is not a ledger; name another path or move the file away",
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_READONLY: _READ_ONLY,
}

_POSTGRESQL = {  # https://www.postgresql.org/docs/current/errcodes-appendix.html
    "22P05": "the database does not store Unicode; name one with the encoding UTF8",
    "25006": _READ_ONLY,
    "42501": "the user may not do this; grant CREATE on the schema, and SELECT, INSERT, UPDATE, DELETE on its tables",
    "53100": _FULL,
    "53300": "the server has too many connections; try again",
    "55P03": _BUSY,
    "25P03": "the server ended a transaction that took too long; try again",
}


def sentence(error: BaseException, url: URL) -> str:
    """Say what went wrong and what to do."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    if isinstance(cause, sqlite3.Error):
        return _sqlite(cause)
    return _postgresql(cause, url)


def _sqlite(cause: sqlite3.Error) -> str:
    code = getattr(cause, "sqlite_errorcode", 0)
    name = getattr(cause, "sqlite_errorname", type(cause).__name__)
    return f"{_SQLITE.get(code & 0xFF, 'it failed')} ({name}); {_KEPT}"


def _postgresql(cause: BaseException, url: URL) -> str:
    state = getattr(cause, "sqlstate", None)
    if state is None:  # libpq's own words on the connection: host, port and reason, never rows
        return f"the server can't be used: {_without_password(str(cause), url)}"
    if state in _POSTGRESQL:
        return f"{_POSTGRESQL[state]} ({state}); {_KEPT}"
    if state.startswith(("08", "57P")):
        return f"the server ended the connection ({state}); try again; {_KEPT}"
    return f"the server refused with {type(cause).__name__} ({state}); {_KEPT}"


def _without_password(text: str, url: URL) -> str:
    line = text.strip().partition("\n")[0]
    secrets = {str(url.password or ""), *(str(value) for key, value in url.query.items() if "pass" in key)}
    for secret in filter(None, secrets):
        line = line.replace(secret, "***")
    return re.sub(r"\s+", " ", line)[:300]
