"""How operators and comparisons are evaluated."""

import ast
import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tracevet_python.flow import judge
from tracevet_python.flow.folding import FOLD_CAP, fold, truth
from tracevet_python.flow.guards import assume
from tracevet_python.flow.machine import Machine, evaluates
from tracevet_python.flow.text import concatenate, interpolate
from tracevet_python.flow.values import (
    HOLE,
    UNKNOWN,
    Value,
    constant,
    elements,
    is_whole,
    merge,
    sequence,
    taints_of,
    union,
)

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
            return replace(fold(folder, left.const, right.const), built=node)
    if kind is ast.Add and left.shape and right.shape:
        return _chain_lists(left, right)
    if kind is ast.Add or (kind is ast.Div and "Path" in left.name):
        return concatenate(left, right, node)
    if kind is ast.Mod and left.text is not None:
        arguments = list(right.fields.values()) if right.shape == "tuple" else [right]
        return interpolate(left, arguments, node)
    if kind is ast.Mult and (left.text is not None or left.shape in {"list", "tuple"}):
        return _repeated(left)
    taints, whole = merge(taints_of(left), taints_of(right)), is_whole(left) and is_whole(right)
    return Value(taints=taints, name=left.name if kind is ast.Div else "", whole=whole) if taints or whole else UNKNOWN


def _repeated(value: Value) -> Value:
    """Give a text or list, taken some number of times."""
    if value.shape:
        return Value(shape=value.shape, rest=union(elements(value)))
    return Value(taints=value.taints, text=(value.text or "") + HOLE, whole=value.whole)


def _fits(one: Any, other: Any) -> bool:
    size = max((len(each) for each in (one, other) if isinstance(each, str | bytes)), default=0)
    count = max((each for each in (one, other) if isinstance(each, int)), default=0)
    return size * count <= FOLD_CAP


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
        return fold(_SIGNS.get(type(node.op), operator.inv), value.const)
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
        return fold(_COMPARISONS[kind], left.const, right.const)
    if left.known and kind in {ast.In, ast.NotIn} and right.shape and right.rest is None:
        inside = right.fields if right.shape == "dict" else [each.const for each in right.fields.values()]
        if right.shape == "dict" or all(each.known for each in right.fields.values()):
            return constant((left.const in inside) is (kind is ast.In))
    return UNKNOWN
