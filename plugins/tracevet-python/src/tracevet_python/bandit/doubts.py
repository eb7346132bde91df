"""Proofs against what bandit says by names alone: strings that are no password, random numbers that are no secret."""

import ast
import re
from collections.abc import Iterator
from typing import Any

from tracevet_python.bandit.nodes import parent_of, text_of
from tracevet_python.bandit.passwords import NAME
from tracevet_python.bandit.walk import Hit

DOUBTED = frozenset({"B105", "B106", "B107", "B311"})
WORD = 20  # letters; a longer run of them is a value
ENOUGH = 3  # characters of the shortest password that is taken for one

# What a name says of its value, when it says that it is no password itself.
_ABOUT = re.compile(
    r"_?(type|name|url|uri|field|header|label|file|path|regex|pattern|prompt|hint|format|env|var|param|placeholder|"
    r"help|message|error|endpoint|kind|class|prefix|suffix|attr|column|expiry|expires|ttl|cls)s?$",
    re.IGNORECASE,
)
_STRONG = re.compile("pas|pwd|secret", re.IGNORECASE)  # names that say password, not token
_PLACEHOLDER = re.compile(r"\$?\{.*\}|<.*>|%\(?\w*\)?s|[*x.•_-]*|None|null|true|false", re.IGNORECASE | re.DOTALL)
_PLACE = re.compile(r"(?:https?:/)?/\S*|[\w.-]+\.(?:txt|json|ya?ml|env|py|pem|key|cfg|ini)", re.IGNORECASE)
_SECRETIVE = re.compile(
    r"token|passw|secret|(?:api|private|sign\w*|crypt\w*|access|session|license)_?key|\bkey\s*=|salt|\botp|nonce|session|"
    r"csrf|xsrf|captcha|\bpin\b|code\s*=|_code\(|reset|auth|verif|credential|uuid|"
    r"cookie|remember|invit|coupon|voucher|ticket|\biv\b|login|account|licen|signature|crypt|ascii_letters|hexdigits",
    re.IGNORECASE,
)


def doubt(hit: Hit, text: list[str]) -> str:
    """Say why a hit is none, in a sentence; "" where nothing speaks against it. `text` are the snippet's lines."""
    if hit.rule in {"B105", "B106", "B107"}:
        pairs = list(_pairs(hit.node))
        if pairs and not any(_plausible(name, value, mapped=mapped) for name, value, mapped in pairs):
            return "The string is a word, a name or a placeholder, not a password."
    if hit.rule == "B311" and not _SECRETIVE.search(_around(hit.node, text)):
        return "Nothing around the random number speaks of a secret."
    return ""


def _pairs(node: Any) -> Iterator[tuple[str, Any, bool]]:
    """Give names and values that a check took for a password, and whether the one only maps to the other."""
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            if keyword.arg and NAME.search(keyword.arg) and isinstance(keyword.value, ast.Constant):
                yield keyword.arg, keyword.value.value, False
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield from _defaults(node.args)
    elif isinstance(node, ast.Constant):
        yield from _of_string(node, parent_of(node))


def _of_string(node: ast.Constant, parent: Any) -> Iterator[tuple[str, Any, bool]]:
    if isinstance(parent, ast.Assign | ast.AnnAssign):
        targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
        yield from ((name, node.value, False) for name in map(_name, targets) if NAME.search(name))
    elif isinstance(parent, ast.Compare):
        value = parent.comparators[0]
        yield _name(parent.left), value.value if isinstance(value, ast.Constant) else None, False
    elif isinstance(parent, ast.Dict):
        found = (value for key, value in zip(parent.keys, parent.values, strict=True) if key is node)
        mapped = next(found, None)
        yield text_of(node), mapped.value if isinstance(mapped, ast.Constant) else None, True
    elif isinstance(parent, ast.Subscript):
        statement = parent_of(parent)
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            yield text_of(node), statement.value.value, True


def _defaults(arguments: ast.arguments) -> Iterator[tuple[str, Any, bool]]:
    positional = [*arguments.posonlyargs, *arguments.args]
    late = positional[len(positional) - len(arguments.defaults) :]
    pairs = [
        *zip(late, arguments.defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    for argument, value in pairs:
        if NAME.search(argument.arg) and isinstance(value, ast.Constant):
            yield argument.arg, value.value, False


def _plausible(name: str, value: Any, *, mapped: bool) -> bool:
    """Tell whether a value may be a password; what is no string was not doubted by bandit either."""
    if not isinstance(value, str):
        return True
    if len(value.strip()) < ENOUGH or _PLACEHOLDER.fullmatch(value) or _PLACE.fullmatch(value):
        return False
    if _ABOUT.search(name) or (NAME.search(value) and (mapped or "_" in value) and value.isidentifier()):
        return False
    if _STRONG.search(name):
        return len(value.split()) <= ENOUGH
    letters = re.fullmatch(r"[A-Za-z]+(?:[-_. ][A-Za-z]+)*|\W+", value)
    return not letters or len(max(re.split(r"[-_. ]", value), key=len)) > WORD


def _around(node: Any, text: list[str]) -> str:
    """Give the code of the function around a node, or, outside of functions, of the whole snippet."""
    at = node
    while at is not None and not isinstance(at, ast.FunctionDef | ast.AsyncFunctionDef):
        at = parent_of(at)
    if at is None:
        return "\n".join(text)
    return "\n".join(text[at.lineno - 1 : at.end_lineno])


def _name(target: Any) -> str:
    found = getattr(target, "id", None) or getattr(target, "attr", None)
    return found if isinstance(found, str) else ""
