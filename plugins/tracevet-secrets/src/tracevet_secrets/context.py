"""What the rest of a line says of a secret in it: one in a test or an example is reported, but with less confidence."""

import re

from tracevet import Confidence

_SAMPLE = re.compile(rb"(?i)test|example|sample|dummy|\bfake|\bmock|fixture|\bdemo|\bspec\b|e\.g\.|for instance")
_LINE = 200  # bytes of the line that are looked at, before and after


def graded_down(confidence: Confidence, data: bytes, start: int, end: int) -> Confidence:
    """Give the confidence, one step lower where the line around the range speaks of a test or an example."""
    first = max(data.rfind(b"\n", 0, start) + 1, start - _LINE)
    last = data.find(b"\n", end, end + _LINE)
    last = last if last >= 0 else end + _LINE
    if _SAMPLE.search(data, first, start) or _SAMPLE.search(data, end, last):
        return list(Confidence)[max(0, confidence.rank - 1)]
    return confidence
