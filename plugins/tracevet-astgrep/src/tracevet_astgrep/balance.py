"""Repair what a cut leaves open: brackets without a partner, and a string that never ends."""

import re
from functools import cache

from tracevet_astgrep.languages import Language

_CLOSER = {"(": ")", "[": "]", "{": "}"}
_OPENER = {closer: opener for opener, closer in _CLOSER.items()}


def balanced(text: str, language: Language) -> tuple[str, str]:
    """Blank closing brackets that nothing opened; give the text, of the same length, and what closes the rest."""
    chars = list(text)
    open_: list[int] = []
    for match in _tokens(language).finditer(text):
        token, start = match[0], match.start()
        if token in _CLOSER:
            open_.append(start)
        elif token in _OPENER:
            _close(chars, open_, token, start)
    return "".join(chars), "".join(_CLOSER[chars[at]] for at in reversed(open_))


def depth(text: str, language: Language) -> int:
    """Give the depth to which brackets nest, strings and comments aside."""
    level = deepest = 0
    for match in _tokens(language).finditer(text):
        if match[0] in _CLOSER:
            level += 1
            deepest = max(deepest, level)
        elif match[0] in _OPENER:
            level = max(0, level - 1)
    return deepest


def _close(chars: list[str], open_: list[int], closer: str, at: int) -> None:
    """Pair a closer with its opener; openers left between the two are blanked, as they can't be meant."""
    near = open_[-20:]
    partner = next((n for n in range(len(near) - 1, -1, -1) if chars[near[n]] == _OPENER[closer]), None)
    if partner is None:
        chars[at] = " "
        if chars[at + 1 : at + 2] in ([";"], [","]):  # it ended what the bracket closed
            chars[at + 1] = " "
        return
    for lost in near[partner + 1 :]:
        chars[lost] = " "
    del open_[len(open_) - len(near) + partner :]


@cache
def _tokens(language: Language) -> re.Pattern[str]:
    comments = [rf"{re.escape(mark)}[^\n]*" for mark in language.line_comments]
    blocks = [rf"{re.escape(a)}[\s\S]*?(?:{re.escape(b)}|\Z)" for a, b in language.block_comments]
    strings = [_string(quote) for quote in language.quotes]
    return re.compile("|".join((*comments, *blocks, *strings, r"[(){}\[\]]")))


def _string(quote: str) -> str:
    inner = rf"[^{quote}\\]" if quote == "`" else rf"[^{quote}\\\n]"
    return rf"{quote}(?:\\[\s\S]|{inner})*+(?:{quote}|(?=\n)|\Z)"
