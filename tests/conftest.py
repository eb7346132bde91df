"""What tests of several parts share."""

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

SERVER = "TRACEVET_TEST_POSTGRESQL"
CHROMIUM = "TRACEVET_TEST_CHROMIUM"


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


@pytest.fixture(scope="session")
def chromium() -> str:
    """Name the browser that opens reports: the one that the environment names, else Debian's."""
    found = os.environ.get(CHROMIUM) or shutil.which("chromium")
    if found is None:
        reason = f"there is no chromium, and {CHROMIUM} names none"
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@pytest.fixture
def cli(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command line in an empty directory, with a home and a data directory of its own."""
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data"), "XDG_CONFIG_HOME": str(tmp_path / "config")}

    def run(
        *arguments: str,
        stdin: str | None = None,
        env: Mapping[str, str] | None = None,
        before: Callable[[], None] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tracevet", *arguments],
            cwd=tmp_path,
            env={**os.environ, **home, "COLUMNS": "120", **(env or {})},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            preexec_fn=before,
        )

    return run
