"""How expressions are evaluated, calls apart."""

import ast
import operator
from collections.abc import Callable, Iterable
from typing import Any

from tracevet_python.flow import judge, sources
from tracevet_python.flow.guards import assume
from tracevet_python.flow.machine import Class, Function, Instance, Machine, evaluates
from tracevet_python.flow.targets import assign
from tracevet_python.flow.text import concatenate, interpolate
from tracevet_python.flow.values import (
    HOLE,
    UNKNOWN,
    Value,
    constant,
    elements,
    join,
    merge,
    sequence,
    taints_of,
    union,
)

_FOLD_CAP = 10_000  # no constant grows beyond, and no power is taken
_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
}
_SIGNS: dict[type[ast.unaryop], Callable[[Any], Any]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda one, other: one in other,
    ast.NotIn: lambda one, other: one not in other,
}


def truth(value: Value) -> bool | None:
    """Tell whether a value counts as true; None if that is not known."""
    if value.known:
        return bool(value.const)
    if value.shape and value.rest is None and not value.taints:
        return bool(value.fields)
    return None


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
    if base.name == "self" and machine.loose and not base.taints:
        return sources.free_attribute(full, name, line)
    return Value(taints=taints_of(base), name=full, arguments=base.arguments)


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
        return _fold(operator.getitem, base.const, key.const)
    if base.shape:
        return _element(base, key)
    if base.taints and key.known:
        return sources.part(base, key.const, line)
    name = f"{base.name}[{key.const}]" if key.known and base.name else base.name and f"{base.name}[]"
    return Value(taints=base.taints, name=name, arguments=base.arguments)


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
        return _fold(operator.getitem, base.const, slice(*bounds))
    if base.shape:
        if base.rest is None and all(isinstance(each, int | None) for each in bounds):
            return sequence(base.shape, list(base.fields.values())[slice(*bounds)])
        return Value(shape="list", rest=union(elements(base)))
    return Value(taints=base.taints, name=base.name and f"{base.name}[]", text=base.text)


def _fold(function: Callable[..., Any], *parts: Any) -> Value:
    """Compute with constants; what raises or grows too large is not known."""
    try:
        result = function(*parts)
    except Exception:  # constants of a hostile snippet: anything may be raised, and means the same
        return UNKNOWN
    if isinstance(result, int) and result.bit_length() > _FOLD_CAP:
        return UNKNOWN
    return constant(result) if isinstance(result, str | bytes | int | float | bool | None) else UNKNOWN


@evaluates(ast.BinOp)
def _binary(machine: Machine, node: ast.BinOp) -> Value:
    """Evaluate a chain of operators from its left end, however long."""
    chain = [node]
    while isinstance(chain[-1].left, ast.BinOp):
        chain.append(chain[-1].left)
    result = machine.value(chain[-1].left)
    for each in reversed(chain):
        result = _operate(result, machine.value(each.right), each)
    return result


def _operate(left: Value, right: Value, node: ast.BinOp) -> Value:
    kind = type(node.op)
    if left.known and right.known:
        too_large = kind is ast.Mult and not _fits(left.const, right.const)
        folder = _ARITHMETIC.get(kind)
        if folder is not None and not too_large and not (kind is ast.Mod and isinstance(left.const, str | bytes)):
            return _fold(folder, left.const, right.const)
    if kind is ast.Add and left.shape and right.shape:
        return _chain_lists(left, right)
    if kind is ast.Add or (kind is ast.Div and "Path" in left.name):
        return concatenate(left, right, node)
    if kind is ast.Mod and left.text is not None:
        arguments = list(right.fields.values()) if right.shape == "tuple" else [right]
        return interpolate(left, arguments, node)
    if kind is ast.Mult and left.text is not None:
        return Value(taints=left.taints, text=left.text + HOLE)
    taints = merge(taints_of(left), taints_of(right))
    return Value(taints=taints, name=left.name if kind is ast.Div else "") if taints else UNKNOWN


def _fits(one: Any, other: Any) -> bool:
    size = max((len(each) for each in (one, other) if isinstance(each, str | bytes)), default=0)
    count = max((each for each in (one, other) if isinstance(each, int)), default=0)
    return size * count <= _FOLD_CAP


def _chain_lists(left: Value, right: Value) -> Value:
    if left.rest is None and right.rest is None:
        return sequence(left.shape, [*left.fields.values(), *right.fields.values()])
    return Value(shape=left.shape, rest=union([*elements(left), *elements(right)]))


@evaluates(ast.UnaryOp)
def _unary(machine: Machine, node: ast.UnaryOp) -> Value:
    value = machine.value(node.operand)
    if isinstance(node.op, ast.Not):
        known = truth(value)
        return UNKNOWN if known is None else constant(not known)
    if value.known and isinstance(value.const, int | float):
        return _fold(_SIGNS.get(type(node.op), operator.inv), value.const)
    return UNKNOWN


@evaluates(ast.BoolOp)
def _boolean(machine: Machine, node: ast.BoolOp) -> Value:
    """Evaluate parts as long as they may be reached; a part holds what the ones before it proved."""
    wanted = isinstance(node.op, ast.And)
    kept: list[Value] = []
    proven = machine.proven
    for part in node.values:
        value = machine.value(part)
        known = truth(value)
        if known is not None and known is not wanted:
            kept.append(value)
            break
        if known is None or part is node.values[-1]:
            kept.append(value)
        assume(machine, part, wanted)
    machine.proven = proven
    return union(kept)


@evaluates(ast.Compare)
def _compare(machine: Machine, node: ast.Compare) -> Value:
    left = machine.value(node.left)
    result: Value | None = None
    for kind, comparator in zip(node.ops, node.comparators, strict=True):
        right = machine.value(comparator)
        judge.compared(machine, node, left, right)
        one = _compare_two(left, right, type(kind))
        result = one if result is None or truth(result) else result
        left = right
    return result or UNKNOWN


def _compare_two(left: Value, right: Value, kind: type[ast.cmpop]) -> Value:
    if left.known and right.known:
        return _fold(_COMPARISONS[kind], left.const, right.const)
    if left.known and kind in {ast.In, ast.NotIn} and right.shape and right.rest is None:
        inside = right.fields if right.shape == "dict" else [each.const for each in right.fields.values()]
        if right.shape == "dict" or all(each.known for each in right.fields.values()):
            return constant((left.const in inside) is (kind is ast.In))
    return UNKNOWN


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
    return Value(taints=taints, text=value.text, name=value.name, built=value.built)


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
        return Value(text=HOLE)
    if node.conversion == ord("r"):
        return Value(taints=tuple(each.without(sources.REPRESENTED) for each in taints_of(value)), text=HOLE)
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
    return Value(taints=value.taints, name=value.name and f"{value.name}[]", arguments=value.arguments)


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
