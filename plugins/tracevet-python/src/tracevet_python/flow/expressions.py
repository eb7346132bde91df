"""How names, attributes, elements and the simpler expressions are evaluated."""

import ast
import operator
from typing import Any

from tracevet_python.flow import displays, judge, operators, sources  # noqa: F401  # two register how nodes are evaluated
from tracevet_python.flow.folding import fold, truth
from tracevet_python.flow.guards import assume
from tracevet_python.flow.machine import Class, Function, Instance, Machine, evaluates
from tracevet_python.flow.targets import assign
from tracevet_python.flow.values import HOLE, UNKNOWN, Value, constant, elements, sequence, taints_of, told, union


@evaluates(ast.Constant)
def _constant(_: Machine, node: ast.Constant) -> Value:
    return constant(node.value)


@evaluates(ast.Name)
def _name(machine: Machine, node: ast.Name) -> Value:
    found = machine.scope.find(node.id)
    return found if found is not None else sources.free_name(machine, node)


@evaluates(ast.Attribute)
def attribute(machine: Machine, node: ast.Attribute) -> Value:
    """Evaluate an attribute of an object of the snippet, of a request, or of a module."""
    return attribute_of(machine, machine.value(node.value), node.attr, node.lineno)


def attribute_of(machine: Machine, base: Value, name: str, line: int) -> Value:
    """Give an attribute of a value."""
    if isinstance(base.target, Instance | Class):
        found = _member(machine, base, name)
        if found is not None:
            return found
    full = f"{base.name}.{name}"
    if not base.taints and (
        base.name != "self" or "BaseHTTPRequestHandler" in machine.words or name not in sources.SERVED
    ):
        found = sources.attribute(base, full, name, line)
        if found is not None:
            return found
    if name in {"filename", "file_name"} and base.taints:  # of an upload: checks are made of the name
        return sources.part(base, name, line)
    if base.name == "self" and machine.loose and not base.taints:
        return sources.free_attribute(full, name, line)
    return Value(taints=taints_of(base), name=full, arguments=base.arguments, whole=told(base))


def _member(machine: Machine, base: Value, name: str) -> Value | None:
    found = machine.fields.get((id(base.target), name))
    if found is not None:
        return found
    cls = base.target.cls if isinstance(base.target, Instance) else base.target
    found = cls.find(name)
    if found is not None and isinstance(found.target, Function) and isinstance(base.target, Instance):
        function = found.target
        if "property" in {getattr(each, "id", "") for each in getattr(function.node, "decorator_list", ())}:
            return machine.memory.get((id(base.target), "property", name), Value(name=f"{base.name}.{name}"))
        return Value(name=found.name, target=Function(function.node, function.scope, cls, bound=base))
    return found


@evaluates(ast.Subscript)
def _subscript(machine: Machine, node: ast.Subscript) -> Value:
    base = machine.value(node.value)
    key = machine.value(node.slice)
    if isinstance(node.slice, ast.Slice):
        return _slice(base, node.slice)
    return item_of(base, key, node.lineno)


def item_of(base: Value, key: Value, line: int) -> Value:
    """Give what stands in a container under a key."""
    if base.known and key.known:
        return fold(operator.getitem, base.const, key.const)
    if base.shape:
        return _element(base, key)
    if base.taints and key.known:
        return sources.part(base, key.const, line)
    name = f"{base.name}[{key.const}]" if key.known and base.name else base.name and f"{base.name}[]"
    return Value(taints=base.taints, name=name, arguments=base.arguments, whole=told(base))


def _element(base: Value, key: Value) -> Value:
    if not key.known or not isinstance(key.const, str | int | bytes | None):
        return union(elements(base))
    place: Any = key.const
    if base.shape != "dict" and isinstance(place, int) and place < 0:
        place += len(base.fields)
    if place in base.fields and (base.shape == "dict" or base.rest is None or place >= 0):
        return base.fields[place]
    return base.rest or Value(taints=base.taints)


def _slice(base: Value, node: ast.Slice) -> Value:
    bounds: list[Any] = [
        None if each is None else getattr(each, "value", HOLE) for each in (node.lower, node.upper, node.step)
    ]
    if base.known and isinstance(base.const, str | bytes) and all(isinstance(each, int | None) for each in bounds):
        return fold(operator.getitem, base.const, slice(*bounds))
    if base.shape:
        if base.rest is None and all(isinstance(each, int | None) for each in bounds):
            return sequence(base.shape, list(base.fields.values())[slice(*bounds)])
        return Value(shape="list", rest=union(elements(base)))
    return Value(taints=base.taints, name=base.name and f"{base.name}[]", text=base.text, whole=base.whole)


@evaluates(ast.IfExp)
def _conditional(machine: Machine, node: ast.IfExp) -> Value:
    known = truth(machine.value(node.test))
    proven, kept = machine.proven, []
    for wanted, branch in ((True, node.body), (False, node.orelse)):
        if known is None or known is wanted:
            assume(machine, node.test, wanted)
            kept.append(_settled(machine, machine.value(branch)))
            machine.proven = proven
    return union(kept)


def _settled(machine: Machine, value: Value) -> Value:
    """Let a value carry what was proven of it, beyond the branch that proved it."""
    if not value.taints or not machine.proven:
        return value
    taints = tuple(each.without(machine.proven.get(each.source, frozenset())) for each in value.taints)
    return Value(taints=taints, text=value.text, name=value.name, built=value.built, whole=value.whole)


@evaluates(ast.NamedExpr)
def _named(machine: Machine, node: ast.NamedExpr) -> Value:
    value = machine.value(node.value)
    assign(machine, node.target, value)
    return value


@evaluates(ast.Lambda)
def _lambda(machine: Machine, node: ast.Lambda) -> Value:
    return Value(target=Function(node, machine.scope))


@evaluates(ast.Await, ast.Starred, ast.YieldFrom)
def _inner(machine: Machine, node: ast.Await | ast.Starred | ast.YieldFrom) -> Value:
    return machine.value(node.value)


@evaluates(ast.Yield)
def _yield(machine: Machine, node: ast.Yield) -> Value:
    if node.value is not None:
        machine.frame.returned.append(Value(shape="list", rest=machine.value(node.value)))
    return UNKNOWN


@evaluates(ast.Slice)
def _bounds(machine: Machine, node: ast.Slice) -> Value:
    for each in (node.lower, node.upper, node.step):
        if each is not None:
            machine.value(each)
    return UNKNOWN
