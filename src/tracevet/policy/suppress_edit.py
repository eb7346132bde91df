"""Editing a file of suppressions: all its comments and blank lines stay."""

import tomlkit
from tomlkit.items import AoT, Table

from tracevet.errors import ConfigError
from tracevet.policy.suppress import Suppression
from tracevet.policy.suppress_file import LIST


def added(text: str, suppression: Suppression) -> str:
    """Give the text of a file with one more suppression, or with the one on the same matter replaced."""
    document = tomlkit.parse(text)
    rows = _rows(document)
    fresh = _table(suppression)
    for number, row in enumerate(rows):
        if _id(row) == suppression.id:
            rows[number] = fresh
            return tomlkit.dumps(document)
    rows.append(fresh)
    return tomlkit.dumps(document)


def removed(text: str, name: str) -> str | None:
    """Give the text of a file without the suppression of that id; None where it has none."""
    document = tomlkit.parse(text)
    rows = _rows(document)
    kept = [row for row in rows if _id(row) != name]
    if len(kept) == len(rows):
        return None
    for number in reversed([number for number, row in enumerate(rows) if _id(row) == name]):
        del rows[number]
    return tomlkit.dumps(document)


def as_toml(suppression: Suppression) -> str:
    """Write one as an entry of such a file."""
    return added("", suppression)


def _rows(document: tomlkit.TOMLDocument) -> AoT:
    rows = document.setdefault(LIST, tomlkit.aot())
    if not isinstance(rows, AoT):
        raise ConfigError(f"the suppressions stand in an inline list; write each of them as a table [[{LIST}]]")
    return rows


def _table(suppression: Suppression) -> Table:
    table = tomlkit.table()
    table.update({key: value for key, value in suppression.model_dump().items() if value is not None})
    return table


def _id(row: Table) -> str:
    return Suppression.model_validate(row.unwrap()).id
