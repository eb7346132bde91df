"""What stands open of a fingerprint, over all verdicts, at this moment."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, select

from tracevet.ledger import fingerprints
from tracevet.ledger.schema import verdicts, violations
from tracevet.ledger.texts import load
from tracevet.ledger.upsert import chunks
from tracevet.ledger.verdicts import GONE
from tracevet.model import Status, Violation

SHOWN = 20  # violations of one fingerprint that are read; the others count


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The open violations of one fingerprint."""

    traces: int  # in so many traces
    found: tuple[tuple[str, Violation], ...]  # platform and violation, youngest trace first


def standing(connection: Connection, labels: Collection[str]) -> dict[str, Standing]:
    """Give what stands open of the fingerprints with these labels; one of which nothing does is left out.

    Raises:
        ValueError: a model of another shape wrote one.
    """
    found: dict[str, tuple[int, list[tuple[str, Violation]]]] = {}
    reaches = fingerprints.reaches(connection, labels)
    for chunk in chunks(sorted(labels)):
        for row in connection.execute(_youngest(chunk)):
            violation = load(Violation, row.body).model_copy(
                update={"status": Status.OPEN, "reach": reaches.get(row.fingerprint)}
            )
            found.setdefault(row.fingerprint, (row.traces, []))[1].append((row.platform, violation))
    return {name: Standing(traces=traces, found=tuple(many)) for name, (traces, many) in found.items()}


def _youngest(labels: Collection[str]) -> Select[Any]:
    order = (violations.c.at.desc(), violations.c.verdict)
    is_open = (violations.c.status == Status.OPEN.value) & (violations.c.position != GONE)
    ranked = (
        select(
            violations.c.fingerprint,
            violations.c.verdict,
            violations.c.body,
            func.count().over(partition_by=violations.c.fingerprint).label("traces"),
            func.row_number().over(partition_by=violations.c.fingerprint, order_by=order).label("rank"),
        )
        .where(violations.c.fingerprint.in_(labels), is_open)
        .subquery()
    )
    columns = select(ranked.c.fingerprint, ranked.c.body, ranked.c.traces, verdicts.c.platform)
    joined = columns.join(verdicts, verdicts.c.id == ranked.c.verdict)
    return joined.where(ranked.c.rank <= SHOWN).order_by(ranked.c.fingerprint, ranked.c.rank)
