"""Read a YAML file as plain texts, lists and tables, each with its line; refuse what YAML can do beyond that."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import yaml

from tracevet.errors import ConfigError
from tracevet.problems import Loc, Problem, place

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain] | None"

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_MAX_CHARS = 1_000_000
_MAX_DEPTH = 20
_BINARY = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What a file says, and where: the line of each key and list item, by its path from the root."""

    data: Plain
    lines: Mapping[Loc, int]  # 1-based
    problems: tuple[Problem, ...]  # keys that stand twice; the first one counts

    def line(self, loc: Loc) -> int | None:
        """Give the line of the nearest thing on the way to `loc` that stands in the file."""
        return next((self.lines[loc[:n]] for n in range(len(loc), -1, -1) if loc[:n] in self.lines), None)


def read_yaml(text: str, source: str) -> Document:
    """Read one document. Every scalar is text, as it is written: `off` stays "off", `1.10` stays "1.10".

    Raises:
        ConfigError: not YAML, or more than plain data: aliases, tags, several documents, too deep, too large.
    """
    if len(text) > _MAX_CHARS:
        raise ConfigError(f"{source}: too large; the limit is {_MAX_CHARS:,} characters")
    if binary := _BINARY.search(text):
        raise ConfigError(f"{place(source, text.count(chr(10), 0, binary.start()) + 1)}: not a text file in UTF-8")
    try:
        return _Reader(text, source).document()
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, text, source) from None
    except yaml.YAMLError:
        raise ConfigError(f"{source}: not YAML") from None


def _syntax_error(error: yaml.MarkedYAMLError, text: str, source: str) -> ConfigError:
    mark = error.problem_mark or error.context_mark
    number = mark.line if mark else 0
    if "\t" in re.split(r"[^\s]", [*text.split("\n"), ""][number], maxsplit=1)[0]:
        return ConfigError(f"{place(source, number + 1)}: indented with a tab; YAML takes only spaces")
    reason = ", ".join(part for part in (error.context, error.problem) if part)
    return ConfigError(f"{place(source, number + 1)}: not YAML: {reason}")


class _Reader:
    """Builds the data from the parser's events, so that nothing is ever expanded or constructed."""

    def __init__(self, text: str, source: str) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)
        self._source = source
        self._lines: dict[Loc, int] = {}
        self._problems: list[Problem] = []

    def document(self) -> Document:
        next(self._events)  # the start of the stream
        data: Plain = None
        if isinstance(next(self._events), yaml.DocumentStartEvent):
            data = self._value(next(self._events), ())
            next(self._events)  # the end of the document
            if not isinstance(after := next(self._events), yaml.StreamEndEvent):
                raise self._refusal(after, "a second document starts here; a file holds one")
        return Document(data=data, lines=self._lines, problems=tuple(self._problems))

    def _value(self, event: yaml.Event, loc: Loc) -> Plain:
        if isinstance(event, yaml.AliasEvent):
            raise self._refusal(event, "aliases (*name) are not supported; write the value out")
        if getattr(event, "tag", None) not in {None, "!"}:
            raise self._refusal(event, "tags (!name) are not supported; write a plain value")
        if len(loc) > _MAX_DEPTH:
            raise self._refusal(event, f"nested more than {_MAX_DEPTH} deep")
        self._lines.setdefault(loc, _line(event))
        if isinstance(event, yaml.ScalarEvent):
            return None if event.implicit[0] and event.value in _NULLS else str(event.value)
        return self._list(loc) if isinstance(event, yaml.SequenceStartEvent) else self._table(loc)

    def _list(self, loc: Loc) -> list[Plain]:
        items: list[Plain] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._value(event, (*loc, len(items))))
        return items

    def _table(self, loc: Loc) -> dict[str, Plain]:
        table: dict[str, Plain] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise self._refusal(event, "a key must be plain text")
            key, line = str(event.value), _line(event)
            first = self._lines.setdefault((*loc, key), line)
            value = self._value(next(self._events), (*loc, key))
            if key in table:
                self._problems.append(Problem(line, f"the key {key[:60]!r} stands twice, first on line {first}"))
            table.setdefault(key, value)
        return table

    def _refusal(self, event: yaml.Event, reason: str) -> ConfigError:
        return ConfigError(f"{place(self._source, _line(event))}: {reason}")


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
