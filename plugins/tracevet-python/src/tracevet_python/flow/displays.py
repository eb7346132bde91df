"""How strings with values in them, containers and comprehensions are evaluated."""

import ast
from collections.abc import Iterable
from typing import Any

from tracevet_python.flow import sources
from tracevet_python.flow.guards import assume
from tracevet_python.flow.machine import Machine, evaluates
from tracevet_python.flow.targets import assign
from tracevet_python.flow.text import concatenate
from tracevet_python.flow.values import (
    HOLE,
    NUMBER,
    UNKNOWN,
    Value,
    constant,
    elements,
    is_whole,
    join,
    sequence,
    taints_of,
    told,
    union,
)


@evaluates(ast.JoinedStr)
def _f_string(machine: Machine, node: ast.JoinedStr) -> Value:
    result = constant("")
    for part in node.values:
        value = machine.value(part)
        result = concatenate(result, value, node)
    return result


@evaluates(ast.FormattedValue)
def _formatted(machine: Machine, node: ast.FormattedValue) -> Value:
    value = machine.value(node.value)
    if node.format_spec is not None and _is_number_format(node.format_spec):
        return NUMBER
    if node.conversion == ord("r"):
        taints = tuple(each.without(sources.REPRESENTED) for each in taints_of(value))
        return Value(taints=taints, text=HOLE, whole=is_whole(value))
    if value.known and not isinstance(value.const, str):
        return constant(str(value.const)) if isinstance(value.const, int | float | bool | None) else UNKNOWN
    return value


def _is_number_format(spec: ast.AST) -> bool:
    values = getattr(spec, "values", ())
    last = values[-1] if values else None
    return isinstance(last, ast.Constant) and str(last.value)[-1:] in set("bcdeEfFgGnoxX%") - {"c"}


@evaluates(ast.Tuple, ast.List, ast.Set)
def _display(machine: Machine, node: ast.Tuple | ast.List | ast.Set) -> Value:
    shape: Any = type(node).__name__.lower()
    items = [machine.value(each) for each in node.elts]
    spread = [value for each, value in zip(node.elts, items, strict=True) if isinstance(each, ast.Starred)]
    if spread:
        return Value(
            shape=shape,
            rest=union(
                inner for each in items for inner in (elements(each) if each in spread and each.shape else [each])
            ),
        )
    return sequence(shape, items)


@evaluates(ast.Dict)
def _dictionary(machine: Machine, node: ast.Dict) -> Value:
    fields: dict[Any, Value] = {}
    rest: list[Value] = []
    for key, item in zip(node.keys, node.values, strict=True):
        value = machine.value(item)
        place = machine.value(key) if key is not None else None
        if place is not None and place.known and place.const.__hash__ is not None:
            fields[place.const] = value
        elif place is None and value.shape == "dict":
            fields.update(value.fields)
            rest += [value.rest] if value.rest is not None else []
        else:
            rest.append(value)
    return Value(shape="dict", fields=fields, rest=union(rest) if rest else None)


@evaluates(ast.ListComp, ast.SetComp, ast.GeneratorExp)
def _comprehension(machine: Machine, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Value:
    _bind(machine, node.generators)
    return Value(shape="set" if isinstance(node, ast.SetComp) else "list", rest=machine.value(node.elt))


@evaluates(ast.DictComp)
def _dict_comprehension(machine: Machine, node: ast.DictComp) -> Value:
    _bind(machine, node.generators)
    key = machine.value(node.key)
    value = machine.value(node.value)
    return Value(shape="dict", rest=join(value, Value(taints=key.taints)) if key.taints else value)


def _bind(machine: Machine, generators: Iterable[ast.comprehension]) -> None:
    for each in generators:
        assign(machine, each.target, each_of(machine.value(each.iter)))
        for test in each.ifs:
            machine.value(test)
            assume(machine, test, True)


def each_of(value: Value) -> Value:
    """Give what a loop over a value sees."""
    if value.shape == "dict":
        return union(constant(key) for key in value.fields) if value.fields else UNKNOWN
    if value.shape:
        return union(elements(value))
    return Value(
        taints=value.taints, name=value.name and f"{value.name}[]", arguments=value.arguments, whole=told(value)
    )
