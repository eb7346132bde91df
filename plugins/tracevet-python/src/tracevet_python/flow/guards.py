"""What a condition proves of data: membership in a fixed set, a full match, a place below a directory, a known host."""

import ast
import re

from tracevet_python.flow.machine import Machine
from tracevet_python.flow.sanitizers import EVERYTHING
from tracevet_python.flow.values import Taint, Value, elements, taints_of

_PATHS = frozenset({"path-traversal", "archive-traversal", "unrestricted-upload"})
_HOSTS = frozenset({"ssrf", "open-redirect"})
_SHAPES = frozenset(
    {"isdigit", "isalnum", "isalpha", "isnumeric", "isdecimal", "isidentifier", "isascii"} - {"isascii"}
)
_CHECKS = re.compile(
    r"(?:^|_|\.)(?:is_|has_)?(?:valid|validate|allowed|safe|trusted|whitelist|sanit|check|permitted|verify)", re.I
)
_HOST_NAMES = re.compile(r"netloc|hostname|host|domain|scheme|urlparse|urlsplit|url_has_allowed|is_safe_url", re.I)
_PLACE = re.compile(r"startswith|is_relative_to|commonpath|commonprefix|relative_to", re.I)
_DEPTH = 30


def assume(machine: Machine, test: ast.AST, holds: bool, depth: int = _DEPTH) -> None:
    """Note what is proven where a condition holds, or where it does not."""
    if depth == 0:
        return
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        assume(machine, test.operand, not holds, depth - 1)
    elif isinstance(test, ast.BoolOp):
        if isinstance(test.op, ast.And) is holds:
            for part in test.values:
                assume(machine, part, holds, depth - 1)
    elif isinstance(test, ast.Compare):
        _compare(machine, test, holds)
    elif isinstance(test, ast.Call):
        _call(machine, test, holds)
    elif isinstance(test, ast.NamedExpr):
        assume(machine, test.value, holds, depth - 1)
    elif isinstance(test, ast.Name) and holds:
        _remembered(machine, test)


def _remembered(machine: Machine, test: ast.Name) -> None:
    """A name such as `match` or `is_valid` holds the result of a check made before."""
    value = machine.scope.find(test.id)
    if value is None:
        return
    if value.name.endswith(("match()", "fullmatch()")) and value.arguments:
        machine.prove(_matched(value.arguments[0]), EVERYTHING)
    elif value.arguments and _CHECKS.search(value.name):
        machine.prove(_all_taints(value.arguments[0]), EVERYTHING)


def _compare(machine: Machine, test: ast.Compare, holds: bool) -> None:
    if len(test.ops) != 1:
        return
    left, operator, right = test.left, test.ops[0], test.comparators[0]
    equal = (isinstance(operator, ast.Eq | ast.Is) and holds) or (
        isinstance(operator, ast.NotEq | ast.IsNot) and not holds
    )
    inside = (isinstance(operator, ast.In) and holds) or (isinstance(operator, ast.NotIn) and not holds)
    outside = (isinstance(operator, ast.NotIn) and holds) or (isinstance(operator, ast.In) and not holds)
    one, other = machine.value(left), machine.value(right)
    if inside and taints_of(one) and not taints_of(other):
        machine.prove(taints_of(one), _families(left, one))
    elif outside and one.known and isinstance(one.const, str):
        _without(machine, one.const, other)
    elif equal:
        for value, against, node in ((one, other, left), (other, one, right)):
            if (
                value.taints
                and not taints_of(against)
                and not (against.known and against.const in (None, "", True, False))
            ):
                machine.prove(value.taints, _families(node, value))
        _match_is_none(machine, one, other, holds=False)
    if (isinstance(operator, ast.IsNot | ast.NotEq) and holds) or (isinstance(operator, ast.Is | ast.Eq) and not holds):
        _match_is_none(machine, one, other, holds=True)


def _match_is_none(machine: Machine, one: Value, other: Value, *, holds: bool) -> None:
    if holds and other.known and other.const is None and one.arguments and "match()" in one.name:
        machine.prove(_matched(one.arguments[0]), EVERYTHING)


def _families(node: ast.AST, value: Value) -> frozenset[str]:
    """Tell what a comparison with something fixed proves: of a host, only where a request goes."""
    text = f"{value.name} {ast.dump(node)[:600]}"
    if _HOST_NAMES.search(text):
        return _HOSTS
    if "commonpath" in text or "commonprefix" in text or "parents" in text:
        return _PATHS
    if "suffix" in text or "splitext" in text or "rsplit" in text or "content_type" in text or "extension" in text:
        return frozenset({"unrestricted-upload"})
    if value.name.endswith("len()"):
        return frozenset({"resource-consumption"})
    return EVERYTHING


def _without(machine: Machine, part: str, value: Value) -> None:
    """A text is known not to hold a part."""
    taints = taints_of(value)
    if part in {"..", "../", "/"}:
        machine.prove(taints, _PATHS)
    elif part in {"'", '"'}:
        machine.prove(taints, frozenset({"xpath-injection"}))
    elif part in {"\n", "\r", "\r\n"}:
        machine.prove(taints, frozenset({"log-injection", "header-injection"}))


def _call(machine: Machine, test: ast.Call, holds: bool) -> None:  # noqa: C901  # one case for each kind of check
    name = machine.value(test.func).name
    last = name.rsplit(".", 1)[-1]
    receiver = machine.value(test.func.value) if isinstance(test.func, ast.Attribute) else None
    arguments = [machine.value(each) for each in test.args]
    if last in {"any", "all"} and arguments and _PLACE.search(ast.dump(test)[:2000]) and holds:
        machine.prove(_all_taints(arguments), _PATHS | _HOSTS)
    elif not holds:
        if last == "any" and arguments:
            machine.prove(_named_in(machine, test), _PATHS | frozenset({"command-injection"}))
        elif last in {"isabs", "islink"}:
            machine.prove(_all_taints(arguments), frozenset())
    elif receiver is not None and last in _SHAPES:
        machine.prove(taints_of(receiver), EVERYTHING)
    elif last == "all":
        machine.prove(_named_in(machine, test), EVERYTHING)
    elif last in {"fullmatch", "match"}:
        machine.prove(_matched(tuple(arguments)), EVERYTHING)
    elif receiver is not None and last in {"startswith", "is_relative_to", "endswith"}:
        machine.prove(taints_of(receiver), _prefix(last, arguments, receiver))
    elif _HOST_NAMES.search(last):
        machine.prove(_all_taints(arguments), _HOSTS)
    elif _CHECKS.search(last) and not last.startswith("check_output"):
        machine.prove(_all_taints([*arguments, *([receiver] if receiver else [])]), EVERYTHING)


def _prefix(method: str, arguments: list[Value], receiver: Value) -> frozenset[str]:
    """Tell what a fixed start proves: a place below a directory if the path was resolved, a host if it is whole."""
    first = next((each for value in arguments for each in (elements(value) if value.shape else [value])), None)
    if method == "endswith":
        hosts = "host" in receiver.name or "netloc" in receiver.name
        return _HOSTS if hosts else frozenset({"unrestricted-upload"})
    if first is None or not first.known or not isinstance(first.const, str):
        return _PATHS | _HOSTS
    if re.match(r"https?://[^/]+/", first.const):
        return _HOSTS
    if first.const == "/":
        return frozenset({"open-redirect"})
    return _PATHS if len(first.const) > 1 and first.const.startswith("/") else frozenset()


def _matched(arguments: tuple[Value, ...]) -> tuple[Taint, ...]:
    """Give the data that a regular expression was matched against in full."""
    subject = arguments[1] if len(arguments) > 1 else arguments[0] if arguments else None
    pattern = arguments[0] if len(arguments) > 1 else None
    if subject is None or (pattern is not None and pattern.known and ".*" in str(pattern.const)):
        return ()
    return taints_of(subject)


def _all_taints(values: "list[Value] | tuple[Value, ...]") -> tuple[Taint, ...]:
    return tuple(taint for value in values for taint in taints_of(value))


def _named_in(machine: Machine, test: ast.AST) -> tuple[Taint, ...]:
    """Give the data that a condition names anywhere, as in `all(c in allowed for c in name)`."""
    names = {each.id for each in ast.walk(test) if isinstance(each, ast.Name)}
    values = [machine.scope.find(name) for name in sorted(names)]
    return _all_taints([each for each in values if each is not None])
