"""Where to resume: a platform's cursors, and what a session's later traces need of the earlier ones."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, select

from tracevet.ledger.schema import cursors, sessions
from tracevet.ledger.texts import dump, load
from tracevet.ledger.upsert import upsert
from tracevet.model import Session


def cursor(connection: Connection, platform: str, key: str) -> str | None:
    """Give the cursor that was last set."""
    text = connection.scalar(select(cursors.c.value).where(cursors.c.platform == platform, cursors.c.key == key))
    return None if text is None else str(json.loads(text))


def set_cursors(connection: Connection, values: Mapping[tuple[str, str], str], now: datetime) -> None:
    """Set cursors by platform and key."""
    rows = [
        {"platform": platform, "key": key, "value": json.dumps(value), "at": now}
        for (platform, key), value in values.items()
    ]
    upsert(connection, cursors, rows)


def session(connection: Connection, platform: str, name: str) -> Session | None:
    """Give the session as it was last kept; None where it can't be read back: it only saves work."""
    text = connection.scalar(select(sessions.c.body).where(sessions.c.platform == platform, sessions.c.id == name))
    try:
        return None if text is None else load(Session, text)
    except ValueError:
        return None


def keep_sessions(connection: Connection, values: Mapping[str, Mapping[str, Session]], now: datetime) -> None:
    """Keep sessions by platform and id."""
    rows = [
        {"platform": platform, "id": name, "at": now, "body": dump(kept)}
        for platform, by_name in values.items()
        for name, kept in by_name.items()
    ]
    upsert(connection, sessions, rows)


def drop_sessions(connection: Connection, before: datetime) -> int:
    """Forget the sessions without news since then."""
    return connection.execute(delete(sessions).where(sessions.c.at < before)).rowcount
