"""The suppressions that hold, as the rows of the ledger have them."""

from collections.abc import Collection
from datetime import datetime
from functools import lru_cache

from sqlalchemy import Connection, select

from tracevet.ledger.schema import suppressions
from tracevet.ledger.texts import load
from tracevet.policy import Suppression, Suppressor

ACTIVE = "active"
EXPIRED = "expired"
REMOVED = "removed"


def holding(connection: Connection, now: datetime | None = None, without: Collection[str] = ()) -> Suppressor:
    """Give those that hold at a moment, or that hold as far as anybody looked; but for those of some sources.

    Raises:
        ValueError: a model of another shape wrote one.
    """
    columns = select(suppressions.c.source, suppressions.c.body).where(suppressions.c.state == ACTIVE)
    query = columns if now is None else columns.where(suppressions.c.expires > now)
    rows = connection.execute(query.order_by(suppressions.c.id, suppressions.c.source)).all()
    return _suppressor(tuple(row.body for row in rows if row.source not in without))


@lru_cache(maxsize=4)
def _suppressor(bodies: tuple[str, ...]) -> Suppressor:
    return Suppressor([load(Suppression, body) for body in bodies])
