"""Literals that stand where a password would: what bandit reports as B105, B106 and B107, and a little more.

Used to mask evidence, and to tell cheaply where those checks have nothing to look at.
"""

import ast
import re
from collections.abc import Callable
from typing import Any

from tracevet_python.bandit.nodes import parent_of, text_of

NAME = re.compile("pas|pwd|token|secret", re.IGNORECASE)  # matches wherever bandit's own pattern does


def password_at(node: ast.Constant) -> ast.Constant | None:
    """Give the literal that the string `node` makes a password: itself, or the one that it names as key."""
    parent = parent_of(node)
    find = _BY_PARENT.get(type(parent))
    return find(node, parent) if find else None


def is_secret(literal: ast.Constant) -> bool:
    """Tell whether there is anything to hide in a literal: nothing in None, True, False and empty strings."""
    return literal.value not in (None, True, False, "", b"")


def _assigned(node: ast.Constant, parent: Any) -> ast.Constant | None:
    targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
    return node if any(map(_is_password, targets)) else None


def _of_key(node: ast.Constant, parent: ast.Dict) -> ast.Constant | None:
    if not NAME.search(text_of(node)):
        return None
    value = next((value for key, value in zip(parent.keys, parent.values, strict=True) if key is node), None)
    return value if isinstance(value, ast.Constant) else None


def _of_index(node: ast.Constant, parent: ast.Subscript) -> ast.Constant | None:
    statement = parent_of(parent)
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant) and NAME.search(text_of(node)):
        return statement.value
    return None


def _compared(_node: ast.Constant, parent: ast.Compare) -> ast.Constant | None:
    first = parent.comparators[0]
    return first if _is_password(parent.left) and isinstance(first, ast.Constant) else None


def _passed(node: ast.Constant, parent: ast.keyword) -> ast.Constant | None:
    return node if parent.arg and NAME.search(parent.arg) else None


def _default(node: ast.Constant, parent: ast.arguments) -> ast.Constant | None:
    positional = [*parent.posonlyargs, *parent.args]
    named = [*zip(reversed(positional), reversed(parent.defaults)), *zip(parent.kwonlyargs, parent.kw_defaults)]  # noqa: B905  # arguments without defaults are left out
    return next((node for arg, value in named if value is node and NAME.search(arg.arg)), None)


def _is_password(target: ast.expr) -> bool:
    name = getattr(target, "id", None) or getattr(target, "attr", None)
    return isinstance(name, str) and bool(NAME.search(name))


_BY_PARENT: dict[type[ast.AST], Callable[[ast.Constant, Any], ast.Constant | None]] = {
    ast.Assign: _assigned,
    ast.AnnAssign: _assigned,
    ast.Dict: _of_key,
    ast.Subscript: _of_index,
    ast.Compare: _compared,
    ast.keyword: _passed,
    ast.arguments: _default,
}
