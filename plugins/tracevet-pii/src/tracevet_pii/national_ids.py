"""National identity and tax numbers."""

import re
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from typing import Any

from tracevet_pii.id_table import NUMBERS, Number
from tracevet_pii.reserved import is_dummy
from tracevet_pii.rule import Hit, grade
from tracevet_pii.table import NATIONAL_ID
from tracevet_pii.view import View

_LEFT, _RIGHT = r"(?<![\w.+/#$€%=-])", r"(?![\w%])(?![-./][\w])"
_PAIR = re.compile(r"[0-9]{2}")
_DIGITS = re.compile(r"[0-9]{3}")
_LETTERS = re.compile(r"[A-Z](?:[A-Z]{3,5}[0-9]{2}|[A-Z] [0-9]{2} |-[0-9]{7})")
_LONGEST = 25  # characters of a number
_AHEAD = 40  # characters between a word and its number, at most


class NationalIds:
    """Finds the numbers of the table: by form alone, or after words that name them."""

    def __init__(self) -> None:
        """Load the checksums."""
        self._valid = [_checksum(number) for number in NUMBERS]
        self._digit_forms = _forms(digits=True)
        self._letter_forms = _forms(digits=False)
        self._bare = [re.compile(_LEFT + number.bare + _RIGHT, re.ASCII) for number in NUMBERS]
        self._words = [(index, word) for index, number in enumerate(NUMBERS) for word in number.words.split(", ")]

    def __call__(self, view: View) -> Iterator[Hit]:
        """Yield the numbers of the text."""
        if not _PAIR.search(view.text):
            return
        yield from self._by_form(view)
        lower = view.lower.replace("_", " ")
        for index, word in self._words:
            if word in lower:
                yield from self._by_word(view, lower, index, word)

    def _by_form(self, view: View) -> Iterator[Hit]:
        yield from self._formed(view, view.at_numbers(self._digit_forms))
        if _LETTERS.search(view.text):
            yield from self._formed(view, self._letter_forms.finditer(view.text))

    def _formed(self, view: View, matches: Iterable[re.Match[str]]) -> Iterator[Hit]:
        for found in matches:
            if self._valid[int(str(found.lastgroup)[1:])](found[0]):
                yield self._hit(view, *found.span(), 1 - view.is_code)

    def _by_word(self, view: View, lower: str, index: int, word: str) -> Iterator[Hit]:
        for start in _places(lower, word):
            stop = start + _AHEAD + _LONGEST
            for found in self._bare[index].finditer(view.text, start, stop):
                if (
                    found.start() > start + _AHEAD
                    or found.end() == stop
                    or _DIGITS.search(view.text, start, found.start())
                ):
                    break
                if self._valid[index](found[0]):
                    yield self._hit(view, *found.span(), 2 - view.is_code)
                    break

    def _hit(self, view: View, start: int, end: int, points: int) -> Hit:
        reserved = is_dummy(re.sub(r"[^0-9]", "", view.text[start:end]))
        return Hit(start, end, NATIONAL_ID, grade(points - view.is_sample(start, end)), reserved)


def _checksum(number: Number) -> Callable[[str], bool]:
    if not number.module:
        return lambda _: True
    module: Any = import_module(f"stdnum.{number.module}")
    is_valid: Callable[[str], bool] = module.is_valid
    return is_valid


def _forms(*, digits: bool) -> re.Pattern[str]:
    """Join the forms that begin with a digit, or those that don't."""
    forms = [f"(?P<n{index}>{number.form})" for index, number in enumerate(NUMBERS) if number.form]
    chosen = [form for form in forms if bool(re.match(r"\(\?P<n\d+>(?:\(\?:|\\d|\[?[0-9])", form)) == digits]
    return re.compile(_LEFT + "(?:" + "|".join(chosen) + ")" + _RIGHT, re.ASCII)


def _places(lower: str, word: str) -> Iterator[int]:
    """Yield where a word ends that stands alone."""
    start = lower.find(word)
    while start >= 0:
        end = start + len(word)
        if not lower[start - 1 : start].isalnum() and not lower[end : end + 1].isalnum():
            yield end
        start = lower.find(word, end)
