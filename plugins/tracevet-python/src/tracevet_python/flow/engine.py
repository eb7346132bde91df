"""Run a parsed snippet: the module, then each function as if something outside called it."""

import ast
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tracevet_python.flow import calls, statements  # noqa: F401  # they register how nodes are run
from tracevet_python.flow.calling import Call
from tracevet_python.flow.calls import invoke
from tracevet_python.flow.gate import Gate
from tracevet_python.flow.handlers import of_handler
from tracevet_python.flow.machine import Class, Frame, Function, Instance, Machine, OutOfStepsError
from tracevet_python.flow.roles import parameters, web_of
from tracevet_python.flow.state import Scope
from tracevet_python.flow.values import Value
from tracevet_python.parse import Tree

_ROOM = 2_500  # frames for the depth that the machine allows
_LOOSE = 400  # lines; longer texts without imports are no pieces of a file


def run(tree: Tree, text: str, steps: int) -> tuple[Machine, bool]:
    """Run all that may be weak, and tell whether the steps were enough."""
    gate = Gate(text, tree.module, tree.places)
    machine = Machine(steps=steps, words=gate.words)
    machine.loose = _is_loose(tree.module, text)
    machine.hot = gate.hot
    if machine.loose and gate.web:
        machine.frame = Frame(web="flask")  # statements out of a handler
    if not gate.open:
        return machine, True
    with _room():
        try:
            machine.run(tree.module.body)
            _enter_all(machine, gate)
        except OutOfStepsError:
            return machine, False
    return machine, True


def _is_loose(module: ast.Module, text: str) -> bool:
    imports = any(isinstance(each, ast.Import | ast.ImportFrom) for each in module.body)
    return not imports and text.count("\n") < _LOOSE


def _enter_all(machine: Machine, gate: Gate) -> None:
    """Enter each function that was defined, those that are defined on the way included."""
    objects: dict[int, Value] = {}
    index = 0
    while index < len(machine.found):
        function = machine.found[index]
        index += 1
        if function.node in gate.hot:
            _enter(machine, _bound(machine, function, objects), gate.words)


def _bound(machine: Machine, function: Function, objects: dict[int, Value]) -> Function:
    """Bind a method to one object of its class, made as something outside would make it."""
    cls = function.owner
    if cls is None or any(
        getattr(each, "id", "") in {"staticmethod", "classmethod"} for each in function.node.decorator_list
    ):
        return function
    if id(cls) not in objects:
        objects[id(cls)] = Value(name="self", target=Instance(cls))
        _make(machine, cls, objects[id(cls)])
    return Function(function.node, function.scope, cls, bound=objects[id(cls)])


def _make(machine: Machine, cls: Class, instance: Value) -> None:
    maker = cls.find("__init__")
    if maker is None or not isinstance(maker.target, Function):
        return
    function = Function(maker.target.node, maker.target.scope, cls, bound=instance)
    given = parameters(function, "")
    first = next(iter(given), "self")
    call = Call(
        ast.Call(func=ast.Name(id="", ctx=ast.Load()), args=[], keywords=[]),
        cls.node.name,
        (),
        {k: v for k, v in given.items() if k != first},
    )
    called = set(machine.called)
    invoke(machine, function, call)
    machine.called = called


def _enter(machine: Machine, function: Function, words: frozenset[str]) -> None:
    """Run a function with what its parameters may hold."""
    node = function.node
    web = web_of(function, words)
    given = parameters(function, web)
    if not web and node in machine.called and node.name.startswith("_"):
        given = {name: Value(name=name) for name in given}
    if function.bound is not None and given:
        given[next(iter(given))] = function.bound
    if web:
        for hit in of_handler(function, web):
            machine.hit(hit)
    outer = machine.scope, machine.proven
    machine.scope, machine.proven, machine.dead = Scope(given, function.scope), {}, False
    machine.frame = Frame(node, web)
    machine.stack, machine.start = [node], machine.steps
    machine.run(node.body)
    (machine.scope, machine.proven), machine.dead, machine.stack = outer, False, []
    machine.frame = Frame()


@contextmanager
def _room() -> Iterator[None]:
    """Let the machine nest as deeply as it may, however deep the caller is."""
    frame, depth = sys._getframe(), 0
    while frame := frame.f_back:  # type: ignore[assignment]  # None ends the loop
        depth += 1
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, depth + _ROOM))
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
