"""What is asked of a file before it is opened may no longer hold when it is."""

import ast
from collections.abc import Iterator

from tracevet_python.flow.machine import Hit

_OPENERS = frozenset({"open", "remove", "unlink", "chmod", "rename"})
_CAP = 400  # nodes of a condition and of what follows it


def of_condition(node: ast.If) -> Iterator[Hit]:
    """Judge an `if os.access(path, …)` by what is opened below it."""
    asked = {_name(call.args[0]) for call in _calls([node.test]) if _last(call) == "access" and call.args} - {""}
    if not asked:
        return
    for call in _calls([*node.body, *node.orelse]):
        if (
            _last(call) in {"open", "remove", "unlink", "chmod", "rename"}
            and call.args
            and _name(call.args[0]) in asked
        ):
            yield Hit("access-race", call)


def _calls(nodes: list[ast.stmt] | list[ast.expr]) -> Iterator[ast.Call]:
    left = _CAP
    for node in nodes:
        for each in ast.walk(node):
            left -= 1
            if left < 0:
                return
            if isinstance(each, ast.Call):
                yield each


def _last(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _name(node: ast.AST) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return f"{_name(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ""
