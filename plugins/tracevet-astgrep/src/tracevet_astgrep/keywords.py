"""Which words a text must hold, one of them at least, before a rule is worth trying."""

import re
from collections.abc import Mapping
from typing import Any

Words = frozenset[str] | None  # None: nothing can be said

_META = re.compile(r"\$+[A-Z_][A-Z0-9_]*|\$\$\$")
_WORD = re.compile(r"\w{2,}")
_PLAIN = re.compile(r"[\w .\\:>-]+\Z")
_GROUP = re.compile(r"(.*?)\((?:\?:)?([\w|.\\ ]+)\)(.*)\Z", re.DOTALL)


def words_of(rule: Mapping[str, Any], constraints: Mapping[str, Any]) -> Words:
    """Give words, in lower case, one of which stands in every text that the rule can match."""
    return _of_rule(rule, constraints)


def _of_rule(rule: Mapping[str, Any], constraints: Mapping[str, Any]) -> Words:
    return _best([_of_part(key, value, constraints) for key, value in rule.items()])


def _of_part(key: str, value: Any, constraints: Mapping[str, Any]) -> Words:
    if key == "pattern":
        return _of_pattern(value if isinstance(value, str) else str(value.get("context", "")), constraints)
    if key == "regex":
        return _of_regex(str(value))
    if key in {"has", "inside", "follows", "precedes"}:
        return _of_rule(value, constraints)
    if key == "all":
        return _best([_of_rule(each, constraints) for each in value])
    if key == "any":
        return _union([_of_rule(each, constraints) for each in value])
    return None


def _of_pattern(pattern: str, constraints: Mapping[str, Any]) -> Words:
    """Use the pattern's own words, or those of the constraints on its metavariables."""
    words = _WORD.findall(_META.sub(" ", pattern))
    own = frozenset({max(words, key=len).lower()}) if words else None
    names = set(re.findall(r"\$([A-Z][A-Z0-9_]*)", pattern))
    return _best([own, *(_of_rule(constraints[name], {}) for name in sorted(names & constraints.keys()))])


def _of_regex(regex: str) -> Words:
    """Read the simplest regexes only: plain words, and one group of alternatives among them."""
    bare = regex.removeprefix("(?i)").removeprefix("(^|\\.)").removeprefix("^").removesuffix("$")
    if "|" not in bare and _PLAIN.match(bare):
        return _literal(bare)
    group = _GROUP.match(bare)
    if group is None or any("|" in part for part in (group[1], group[3])) or group[3][:1] in {"?", "*"}:
        return None
    return _union([_literal(each) for each in group[2].split("|")])


def _literal(text: str) -> Words:
    if re.search(r"\\[a-zA-Z]", text):
        return None
    words = _WORD.findall(text.replace("\\", "").replace(".", " "))
    return frozenset({max(words, key=len).lower()}) if words else None


def _union(sets: list[Words]) -> Words:
    known = [words for words in sets if words]
    return frozenset().union(*known) if known and len(known) == len(sets) else None


def _best(sets: list[Words]) -> Words:
    known = [words for words in sets if words]
    return max(known, key=lambda words: min(len(word) for word in words), default=None)
