"""Weak whatever the data: what names, attributes and elements are set to, and what is compared."""

import ast
import re
from collections.abc import Iterator

from tracevet_python.flow.checks import PASSWORD, is_client, is_secret, off
from tracevet_python.flow.machine import Hit
from tracevet_python.flow.values import Value


def of_constant(name: str, value: Value, node: ast.AST) -> Iterator[Hit]:
    """Judge a constant by the name that it is given."""
    if name.lower() in {"secret_key", "jwt_secret_key", "jwt_secret", "security_password_salt"} and is_secret(value):
        yield Hit("hardcoded-key", node, secret=node if isinstance(node, ast.Constant) else None)
    elif name in {"SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "REMEMBER_COOKIE_SECURE"} and value.const is False:
        yield Hit("insecure-cookie", node)
    elif name in {"SESSION_COOKIE_HTTPONLY", "REMEMBER_COOKIE_HTTPONLY"} and value.const is False:
        yield Hit("script-cookie", node)
    elif name in {"WTF_CSRF_ENABLED", "WTF_CSRF_CHECK_DEFAULT"} and value.const is False:
        yield Hit("csrf-off", node)
    elif name == "DEBUG" and value.const is True:
        yield Hit("debug-mode", node, lower=1)


def of_attribute(base: Value, target: ast.Attribute, value: Value) -> Iterator[Hit]:
    """Judge what an attribute is set to."""
    if (
        (
            target.attr in {"check_hostname", "verify"}
            and off(value)
            and not (target.attr == "verify" and not is_client(base.name + target.attr) and "Session" not in base.name)
        )
        or (target.attr == "verify_mode" and value.name.endswith("CERT_NONE"))
        or (target.attr == "_create_default_https_context" and value.name.endswith("_create_unverified_context"))
    ):
        yield Hit("tls-unverified", target)
    elif target.attr == "minimum_version" and re.search(r"TLSVersion\.(?:SSLv3|TLSv1|TLSv1_1)$", value.name):
        yield Hit("tls-version", target)
    elif (
        target.attr == "debug"
        and value.known
        and value.const is True
        and re.search(r"(?:^|\.)(?:app|Flask\(\))$", base.name)
    ):
        yield Hit("debug-mode", target)


def of_item(base: Value, key: Value, target: ast.Subscript, value: Value) -> Iterator[Hit]:
    """Judge what an element is set to."""
    name = key.const if isinstance(key.const, str) else ""
    if (
        base.name.endswith("headers")
        and name.lower() == "access-control-allow-origin"
        and value.known
        and value.const == "*"
    ):
        yield Hit("cross-origin", target, lower=1)
    elif base.name.endswith(".config") and name == "DEBUG" and value.known and value.const is True:
        yield Hit("debug-mode", target)


def of_comparison(value: Value, against: Value, node: ast.Compare, place: ast.AST) -> Iterator[Hit]:
    """Judge a comparison: a password is compared with a constant."""
    equal = isinstance(node.ops[0], ast.Eq | ast.NotEq)
    named = value.name or (place.id if isinstance(place, ast.Name) else "")
    if (
        equal
        and is_secret(against)
        and PASSWORD.search(named)
        and not value.name.endswith(("type", "hint", "field()", "len()"))
    ):
        yield Hit("hardcoded-credentials", node, lower=1, secret=place if isinstance(place, ast.Constant) else None)
