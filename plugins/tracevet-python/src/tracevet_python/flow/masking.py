"""Literals that must not be shown: passwords, tokens and keys, by the names they are given."""

import ast
import re
from collections.abc import Iterator
from typing import Any

_NAME = re.compile(r"pas|pwd|token|secret|key|auth|credential|salt|iv$", re.IGNORECASE)
_ADDRESS = re.compile(r"://[^/\s:@]*:[^/\s@]+@")


def secrets(module: ast.Module) -> Iterator[ast.Constant]:
    """Give the literals of a tree that stand where a secret would, in no order."""
    for node in ast.walk(module):
        for name, value in _pairs(node):
            if isinstance(value, ast.Constant) and isinstance(value.value, str | bytes) and _NAME.search(name):
                yield value
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _ADDRESS.search(node.value):
            yield node


def _pairs(node: Any) -> Iterator[tuple[str, ast.AST | None]]:
    """Give the names that values get in a node."""
    if isinstance(node, ast.keyword):
        yield node.arg or "", node.value
        if node.arg == "auth":
            yield from (("auth", each) for each in getattr(node.value, "elts", ()))
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        for target in getattr(node, "targets", None) or [getattr(node, "target", None)]:
            yield _name(target), node.value
    elif isinstance(node, ast.Dict):
        yield from ((_name(key), value) for key, value in zip(node.keys, node.values, strict=True))
    elif isinstance(node, ast.Compare):
        for each in node.comparators:
            yield _name(node.left), each
            yield _name(each), node.left
    elif isinstance(node, ast.arguments):
        places = [*node.posonlyargs, *node.args]
        yield from ((place.arg, value) for place, value in zip(places[::-1], node.defaults[::-1], strict=False))
        yield from ((place.arg, value) for place, value in zip(node.kwonlyargs, node.kw_defaults, strict=True))


def _name(node: Any) -> str:
    if isinstance(node, ast.Subscript):
        node = node.slice
    if isinstance(node, ast.Constant):
        return str(node.value)[:80]
    return str(getattr(node, "id", getattr(node, "attr", "")))
