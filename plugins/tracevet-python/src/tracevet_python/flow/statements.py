"""How statements are run."""

import ast
from dataclasses import replace
from typing import Any

from tracevet_python.flow import judge
from tracevet_python.flow.displays import each_of
from tracevet_python.flow.folding import truth
from tracevet_python.flow.guards import assume
from tracevet_python.flow.machine import Class, Function, Loop, Machine, executes
from tracevet_python.flow.patterns import bind_pattern, may_match
from tracevet_python.flow.sources import taint
from tracevet_python.flow.state import Point, Scope, join_points, same_points
from tracevet_python.flow.targets import assign, remove
from tracevet_python.flow.text import concatenate
from tracevet_python.flow.values import UNKNOWN, Kind, Value, sequence, union

_ROUNDS = (3, 2, 2, 1)  # runs of a loop's body until nothing new is learnt, by how many loops and calls are around it


@executes(ast.Expr)
def _expression(machine: Machine, node: ast.Expr) -> None:
    if not isinstance(node.value, ast.Constant):
        machine.value(node.value)


@executes(ast.Assign)
def _assign(machine: Machine, node: ast.Assign) -> None:
    value = machine.value(node.value)
    for target in node.targets:
        judge.assigned(machine, target, value, node.value)
        assign(machine, target, value)


@executes(ast.AnnAssign)
def _annotated(machine: Machine, node: ast.AnnAssign) -> None:
    if node.value is not None:
        value = machine.value(node.value)
        judge.assigned(machine, node.target, value, node.value)
        assign(machine, node.target, value)


@executes(ast.AugAssign)
def _augmented(machine: Machine, node: ast.AugAssign) -> None:
    before, added = machine.value(node.target), machine.value(node.value)
    if before.shape:
        value = Value(
            shape=before.shape,
            fields=before.fields,
            rest=union([*([before.rest] if before.rest else []), each_of(added)]),
        )
        if before.shape == "list" and added.shape and added.rest is None and before.rest is None:
            value = sequence("list", [*before.fields.values(), *added.fields.values()])
    elif isinstance(node.op, ast.Add):
        value = concatenate(before, added, node.value)
    else:
        value = Value(taints=before.taints + added.taints)
    judge.assigned(machine, node.target, value, node.value)
    assign(machine, node.target, value)


@executes(ast.Delete)
def _delete(machine: Machine, node: ast.Delete) -> None:
    for target in node.targets:
        remove(machine, target)


@executes(ast.Return)
def _return(machine: Machine, node: ast.Return) -> None:
    value = machine.value(node.value) if node.value is not None else UNKNOWN
    judge.returned(machine, node, value)
    if machine.proven and value.taints:
        kept = tuple(each.without(machine.proven.get(each.source, frozenset())) for each in value.taints)
        value = replace(value, taints=kept, target=None, arguments=None)
    machine.frame.returned.append(value)
    machine.dead = True


@executes(ast.Raise)
def _raise(machine: Machine, node: ast.Raise) -> None:
    if node.exc is not None:
        machine.value(node.exc)
        judge.shown(machine, getattr(node.exc, "args", ()))
    machine.dead = True


@executes(ast.Assert)
def _assert(machine: Machine, node: ast.Assert) -> None:
    machine.value(node.test)
    judge.asserted(machine, node)
    assume(machine, node.test, True)


@executes(ast.If)
def _if(machine: Machine, node: ast.If) -> None:
    """Run a chain of `if` and `elif`, however long; branches that can't be taken are not run."""
    ends: list[Point] = []
    branch: ast.If | None = node
    while branch is not None and not machine.dead:
        judge.asked(machine, branch)
        known = truth(machine.value(branch.test))
        start = machine.point()
        if known is not False:
            assume(machine, branch.test, True)
            machine.run(branch.body)
            _collect(machine, ends)
            if known:
                machine.dead = True
                break
            machine.go(start)
        assume(machine, branch.test, False)
        following = branch.orelse
        branch = following[0] if len(following) == 1 and isinstance(following[0], ast.If) else None
        if branch is None:
            machine.run(following)
    _collect(machine, ends)
    _meet(machine, ends)


def _collect(machine: Machine, ends: list[Point]) -> None:
    """Keep the end of a branch, if it is reached."""
    if not machine.dead:
        ends.append(machine.point())
    machine.dead = False


def _meet(machine: Machine, ends: list[Point]) -> None:
    """Go on after branches; nowhere, if none reached its end."""
    if not ends:
        machine.dead = True
        return
    joined = ends[0]
    for end in ends[1:]:
        joined = join_points(joined, end)
    machine.go(joined)


@executes(ast.For, ast.AsyncFor)
def _for(machine: Machine, node: ast.For | ast.AsyncFor) -> None:
    looped = machine.value(node.iter)
    if looped.shape and looped.rest is None and not looped.fields:
        machine.run(node.orelse)
        return
    _loop(machine, node, lambda: assign(machine, node.target, each_of(looped)))


@executes(ast.While)
def _while(machine: Machine, node: ast.While) -> None:
    if truth(machine.value(node.test)) is False:
        machine.run(node.orelse)
        return
    endless = isinstance(node.test, ast.Constant)
    _loop(machine, node, lambda: assume(machine, node.test, True), test=None if endless else node.test, endless=endless)


def _loop(machine: Machine, node: Any, enter: Any, *, test: ast.AST | None = None, endless: bool = False) -> None:
    """Run a body until it teaches nothing new, and go on from all the points at which it may be left."""
    loop = Loop()
    rounds = _ROUNDS[min(len(machine.frame.loops) + max(0, len(machine.stack) - 1), len(_ROUNDS) - 1)]
    machine.frame.loops.append(loop)
    before = machine.point()
    for _ in range(rounds):
        enter()
        machine.run(node.body)
        ends = [before, *loop.again]
        _collect(machine, ends)
        loop.again.clear()
        _meet(machine, ends)
        after = machine.point()
        if same_points(before, after):
            break
        before = after
        if test is not None:
            machine.value(test)
    machine.frame.loops.pop()
    if test is not None:
        assume(machine, test, False)
    ends = list(loop.left)
    if endless:
        machine.dead = True
    else:
        machine.run(node.orelse)
    _collect(machine, ends)
    _meet(machine, ends)


@executes(ast.Break)
def _break(machine: Machine, _: ast.Break) -> None:
    if machine.frame.loops:
        machine.frame.loops[-1].left.append(machine.point())
    machine.dead = True


@executes(ast.Continue)
def _continue(machine: Machine, _: ast.Continue) -> None:
    if machine.frame.loops:
        machine.frame.loops[-1].again.append(machine.point())
    machine.dead = True


@executes(ast.Try, ast.TryStar)
def _try(machine: Machine, node: ast.Try | ast.TryStar) -> None:
    """Run the body, then each handler from anywhere in it, then what follows."""
    before = machine.point()
    machine.run(node.body)
    middle = join_points(before, machine.point())
    if not machine.dead:
        machine.run(node.orelse)
    ends: list[Point] = []
    _collect(machine, ends)
    for handler in node.handlers:
        machine.go(middle)
        if handler.name:
            machine.scope.variables[handler.name] = taint(Kind.ERROR, handler.name, handler.lineno, handler.name)
        machine.run(handler.body)
        _collect(machine, ends)
    if node.finalbody:
        finishing = not ends
        if finishing:
            machine.go(middle)
        else:
            _meet(machine, ends)
        machine.run(node.finalbody)
        machine.dead = machine.dead or finishing
        return
    _meet(machine, ends)


@executes(ast.With, ast.AsyncWith)
def _with(machine: Machine, node: ast.With | ast.AsyncWith) -> None:
    for item in node.items:
        value = machine.value(item.context_expr)
        if item.optional_vars is not None:
            assign(machine, item.optional_vars, value)
    machine.run(node.body)


@executes(ast.Match)
def _match(machine: Machine, node: ast.Match) -> None:
    subject = machine.value(node.subject)
    ends: list[Point] = []
    for case in node.cases:
        matches = may_match(machine, case.pattern, subject)
        if matches is False:
            continue
        start = machine.point()
        bind_pattern(machine, case.pattern, subject)
        if case.guard is not None:
            known = truth(machine.value(case.guard))
            matches = known if matches else (None if known is not False else False)
            assume(machine, case.guard, True)
        if matches is not False:
            machine.run(case.body)
            _collect(machine, ends)
        if matches:
            _meet(machine, ends)
            return
        machine.go(start)
    _collect(machine, ends)
    _meet(machine, ends)


@executes(ast.FunctionDef, ast.AsyncFunctionDef)
def _function(machine: Machine, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    function = Function(node, machine.scope)
    if not any(each.node is node for each in machine.found):
        machine.found.append(function)
    machine.scope.variables[node.name] = Value(name=node.name, target=function)


@executes(ast.ClassDef)
def _class(machine: Machine, node: ast.ClassDef) -> None:
    bases = tuple(machine.value(each) for each in node.bases)
    outer = machine.scope
    machine.scope = Scope(parent=outer, is_class=True)
    first = len(machine.found)
    machine.run(node.body)
    members = machine.scope.variables
    machine.scope, machine.dead = outer, False
    cls = Class(node, members, bases)
    for index, function in enumerate(machine.found[first:], first):
        if function.owner is None and function.scope.is_class:
            machine.found[index] = Function(function.node, function.scope, cls)
    outer.variables[node.name] = Value(name=node.name, target=cls)


@executes(ast.Import)
def _import(machine: Machine, node: ast.Import) -> None:
    for alias in node.names:
        name = alias.asname or alias.name.split(".")[0]
        machine.scope.variables[name] = Value(name=alias.name if alias.asname else name)


@executes(ast.ImportFrom)
def _import_from(machine: Machine, node: ast.ImportFrom) -> None:
    for alias in node.names:
        full = f"{node.module}.{alias.name}" if node.module and not node.level else alias.name
        machine.scope.variables[alias.asname or alias.name] = Value(name=full)


@executes(ast.Global, ast.Nonlocal)
def _global(machine: Machine, node: ast.Global | ast.Nonlocal) -> None:
    if machine.scope.parent is not None:
        machine.scope.globals.update(node.names)
