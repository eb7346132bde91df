"""What bandit's checks expect to find on a syntax tree: each node knows its parent; calls have names."""

import ast
from collections.abc import Mapping
from typing import Any


def parent_of(node: ast.AST) -> Any:
    """Give the node above, as the walk noted it; the module has none."""
    return getattr(node, "_bandit_parent", None)


def text_of(node: ast.Constant) -> str:
    """Give the text of a string; "" for other constants."""
    return node.value if isinstance(node.value, str) else ""


def call_name(call: ast.Call, aliases: Mapping[str, str]) -> str:
    """Give the dotted name of what is called, imports resolved, as bandit spells it; "" where it has no name.

    A name on something that has none itself starts with a dot: `f().g()` is ".g". Long chains cost no recursion.
    """
    node: ast.expr = call.func
    if type(node) is ast.Name:
        return aliases.get(node.id, node.id)
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.append(node.attr)
        node = node.value
    if names:
        names.append(aliases.get(node.id, node.id) if isinstance(node, ast.Name) else "")
    return ".".join(reversed(names))


def qualified_name(function: ast.FunctionDef) -> str:
    """Give a function's name after those of the functions and classes around it, as bandit spells it."""
    names, node = [function.name], parent_of(function)
    while node is not None:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        node = parent_of(node)
    return "." + ".".join(reversed(names))
