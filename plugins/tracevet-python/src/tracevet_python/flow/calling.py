"""One call: what is called, on what, with what."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracevet_python.flow.values import UNSET, Value


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """A call with its arguments evaluated."""

    node: ast.Call
    name: str  # dotted, through imports: "sqlite3.connect().cursor().execute"
    arguments: tuple[Value, ...]
    named: Mapping[str, Value]  # by keyword; "**" for what is spread
    receiver: Value | None = None  # what the method is called on

    @property
    def last(self) -> str:
        """The name without what it is called on."""
        return self.name.rsplit(".", 1)[-1]

    def get(self, place: int | None, *names: str) -> Value | None:
        """Give the argument at a place or under one of the names."""
        if place is not None and place < len(self.arguments):
            return self.arguments[place]
        return next((self.named[name] for name in names if name in self.named), None)

    def const(self, place: int | None, *names: str) -> Any:
        """Give an argument's constant; UNSET without one."""
        value = self.get(place, *names)
        return UNSET if value is None else value.const

    def node_of(self, place: int | None, *names: str) -> ast.AST | None:
        """Give the expression that stands for an argument."""
        if place is not None and place < len(self.node.args):
            return self.node.args[place]
        return next((each.value for each in self.node.keywords if each.arg in names), None)
