"""What tests of several parts share."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

SERVER = "TRACEVET_TEST_POSTGRESQL"


@pytest.fixture
def postgresql() -> Iterator[str]:
    """Give the URL of an empty schema of its own on the server that the environment names."""
    server = os.environ.get(SERVER)
    if not server:
        reason = f"{SERVER} is not set, e.g. postgresql://USER:PASSWORD@127.0.0.1/postgres"
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(reason)
        pytest.skip(reason)
    import psycopg
    from psycopg import sql

    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(name)))
        yield f"{server}{'&' if '?' in server else '?'}options=-csearch_path%3D{name}"
        connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(name)))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Name a ledger that does not exist yet, on each engine."""
    if request.param == "sqlite":
        return str(tmp_path / "ledger.db")
    url: str = request.getfixturevalue("postgresql")
    return url
