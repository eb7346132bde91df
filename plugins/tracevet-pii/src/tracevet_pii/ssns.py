"""US social security numbers."""

import re
from collections.abc import Iterator

from tracevet_pii.reserved import PLACEHOLDER_SSNS, is_dummy
from tracevet_pii.rule import Hit, grade
from tracevet_pii.table import SSN
from tracevet_pii.view import View

# 000, 666 and 900 to 999 are no areas; no part is all zeros (Social Security Administration, randomization 2011).
_CANDIDATE = re.compile(
    r"(?<![\w.+/#$€£%-])(?!000|666|"
    r"9)[0-9]{3}([ \u00a0\u2010-\u2013.-]?)(?!00)[0-9]{2}\1(?!0000)[0-9]{4}(?![\w%])(?![-./][0-9])"
)
_WORD = re.compile(
    r"(?<![a-z])(?:ssns?|ss ?#|social(?:[ _-]?security)?|soc ?sec|socsec|taxpayer|tin|tax ?id)(?![a-z])|"
    r"ssn|social_?security"
)
_OTHER = re.compile(
    r"(?<![a-z])(?:order|ticket|tracking|isbn|sku|serial|part|phone|tel|fax|account|model|case)\b[^0-9]{0,12}\Z"
)


def find_ssns(view: View) -> Iterator[Hit]:
    """Yield the numbers of the text; without dashes only beside words that say what they are."""
    for found in view.at_numbers(_CANDIDATE):
        start, end = found.span()
        labelled = bool(_WORD.search(view.before(start, 60)) or _WORD.search(view.after(end, 16)))
        if not labelled and (found[1] in ("", ".", " ", "\u00a0") or _OTHER.search(view.before(start))):
            continue
        digits = re.sub(r"[^0-9]", "", found[0])
        sample = view.is_sample(start, end)
        known = digits in PLACEHOLDER_SSNS or is_dummy(digits)
        reserved = known and (sample or view.is_code or not labelled)
        points = 1 + labelled - (view.is_code and not labelled) - sample - 2 * known
        yield Hit(start, end, SSN, grade(points), reserved)
