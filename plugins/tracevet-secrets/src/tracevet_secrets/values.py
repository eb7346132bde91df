"""Values: whether one looks like a secret of the kind its name promises, and how sure that is."""

import re

from tracevet import Confidence
from tracevet_secrets.expressions import is_expression
from tracevet_secrets.names import Kind
from tracevet_secrets.placeholders import has_typed_run, is_placeholder
from tracevet_secrets.shapes import Shape, is_dense, is_monotonous, is_vocabulary, shape_of

_LONGEST = 400  # characters; what is longer is data, or has a rule of its own
_SOLID = 8  # characters; what password policies ask
_MIXED = 3  # of the four classes of characters; what password policies ask
_PIN = 5  # digits; of four is a port or a year
_FEW = 3  # digits; fewer are in names too, as `v1-2`
_LONG = 20  # characters; shorter random letters are often abbreviations
_DIGEST = 32  # hexadecimal digits: 128 bits
_BITS_SURE = 42.0  # entropy of a value that nobody made up at the keyboard
_WORDS_SHARE = 0.5  # of the letters and digits stand in words: made of words
_RANDOM_SHARE = 0.36  # fewer than this: random
_SHORTEST = {Kind.PASSWORD: 4, Kind.SECRET: 6, Kind.TOKEN: 8, Kind.KEY: 8, Kind.SALT: 8, Kind.VAGUE: 16}

_HEX = re.compile(r"(?:0x)?[0-9a-fA-F]+")
_NUMBER = re.compile(r"0x[0-9a-fA-F]+|\d{1,5}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_APP_PASSWORD = re.compile(r"[a-z]{4}(?: [a-z]{4}){3}")  # https://support.google.com/accounts/answer/185833
_SNAKE = re.compile(r"[a-z]+\d?(?:[_-][a-z]+\d{0,2})+", re.IGNORECASE)


def judge(value: str, kind: Kind, *, strict: bool) -> Confidence | None:
    """Tell how sure it is that a value is a secret of this kind; None: it isn't one.

    `strict` where a name and a value merely stand side by side: words are then no secrets.
    """
    if not _SHORTEST[kind] <= len(value) <= _LONGEST or not value.isprintable():
        return None
    if is_monotonous(value) or (not is_dense(value) and (is_placeholder(value) or is_expression(value))):
        return None
    if kind is Kind.PASSWORD:
        return _judge_password(value, strict=strict)
    return _judge_token(value, kind, strict=strict)


def _judge_password(value: str, *, strict: bool) -> Confidence | None:
    shape = shape_of(value)
    if " " in value:
        return Confidence.MEDIUM if _APP_PASSWORD.fullmatch(value) else None
    if not shape.letters:
        return Confidence.LOW if not strict and shape.length >= _PIN else None
    if not shape.digits and not shape.symbols:
        return _judge_letters(value, shape, strict=strict)
    if is_vocabulary(value) or _SNAKE.fullmatch(value):
        enough = shape.digits + shape.symbols > is_vocabulary(value)  # user_2 is no password, river-4 may be one
        return Confidence.LOW if enough and not strict else None
    if shape.length >= _SOLID and (shape.classes >= _MIXED or shape.wordy < _WORDS_SHARE):
        return Confidence.MEDIUM if strict else Confidence.HIGH
    return Confidence.LOW if strict else Confidence.MEDIUM


def _judge_letters(value: str, shape: Shape, *, strict: bool) -> Confidence | None:
    """Judge a password of letters and separators alone: a word, a name, or random letters."""
    if strict or not value.isascii():
        return Confidence.LOW if value.isascii() and shape.wordy < _RANDOM_SHARE and shape.length >= _SOLID else None
    if shape.wordy < _WORDS_SHARE and shape.length >= _SHORTEST[Kind.SECRET] and value.isalpha():
        return Confidence.MEDIUM
    if is_vocabulary(value) or not value.isalpha() or not value.islower():
        return None
    return Confidence.LOW


def _judge_token(value: str, kind: Kind, *, strict: bool) -> Confidence | None:
    shape = shape_of(value)
    if " " in value or not value.isascii() or (is_vocabulary(value) and kind is not Kind.SECRET):
        return None
    if kind is Kind.VAGUE:
        return _judge_vague(value, shape)
    if _UUID.fullmatch(value):
        return Confidence.LOW if strict else Confidence.MEDIUM
    if shape.wordy >= _WORDS_SHARE or is_vocabulary(value):
        return Confidence.LOW if kind is Kind.SECRET and not strict and _is_made_up(value, shape) else None
    return _by_size(value, shape, strict=strict)


def _is_made_up(value: str, shape: Shape) -> bool:
    """Say whether somebody made a secret of words: `topsecretthing`, `m0squit0-nets`."""
    if shape.length < _SOLID or _SNAKE.fullmatch(value) or (is_vocabulary(value) and not shape.digits):
        return False
    return shape.digits > 1 or value.islower()


def _by_size(value: str, shape: Shape, *, strict: bool) -> Confidence | None:
    """Judge characters without words by how many they are and how mixed."""
    if not shape.digits and not shape.symbols and shape.length < _LONG:
        return Confidence.LOW if value.isalpha() and not strict else None
    if _SNAKE.fullmatch(value):
        return None
    if shape.length < _SOLID:
        return None if strict else Confidence.LOW
    if shape.bits < _BITS_SURE or not shape.digits or has_typed_run(value):
        return Confidence.LOW if strict else Confidence.MEDIUM
    return Confidence.MEDIUM if strict else Confidence.HIGH


def _judge_vague(value: str, shape: Shape) -> Confidence | None:
    """Judge a value whose name may as well promise a dictionary's key: only long random text passes."""
    if _UUID.fullmatch(value) or shape.wordy >= _RANDOM_SHARE or not shape.digits or has_typed_run(value):
        return None
    if _HEX.fullmatch(value):
        return Confidence.LOW if shape.length >= _DIGEST and shape.letters else None
    if shape.bits < _BITS_SURE or shape.symbols > shape.length / 4 or shape.digits < _FEW:
        return None
    return Confidence.MEDIUM if shape.classes >= _MIXED and shape.length >= _LONG else Confidence.LOW


def judge_random(token: str) -> Confidence | None:
    """Tell how sure it is that a token of a known form is random, whatever else its characters could mean."""
    shape = shape_of(token[:_LONGEST])
    if shape.wordy >= _WORDS_SHARE or is_placeholder(token):
        return None
    return _by_size(token, shape, strict=False)


def judge_bare(value: str, kind: Kind, *, alone: bool, prose: bool) -> Confidence | None:
    """Judge a value without quotes: it has to look like nothing else, unless it is `alone` on its line."""
    confidence = judge(value, kind, strict=prose or not alone)
    if confidence is None or _NUMBER.fullmatch(value):
        return None
    if alone and not prose:
        return confidence
    shape = shape_of(value)
    random = shape.wordy < _WORDS_SHARE and shape.length >= _SOLID
    mixed = shape.letters and shape.digits and (shape.digits > 1 or shape.symbols or random or shape.bits >= _BITS_SURE)
    return confidence if mixed else None
