"""Find many pieces of code in many files by their normal form."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from tracevet.repository.tokens import ANY, NAME, Token, hashes, masked, normal, raw, span, tokens

ENOUGH = 7  # tokens that tell code from other code
TELLING = 3  # words in them that say something: in texts, and names that can't be chosen freely
SHORTEST = 4  # characters of a word by which files are looked up
BETWEEN = "\x00"
_WORD = re.compile(r"\w{4,}")
_SAYING = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Needle:
    """A piece of code to look for."""

    name: str  # the caller's
    code: tuple[str, ...]  # tokens as they are written
    form: tuple[str, ...]  # the same in the normal form; ANY fits one token, or a part of a text
    words: frozenset[str]  # that a file with it must have
    file: str  # its file's name without the directories; "" is unknown

    @property
    def sure(self) -> bool:
        """Tell whether it is long enough to be known wherever it stands."""
        telling = {word for token in self.form for word in _SAYING.findall(token)}
        return len(self.form) >= ENOUGH and len(telling) >= TELLING and bool(self.words)

    @classmethod
    def of(cls, name: str, evidence: str, *, language: str = "", path: str | None = None) -> "Needle":
        """Make a needle of a violation's evidence; where it was cut, the token at the cut does not count."""
        text, _ = masked(evidence)
        parts = tokens(text.strip("…"), hashed=hashes(path, language))
        if text.endswith("…"):
            parts = parts[:-1]
        if text.startswith("…"):
            parts = parts[1:]
        form = tuple(_with_masks(parts))
        file = PurePosixPath((path or "").replace("\\", "/")).name
        return cls(name=name, code=tuple(part.raw for part in parts), form=form, words=_words(form), file=file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A needle, and the lines of a text on which it was found."""

    needle: Needle
    line: int  # 1-based
    last: int  # inclusive


@dataclass(slots=True)
class Needles:
    """All that is looked for, so that one look at a file is enough."""

    all: tuple[Needle, ...]
    by_word: dict[str, list[Needle]] = field(init=False)
    by_file: dict[str, list[Needle]] = field(init=False)

    def __post_init__(self) -> None:
        """Sort by what files are asked for first: a rare word, or, for what is short, the file's own name."""
        self.by_word, self.by_file = {}, {}
        for needle in self.all:
            if needle.sure:
                self.by_word.setdefault(max(needle.words, key=_rarity), []).append(needle)
            elif needle.form and needle.file:
                self.by_file.setdefault(needle.file, []).append(needle)

    def find(self, text: str, path: str) -> Iterator[Hit]:
        """Yield what stands in a text, each needle once; what is too short to be sure only in a file of its name."""
        words = set(_WORD.findall(text))
        found = (needle for word in self.by_word.keys() & words for needle in self.by_word[word])
        wanted = [needle for needle in found if needle.words <= words]
        wanted += self.by_file.get(PurePosixPath(path).name, ())
        if not wanted:
            return
        hashed = hashes(path)
        written = raw(text, hashed=hashed)
        form = normal(written)
        joined = BETWEEN + BETWEEN.join(form) + BETWEEN
        for needle in wanted:
            at = _stands(needle, written, form, joined)
            if at is not None:
                start, end = span(text, at, at + len(needle.form) - 1, hashed=hashed)
                line = text.count("\n", 0, start) + 1
                yield Hit(needle=needle, line=line, last=line + text.count("\n", start, end - 1))


def _stands(needle: Needle, written: Sequence[str], form: Sequence[str], joined: str) -> int | None:
    """Give the number of the first token of the first place where the needle stands."""
    for at in _candidates(needle, form, joined):
        if _renamed_alike(needle, written[at : at + len(needle.form)]):
            return at
    return None


def _candidates(needle: Needle, form: Sequence[str], joined: str) -> Iterator[int]:
    if not any(ANY in token for token in needle.form):
        wanted = BETWEEN + BETWEEN.join(needle.form) + BETWEEN
        found = joined.find(wanted)
        while found >= 0:
            yield joined.count(BETWEEN, 0, found)
            found = joined.find(wanted, found + 1)
        return
    for at in range(len(form) - len(needle.form) + 1):
        if all(map(_fits, needle.form, form[at : at + len(needle.form)])):
            yield at


def _fits(wanted: str, token: str) -> bool:
    if ANY not in wanted:
        return wanted == token
    pieces = wanted.split(ANY)
    if not (token.startswith(pieces[0]) and token.endswith(pieces[-1])):
        return False
    at = len(pieces[0])
    for piece in pieces[1:-1]:
        at = token.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return at + len(pieces[-1]) <= len(token)


def _renamed_alike(needle: Needle, written: Sequence[str]) -> bool:
    """Tell whether free names differ only as if each had been renamed everywhere."""
    there: dict[str, str] = {}
    back: dict[str, str] = {}
    for form, wanted, token in zip(needle.form, needle.code, written, strict=True):
        if form == NAME and (there.setdefault(wanted, token) != token or back.setdefault(token, wanted) != wanted):
            return False
    return True


def _with_masks(parts: Iterable[Token]) -> Iterator[str]:
    for part in parts:
        yield ANY if part.raw == ANY else part.normal


def _rarity(word: str) -> tuple[int, str]:
    """Order words by how few files have them, roughly."""
    return len(word), word


def _words(form: Iterable[str]) -> frozenset[str]:
    """Find the words that every file with this code has; a mask's surroundings are no whole words."""
    words: set[str] = set()
    for token in form:
        parts = token.split(ANY)
        clean = [part for number, part in enumerate(parts) if len(parts) == 1 or 0 < number < len(parts) - 1]
        for part in clean:
            words.update(_WORD.findall(part.replace("{}", " ")) if "\\" not in part else ())
    return frozenset(words)
