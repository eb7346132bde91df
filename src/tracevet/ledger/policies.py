"""Which policies held when a run last began: another set is a decision that the audit log notes."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from tracevet.ledger import bookmarks
from tracevet.ledger.audit import Action, Event, append

PLATFORM, KEY = "tracevet", "policies"  # of the bookmark


def known(connection: Connection, digests: Mapping[str, str]) -> bool:
    """Tell whether these held the last time, so that nothing is to be noted."""
    return bookmarks.cursor(connection, PLATFORM, KEY) == _text(digests)


def note(connection: Connection, digests: Mapping[str, str], actor: str, now: datetime) -> None:
    """Note the policies, each by its id and a digest of what it says, if they are others than before."""
    kept = bookmarks.cursor(connection, PLATFORM, KEY)
    if _text(digests) == kept:
        return
    bookmarks.set_cursors(connection, {(PLATFORM, KEY): _text(digests)}, now)
    append(connection, [_event(json.loads(kept) if kept else None, digests, actor)], now)


def _text(digests: Mapping[str, str]) -> str:
    return json.dumps(digests, sort_keys=True)


def _event(old: Mapping[str, str] | None, new: Mapping[str, str], actor: str) -> Event:
    before = old or {}
    changes = {
        "added": sorted(new.keys() - before.keys()),
        "removed": sorted(before.keys() - new.keys()),
        "changed": sorted(name for name in new.keys() & before.keys() if new[name] != before[name]),
    }
    reason = "the first that this ledger saw" if old is None else "others than at the last start"
    details = {key: list(names) for key, names in changes.items() if names}
    return Event(action=Action.POLICIES, subject=f"{len(new)} policies", reason=reason, actor=actor, details=details)
