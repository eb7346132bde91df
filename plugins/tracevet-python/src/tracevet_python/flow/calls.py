"""How calls are evaluated: functions and classes of the snippet are run, known ones are modelled, others pass data on."""

# ruff: noqa: E501  # rows, patterns and code under test read best on one line

import ast
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tracevet_python.flow import judge, models, sanitizers, sources
from tracevet_python.flow.calling import Call
from tracevet_python.flow.expressions import attribute_of
from tracevet_python.flow.machine import CALL_CAP, CALL_STEPS, Class, Frame, Function, Instance, Machine, evaluates
from tracevet_python.flow.state import Scope
from tracevet_python.flow.targets import rebind
from tracevet_python.flow.values import UNKNOWN, Kind, Taint, Value, elements, is_whole, merge, taints_of, union

_ENDS = frozenset(
    {
        "sys.exit",
        "exit",
        "quit",
        "os._exit",
        "os.abort",
        "flask.abort",
        "abort",
        "bottle.abort",
        "self.fail",
        "pytest.fail",
        "pytest.skip",
        "werkzeug.exceptions.abort",
        "parser.error",
    }
)
_PLAIN = frozenset(
    {Kind.PARAMETER, Kind.FREE, Kind.ERROR, Kind.FILE, Kind.ENVIRONMENT}
)  # not followed through unknown code


@evaluates(ast.Call)
def _call(machine: Machine, node: ast.Call) -> Value:
    receiver = None
    if isinstance(node.func, ast.Attribute):
        receiver = machine.value(node.func.value)
        function = attribute_of(machine, receiver, node.func.attr, node.lineno)
        name = function.name if function.target is not None else f"{receiver.name}.{node.func.attr}"
        if function.taints and not receiver.taints and not receiver.shape:
            receiver = replace(receiver, taints=function.taints)  # a method that gives data from outside
    else:
        function = machine.value(node.func)
        name = function.name
    arguments: list[Value] = []
    for each in node.args:
        value = machine.value(each)
        if isinstance(each, ast.Starred) and value.shape:
            arguments += list(elements(value))
        else:
            arguments.append(value)
    named = {each.arg or "**": machine.value(each.value) for each in node.keywords}
    spread = named.get("**")
    if spread is not None and spread.shape == "dict":
        named |= {str(key): value for key, value in spread.fields.items()}
    call = Call(node, name, tuple(arguments), named, receiver)
    if isinstance(function.target, Function):
        return invoke(machine, function.target, call)
    if isinstance(function.target, Class):
        return construct(machine, function.target, call)
    return _foreign(machine, call)


def _foreign(machine: Machine, call: Call) -> Value:
    """Call what the snippet does not define."""
    judge.called(machine, call)
    if call.name in _ENDS:
        machine.dead = True
        return UNKNOWN
    _call_back(machine, call)
    modelled = models.method(call)
    if modelled is not None:
        result, changed = modelled
        if changed is not None and isinstance(call.node.func, ast.Attribute):
            rebind(machine, call.node.func.value, changed)
        if result is not None:
            return result
    found = sources.call(call.name, call.node.lineno, call.node.col_offset)
    if found is not None:
        return replace(found, arguments=(call.arguments, call.named))
    return _passed_on(machine, call)


def _call_back(machine: Machine, call: Call) -> None:
    """Run functions of the snippet that are handed on, such as the first argument of `map`."""
    for value in call.arguments[:1]:
        if isinstance(value.target, Function) and call.last in {"map", "filter"} and len(call.arguments) > 1:
            item = call.arguments[1]
            inner = union(elements(item)) if item.shape else item
            invoke(machine, value.target, Call(call.node, value.name, (inner,), {}))


def _passed_on(machine: Machine, call: Call) -> Value:
    """Give what a call returns that is not modelled: made of all it is given, unless its name says otherwise."""
    cleared = sanitizers.cleared(call.name)
    if call.last in {"sub", "subn"} and not call.name.startswith("random"):
        cleared = sanitizers.substituted(call.arguments)
    elif call.last == "replace" and call.receiver is not None:
        cleared = sanitizers.replaced(call.arguments)
    own = call.receiver.taints if call.receiver is not None and not sanitizers.reads(call.name) else ()
    if call.receiver is not None and call.receiver.shape:
        own = taints_of(call.receiver)
    given = merge(*(taints_of(each) for each in (*call.arguments, *call.named.values())))
    if call.name.startswith(sanitizers.CLIENTS):
        given = ()  # what stands behind an address is not made of the address
    elif not models.passes(call.name):
        given = (
            () if sanitizers.fetches(call.name) else tuple(_weakened(each) for each in given if each.kind not in _PLAIN)
        )
    taints = merge(own, given)
    if cleared and taints:
        machine_proves = call.last.startswith(("validate", "check", "ensure", "assert")) or call.name in _PROVING
        if machine_proves:
            machine.prove(taints, cleared)
        taints = tuple(each.without(cleared) for each in taints)
    whole = _is_told(call)
    result = Value(taints=taints, name=f"{call.name}()"[-160:], arguments=(call.arguments, call.named), whole=whole)
    if (
        call.receiver is not None
        and call.receiver.text
        and call.last in {"strip", "lower", "upper", "encode", "decode", "replace"}
    ):
        result = replace(result, text=call.receiver.text, built=call.receiver.built)
    return result


def _is_told(call: Call) -> bool:
    """Tell whether a call returns a number, or nothing but what it is given in another form."""
    if call.name in _NUMBERS:
        return True
    known = sanitizers.known(call.name)
    if not known and not models.passes(call.name):
        return False
    given = [*call.arguments, *call.named.values(), *([call.receiver] if call.receiver and not known else [])]
    return bool(given) and all(is_whole(each) for each in given)


_NUMBERS = frozenset({"int", "float", "len", "bool", "abs", "round", "ord", "hash", "id", "complex"})
_PROVING = frozenset({"int", "float", "uuid.UUID", "UUID", "ipaddress.ip_address", "ipaddress.ip_network"})


def _weakened(taint: Taint) -> Taint:
    return replace(taint, weak=True)


def construct(machine: Machine, cls: Class, call: Call) -> Value:
    """Make an object of a class of the snippet."""
    instance = Value(name=call.name, target=Instance(cls))
    maker = cls.find("__init__")
    if maker is not None and isinstance(maker.target, Function):
        function = maker.target
        invoke(machine, Function(function.node, function.scope, cls, bound=instance), call)
        return instance
    fields = [name for name in getattr(cls.node, "body", ()) if isinstance(name, ast.AnnAssign)]
    for index, each in enumerate(fields):
        if isinstance(each.target, ast.Name):
            value = call.get(index, each.target.id)
            if value is not None:
                machine.fields[(id(instance.target), each.target.id)] = value
    machine.memory[("alive", id(instance.target))] = instance  # fields are kept by id
    given = merge(*(taints_of(each) for each in (*call.arguments, *call.named.values())))
    return instance if fields or not given else replace(instance, taints=given)


def invoke(machine: Machine, function: Function, call: Call) -> Value:
    """Run a function of the snippet on the arguments of a call, and give what it returns."""
    machine.called.add(function.node)
    if function.bound is not None:
        machine.memory[("alive", id(function.bound.target))] = function.bound
    spent = machine.start - machine.steps > CALL_STEPS
    if spent or function.node in machine.stack or len(machine.stack) >= CALL_CAP:
        given = merge(*(taints_of(each) for each in (*call.arguments, *call.named.values())))
        return Value(taints=given)
    if function.node not in machine.hot and not _carries(function, call):
        return UNKNOWN  # nothing goes in, and nothing weak is in it
    key = _key(machine, function, call)
    if key is not None and key in machine.memory:
        return machine.memory[key]
    scope = Scope(bind(machine, function, call), function.scope)
    result = _run(machine, function, scope)
    if key is not None:
        machine.memory[key] = result
    return result


def _carries(function: Function, call: Call) -> bool:
    """Tell whether data from outside goes into a call, or functions that may bring some."""
    if isinstance(function.node, ast.Lambda):
        return True
    return any(taints_of(each) or each.target is not None for each in (*call.arguments, *call.named.values()))


def _key(machine: Machine, function: Function, call: Call) -> Any:
    """Tell calls apart that may end differently."""
    values = tuple(_look(each) for each in (*call.arguments, *call.named.values()))
    bound = id(function.bound.target) if function.bound is not None else 0
    key = (
        function.node,
        bound,
        id(function.scope),
        values,
        tuple(call.named),
        len(machine.fields),
        tuple(machine.proven),
        machine.frame.web,
    )
    try:
        hash(key)
    except TypeError:
        return None
    return key


def _look(value: Value) -> Any:
    """Give what of a value may change the end of a call."""
    if value.known:
        return type(value.const), value.const
    if value.shape:
        return id(value)
    return (
        tuple((each.source, each.safe) for each in value.taints),
        value.text,
        value.name,
        id(value.target) if value.target else 0,
    )


def _run(machine: Machine, function: Function, scope: Scope) -> Value:
    outer = machine.scope, machine.frame, machine.dead
    machine.scope, machine.frame, machine.dead = scope, Frame(function.node), False
    machine.stack.append(function.node)
    try:
        if isinstance(function.node, ast.Lambda):
            return machine.value(function.node.body)
        machine.run(function.node.body)
        return union(machine.frame.returned)
    finally:
        machine.stack.pop()
        machine.scope, machine.frame, machine.dead = outer


def bind(machine: Machine, function: Function, call: Call) -> dict[str, Value]:
    """Give the variables that a function starts with."""
    spec: ast.arguments = function.node.args
    places = [*spec.posonlyargs, *spec.args]
    given: list[Value] = list(call.arguments)
    if function.bound is not None and not _is_static(function.node):
        given = [function.bound, *given]
    variables = _defaults(machine, spec, function)
    for place, value in zip(places, given, strict=False):
        variables[place.arg] = value
    if spec.vararg is not None:
        extra = given[len(places) :]
        variables[spec.vararg.arg] = Value(shape="tuple", fields=dict(enumerate(extra)))
    names = {each.arg for each in (*places, *spec.kwonlyargs)}
    variables.update({name: value for name, value in call.named.items() if name in names})
    if spec.kwarg is not None:
        extra_named: Mapping[Any, Value] = {name: value for name, value in call.named.items() if name not in names}
        variables[spec.kwarg.arg] = Value(shape="dict", fields=extra_named)
    return variables


def _is_static(node: ast.AST) -> bool:
    return any(getattr(each, "id", "") == "staticmethod" for each in getattr(node, "decorator_list", ()))


def _defaults(machine: Machine, spec: ast.arguments, function: Function) -> dict[str, Value]:
    places = [*spec.posonlyargs, *spec.args]
    variables = dict.fromkeys((each.arg for each in (*places, *spec.kwonlyargs)), UNKNOWN)
    pairs = [
        *zip(places[::-1], spec.defaults[::-1], strict=False),
        *zip(spec.kwonlyargs, spec.kw_defaults, strict=True),
    ]
    for place, default in pairs:
        if isinstance(default, ast.Constant):
            variables[place.arg] = machine.value(default)
    return variables
