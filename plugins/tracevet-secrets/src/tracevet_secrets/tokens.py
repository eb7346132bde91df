"""The rule table at work: one pass over the text for all keywords, then the rules of those that stand there."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from tracevet import Confidence
from tracevet_secrets.context import graded_down
from tracevet_secrets.engine import Regex, compile_pattern
from tracevet_secrets.placeholders import has_typed_run, is_filler_token
from tracevet_secrets.rule import Hit, Rule

_FORMAT = 2  # the rank from which on a rule is some provider's format
_ESCAPES = (b"\\n", b"\\r", b"\\t", b"\\b", b"\\f")  # in JSON inside a string: no part of the word that follows
_WORD = re.compile(rb"\w")
_CACHED = 4096  # spellings of keywords


class Tokens:
    """Finds secrets by their own form, wherever they stand."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Compile the rules that have keywords."""
        self._rules = [
            (rule, compile_pattern(rule.pattern) if rule.pattern else None) for rule in rules if rule.keywords
        ]
        self._gate = compile_pattern(_gate(rule for rule, _ in self._rules))
        self._at = lru_cache(maxsize=_CACHED)(self._rules_at)

    def find(self, data: bytes) -> Iterator[Hit]:
        """Yield what the rules match, left to right by keyword; some may overlap."""
        match = self._gate.search(data, 0)
        while match:
            start, end = match.span()
            for rule, regex in self._at(data[start:end]):
                if hit := _try(data, start, end, rule, regex):
                    yield hit
            match = self._gate.search(data, start + 1)

    def _rules_at(self, found: bytes) -> tuple[tuple[Rule, Regex | None], ...]:
        """Give the rules of every keyword that begins where `found` does: the longest hides the others."""
        text = found.decode("latin-1")
        return tuple(
            (rule, regex)
            for rule, regex in self._rules
            if any(
                (text.lower() if rule.fold else text).startswith(keyword.lower() if rule.fold else keyword)
                for keyword in rule.keywords
            )
        )


def _gate(rules: Iterable[Rule]) -> str:
    words = {(keyword, rule.fold) for rule in rules for keyword in rule.keywords}
    longest_first = sorted(words, key=lambda word: (-len(word[0]), word))
    return "|".join(f"(?i:{re.escape(word)})" if fold else re.escape(word) for word, fold in longest_first)


def _try(data: bytes, start: int, end: int, rule: Rule, regex: Regex | None) -> Hit | None:
    if not rule.joined and start and _WORD.match(data, start - 1) and data[start - 2 : start] not in _ESCAPES:
        return None
    span = _span(data, start, end, rule, regex)
    if span is None:
        return None
    text = data[slice(*span)].decode("utf-8", "replace")
    confidence = _confidence(text, rule)
    if confidence is None:
        return None
    return Hit(*span, rule, graded_down(confidence, data, *span) if rule.rank < _FORMAT else confidence)


def _span(data: bytes, start: int, end: int, rule: Rule, regex: Regex | None) -> tuple[int, int] | None:
    if rule.locate:
        return rule.locate(data, start)
    assert regex is not None  # noqa: S101  a rule without `locate` has a pattern: the table's test holds it
    stop = min(len(data), end + rule.reach)
    match = regex.search(data, max(0, start - rule.back), stop) if rule.back else regex.match(data, start, stop)
    if match is None:
        return None
    groups = (match.span(group) for group in range(1, regex.groups + 1))
    return next((span for span in groups if span != (-1, -1)), None)


def _confidence(text: str, rule: Rule) -> Confidence | None:
    if rule.rank >= _FORMAT and is_filler_token(text):
        return None
    graded = rule.grade(text) if rule.grade else rule.confidence
    if graded is None:
        return None
    if rule.rank >= _FORMAT and rule.locate is None and has_typed_run(text):
        return Confidence.LOW
    return min(graded, rule.confidence, key=lambda each: each.rank)
