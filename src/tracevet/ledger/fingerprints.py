"""When each fingerprint was first seen, over all traces, whatever order they come in."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, exists, select, update

from tracevet.ledger.columns import label, utc
from tracevet.ledger.schema import fingerprints, violations
from tracevet.ledger.texts import load
from tracevet.ledger.upsert import chunks, upsert
from tracevet.model import Reach, Verdict

Firsts = dict[str, datetime | None]  # by label


def learn(connection: Connection, verdicts: Iterable[Verdict]) -> Firsts:
    """Note the verdicts' fingerprints, and give for each the earliest time known of it."""
    said = _said(verdicts)
    stored = known(connection, said)
    firsts = {name: _earlier(stored.get(name), first) for name, first in said.items()}
    changed = [name for name, first in firsts.items() if name not in stored or stored[name] != first]
    upsert(connection, fingerprints, [{"fingerprint": name, "first_seen": firsts[name]} for name in sorted(changed)])
    return firsts


def note_ends(connection: Connection, ends: Iterable[tuple[str, datetime]]) -> None:
    """Note when code was corrected, by fingerprint, the first time; those are known already."""
    said: dict[str, datetime] = {}
    for fingerprint, end in ends:
        name = label(fingerprint)
        said[name] = min(utc(end), said.get(name, utc(end)))
    for name, end in sorted(said.items()):
        later = fingerprints.c.corrected.is_(None) | (fingerprints.c.corrected > end)
        its = fingerprints.c.fingerprint == name
        connection.execute(update(fingerprints).where(its, later).values(corrected=end))


def known(connection: Connection, labels: Collection[str]) -> Firsts:
    """Give the earliest times of those that are known."""
    columns = select(fingerprints.c.fingerprint, fingerprints.c.first_seen)
    found: Firsts = {}
    for chunk in chunks(list(labels)):
        rows = connection.execute(columns.where(fingerprints.c.fingerprint.in_(chunk)))
        found.update((row.fingerprint, row.first_seen) for row in rows)
    return found


def reaches(connection: Connection, labels: Collection[str]) -> dict[str, Reach]:
    """Give how far their code came, of those of which it is known.

    Raises:
        ValueError: a model of another shape wrote it.
    """
    return {name: load(Reach, text) for name, text in reach_texts(connection, labels).items() if text}


def reach_texts(connection: Connection, labels: Collection[str]) -> dict[str, str | None]:
    """Give the same as it is stored; a fingerprint that the ledger has not is left out."""
    columns = select(fingerprints.c.fingerprint, fingerprints.c.reach)
    found: dict[str, str | None] = {}
    for chunk in chunks(list(labels)):
        rows = connection.execute(columns.where(fingerprints.c.fingerprint.in_(chunk)))
        found.update((row.fingerprint, row.reach) for row in rows)
    return found


def forget(connection: Connection, labels: Collection[str]) -> None:
    """Remove those that no violation has any more."""
    held = exists().where(violations.c.fingerprint == fingerprints.c.fingerprint)
    for chunk in chunks(list(labels)):
        connection.execute(delete(fingerprints).where(fingerprints.c.fingerprint.in_(chunk), ~held))


def _said(verdicts: Iterable[Verdict]) -> Firsts:
    said: Firsts = {}
    for verdict in verdicts:
        for violation in verdict.violations:
            name = label(violation.fingerprint)
            first = violation.first_seen or verdict.trace.start or verdict.trace.end
            said[name] = _earlier(said.get(name), utc(first) if first else None)
    return said


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((moment for moment in (one, other) if moment is not None), default=None)
