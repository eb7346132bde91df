"""What can be counted of a value: characters, classes, words, entropy."""

import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from tracevet_secrets.letters import is_wordlike

_RUNS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_SHORTEST_WORD = 4  # letters; shorter ones say nothing
_DENSE = 12  # characters
_DENSE_SHARE = 0.6  # of the characters are letters or digits; of them are different
_DENSE_WORDS = 0.1
_DENSE_SAMPLE = 32  # different characters are enough
_MONOTONOUS = 64  # characters
_DIGITS = 10  # different characters: fewer than a number may have
_VOCABULARY = re.compile(
    r"pass(?:word|wd|wort|phrase|code)?|pwd|secret|token|key|auth|cred|user|login|admin|test|default|root|guest|demo|"
    r"hello|welcome|letmein|super|private|secure|value|name|string|field|my|access|client|api|app|dev|prod|local|host|"
    r"db|database|server|mysql|postgres|postgresql|redis|mongo|rabbit|the|old|new|wrong|right|good|bad|another|other"
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What can be counted of a value."""

    length: int
    letters: int
    digits: int
    symbols: int  # neither letter, digit, nor one of `-_. `
    classes: int  # 1-4: lower case, upper case, digits, anything else
    wordy: float  # share of the letters and digits that stand in word-like runs
    bits: float  # of Shannon entropy, of the whole value


@lru_cache(maxsize=8)  # one value is asked for several times; secrets are not to be kept
def shape_of(value: str) -> Shape:
    """Count a value's characters, classes, words and entropy."""
    letters = sum(c.isalpha() for c in value)
    digits = sum(c.isdigit() for c in value)
    symbols = sum(not c.isalnum() and c not in "-_. " for c in value)
    classes = (
        any(map(str.islower, value)) + any(map(str.isupper, value)) + bool(digits) + (letters + digits < len(value))
    )
    runs = filter(is_wordlike, filter(_is_long, _RUNS.findall(value)))
    counts = Counter(value).values()
    bits = -sum(n * math.log2(n / len(value)) for n in counts)
    return Shape(len(value), letters, digits, symbols, classes, sum(map(len, runs)) / max(1, letters + digits), bits)


def _is_long(run: str) -> bool:
    return len(run) >= _SHORTEST_WORD


def is_vocabulary(value: str) -> bool:
    """Say whether nothing but the words of logins, digits and separators make up a value: `user_password2`."""
    return not re.sub(r"[\W\d_]+", "", _VOCABULARY.sub("", value.lower()))


def is_monotonous(value: str) -> bool:
    """Say whether a long value has hardly any different characters; quick, as hostile text is full of such."""
    return len(value) > _MONOTONOUS and len(set(value)) < _DIGITS


def is_dense(value: str) -> bool:
    """Say whether a value is random beyond doubt, whatever its symbols could mean in some language."""
    shape, different = shape_of(value), set(value)
    if shape.length < _DENSE or shape.digits <= 1 or different & {" ", "\\"} or "..." in value or "a-z" in value:
        return False
    solid = shape.letters + shape.digits >= _DENSE_SHARE * shape.length
    varied = len(different) >= _DENSE_SHARE * min(shape.length, _DENSE_SAMPLE)
    return solid and varied and shape.wordy < _DENSE_WORDS
