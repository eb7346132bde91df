"""What the detectors said of each snippet, so that it is scanned once."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from tracevet.ledger.schema import results
from tracevet.ledger.texts import dump_result, load_result
from tracevet.ledger.upsert import chunks, upsert
from tracevet.model import Result

EPOCH = date(1970, 1, 1)

_FETCH = select(results.c.digest, results.c.findings, results.c.gaps, results.c.used).where(
    results.c.engine == bindparam("wanted_engine"), results.c.digest.in_(bindparam("wanted", expanding=True))
)
_TOUCH = (
    update(results)
    .where(results.c.engine == bindparam("its_engine"), results.c.digest == bindparam("its_digest"))
    .values(used=bindparam("today"))
)


def day(moment: datetime) -> int:
    """Count the days since 1970: the grain in which use is noted, so that reading rarely writes."""
    return (moment.date() - EPOCH).days


def fetch(connection: Connection, engine: str, digests: Collection[str]) -> tuple[dict[str, Result], dict[str, int]]:
    """Give what is known, and the day on which each was last used; what can't be read back is not known."""
    found: dict[str, Result] = {}
    used: dict[str, int] = {}
    for chunk in chunks(list(digests)):
        for digest, findings, gaps, last in connection.execute(
            _FETCH, {"wanted_engine": engine, "wanted": chunk}
        ).all():
            try:
                found[digest] = load_result(findings, gaps)
            except ValueError:  # an older model wrote it: it is scanned again, and replaced
                continue
            used[digest] = last
    return found, used


def keep(connection: Connection, all_results: Iterable[Mapping[str, Mapping[str, Result]]], today: int) -> None:
    """Store results; one for the same engine and digest replaces what was there."""
    rows = {
        (engine, digest): result
        for by_engine in all_results
        for engine, by_digest in by_engine.items()
        for digest, result in by_digest.items()
    }
    upsert(connection, results, [_row(*key, result, today) for key, result in rows.items()])


def touch(connection: Connection, used: Iterable[tuple[str, str]], today: int) -> None:
    """Note that these were used today."""
    rows = [{"its_engine": engine, "its_digest": digest, "today": today} for engine, digest in used]
    if rows:
        connection.execute(_TOUCH, rows)


def prune(connection: Connection, before: int) -> int:
    """Remove the results that were last used before that day."""
    return connection.execute(delete(results).where(results.c.used < before)).rowcount


def _row(engine: str, digest: str, result: Result, today: int) -> dict[str, object]:
    findings, gaps = dump_result(result)
    return {"engine": engine, "digest": digest, "findings": findings, "gaps": gaps, "used": today}
