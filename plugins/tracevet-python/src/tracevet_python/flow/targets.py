"""How values are bound to names, attributes, elements and patterns."""

import ast
from dataclasses import replace
from typing import Any

from tracevet_python.flow import judge
from tracevet_python.flow.machine import Class, Instance, Machine
from tracevet_python.flow.values import ITEM_CAP, UNKNOWN, Value, elements, join, union


def assign(machine: Machine, target: ast.AST, value: Value) -> None:
    """Bind a value to a target of an assignment."""
    if isinstance(target, ast.Name):
        _store(machine, target.id, passed(value, target.lineno))
    elif isinstance(target, ast.Tuple | ast.List):
        _unpack(machine, target, value)
    elif isinstance(target, ast.Starred):
        assign(machine, target.value, value if value.shape else Value(shape="list", rest=value))
    elif isinstance(target, ast.Attribute):
        _set_attribute(machine, target, value)
    elif isinstance(target, ast.Subscript):
        _set_item(machine, target, value)


def passed(value: Value, line: int) -> Value:
    """Note that the data in a value passed a line."""
    if not value.taints:
        return value
    return replace(value, taints=tuple(each.at(line) for each in value.taints))


def _store(machine: Machine, name: str, value: Value) -> None:
    scope = machine.scope
    if name in scope.globals:
        scope = scope.outer(name)
        value = join(scope.variables[name], value) if name in scope.variables else value
    scope.variables[name] = value


def _unpack(machine: Machine, target: ast.Tuple | ast.List, value: Value) -> None:
    stars = any(isinstance(each, ast.Starred) for each in target.elts)
    exact = value.shape in {"tuple", "list"} and value.rest is None and not stars
    if exact and len(value.fields) == len(target.elts):
        for each, part in zip(target.elts, value.fields.values(), strict=True):
            assign(machine, each, part)
        return
    part = union(elements(value)) if value.shape else Value(taints=value.taints, name=value.name)
    for each in target.elts:
        assign(machine, each, part)


def _set_attribute(machine: Machine, target: ast.Attribute, value: Value) -> None:
    base = machine.value(target.value)
    if isinstance(base.target, Instance | Class):
        machine.fields[(id(base.target), target.attr)] = passed(value, target.lineno)
    judge.attribute_set(machine, base, target, value)


def _set_item(machine: Machine, target: ast.Subscript, value: Value) -> None:
    base = machine.value(target.value)
    key = machine.value(target.slice)
    judge.item_set(machine, base, key, target, value)
    if base.known and not base.shape:
        return
    if base.shape or not base.taints:
        rebind(machine, target.value, with_item(base, key, value))


def rebind(machine: Machine, target: ast.AST, value: Value) -> None:
    """Put a changed container back where it came from, if that is a place."""
    if isinstance(target, ast.Name):
        scope = machine.scope
        while target.id not in scope.variables and scope.parent is not None:
            scope = scope.parent
        if target.id in scope.variables:
            scope.variables[target.id] = value
    elif isinstance(target, ast.Attribute):
        base = machine.value(target.value)
        if isinstance(base.target, Instance | Class):
            machine.fields[(id(base.target), target.attr)] = value
    elif isinstance(target, ast.Subscript):
        outer, key = machine.value(target.value), machine.value(target.slice)
        if outer.shape:
            rebind(machine, target.value, with_item(outer, key, value))


def with_item(base: Value, key: Value, value: Value) -> Value:
    """Give a container with an element set."""
    place: Any = key.const
    if base.shape == "list" and isinstance(place, int) and key.known and base.rest is None:
        place = place + len(base.fields) if place < 0 else place
        if place in base.fields:
            return replace(base, fields={**base.fields, place: value})
    if (
        base.shape == "dict"
        and key.known
        and isinstance(place, str | int | bytes | None)
        and len(base.fields) < ITEM_CAP
    ):
        return replace(base, fields={**base.fields, place: value})
    if not base.shape:  # an object of which nothing is known takes the data on
        return (
            replace(base, taints=join(Value(taints=base.taints), Value(taints=value.taints)).taints)
            if value.taints
            else base
        )
    return replace(base, rest=join(base.rest, value) if base.rest is not None else value)


def remove(machine: Machine, target: ast.AST) -> None:
    """Carry out `del`."""
    if isinstance(target, ast.Name):
        machine.scope.variables.pop(target.id, None)
    elif isinstance(target, ast.Subscript):
        base, key = machine.value(target.value), machine.value(target.slice)
        if base.shape and key.known and key.const in base.fields:
            kept = {place: each for place, each in base.fields.items() if place != key.const}
            if base.shape == "list":
                kept = dict(enumerate(kept.values()))
            rebind(machine, target.value, replace(base, fields=kept))


def forget(machine: Machine, target: ast.AST) -> None:
    """Bind a target to something of which nothing is known."""
    assign(machine, target, UNKNOWN)
