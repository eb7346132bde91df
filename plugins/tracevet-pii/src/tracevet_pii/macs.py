"""Hardware addresses of network devices."""

import re
from collections.abc import Iterator

from tracevet_pii.rule import Hit, grade
from tracevet_pii.table import MAC
from tracevet_pii.view import View

_CANDIDATE = re.compile(
    r"(?<![\w:.-])(?:[0-9A-Fa-f]{2}([:-])[0-9A-Fa-f]{2}(?:\1[0-9A-Fa-f]{2}){4}|[0-9a-f]{4}\.[0-9a-f]{4}\.[0-9a-f]{4})(?![\w:.-])"
)
_PART = re.compile(r"[:-][0-9A-Fa-f]{2}[:-][0-9A-Fa-f]{2}[:-]|\.[0-9a-f]{4}\.[0-9a-f]{4}")
_WORD = re.compile(
    r"(?<![a-z])(?:mac|ether|hwaddr|hardware|lladdr|bssid|ethernet|device|wifi|wlan|bluetooth|physical)(?![a-z])|mac_?addr"
)
_RANDOM = 0b11  # the bits of the first octet for group and locally administered addresses
_DISTINCT = 4  # different octets of a real address, at least
_DOCUMENTATION = "00005e0053"  # RFC 7042


def find_macs(view: View) -> Iterator[Hit]:
    """Yield the addresses that name one device."""
    if not _PART.search(view.text):
        return
    for found in _CANDIDATE.finditer(view.text):
        digits = re.sub(r"[^0-9a-f]", "", found[0].lower())
        octets = bytes.fromhex(digits)
        labelled = bool(_WORD.search(view.before(found.start())))
        if octets[0] & _RANDOM or len(set(octets)) < _DISTINCT or (found[1] is None and not labelled):
            continue
        reserved = digits.startswith(_DOCUMENTATION) or digits in ("001122334455", "0123456789ab", "aabbccddeeff")
        yield Hit(*found.span(), MAC, grade(1 + labelled - view.is_code - view.is_sample(*found.span())), reserved)
