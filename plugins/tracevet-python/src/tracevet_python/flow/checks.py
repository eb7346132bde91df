"""What is weak whatever the data: broken algorithms, keys in the code, checks switched off."""

import ast
import re
from collections.abc import Callable, Iterator

from tracevet_python.flow.calling import Call
from tracevet_python.flow.machine import Hit
from tracevet_python.flow.values import Value

Check = Callable[[Call], Iterator[Hit]]
_CHECKS: dict[str, list[Check]] = {}
PASSWORD = re.compile(r"passw|passwd|\bpwd|passphrase|_pw\b|\bpw\b", re.I)
_PLACEHOLDER = re.compile(
    r"^(?:$|<.*>|\$\{?.*|x+|\*+|\.+|your[-_ ].*|changeme.*|none|null|example.*|test|todo.*|\{.*\}|%.*|env:.*|\s+)$",
    re.I,
)
_SECRET_KEYWORD = re.compile(
    r"^(?:.*_)?(?:password|passwd|pwd|secret|secret_?key|api_?key|auth_?token|access_?token|token|client_secret|aws_secret_access_key|access_key)$",
    re.I,
)


_CODE = 2  # characters; what is no longer is a code or a flag


def on(*names: str) -> Callable[[Check], Check]:
    """Register a check for calls by the last part of their names."""

    def register(check: Check) -> Check:
        for name in names:
            _CHECKS.setdefault(name, []).append(check)
        return check

    return register


def of_call(call: Call) -> Iterator[Hit]:
    """Judge a call by its constants."""
    for check in _CHECKS.get(call.last, ()):
        yield from check(call)
    for name, value in call.named.items():
        if name == "verify" and value.known and value.const is False and is_client(call.name):
            yield Hit("tls-unverified", call.node)
        elif name == "headers" and value.shape == "dict":
            yield from _authorized(call, value)
        elif name == "password" or _SECRET_KEYWORD.match(name):
            yield from _literal(call, name, value)


NAMES = _CHECKS  # the last parts of names that are looked at


def is_client(name: str) -> bool:
    return bool(re.search(r"requests|httpx|session|client|aiohttp|urllib3|hvac|^(?:get|post|put)$", name, re.I))


def is_secret(value: Value) -> bool:
    """Tell whether a value is a constant that may be a password."""
    return (
        value.known
        and isinstance(value.const, str | bytes)
        and not _PLACEHOLDER.match(str(value.text))
        and len(value.const) > _CODE
    )  # shorter ones are codes


def _literal(call: Call, name: str, value: Value) -> Iterator[Hit]:
    if is_secret(value) and call.last not in {
        "dict",
        "getenv",
        "get",
        "Field",
        "Input",
        "Argument",
        "Option",
        "Mock",
        "field",
        "namedtuple",
        "input",
    }:
        node = call.node_of(None, name)
        yield Hit(
            "hardcoded-credentials", call.node, secret=node if isinstance(node, ast.Constant | ast.Name) else None
        )


def _authorized(call: Call, headers: Value) -> Iterator[Hit]:
    for name in ("Authorization", "X-API-Key", "X-Api-Key", "x-api-key"):
        value = headers.fields.get(name)
        if value is not None and is_secret(value) and not re.search(r"[<{$]|your", str(value.text), re.I):
            yield Hit("hardcoded-credentials", call.node)


def names_in(node: ast.AST) -> str:
    """Give the names that an expression is made of."""
    parts = []
    for index, each in enumerate(ast.walk(node)):
        if index > 60:  # noqa: PLR2004  # nodes; more is no argument that someone reads
            break
        if isinstance(each, ast.Name):
            parts.append(each.id)
        elif isinstance(each, ast.Attribute):
            parts.append(each.attr)
        elif isinstance(each, ast.Subscript) and isinstance(each.slice, ast.Constant):
            parts.append(str(each.slice.value))
    return " ".join(parts)


def off(value: Value | None) -> bool:
    return value is not None and value.known and value.const is False


def fixed(call: Call, value: Value | None, rule: str, node: ast.AST | None) -> Iterator[Hit]:
    if value is None:
        return
    const = value.const
    if (value.known and isinstance(const, str | bytes) and const) or repeats(value):
        yield Hit(rule, call.node, secret=node if isinstance(node, ast.Constant | ast.Name) else None)


def repeats(value: Value) -> bool:
    return (
        value.name in {"bytes()", "bytearray()"}
        and value.arguments is not None
        and all(each.known for each in value.arguments[0])
    )
