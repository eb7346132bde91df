"""The audit log: who decided what, when and why, in a chain of hashes that shows any change.

Each entry's hash covers the entry and the hash before it: what is edited, taken out or put in between breaks the
chain. The end is shown by a head that was noted elsewhere. The hash has no key: whoever can write the ledger could
read a key out of it, too, so that one would promise more than it holds.
"""

import getpass
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import Field, JsonValue
from sqlalchemy import Connection, Row, insert, select

from tracevet.ledger.columns import storable, utc
from tracevet.ledger.database import Database
from tracevet.ledger.schema import audit
from tracevet.model.base import Frozen

START = "0" * 64  # what the first entry follows
PAGE = 1000  # entries read at once


class Action(StrEnum):
    """What was decided."""

    POLICIES = "policies"  # other policies hold than before
    SUPPRESS = "suppress"
    UNSUPPRESS = "unsuppress"
    EXPIRE = "expire"  # a suppression came to its end
    REVIEW = "review"  # a person judged a violation on the platform
    RETRACT = "retract"
    ALERT = "alert"
    ACKNOWLEDGE = "acknowledge"
    BLOCK = "block"  # an assistant was held back, or would have been
    UNVETTED = "unvetted"  # an assistant asked, and could not be answered from what was vetted
    PRUNE = "prune"
    TEACH = "teach"  # an assistant was given rules
    REVEAL = "reveal"  # developers' names were shown in a report


class Event(Frozen):
    """One decision; the texts hold no code, no secret, and no personal data but the actor's name."""

    action: Action
    subject: str  # what it is about: a fingerprint, a policy, a route
    reason: str = ""
    actor: str  # who: a user of this machine, or a person as the platform names them
    details: dict[str, JsonValue] = Field(default_factory=dict)


class AuditEntry(Event):
    """An event in the log."""

    number: int  # 1 is the oldest; without holes
    at: datetime  # UTC
    previous: str  # the hash of the entry before
    hash: str  # SHA-256 of all the others, in hexadecimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Whether the log is whole."""

    entries: int  # how many were read until the end, or the first break
    head: str  # the last good hash: note it elsewhere, and a shortened log shows
    broken: int | None = None  # the number at which the chain breaks
    problem: str = ""  # what is wrong there, in a sentence


class Audit:
    """The log of one ledger; entries are only ever added."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Use `Ledger.audit`."""
        self._database = database
        self._clock = clock

    def note(self, *events: Event) -> None:
        """Add events, in order, all or none. What changes the ledger as well uses `append` in that transaction."""
        with self._database.writing() as connection:
            append(connection, events, self._clock())

    def entries(self, *, since: datetime | None = None, action: Action | None = None) -> Iterator[AuditEntry]:
        """Give the entries, oldest first; memory stays bounded."""
        after = 0
        while True:
            with self._database.reading() as connection, self._database.readable():
                page = [_entry(row) for row in _page(connection, after, since, action)]
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1].number

    def last(self, count: int) -> list[AuditEntry]:
        """Give the youngest entries, oldest first."""
        with self._database.reading() as connection, self._database.readable():
            rows = connection.execute(select(audit).order_by(audit.c.number.desc()).limit(count)).all()
            return [_entry(row) for row in reversed(rows)]

    def verify(self, head: str | None = None) -> Verification:
        """Follow the chain from its start; `head` is a hash noted before, which must still stand in it."""
        previous, count, met = START, 0, head is None or head == START
        with self._database.readable():
            for entry in self.entries():
                problem = _problem(entry, count + 1, previous)
                if problem:
                    return Verification(entries=count, head=previous, broken=entry.number, problem=problem)
                previous, count = entry.hash, count + 1
                met = met or entry.hash == head
        if not met:
            problem = f"the head {head} that was noted does not stand in the log: its end was taken off"
            return Verification(entries=count, head=previous, broken=count + 1, problem=problem)
        return Verification(entries=count, head=previous)


def append(connection: Connection, events: Sequence[Event], now: datetime) -> None:
    """Add events in a transaction that writes, which only one process does at a time."""
    if not events:
        return
    newest = select(audit.c.number, audit.c.hash).order_by(audit.c.number.desc()).limit(1)
    last = connection.execute(newest).one_or_none()
    number, previous = (last.number, last.hash) if last else (0, START)
    rows = []
    for event in events:
        number += 1
        row = _row(event, number, utc(now), previous)
        previous = str(row["hash"])
        rows.append(row)
    connection.execute(insert(audit), rows)


def who() -> str:
    """Name the user of this machine."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as containers have
        return "unknown"


def _page(
    connection: Connection, after: int, since: datetime | None, action: Action | None
) -> Sequence[Row[tuple[object, ...]]]:
    query = select(audit).where(audit.c.number > after).order_by(audit.c.number).limit(PAGE)
    if since is not None:
        query = query.where(audit.c.at >= since)
    if action is not None:
        query = query.where(audit.c.action == action.value)
    return connection.execute(query).all()


def _row(event: Event, number: int, at: datetime, previous: str) -> dict[str, object]:
    texts = {
        "actor": storable(event.actor),
        "action": event.action.value,
        "subject": storable(event.subject),
        "reason": storable(event.reason),
        "details": storable(json.dumps(event.details, sort_keys=True)),
    }
    row: dict[str, object] = {"number": number, "at": at, "previous": previous, **texts}
    return {**row, "hash": _hash(number, at, previous, texts)}


def _hash(number: int, at: datetime, previous: str, texts: dict[str, str]) -> str:
    whole = json.dumps([number, at.isoformat(), previous, sorted(texts.items())])
    return hashlib.sha256(whole.encode()).hexdigest()


def _entry(row: Row[tuple[object, ...]]) -> AuditEntry:
    values = dict(row._mapping)
    return AuditEntry.model_validate({**values, "details": json.loads(values["details"])})


def _problem(entry: AuditEntry, number: int, previous: str) -> str:
    """Say what is wrong with an entry that should be the `number`th and follow `previous`; "" is nothing."""
    if entry.number != number:
        return f"entry {number} is missing: the next one is {entry.number}"
    if entry.previous != previous:
        return f"entry {number} does not follow the one before it"
    if _row(entry, number, entry.at, previous)["hash"] != entry.hash:
        return f"entry {number} was changed after it was made"
    return ""
