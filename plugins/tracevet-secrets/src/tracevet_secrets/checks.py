"""What a pattern can't say of a token: checksums, decoded content, and who it belongs to."""

import base64
import binascii
import json
import re
import zlib
from urllib.parse import unquote

from tracevet import Confidence
from tracevet_secrets.names import Kind
from tracevet_secrets.placeholders import is_placeholder
from tracevet_secrets.values import judge, judge_random

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM = 6  # characters at the token's end
_ACCOUNTS = 10**12  # AWS account ids have twelve digits
_SHORT_LOGIN = 12  # characters of base64
_KEY_BODY = 64  # characters of base64: the shortest private key, of elliptic curves, has more
_BASE32 = re.compile(r"[A-Z2-7]{16}")
_BODY = re.compile(r"-----[^\n-]{0,80}-----|\\[nrt]|[^A-Za-z0-9+/=]|(?:Proc-Type|DEK-Info|Version|Comment):[^\n]*")


def crc_base62(body: str) -> str:
    """Compute the checksum that GitHub and npm put at a token's end."""
    number, digits = zlib.crc32(body.encode()), ""
    while number:
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits.rjust(_CHECKSUM, "0")


def grade_crc(token: str) -> Confidence:
    """Trust a token whose checksum fits; one that doesn't was mistyped, made up or altered.

    https://github.blog/engineering/behind-githubs-new-authentication-token-formats/
    """
    body = token.rsplit("_", 1)[1]
    return Confidence.HIGH if crc_base62(body[:-_CHECKSUM]) == body[-_CHECKSUM:] else Confidence.MEDIUM


def grade_aws_id(token: str) -> Confidence:
    """Trust a key id that holds an account id of twelve digits; ids from before 2019 (AKIAI, AKIAJ) hold none."""
    if not _BASE32.fullmatch(token[4:]):
        return Confidence.LOW  # altered: no key id has 0, 1, 8 or 9
    number = int.from_bytes(base64.b32decode(token[4:])[:6], "big")
    account = (number & 0x7FFF_FFFF_FF80) >> 7
    return Confidence.HIGH if account < _ACCOUNTS or token[4] in "IJ" else Confidence.MEDIUM


def decode_base64(text: str) -> str | None:
    """Decode base64 of any alphabet, padded or not, to text; None where it holds no text."""
    data = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(data + "=" * (-len(data) % 4), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None


def grade_basic(token: str) -> Confidence | None:
    """Trust base64 that decodes to a user and a password."""
    login = decode_base64(token)
    if login is None or not login.isprintable():  # cut off, or altered on the way here
        return min(Confidence.MEDIUM, judge_random(token) or Confidence.LOW, key=_rank) if _is_mixed(token) else None
    _, colon, password = login.partition(":")
    return grade_password(password) if colon and password else None


def _rank(confidence: Confidence) -> int:
    return confidence.rank


def _is_mixed(token: str) -> bool:
    """Say whether a token is long and mixed enough to be base64 rather than a word."""
    kinds = (str.islower, str.isupper, str.isdigit)
    return len(token) >= _SHORT_LOGIN and all(any(map(kind, token)) for kind in kinds)


def grade_jwt(token: str) -> Confidence | None:
    """Trust a token whose header names an algorithm; less, one that only looks like it: altered, or encrypted."""
    head, payload, _ = token.split(".")[:3]
    try:
        header = json.loads(decode_base64(head) or "")
    except (ValueError, RecursionError):
        header = None
    if isinstance(header, dict) and "alg" in header:
        return Confidence.HIGH if decode_base64(payload) else Confidence.MEDIUM
    return Confidence.MEDIUM if payload.startswith("eyJ") else None


def grade_private_key(block: str) -> Confidence | None:
    """Trust a block with a body; without one, or with dots in it, it only shows where a key would stand."""
    body = _BODY.sub("", block)
    if len(body) < _KEY_BODY or "..." in block or len(set(body)) < 16:  # noqa: PLR2004  of an alphabet of 64
        return None
    return Confidence.MEDIUM if "ENCRYPTED" in block else Confidence.HIGH


def grade_password(password: str) -> Confidence | None:
    """Grade what stands where a login's password does: even a plain word is one there."""
    password = unquote(password)
    if is_placeholder(password) or not password.isprintable() or len(password) < 3:  # noqa: PLR2004  as in a:b@
        return None
    sure = judge(password, Kind.PASSWORD, strict=False)
    return sure or (None if re.search(r"[\s()]|^[A-Z_]+$|^\$", password) else Confidence.LOW)


def grade_random(token: str) -> Confidence | None:
    """Grade a token whose form alone says little: it has to be random."""
    return judge_random(token)


def grade_bearer(token: str) -> Confidence | None:
    """Grade what follows `Bearer`: random text, whole or between the dots of a signed token."""
    longest = max(token.rstrip(".").split("."), key=len)
    return None if is_placeholder(token) else judge(longest[:200], Kind.KEY, strict=False)


def grade_salt(salt: str) -> Confidence | None:
    """Trust characters of every sort that hardly repeat."""
    return Confidence.HIGH if len(set(salt)) >= len(salt) / 2 and not is_placeholder(salt) else None


def grade_context(token: str) -> Confidence | None:
    """Grade a random token that a provider's name precedes: never more than medium."""
    sure = judge(token, Kind.KEY, strict=True)
    return None if sure is None else Confidence.MEDIUM
