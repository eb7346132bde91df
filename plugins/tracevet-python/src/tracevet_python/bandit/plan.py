"""Which checks see which nodes, told from names where a check's gate allows it."""

import ast
from collections.abc import Callable, Iterator
from typing import Any

from tracevet_python.bandit.checks import Check
from tracevet_python.bandit.engine import Engine

_CACHE = 10_000  # names of calls and arguments whose checks are remembered
_LEAVES = frozenset({"ctx", "op", "ops"})  # fields whose nodes have no place and no parent


class Plan:
    """Which checks see which nodes; the same for all snippets."""

    def __init__(self, engine: Engine, checks: tuple[Check, ...]) -> None:
        """Sort the checks by what they look at."""
        self.engine = engine
        self._by_kind: dict[str, list[Check]] = {}
        for check in checks:
            for kind in check.kinds:
                self._by_kind.setdefault(kind, []).append(check)
        self._by_name: dict[str, tuple[Check, ...]] = {}
        self._by_keyword: dict[str, tuple[Check, ...]] = {}
        self._fields: dict[type[ast.AST], tuple[str, ...]] = {}

    def of_kind(self, kind: str) -> list[Check]:
        """Give the checks of one type of node."""
        return self._by_kind.get(kind, [])

    def of_call(self, name: str, keywords: list[ast.keyword]) -> tuple[Check, ...]:
        """Give the checks that a call's names let pass, in a fixed order."""
        found = self._by_name.get(name)
        if found is None:
            found = self._remember(self._by_name, name, lambda gate: gate.name(name), ungated=True)
        for keyword in keywords:
            if keyword.arg is not None:
                found = self._add(found, keyword.arg)
        return found

    def fields(self, kind: type[ast.AST]) -> tuple[str, ...]:
        """Give the fields of a node type whose nodes are visited, in bandit's order."""
        known = self._fields.get(kind)
        if known is None:
            wanted = any(self.of_kind(leaf.__name__) for leaf in _leaf_types())
            known = tuple(name for name in kind._fields if wanted or name not in _LEAVES)
            self._fields[kind] = known
        return known

    def _add(self, found: tuple[Check, ...], keyword: str) -> tuple[Check, ...]:
        more = self._by_keyword.get(keyword)
        if more is None:
            more = self._remember(self._by_keyword, keyword, lambda gate: gate.keyword(keyword), ungated=False)
        return (*found, *(check for check in more if check not in found)) if more else found

    def _remember(
        self, cache: dict[str, tuple[Check, ...]], key: str, passes: Callable[[Any], object], *, ungated: bool
    ) -> tuple[Check, ...]:
        if len(cache) >= _CACHE:
            cache.clear()
        checks = self.of_kind("Call")
        found = tuple(check for check in checks if (passes(check.call_gate) if check.call_gate else ungated))
        cache[key] = found
        return found


def _leaf_types() -> Iterator[type[ast.AST]]:
    for base in (ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop):
        yield base
        yield from base.__subclasses__()
