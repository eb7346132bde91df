"""The assignment model: a name that promises a secret, and a value that keeps the promise."""

import re
from collections.abc import Iterator

from tracevet import Confidence
from tracevet_secrets.context import graded_down
from tracevet_secrets.engine import Match, compile_pattern
from tracevet_secrets.forms import ASSIGNED, DIRECTIVE, ELEMENT, ENTRY, OTHERS, TABLE, Assigned
from tracevet_secrets.literals import Literal, bare_at, content_at, literal_at, nth_literal_at
from tracevet_secrets.names import Kind, kind_of
from tracevet_secrets.placeholders import is_redaction
from tracevet_secrets.rule import Hit
from tracevet_secrets.rules.generic import BY_KIND, REDACTED
from tracevet_secrets.values import judge, judge_bare

_SETTER = re.compile(
    r"(?:.*\.)?(?:(?:set|with|use|add)_?[A-Z_a-z]\w*|(?<=\.)(?!get|is|has|check|verify|hash|make|new|find|compare)\w+)",
    re.I,
)
_ARGUMENT_END = re.compile(rb"\\?[\"'`]+\s*\)")
_PAIR_END = re.compile(rb"\\?[\"'`]+\s*[)\]}]")
_PROSE = "text"


class Assignments:
    """Finds secrets by the names that they are given."""

    def __init__(self) -> None:
        """Compile the forms."""
        self._assigned = compile_pattern(ASSIGNED)
        self._others = compile_pattern(OTHERS)

    def find(self, data: bytes, language: str) -> Iterator[Hit]:
        """Yield what is assigned to secret-like names, form by form; some may overlap."""
        for match in self._assigned.finditer(data):
            yield from _read_assigned(data, match, language)
        for match in self._others.finditer(data):
            yield from _read_other(data, match, language)


def _read_assigned(data: bytes, match: Match, language: str) -> Iterator[Hit]:
    found = Assigned.of(data, match)
    name = found.name.decode("latin-1")
    kind = kind_of(name)
    if kind is None or not found.is_possible(data):
        return
    value = _value_of(data, found, name, language)
    if value is None:
        return
    weak = found.is_weak(data)
    for hit in _grade(data, name, kind, value, prose=language == _PROSE, weak=weak):
        if not (weak and found.operator == b"," and hit.confidence is Confidence.LOW):
            yield hit


def _value_of(data: bytes, found: Assigned, name: str, language: str) -> Literal | None:
    literal = nth_literal_at(data, found.value, found.names_before(data))
    if found.operator == b",":
        return literal if literal and _PAIR_END.match(literal.after) else None
    if found.operator == b"(":
        return literal if literal and _ARGUMENT_END.match(literal.after) and _is_setter(name) else None
    if literal or found.lines:
        return literal
    return bare_at(data, found.start - found.key, found.value, language)


def _is_setter(name: str) -> bool:
    """Say whether a call of this name takes the secret that it names: `setPassword(…)`, `builder.token(…)`."""
    return bool(_SETTER.fullmatch(name)) and kind_of(name.rsplit(".", 1)[-1]) is not None


def _read_other(data: bytes, match: Match, language: str) -> Iterator[Hit]:
    form = next(group for group in range(1, ELEMENT + 1) if match.span(group) != (-1, -1))
    start, end = match.span(form)
    name = data[max(start, end - 100) : end].decode("latin-1")
    kind = kind_of(name)
    if kind is None:
        return
    pos = match.span()[1] - (form == DIRECTIVE)
    value = literal_at(data, pos) or (content_at(data, pos) if form >= ENTRY else bare_at(data, start, pos, ""))
    if value is not None:
        yield from _grade(data, name, kind, value, prose=language == _PROSE, weak=form in {DIRECTIVE, TABLE})


def _grade(data: bytes, name: str, kind: Kind, value: Literal, *, prose: bool, weak: bool) -> Iterator[Hit]:
    text = data[value.start : value.end].decode("utf-8", "replace")
    if value.quoted and is_redaction(text):
        yield Hit(value.start, value.end, REDACTED, Confidence.MEDIUM)
    elif _is_name(text, name, weak=weak):
        return
    elif confidence := _judge(text, kind, value, prose=prose, weak=weak):
        yield Hit(value.start, value.end, BY_KIND[kind], graded_down(confidence, data, value.start, value.end))


def _judge(text: str, kind: Kind, value: Literal, *, prose: bool, weak: bool) -> Confidence | None:
    if value.quoted:
        return judge(text, kind, strict=weak)
    return judge_bare(text, kind, alone=value.alone, prose=weak or prose)


def _is_name(text: str, name: str, *, weak: bool) -> bool:
    """Say whether a value only repeats the name, or is the next name of a list."""
    return text.lower() == name.lower() or (weak and text.replace("_", "").isalnum() and kind_of(text) is not None)
