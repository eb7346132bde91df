"""What holds at one point of a run: variables, fields of objects, and what conditions have proven."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from tracevet_python.flow.values import Value, join, same

_K = TypeVar("_K")
Proven = Mapping[str, frozenset[str]]  # Taint.source -> families that a check on the way has ruled out
Fields = dict[tuple[int, str], Value]  # (object, attribute) -> value


@dataclass(slots=True, eq=False)
class Scope:
    """The variables of a module, class or function, inside those of another."""

    variables: dict[str, Value] = field(default_factory=dict)
    parent: "Scope | None" = None
    is_class: bool = False
    globals: set[str] = field(default_factory=set)  # names that belong to an outer scope here

    def find(self, name: str) -> Value | None:
        """Look a name up, as Python does from inside this scope."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.variables and (scope is self or not scope.is_class):
                return scope.variables[name]
            scope = scope.parent
        return None

    def outer(self, name: str) -> "Scope":
        """Give the scope that holds a name declared global or nonlocal; the module's when none does yet."""
        scope = self
        while scope.parent is not None:
            scope = scope.parent
            if name in scope.variables and not scope.is_class:
                return scope
        return scope


@dataclass(frozen=True, slots=True)
class Point:
    """A copy of all that holds at one point."""

    variables: dict[str, Value]
    fields: Fields
    proven: Proven


def join_points(one: Point, other: Point) -> Point:
    """Give what holds after either of two ways."""
    return Point(
        variables=_join(one.variables, other.variables),
        fields=_join(one.fields, other.fields),
        proven=_join_proven(one.proven, other.proven),
    )


def same_points(one: Point, other: Point) -> bool:
    """Tell whether two points hold the same."""
    return one.variables.keys() == other.variables.keys() and all(
        same(value, other.variables[name]) for name, value in one.variables.items()
    )


def _join(one: dict[_K, Value], other: dict[_K, Value]) -> dict[_K, Value]:
    if one is other or one == other:  # values are equal only where they are the same: quick, and mostly so
        return one
    joined = dict(one)
    for key, value in other.items():
        mine = joined.get(key)
        if mine is not value:
            joined[key] = value if mine is None else join(mine, value)
    return joined


def _join_proven(one: Proven, other: Proven) -> Proven:
    if one is other:
        return one
    both = {source: one[source] & other[source] for source in one if source in other}
    return {source: families for source, families in both.items() if families}
