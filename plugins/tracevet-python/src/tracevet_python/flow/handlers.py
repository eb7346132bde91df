"""What is weak about a handler as a whole: no authentication, no protection against forged requests."""

import ast
import re
from collections.abc import Iterator

from tracevet_python.flow.machine import Function, Hit

_SERIOUS = re.compile(
    r"(?:^|_)(?:delete|remove|admin|transfer|reset|promote|drop|grant|ban|shutdown|withdraw|refund|update_user|change_password|all_users|list_users|update_role)(?:_|$)",
    re.I,
)
_CARES = re.compile(
    r"auth|login|current_user|session|token|permission|require|user_id|jwt|admin_only|is_admin|is_staff|has_perm|api_key|verify|role|protect|secure|limit|check|g$|identity|abort_if",
    re.I,
)


def of_handler(function: Function, web: str) -> Iterator[Hit]:
    """Judge a handler by its decorators, name and the names it uses."""
    node = function.node
    decorators = [_last(each) for each in node.decorator_list]
    if "csrf_exempt" in decorators or "exempt" in decorators:
        yield Hit("csrf-off", node.decorator_list[0])
    if web in {"flask", "fastapi"} and _SERIOUS.search(node.name) and not _cares(node):
        yield Hit("missing-authentication", node.decorator_list[0] if node.decorator_list else node)


def _cares(node: ast.AST) -> bool:
    """Tell whether a handler names anything that has to do with who is asking."""
    name = getattr(node, "name", "")
    names = (getattr(each, "id", getattr(each, "attr", getattr(each, "arg", ""))) for each in ast.walk(node))
    return any(isinstance(each, str) and each != name and _CARES.search(each) for each in names)


def _last(decorator: ast.AST) -> str:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
