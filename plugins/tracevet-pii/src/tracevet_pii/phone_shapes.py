"""How phone numbers are spelled: where candidates begin, and how far each spelling reaches."""

import re
from collections.abc import Iterator

from tracevet_pii.view import View

_GAP = r"(?:[ \u00a0\u202f]?[-./\u2010-\u2014][ ]?|[ \u00a0\u202f]{1,2})"
_START = re.compile(
    r"(?<![\w+#$€£%^*~@\\)&])(?<![\w)\]][-./])(?<!\d:)(?<!\d [-./] )"
    r"(?=[+(]{0,2}[0-9])(?=[+(0-9][0-9 ()+./\-\u00a0\u202f\u2010-\u2014]{6})"
)
_END = r"(?:(?=[xX] ?[0-9]|[eE]xt)|(?![\w%°€])(?![-./:][0-9]))"
_INTERNATIONAL = re.compile(
    rf"\(?(?:\+|00(?=[1-9])|011[ .\-]?(?=[1-9]))[ ]?\(?[1-9][0-9]{{0,14}}\)?(?:(?:{_GAP}|\)|"
    rf"{_GAP}?\()[0-9()]{{1,13}}){{0,7}}"
)
_AMERICAN = re.compile(
    rf"(?:(?:\+?1|001){_GAP}?)?(?:(\()[0-9]{{3}}\){_GAP}?|[0-9]{{3}}([ ]?[-./\u2010-\u2014][ ]?|[ \u00a0]))"
    rf"([0-9]{{3}})[ ]?([-.\u2010-\u2014 \u00a0])[ ]?[0-9]{{4}}{_END}"
)
_NATIONAL = re.compile(rf"(?:\(0[1-9][0-9]{{0,4}}\)[0-9]{{0,8}}|0[1-9][0-9]{{0,4}})(?:{_GAP}\(?[0-9]{{1,8}}\)?){{0,5}}")
_PLAIN = re.compile(rf"\(?[0-9]{{2,15}}\)?(?:{_GAP}[0-9]{{1,8}}){{0,5}}{_END}")
_MONTH, _YEAR = r"(?:0?[1-9]|1[0-2])", r"(?:19|20)[0-9]{2}"
_DATE = re.compile(
    rf"(?:[0-3]?[0-9]([-./ ]){_MONTH}\1(?:{_YEAR}|[0-9]{{2}})(?!\1?[0-9])|"
    rf"{_MONTH}([-./])[0-3]?[0-9]\2(?:{_YEAR}|[0-9]{{2}})(?!\2?[0-9])|"
    rf"{_YEAR}([-./ ]){_MONTH}\3[0-3]?[0-9](?!\3?[0-9]))"
)
_EXTENSION = re.compile(
    r"[ ,;]{0,2}(?:x|ext(?:n|ension)?\.?|poste|durchwahl|#)[ :.]{0,2}[0-9]{1,6}(?![\w])", re.IGNORECASE
)
_TAIL = re.compile(r"[0-9]{2}\)?" + _END)


def starts(view: View) -> Iterator[int]:
    """Yield where a phone number can begin, in order."""
    text = view.text
    for number in view.numbers:
        start = number
        while start > max(0, number - 2) and text[start - 1] in "+(":
            start -= 1
        yield from (place for place in sorted({start, number}) if _START.match(text, place))


def digits(number: str) -> str:
    """Keep the digits."""
    return re.sub(r"[^0-9]", "", number)


def e164(number: str) -> str:
    """Write an international number as `+` and digits; the 0 in `+44 (0)20` is not dialled."""
    rest = digits(re.sub(r"\(0\)", "", number))
    if "+" in number:
        return "+" + rest
    return "+" + rest.removeprefix("011" if rest.startswith("011") else "00")


def international(text: str, start: int) -> list[int]:
    """Give the ends at which a number with a country code can stop, nearest first."""
    return _ends(text, start, _INTERNATIONAL, 7)


def national(text: str, start: int) -> list[int]:
    """Give the ends at which a number with a trunk prefix can stop, nearest first; dates are none."""
    found = _NATIONAL.match(text, start)
    if not found or _DATE.match(text, start):
        return []
    return _ends(text, start, _NATIONAL, 8)


def american(text: str, start: int) -> tuple[int, str, str] | None:
    """Give the end of a North American number, its ten digits, and its first separator or `(`."""
    found = _AMERICAN.match(text, start)
    if not found or (found[2] and found[2].isspace() != found[4].isspace() and found[4] != "-"):
        return None
    return found.end(), digits(found[0])[-10:], found[1] or found[2].strip() or " "


def plain(text: str, start: int) -> int:
    """Give the end of any phone-like digits, the start where there are none."""
    found = _PLAIN.match(text, start)
    return found.end() if found and not _DATE.match(text, start) else start


def extension_end(text: str, end: int) -> int:
    """Give the end with the extension that follows a number."""
    found = _EXTENSION.match(text, end)
    return found.end() if found else end


def _ends(text: str, start: int, shape: re.Pattern[str], least: int) -> list[int]:
    found = shape.match(text, start)
    if not found:
        return []
    ends = [tail.start() + len(tail[0]) for tail in _TAIL.finditer(text, start, min(len(text), found.end() + 2))]
    return [end for end in ends if end <= found.end() and least <= len(digits(text[start:end])) <= 18]  # noqa: PLR2004  with exit code
