"""Payment card numbers: issuer's range and length, Luhn checksum, grouping, and words."""

import re
from collections.abc import Iterator

from tracevet_pii.reserved import TEST_CARDS, is_dummy
from tracevet_pii.rule import Hit, grade
from tracevet_pii.table import CARD
from tracevet_pii.view import View

_CANDIDATE = re.compile(
    r"(?<![\w.+\-/%$€£#@])(?<![=/]-)(?<!\d [-/])[0-9](?:[ \-.\u00a0]?[0-9]){11,18}(?![\w%@])(?![-./:\u00a0][0-9])"
)
_GROUPED = re.compile(
    r"[0-9]{4}([ \-.\u00a0])[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?:\1[0-9]{3})??|[0-9]{4}([ \-.\u00a0])[0-9]{6}\2[0-9]{4,5}"
)
_PLAIN = re.compile(r"[0-9]+")
# Who issues, by leading digits, and the lengths: ISO/IEC 7812 and the schemes' own pages.
_ISSUERS: tuple[tuple[re.Pattern[str], frozenset[int]], ...] = tuple(
    (re.compile(prefix), frozenset(lengths))
    for prefix, lengths in (
        (r"4", (13, 16, 19)),  # Visa
        (r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", (16,)),  # Mastercard
        (r"3[47]", (15,)),  # American Express
        (r"6011|64[4-9]|65", (16, 19)),  # Discover
        (r"30[0-5]|3095|36|3[89]", (14, 16)),  # Diners Club
        (r"35", (16,)),  # JCB
        (r"2131|1800", (15,)),  # JCB, older
        (r"62|81", (16, 17, 18, 19)),  # UnionPay
        (r"220[0-4]", (16,)),  # Mir
        (r"60|508|82|353|356", (16,)),  # RuPay
        (r"50[0-9]|5[6-9]|6", (12, 13, 14, 15, 16, 17, 18, 19)),  # Maestro
    )
)
_MAESTRO = len(_ISSUERS) - 1
_FULL = 16  # digits of most cards
_WORDS = re.compile(
    r"(?<![a-z])(?:charged? (?:to|on)|paid (?:with|by)|pay (?:with|by)|billed to|"
    r"(?:credit|debit|bank|payment|prepaid|gift)?[ _-]?cards?(?!inal)|"
    r"cc(?:[ _-]?(?:num(?:ber)?|no))?|pan|visa|master ?card|"
    r"amex|american express|discover|diners(?: club)?|jcb|maestro|union ?pay|rupay|kreditkarte\w*|kartennummer|"
    r"carte (?:bancaire|bleue|de crédit)|tarjeta|carta di credito|cartão|карт[аы]|card_?(?:number|num|no)|"
    r"cardnumber|ccnum(?:ber)?|"
    r"creditcard\w*|信用卡|カード)(?![a-z])"
)
_AFTER = re.compile(
    r"(?<![a-z])(?:cvv2?|cvc|exp(?:ir\w*)?|valid (?:thru|until)|credit|debit|visa|master ?card|amex|"
    r"card)(?![a-z])|^\W{1,4}(?:0[1-9]|1[0-2])/\d\d"
)
_OTHER = re.compile(
    r"(?<![a-z])(?:order|invoice|ticket|tracking|isbn|ean|gtin|upc|imei|sku|serial|ref(?:erence)?|trace|span|request|session|"
    r"transaction|txn|id|uuid|hash|digest|sha\d*|md5|commit|seed|nonce|timestamp|time|ts|epoch|offset|address|size|bytes|version|build|"
    r"shipment|parcel|account|meter|container|vin|random|snowflake|tweet|message|user|channel|parent|child|owner|author|thread|post|item|row|key|index|next|prev(?:ious)?|cursor)(?![a-z])[^0-9]{0,16}\Z"
)


class Cards:
    """Finds card numbers."""

    def __init__(self) -> None:
        """Load the checksum."""
        from stdnum import luhn

        self._luhn = luhn.is_valid

    def __call__(self, view: View) -> Iterator[Hit]:
        """Yield the card numbers of the text."""
        end = -1
        for start in view.numbers:
            found = _CANDIDATE.match(view.text, start) if start >= end else None
            hit = self._judge(view, *found.span()) if found else None
            if hit:
                end = hit.end
                yield hit

    def _judge(self, view: View, start: int, end: int) -> Hit | None:
        end = self._cut(view.text, start, end)
        digits = _digits(view.text[start:end])
        points = self._points(view, start, end, digits)
        if points is None:
            return None
        is_sample = view.is_sample(start, end)
        is_known = digits in TEST_CARDS or is_dummy(digits)
        reserved = is_known and (is_sample or view.is_code or not _is_labelled(view, start, end))
        return Hit(start, end, CARD, grade(points - is_sample - 2 * is_known), reserved)

    def _cut(self, text: str, start: int, end: int) -> int:
        """Give the end without a security code or a date that stands behind a grouped number."""
        if self._luhn(_digits(text[start:end])):
            return end
        found = _GROUPED.match(text, start, end)
        return found.end() if found else end

    def _points(self, view: View, start: int, end: int, digits: str) -> int | None:
        """Weigh a candidate; None: it's no card number."""
        issuer = _issuer(digits)
        grouped = bool(_GROUPED.fullmatch(view.text, start, end))
        labelled = _is_labelled(view, start, end)
        if issuer is None or not (grouped or labelled or _PLAIN.fullmatch(view.text, start, end)):
            return None
        if not self._luhn(digits):
            return (
                0 if labelled and grouped and len(digits) == _FULL and issuer != _MAESTRO and not view.is_code else None
            )
        if labelled:
            return 2
        if _OTHER.search(view.before(start)) or issuer == _MAESTRO:
            return None
        return _unlabelled(view, grouped, len(digits))


def _unlabelled(view: View, grouped: bool, length: int) -> int | None:
    if grouped:
        return 1 if view.is_code else 2
    if length not in (15, 16):
        return None
    return 0 if view.is_code else 1


def _is_labelled(view: View, start: int, end: int) -> bool:
    return bool(_WORDS.search(view.before(start, 60)) or _AFTER.search(view.after(end)))


def _issuer(digits: str) -> int | None:
    for number, (prefix, lengths) in enumerate(_ISSUERS):
        if len(digits) in lengths and prefix.match(digits):
            return number
    return None


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", text)
