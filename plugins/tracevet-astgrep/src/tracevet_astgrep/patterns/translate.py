"""From a policy's pattern to the checks that this distribution's own rules are made of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracevet import ConfigError, Pattern, PatternKind, Severity
from tracevet_astgrep.languages import LANGUAGES, Language
from tracevet_astgrep.load import Check, prepare
from tracevet_astgrep.patterns.banned import CALLS, IMPORTS, METHODS, called, imported
from tracevet_astgrep.regex import found_by
from tracevet_astgrep.rule import Rule

_EVERYWHERE = ("",)  # as keywords: every text holds it


@dataclass(frozen=True, slots=True)
class Checks:
    """Checks by language, "" being each language; `plain` ones look at the text alone, and need no tree."""

    plain: Mapping[str, tuple[Check, ...]] = field(default_factory=dict)
    tree: Mapping[str, tuple[Check, ...]] = field(default_factory=dict)


def translate(name: str, pattern: Pattern) -> Checks:
    """Make a pattern ready, and try it once in each of its languages.

    Raises:
        ConfigError: it can't be read; the text names its place, its policy and itself.
    """
    try:
        return _checks(name, pattern)
    except (ConfigError, ValueError) as error:
        policy, _, id_ = name.rpartition(".")
        place = f"{pattern.place}: " if pattern.place else ""
        reason = str(error).removeprefix(f"rule {name!r}: ")
        raise ConfigError(f"{place}policy {policy!r}, pattern {id_!r}: {reason}") from None


def _checks(name: str, pattern: Pattern) -> Checks:
    if pattern.kind is PatternKind.REGEX:
        return _regex(name, pattern)
    known = _readable(pattern)
    if pattern.kind is PatternKind.RULE and not pattern.languages:
        raise ConfigError(f"a rule needs languages; known: {', '.join(sorted(known))}")
    if unknown := sorted(set(pattern.languages) - known):
        raise ConfigError(f"{pattern.kind.value} can't read {unknown[0]!r}; known: {', '.join(sorted(known))}")
    chosen = [language for each, language in LANGUAGES.items() if each in (pattern.languages or known)]
    return Checks(tree={language.name: tuple(_in(name, pattern, language)) for language in chosen})


def _in(name: str, pattern: Pattern, language: Language) -> Iterator[Check]:
    if pattern.kind is PatternKind.RULE:
        parts = {"constraints": pattern.constraints, "utils": pattern.utils}
        yield _prepared(name, pattern, language, rule=pattern.rule, **parts)
        return
    for module in pattern.imports:
        yield _prepared(name, pattern, language, rule=imported(module, language.name))
    for function in pattern.calls:
        for rule, given in called(function, language.name):
            yield _prepared(name, pattern, language, rule=rule, given=given)


def _prepared(name: str, pattern: Pattern, language: Language, **parts: Any) -> Check:
    return prepare(_rule(name, pattern, **parts), language, probe=True)


def _regex(name: str, pattern: Pattern) -> Checks:
    compiled = found_by(pattern.regex)
    if compiled.search(""):
        raise ConfigError("the regex matches the empty text, and so everywhere; it must need a character at least")
    rule = _rule(name, pattern, text=pattern.regex, of=pattern.of, mask=("mask",))
    check = Check(rule=rule, config=None, keywords=_EVERYWHERE, text=compiled, given=None, unless=None)
    found = dict.fromkeys(pattern.languages or ("",), (check,))
    return Checks(plain=found) if pattern.of == "all" else Checks(tree=found)


def _rule(name: str, pattern: Pattern, **parts: Any) -> Rule:
    """Make a rule of a pattern; what a rule of ours must have beyond that, such as two examples, is not asked for."""
    return Rule.model_construct(
        id=name,
        languages=pattern.languages,
        severity=pattern.severity or Severity.MEDIUM,
        confidence=pattern.confidence,
        message=pattern.message,
        fix=pattern.fix,
        keywords=_EVERYWHERE,
        **parts,
    )


def _readable(pattern: Pattern) -> frozenset[str]:
    """Give the languages that a pattern of this kind can be looked for in."""
    if pattern.kind is PatternKind.IMPORTS:
        return frozenset(IMPORTS)
    if pattern.kind is PatternKind.CALLS:
        return frozenset(METHODS if any(name.startswith("*.") for name in pattern.calls) else CALLS)
    return frozenset(name for name, language in LANGUAGES.items() if language.grammar)
