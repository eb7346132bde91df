"""Insert rows, or replace those of the same key, on either engine."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, func
from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

CHUNK = 500  # values in one IN list; SQLite has known builds that take 999


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], keep: Sequence[str] = ()) -> None:
    """Put the rows into the table, whole; a row of the same key is replaced, but for what it has in `keep`."""
    if not rows:
        return
    insert = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(table)
    columns = [column.name for column in table.c if not column.primary_key]
    replaced: dict[str, Any] = {name: insert.excluded[name] for name in columns}
    replaced |= {name: func.coalesce(table.c[name], insert.excluded[name]) for name in keep}
    statement = insert.on_conflict_do_update(index_elements=list(table.primary_key), set_=replaced)
    connection.execute(statement, list(rows))


def chunks(items: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Cut the items into runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
