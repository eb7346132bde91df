"""The file of suppressions that a repository keeps and reviews."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from pydantic import ValidationError

from tracevet.model.base import Frozen
from tracevet.policy.suppress import Suppression, too_late
from tracevet.problems import Loc, Problem, complaint, explain
from tracevet.tomlfile import TomlFile

LIST = "suppress"
_HEADER = re.compile(r"\s*\[\[\s*[\"']?suppress[\"']?\s*\]\]")


class SuppressionFile(Frozen):
    """A file that was read."""

    name: str = ""  # what ledgers know it by; "": the path at which it was read
    suppress: tuple[Suppression, ...] = ()


def read_suppressions(path: Path, today: date) -> SuppressionFile:
    """Read a file; one that has no name of its own gets its full path as one.

    Raises:
        ConfigError: with one line for each problem of the file: place, what is wrong, what is valid.
    """
    return check_suppressions(TomlFile.read(path), today)


def check_suppressions(file: TomlFile, today: date) -> SuppressionFile:
    """Take what a file holds; raises as `read_suppressions` does."""
    try:
        found = SuppressionFile.model_validate(file.data)
    except ValidationError as error:
        problems = explain(error, SuppressionFile, lambda loc: _line(file, loc), _subject)
        raise complaint(file.source, problems) from None
    if problems := list(_slips(found, file, today)):
        raise complaint(file.source, problems)
    return found.model_copy(update={"name": found.name or str(Path(file.source).resolve())})


def _slips(found: SuppressionFile, file: TomlFile, today: date) -> Iterator[Problem]:
    """Find what the types allow and nobody means: ends that are too far, and one matter that stands twice."""
    seen: dict[str, int | None] = {}
    for number, each in enumerate(found.suppress):
        line = _line(file, (LIST, number))
        if problem := too_late(each.expires, today):
            yield Problem(_line(file, (LIST, number, "expires")), problem)
        if each.id in seen:
            yield Problem(line, f"{each.about()} is suppressed twice, first on line {seen[each.id]}")
        seen.setdefault(each.id, line)


def _line(file: TomlFile, loc: Loc) -> int | None:
    """Give the line of a key of one entry, or of the entry; TOML's own reader tells no lines."""
    lines = file.lines
    heads = [number for number, line in enumerate(lines) if _HEADER.match(line)]
    number = loc[1] if len(loc) > 1 and isinstance(loc[1], int) else None
    if number is None or number >= len(heads):
        return file.line(tuple(step for step in loc[:1] if isinstance(step, str)))
    stop = heads[number + 1] if number + 1 < len(heads) else len(lines)
    key = next((step for step in loc[2:] if isinstance(step, str)), None)
    named = (at for at in range(heads[number], stop) if key and re.match(rf"\s*[\"']?{re.escape(key)}\b", lines[at]))
    return next(named, heads[number]) + 1


def _subject(loc: Loc) -> str:
    return f"[[{LIST}]]" if loc[:1] == (LIST,) else ""
