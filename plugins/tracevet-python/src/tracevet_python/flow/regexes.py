"""Which regular expressions can take exponential time."""

# ruff: noqa: E501  # rows, patterns and code under test read best on one line

import re
from functools import lru_cache
from typing import Any

_LENGTH = 400  # characters; longer patterns are not looked at
_UNBOUNDED = 20  # repetitions that count as no bound
_QUICK = re.compile(r"[+*}]\)?.*\)[+*{]|\)[+*{]")
_NODES = 2_000


@lru_cache(maxsize=512)
def is_catastrophic(pattern: str) -> bool:
    """Tell whether a repeated group can match the same text in several ways: it ends and begins with a repetition."""
    if len(pattern) > _LENGTH or not _QUICK.search(pattern):
        return False
    from re import _parser  # type: ignore[attr-defined]  # the parser of `re`; there is no public one

    try:
        tree = _parser.parse(pattern)
    except Exception:  # whatever is wrong with a hostile pattern, it is no finding
        return False
    return _search(tree)


def _search(tree: Any) -> bool:
    stack, seen = [tree], 0
    while stack and seen < _NODES:
        for name, argument in stack.pop():
            seen += 1
            if str(name) in {"MAX_REPEAT", "MIN_REPEAT"}:
                if argument[1] > _UNBOUNDED and _is_ambiguous(argument[2]):
                    return True
                stack.append(argument[2])
            else:
                stack += _inner(str(name), argument)
    return False


def _inner(name: str, argument: Any) -> list[Any]:
    if name == "SUBPATTERN":
        return [argument[-1]]
    if name == "BRANCH":
        return list(argument[1])
    return [argument[1]] if name in {"ASSERT", "ASSERT_NOT"} else []


def _is_ambiguous(body: Any) -> bool:
    """Tell whether what is repeated can be cut in several ways: one part without bound, all others optional or alike."""
    items = _flat(body)
    if len(items) == 1 and str(items[0][0]) == "BRANCH":
        first = [_first(branch) for branch in items[0][1][1]]
        return any(one & other for index, one in enumerate(first) for other in first[index + 1 :]) or any(
            _is_ambiguous(branch) for branch in items[0][1][1]
        )
    loops = [each for each in items if str(each[0]).endswith("REPEAT") and each[1][1] > _UNBOUNDED]
    if not loops:
        return False
    inside = _characters(loops[0][1][2])
    others = [each for each in items if each is not loops[0]]
    return all(_optional(each) or bool(_characters([each]) & inside) for each in others)


def _flat(body: Any) -> list[Any]:
    items = list(body)
    while len(items) == 1 and str(items[0][0]) == "SUBPATTERN":
        items = list(items[0][1][-1])
    return items


def _optional(item: Any) -> bool:
    return (str(item[0]).endswith("REPEAT") and item[1][0] == 0) or str(item[0]) == "AT"


def _first(body: Any) -> frozenset[str]:
    """Give a sample of the characters that a branch may begin with."""
    for item in _flat(body):
        if str(item[0]) not in {"AT", "ASSERT", "ASSERT_NOT"}:
            return _characters([item]) if str(item[0]) != "SUBPATTERN" else _first(item[1][-1])
    return frozenset()


def _characters(items: Any, depth: int = 6) -> frozenset[str]:
    """Give a sample of the characters that may be matched."""
    found: set[str] = set()
    for name, argument in items:
        kind = str(name)
        if kind == "LITERAL":
            found.add(chr(argument))
        elif kind == "ANY":
            found |= set(_SAMPLE)
        elif kind == "NOT_LITERAL":
            found |= set(_SAMPLE) - {chr(argument)}
        elif kind == "IN":
            found |= _set(argument)
        elif kind.endswith("REPEAT") and depth:
            found |= _characters(argument[2], depth - 1)
        elif depth:
            for inner in _inner(kind, argument):
                found |= _characters(inner, depth - 1)
    return frozenset(found)


_SAMPLE = "aZ0_ -.@/:,\n"
_CLASSES = {
    "CATEGORY_WORD": "aZ0_",
    "CATEGORY_DIGIT": "0",
    "CATEGORY_SPACE": " \n",
    "CATEGORY_NOT_WORD": " -.@/:,\n",
    "CATEGORY_NOT_SPACE": "aZ0_-.@/:,",
    "CATEGORY_NOT_DIGIT": "aZ_ -.@/:,\n",
}


def _set(argument: Any) -> set[str]:
    found: set[str] = set()
    for name, value in argument:
        kind = str(name)
        if kind == "LITERAL":
            found.add(chr(value))
        elif kind == "RANGE":
            found |= {each for each in _SAMPLE if value[0] <= ord(each) <= value[1]}
        elif kind == "CATEGORY":
            found |= set(_CLASSES.get(str(value), ""))
    negated = any(str(name) == "NEGATE" for name, _ in argument)
    return set(_SAMPLE) - found if negated else found
