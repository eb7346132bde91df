"""Phone numbers: candidates by shape, judged by numbering plan and by the words around them."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tracevet import ConfigError
from tracevet_pii import phone_shapes as shapes
from tracevet_pii.phone_words import Words
from tracevet_pii.reserved import is_dummy, is_fictional_phone
from tracevet_pii.rule import Hit, grade
from tracevet_pii.table import PHONE
from tracevet_pii.view import View

# Plans tried for a number in national spelling that words or its shape call a phone.
_ELSEWHERE = (
    "GB",
    "FR",
    "DE",
    "IT",
    "ES",
    "AU",
    "IN",
    "BR",
    "NL",
    "BE",
    "CH",
    "AT",
    "SE",
    "JP",
    "PL",
    "MX",
    "ZA",
    "CN",
)
_LENGTHS = range(7, 16)  # digits; E.164 allows 15
_TEN = 10  # digits of the North American plan


class _Number(NamedTuple):
    """A candidate: its range, its digits, and whether its form alone makes it a phone number."""

    start: int
    end: int
    digits: str
    points: int
    is_dummy: bool = False


class Phones:
    """Finds numbers; `regions` are those whose national spelling needs no words nearby."""

    def __init__(self, regions: Sequence[str] = ("US",)) -> None:
        """Load the numbering plans.

        Raises:
            ConfigError: a region that has none.
        """
        import phonenumbers

        self._lib = phonenumbers
        for unknown in sorted(set(regions) - set(phonenumbers.SUPPORTED_REGIONS)):
            raise ConfigError(
                f"pii: no phone region named {unknown!r}; give ISO 3166 codes in capitals, such as 'US' or 'DE'"
            )
        self._regions = tuple(regions)
        self._is_american = any(phonenumbers.country_code_for_region(region) == 1 for region in regions)

    def __call__(self, view: View) -> Iterator[Hit]:
        """Yield the numbers of the text, none overlapping another."""
        end = -1
        for start in shapes.starts(view):
            if start < end:
                continue
            words = Words(view, start)
            number = self._at(view, start, words)
            if number:
                end = shapes.extension_end(view.text, number.end)
                yield from self._judge(view, number, end, words)

    def _at(self, view: View, start: int, words: Words) -> _Number | None:
        number = self._international(view, start, words) or self._american(view, start, words)
        return number or self._national(view, start, words) or self._labelled(view, start, words)

    def _judge(self, view: View, number: _Number, end: int, words: Words) -> Iterator[Hit]:
        """Weigh a number; a placeholder counts only where prose calls it a phone number."""
        is_label = words.is_strong or words.follow(end)
        if number.is_dummy and (view.is_code or not is_label or view.is_sample(number.start, end)):
            yield Hit(number.start, end, PHONE, grade(0), reserved=True)
            return
        reserved = is_fictional_phone(number.digits)
        points = number.points + is_label - view.is_sample(number.start, end) - number.is_dummy * 2
        yield Hit(number.start, end, PHONE, grade(points), reserved)

    def _international(self, view: View, start: int, words: Words) -> _Number | None:
        """Read `+` or an exit code and a number; trailing groups that make it too long belong to what follows."""
        ends = shapes.international(view.text, start)
        for end in reversed(ends):
            if self._is_valid(shapes.e164(view.text[start:end]), None):
                return self._plus(view, start, end, 1)
        if not ends or (view.is_code and not words.is_strong):
            return None
        end = ends[-1]
        is_grouped = words.is_any or not view.text[start:end].lstrip("(+").isdigit()
        return self._plus(view, start, end, 0) if is_grouped and self._is_possible(view.text[start:end]) else None

    def _plus(self, view: View, start: int, end: int, points: int) -> _Number:
        number = shapes.e164(view.text[start:end])
        national = number[2:] if number.startswith("+1") else number[1:]
        return _Number(start, end, national, points + (not view.is_code), is_dummy(national))

    def _american(self, view: View, start: int, words: Words) -> _Number | None:
        """Read the North American shapes; an area or exchange that can't exist needs brackets or words."""
        found = shapes.american(view.text, start)
        if not found or not (self._is_american or words.is_strong):
            return None
        end, digits, separator = found
        if is_dummy(digits) or digits[:3] == digits[3:6] == "555":
            return _Number(start, end, digits, 1, is_dummy=True)
        is_formed = digits[0] in "23456789" and digits[3] in "23456789"
        needs_words = separator == " " or (separator not in "()" and not is_formed)
        if needs_words and not (
            words.is_any or (is_formed and not (view.is_code or words.is_other or words.is_series))
        ):
            return None
        if not words.is_any and (words.is_other or (view.is_code and " " in view.text[start:end].replace(") ", ""))):
            return None
        return _Number(start, end, digits, is_formed + (separator == "(") - (view.is_code and not words.is_quoted))

    def _national(self, view: View, start: int, words: Words) -> _Number | None:
        """Read a number that begins with the trunk prefix 0."""
        ends = shapes.national(view.text, start)
        if not ends or not (words.is_any or not (view.is_code or words.is_other or words.is_series)):
            return None
        regions = (*self._regions, *_ELSEWHERE)
        for end in reversed(ends[-2:]):
            if not words.is_any and re.fullmatch(r"\d+\.?\d+", view.text[start:end]):
                continue  # a decimal number, or digits with zeros before them
            if any(self._is_valid(view.text[start:end], region) for region in regions):
                digits = shapes.digits(view.text[start:end])
                return _Number(start, end, digits, 1, is_dummy(digits))
        return None

    def _labelled(self, view: View, start: int, words: Words) -> _Number | None:
        """Read any digits that words before them call a phone number; the weaker the words, the nearer they must be."""
        end = shapes.plain(view.text, start) if words.is_any else start
        number = view.text[start:end]
        digits = shapes.digits(number)
        if len(digits) not in _LENGTHS or (number.isdigit() and not words.is_near):
            return None
        if any(self._is_valid(number, region) for region in (*self._regions, *_ELSEWHERE)):
            return _Number(start, end, digits, 1, is_dummy(digits))
        is_local = words.is_strong and any(self._is_possible(number, region) for region in self._regions)
        return (
            _Number(start, end, digits, 0, is_dummy(digits))
            if is_local or (words.is_strong and len(digits) > _TEN)
            else None
        )

    def _is_valid(self, number: str, region: str | None) -> bool:
        try:
            return self._lib.is_valid_number(self._lib.parse(number, region))
        except self._lib.NumberParseException:
            return False

    def _is_possible(self, number: str, region: str | None = None) -> bool:
        try:
            parsed = self._lib.parse(number if region else shapes.e164(number), region)
            return self._lib.is_possible_number(parsed)
        except self._lib.NumberParseException:
            return False
