"""International bank account numbers."""

import re
from collections.abc import Iterator

from tracevet_pii.reserved import EXAMPLE_IBANS
from tracevet_pii.rule import Hit, grade
from tracevet_pii.table import IBAN
from tracevet_pii.view import View

_CANDIDATE = re.compile(
    r"(?<![A-Za-z0-9_/+=-])[A-Za-z]{2}[0-9]{2}(?:(?:[ \u00a0-]?[A-Z0-9]){11,30}|[a-z0-9]{11,30})(?![A-Za-z0-9_+/=])"
)
_GROUP_END = re.compile(r"[ \u00a0-]|\Z")
_WORD = re.compile(r"(?<![a-z])(?:iban|bank|account|konto|bic|swift|sepa|compte|cuenta|transfer|überweisung)(?![a-z])")
_NAME = re.compile(r"(?<![a-z])iban\b[^\n]{0,30}\Z")


class Ibans:
    """Finds IBANs."""

    def __init__(self) -> None:
        """Load the countries' structures."""
        from stdnum import iban
        from stdnum.exceptions import ValidationError

        self._validate = iban.validate
        self._check_digits = iban.calc_check_digits
        self._invalid = ValidationError

    def __call__(self, view: View) -> Iterator[Hit]:
        """Yield the account numbers of the text."""
        for found in _CANDIDATE.finditer(view.text):
            yield from self._longest(view, *found.span())

    def _longest(self, view: View, start: int, end: int) -> Iterator[Hit]:
        """Yield the longest IBAN that ends with a group; capitals that follow it may look like one more."""
        text = view.text[start:end]
        named = bool(_NAME.search(view.before(start)))
        ends = [start + each.start() for each in _GROUP_END.finditer(text)]
        if not (named or text[:2].isupper()):
            return
        for is_exact in (True, False) if named else (True,):
            for stop in reversed(ends):
                if self._fits(view.text[start:stop], is_exact):
                    yield self._hit(view, start, stop, 1 if is_exact else -1)
                    return

    def _fits(self, text: str, is_exact: bool) -> bool:
        """Tell whether length and structure are the country's, and the checksum right, if it must be."""
        compact = _compact(text)
        try:
            if not is_exact:
                compact = compact[:2] + self._check_digits(compact) + compact[4:]
            self._validate(compact, check_country=False)
        except self._invalid:
            return False
        return True

    def _hit(self, view: View, start: int, end: int, points: int) -> Hit:
        compact = _compact(view.text[start:end])
        labelled = bool(_WORD.search(view.before(start)))
        sample = view.is_sample(start, end)
        known = compact in EXAMPLE_IBANS
        reserved = known and (sample or view.is_code or not labelled)
        return Hit(start, end, IBAN, grade(points + 1 - sample - 2 * known), reserved)


def _compact(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", text).upper()
