"""Mask secrets and personal data in texts that leave, so that equal ones can still be told equal by their HMAC."""

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tracevet.model import Region
from tracevet.policy.secrets import Sight, sights

MASK = re.compile(r"(?:[A-Za-z0-9_-]{4}…[A-Za-z0-9_-]{2} )?\[masked: [0-9]{1,9} chars, hmac [0-9a-f]{8}\]")
_HMAC = re.compile(r"(\[masked: [0-9]{1,9} chars), hmac [0-9a-f]{8}\]")
_PRINTABLE = re.compile(r"[A-Za-z0-9_-]+")
_PASSES = 8  # a mask in the place of a quote or a line end can uncover more; each pass leaves less
_HINTED = 20  # characters from which on a credential shows its ends
_HOSTILE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)


class Piece(NamedTuple):
    """A part of a masked text, and whether it stands for something masked."""

    text: str
    masked: bool


def mask(text: str, regions: Iterable[Region], key: bytes) -> str:
    """Replace each region by a mask with its length and HMAC; regions may overlap and reach beyond the text.

    Masks that stand in the text already stay as they are.
    """
    return "".join(piece.text for piece in pieces(text, hidden(text, given(regions)), key))


def scrub(text: str, key: bytes) -> str:
    """Mask what looks like a credential or names a person: the floor under every text that leaves.

    Idempotent; takes time linear in the text; never raises.
    """
    for _ in range(_PASSES):
        before, text = text, "".join(piece.text for piece in pieces(text, hidden(text, sights(text)), key))
        if text == before:
            break
    return text


def without_hmacs(text: str) -> str:
    """Take the HMACs out of the masks, so that the text no longer depends on the key."""
    return _HMAC.sub(r"\1]", text)


def visible(text: str) -> str:
    """Spell out what a terminal would obey or hide, and what can't be stored: controls, bidi marks, surrogates."""
    return _HOSTILE.sub(lambda match: ascii(match[0])[1:-1], text.replace("\r\n", "\n"))


def given(regions: Iterable[Region]) -> Iterator[Sight]:
    """Turn a detector's regions into sights."""
    return (Sight(region.start, region.end, hint=True) for region in regions)


def hidden(text: str, found: Iterable[Sight]) -> tuple[Sight, ...]:
    """Join overlapping sights, cut them to the text and around masks that stand there already; in order."""
    joined: list[Sight] = []
    for sight in sorted(found):
        end = min(sight.end, len(text))
        if joined and sight.start < joined[-1].end:
            last = joined[-1]
            joined[-1] = Sight(last.start, max(last.end, end), last.hint and sight.hint)
        else:
            joined.append(Sight(sight.start, end, sight.hint))
    return tuple(_around_masks(text, joined))


def _around_masks(text: str, joined: Iterable[Sight]) -> Iterator[Sight]:
    masks = MASK.finditer(text)
    mark = next(masks, None)
    for start, end, hint in joined:
        at = start
        while mark and mark.start() < end:
            if at < mark.start():
                yield Sight(at, mark.start(), hint)
            at = max(at, mark.end())
            if mark.end() > end:
                break
            mark = next(masks, None)
        if at < end:
            yield Sight(at, end, hint)


def pieces(text: str, found: Iterable[Sight], key: bytes) -> Iterator[Piece]:
    """Yield the text in parts, those that `hidden` gave replaced by masks."""
    at = 0
    for start, end, hint in found:
        if at < start:
            yield Piece(text[at:start], masked=False)
        yield Piece(_mask(text[start:end], hint, key), masked=True)
        at = end
    if at < len(text):
        yield Piece(text[at:], masked=False)


def _mask(secret: str, hint: bool, key: bytes) -> str:
    proof = hmac.new(key, secret.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:8]
    ends = secret[:4] + secret[-2:]
    shown = f"{ends[:4]}…{ends[4:]} " if hint and len(secret) >= _HINTED and _PRINTABLE.fullmatch(ends) else ""
    return f"{shown}[masked: {len(secret)} chars, hmac {proof}]"
