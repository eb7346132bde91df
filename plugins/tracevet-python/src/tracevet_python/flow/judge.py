"""What is weak at a point of the run: data that reaches a sink, and settings that are weak whatever the data."""

import ast
import re
from collections.abc import Iterable

from tracevet_python.flow import (  # noqa: F401  # some register checks
    assignments,
    checks,
    conditions,
    credentials,
    crypto,
    races,
    system,
    webchecks,
    webconditions,
)
from tracevet_python.flow.calling import Call
from tracevet_python.flow.machine import Hit, Machine
from tracevet_python.flow.rules import REFUTES, RULES
from tracevet_python.flow.sinks import Sink, matching
from tracevet_python.flow.values import Kind, Taint, Value, is_whole, taints_of

SECRET_NAME = re.compile(
    r"token|secret|passw|passcode|pwd|otp\b|_otp|otp_|api_?key|session_?(?:id|key)|\bsid\b|nonce|salt|csrf|auth_?code|"
    r"verification|reset_?code|pin_code|\bpin\b|captcha|remember|cookie|private_?key|encryption_?key|confirm\w*code|invite_?code|coupon|"
    r"credential|\biv\b|access_?key|activation",
    re.IGNORECASE,
)
_SESSION = re.compile(r"(?:^|\.)session$")


def called(machine: Machine, call: Call) -> None:
    """Judge a call of something that the snippet does not define."""
    for sink in matching(call.name, call.last):
        for value, node in _values(sink, call):
            _reach(machine, sink, call, value)
            if sink.rule in REFUTES:
                _clear(machine, sink, call, value, node)
    _spread(machine, call)
    if call.name in {"print", "input"} or webconditions.is_logger(call.name.rpartition(".")[0]):
        shown(machine, call.node.args)
    for hit in checks.of_call(call):
        machine.hit(hit)
    _secret_arguments(machine, call)


def _values(sink: Sink, call: Call) -> Iterable[tuple[Value, ast.AST | None]]:
    """Give the values that matter to a sink, each with the expression that stands for it."""
    for place in sink.places:
        if place < 0:
            if call.receiver is not None:
                yield call.receiver, None
        elif place < len(call.arguments):
            yield call.arguments[place], call.node_of(place)
    for name in sink.keywords:
        if name in call.named:
            yield call.named[name], call.node_of(None, name)


def _clear(machine: Machine, sink: Sink, call: Call, value: Value, node: ast.AST | None) -> None:
    """Note whether nothing that goes in can do harm: all of it is known, and constant or made safe."""
    harmless = is_whole(value) and not machine.harmful(taints_of(value), sink.rule)
    if sink.rule in _OF_DATA and call.last not in _TEXTS and not call.name.startswith("yaml."):
        harmless = False  # a constant name of a file says nothing of what is in it
    if sink.rule == "ssrf":  # of a constant address the scheme counts
        harmless = harmless and (value.text or "").startswith(("http://", "https://"))
    shown = tuple(
        each for each in (call.node, value.built, node) if each is not None and not isinstance(each, ast.Name)
    )
    machine.judge(sink.rule, call.node, shown, harmless=harmless)


def _reach(machine: Machine, sink: Sink, call: Call, value: Value) -> None:
    for taint in machine.harmful(taints_of(value), sink.rule):
        if taint.kind not in RULES[sink.rule].trust:
            continue
        lower = sink.condition(call, value, taint)
        if lower is not None:
            _report(machine, sink.rule, call.node, taint, lower, value.built if sink.rule in _BUILT else None)


_OF_DATA = frozenset({"unsafe-deserialization", "xxe"})
_TEXTS = frozenset({"loads", "decode", "fromstring", "XML", "parseString"})
_BUILT = frozenset(
    {"sql-injection", "ldap-injection", "xpath-injection", "nosql-injection"}
)  # shown where the text is made


def _report(machine: Machine, rule: str, node: ast.AST, taint: Taint, lower: int, built: ast.AST | None = None) -> None:
    if taint.weak and taint.kind in conditions.OUTER:
        return
    machine.hit(Hit(rule, node, taint, lower + taint.weak, built=built))


def _spread(machine: Machine, call: Call) -> None:
    given = call.named.get("**")
    if given is None or given.shape:
        return
    for taint in machine.harmful(given.taints, "mass-assignment"):
        lower = conditions.spread(call, given, taint)
        if lower is not None and taint.kind in RULES["mass-assignment"].trust:
            _report(machine, "mass-assignment", call.node, taint, lower)


def _secret_arguments(machine: Machine, call: Call) -> None:
    """A predictable number as an argument that is named like a secret."""
    for name, value in call.named.items():
        if value.taints and SECRET_NAME.search(name):
            _predictable(machine, call.node, value)


def _predictable(machine: Machine, node: ast.AST, value: Value) -> None:
    for taint in machine.harmful(taints_of(value), "weak-random"):
        if taint.kind is Kind.RANDOM and not ("time" in taint.source and value.text is None):
            _report(machine, "weak-random", node, taint, 0)


def assigned(machine: Machine, target: ast.AST, value: Value, node: ast.AST) -> None:
    """Judge an assignment by the name of its target."""
    name = _name_of(target)
    if not name:
        return
    if value.taints or value.shape:
        if SECRET_NAME.search(name):
            _predictable(machine, node, value)
        _query(machine, name, value, node)
    elif value.known:
        for hit in assignments.of_constant(name, value, node):
            machine.hit(hit)


def _query(machine: Machine, name: str, value: Value, node: ast.AST) -> None:
    """In a piece of a file the place that runs a query may be missing; its name and text tell enough."""
    if machine.loose and value.built is not None and _QUERY.search(name) and conditions.is_sql(value):
        for taint in machine.harmful(value.taints, "sql-injection"):
            if taint.kind in RULES["sql-injection"].trust:
                _report(machine, "sql-injection", node, taint, 1, value.built)


_QUERY = re.compile(r"sql|query|stmt|statement|^q$|cmd", re.IGNORECASE)


def _name_of(target: ast.AST) -> str:
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute):
        return target.attr
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        return target.slice.value if isinstance(target.slice.value, str) else ""
    return ""


def attribute_set(machine: Machine, base: Value, target: ast.Attribute, value: Value) -> None:
    """Judge an assignment to an attribute."""
    for hit in assignments.of_attribute(base, target, value):
        machine.hit(hit)


def item_set(machine: Machine, base: Value, key: Value, target: ast.Subscript, value: Value) -> None:
    """Judge an assignment to an element: of a session, or of the headers of a response."""
    rule = ""
    if _SESSION.search(base.name) and not base.shape:
        rule = "trust-boundary"
    elif base.name.endswith("headers") and not base.taints:
        rule = "header-injection"
    if rule:
        given = taints_of(value) + (taints_of(key) if rule == "trust-boundary" else ())
        for taint in machine.harmful(given, rule):
            if taint.kind in RULES[rule].trust:
                _report(machine, rule, target, taint, 0 if rule == "trust-boundary" else 1)
    for hit in assignments.of_item(base, key, target, value):
        machine.hit(hit)


def returned(machine: Machine, node: ast.Return, value: Value) -> None:
    """Judge what a function returns: HTML and errors from a handler, predictable secrets from a maker of secrets."""
    function = machine.frame.node
    name = getattr(function, "name", "")
    if value.taints or value.shape:
        if SECRET_NAME.search(name) and not name.startswith(("verify", "check", "test")):
            _predictable(machine, node, value)
        if machine.frame.web:
            _answer(machine, node, value)


def _answer(machine: Machine, node: ast.Return, value: Value) -> None:
    for taint in machine.harmful(taints_of(value), "error-exposure"):
        if taint.kind is Kind.ERROR:
            _report(machine, "error-exposure", node, taint, 0)
    if machine.frame.web != "flask":
        return
    body = next(iter(value.fields.values()), value) if value.shape == "tuple" else value
    if body.shape in {"dict", "list"} or body.name.endswith(_NO_HTML):
        return
    markup = webconditions.text_is_markup(body)
    for taint in machine.harmful(body.taints, "xss"):
        if taint.kind in RULES["trust-boundary"].trust and (markup or body.text is not None or _is_text(taint)):
            _report(machine, "xss", node, taint, 0 if markup or body.text is not None else 1, None)


_NO_HTML = (
    "jsonify()",
    "dumps()",
    "render_template()",
    "redirect()",
    "send_file()",
    "render()",
    "make_response()",
    "Response()",
    "send_from_directory()",
    "url_for()",
    "HttpResponse()",
)


def _is_text(taint: Taint) -> bool:
    return bool(re.search(r"\.(?:args|form|values|cookies|headers|GET|POST|query_string|params)\b", taint.source))


def shown(machine: Machine, messages: Iterable[ast.AST]) -> None:
    """Note texts that only a person reads, such as the message of an exception: they are no statements of SQL."""
    for each in messages:
        if isinstance(each, ast.JoinedStr | ast.BinOp | ast.Call):
            machine.judge("sql-injection", each, (each,), harmless=True)


def asserted(machine: Machine, node: ast.Assert) -> None:
    """Judge an assertion in a handler: of who may call it."""
    if machine.frame.web and _WHO.search(checks.names_in(node.test)):
        machine.hit(Hit("assert-authorization", node))


_WHO = re.compile(
    r"is_admin|is_staff|is_superuser|is_authenticated|has_perm|permission|\brole|current_user|logged_in|\bauthori[sz]",
    re.I,
)


def asked(machine: Machine, node: ast.If) -> None:
    """Judge a question about a file by what follows it."""
    if "access" in machine.words:
        for hit in races.of_condition(node):
            machine.hit(hit)


def compared(machine: Machine, node: ast.Compare, one: Value, other: Value) -> None:
    """Judge a comparison: of a password with one that is part of the code."""
    for value, against, place in ((one, other, node.comparators[0]), (other, one, node.left)):
        for hit in assignments.of_comparison(value, against, node, place):
            machine.hit(hit)
