"""A text as the finders see it: with its setting, and the words around a place."""

import re
from collections.abc import Iterator
from enum import Enum
from functools import cached_property

_PROSE = frozenset({"", "text", "markdown", "log", "diff", "console"})
_DATA = frozenset({"json", "yaml", "toml", "csv", "xml", "html", "ini", "sql"})
_DIGITS = re.compile(r"[0-9]+")
_HINT = re.compile(
    r"(?<![a-z@])(?:tests?|testing|examples?(?!\.(?:com|org|net))|samples?|dummy|fake|mock|placeholder|fixture|lorem|e\.g)(?![a-z])"
)
_SIDE = 60  # characters looked at on each side for hints of a test


class Setting(Enum):
    """Where a text belongs; the same digits mean a person in one and a number in the other."""

    PROSE = "prose"  # also text of unknown language
    DATA = "data"
    CODE = "code"


class View:
    """One text, and what finders ask of it. Windows are in lower case."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.setting = _setting(language)

    @cached_property
    def lower(self) -> str:
        """The whole text in lower case, character for character."""
        lower = self.text.lower()
        return lower if len(lower) == len(self.text) else "".join(map(_lower, self.text))

    @cached_property
    def numbers(self) -> tuple[int, ...]:
        """Where digits begin, in order."""
        return tuple(found.start() for found in _DIGITS.finditer(self.text))

    def at_numbers(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Yield the matches that begin where digits do, none overlapping another."""
        end = -1
        for start in self.numbers:
            found = pattern.match(self.text, start) if start >= end else None
            if found:
                end = found.end()
                yield found

    @property
    def is_code(self) -> bool:
        """Whether digits are rather numbers than people's."""
        return self.setting is Setting.CODE

    def before(self, start: int, reach: int = 48) -> str:
        """Give what stands before a place."""
        return self.text[max(0, start - reach) : start].lower()

    def after(self, end: int, reach: int = 24) -> str:
        """Give what stands after a place."""
        return self.text[end : end + reach].lower()

    def is_sample(self, start: int, end: int) -> bool:
        """Tell whether words nearby say that this is test or example data."""
        before = self.before(start, _SIDE).rpartition("\n")[2]
        after = self.after(end, _SIDE).partition("\n")[0]
        return bool(_HINT.search(before) or _HINT.search(after))


def _setting(language: str) -> Setting:
    if language in _PROSE:
        return Setting.PROSE
    return Setting.DATA if language in _DATA else Setting.CODE


def _lower(character: str) -> str:
    lower = character.lower()
    return lower if len(lower) == 1 else character
