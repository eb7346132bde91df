"""Fills in the shapes of secrets, so that no file of this repository holds what a scanner would take for one.

`«base62:36»` becomes 36 characters of that alphabet: always the same for the same text around it.
"""

import base64
import json
import random
import re
import string
import uuid
from collections.abc import Callable

from tracevet_secrets.checks import crc_base62

_HEX = "0123456789abcdef"
_ALPHABETS = {
    "base62": string.ascii_letters + string.digits,
    "base64": string.ascii_letters + string.digits + "+/",
    "base64url": string.ascii_letters + string.digits + "-_",
    "base32": string.ascii_uppercase + "234567",
    "bech32": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
    "hex": _HEX,
    "HEX": _HEX.upper(),
    "digits": string.digits,
    "upper": string.ascii_uppercase + string.digits,
    "lower": string.ascii_lowercase + string.digits,
    "letters": string.ascii_letters,
}
_SHAPE = re.compile(r"«(\w+)(?::([^»]*))?»")


def fill(text: str) -> str:
    """Replace each shape in a text by something of that shape."""
    source = random.Random(text.encode("utf-8", "surrogatepass"))
    return _SHAPE.sub(lambda match: _make(match[1], match[2] or "", source), text)


def marked(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Fill a text in and take the marks `⟦` and `⟧` out: the text, and the ranges that they enclosed."""
    plain, ranges, start = "", [], 0
    for piece in re.split(r"([⟦⟧])", fill(text)):
        if piece == "⟦":
            start = len(plain)
        elif piece == "⟧":
            ranges.append((start, len(plain)))
        else:
            plain += piece
    return plain, ranges


def _make(kind: str, argument: str, source: random.Random) -> str:
    if kind in _ALPHABETS:
        return _letters(kind, int(argument), source)
    if kind == "crc":
        body = _letters("base62", int(argument), source)
        return body + crc_base62(body)
    if kind == "password":
        return _password(source)
    return _MAKERS[kind](argument, source)


def _letters(kind: str, length: int, source: random.Random) -> str:
    """Draw characters, at least one of each class that the alphabet has, in no run that a keyboard has."""
    alphabet = _ALPHABETS[kind]
    while True:
        drawn = "".join(source.choice(alphabet) for _ in range(length))
        classes = [
            set(drawn) & set(each) for each in (string.digits, string.ascii_letters) if set(alphabet) & set(each)
        ]
        if all(classes) or length < 2:
            return drawn


def _password(source: random.Random) -> str:
    return _letters("base62", 9, source) + source.choice("!*+=_~") + _letters("base62", 2, source)


def _uuid(_: str, source: random.Random) -> str:
    return str(uuid.UUID(int=source.getrandbits(128), version=4))


def _aws(_: str, source: random.Random) -> str:
    number = source.randrange(10**12) << 7 | source.getrandbits(7)
    return base64.b32encode(number.to_bytes(6, "big") + source.randbytes(4)).decode()


def _pem(label: str, source: random.Random) -> str:
    body = base64.encodebytes(source.randbytes(300)).decode().rstrip()
    head = "Proc-Type: 4,ENCRYPTED\n\n" if label.startswith("RSA ENC") else ""
    return f"-----BEGIN {label}-----\n{head}{body}\n-----END {label}-----"


def _jwt(_: str, source: random.Random) -> str:
    parts = [
        json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT"}, {"sub": str(source.getrandbits(40))})
    ]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in (*parts, source.randbytes(32)))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _pem_line(label: str, source: random.Random) -> str:
    return _pem(label, source).replace("\n", "\\n")


def _basic(user: str, source: random.Random) -> str:
    return _base64(f"{user}:{_password(source)}")


def _encoded(text: str, source: random.Random) -> str:
    return _base64(_password(source) if text == "password" else text)


_MAKERS: dict[str, Callable[[str, random.Random], str]] = {
    "uuid": _uuid,
    "aws": _aws,
    "jwt": _jwt,
    "pem": _pem,
    "pemline": _pem_line,
    "basic": _basic,
    "b64": _encoded,
}
