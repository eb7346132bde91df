"""How the patterns of `match` bind names, and which of them can't match."""

import ast

from tracevet_python.flow.machine import Machine
from tracevet_python.flow.values import Value, elements, union


def may_match(machine: Machine, pattern: ast.pattern, subject: Value) -> bool | None:
    """Tell whether a pattern matches; None if that is not known."""
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is None:
        return True
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is not None:
        return may_match(machine, pattern.pattern, subject)
    if isinstance(pattern, ast.MatchOr):
        found = [may_match(machine, each, subject) for each in pattern.patterns]
        return True if True in found else (None if None in found else False)
    if isinstance(pattern, ast.MatchValue | ast.MatchSingleton) and subject.known:
        wanted = machine.value(pattern.value) if isinstance(pattern, ast.MatchValue) else Value(const=pattern.value)
        return bool(wanted.const == subject.const) if wanted.known else None
    return None


def bind_pattern(machine: Machine, pattern: ast.pattern, subject: Value, depth: int = 20) -> None:
    """Bind the names of a pattern."""
    part = union(elements(subject)) if subject.shape else Value(taints=subject.taints)
    name = getattr(pattern, "name", None)
    if isinstance(pattern, ast.MatchStar | ast.MatchAs) and name:
        machine.scope.variables[name] = subject if isinstance(pattern, ast.MatchAs) else part
    rest = getattr(pattern, "rest", None)
    if rest:
        machine.scope.variables[rest] = part
    if depth:
        inner = [*getattr(pattern, "patterns", ()), *getattr(pattern, "kwd_patterns", ())]
        if isinstance(pattern, ast.MatchAs) and pattern.pattern is not None:
            bind_pattern(machine, pattern.pattern, subject, depth - 1)
        for each in inner:
            bind_pattern(machine, each, subject if isinstance(pattern, ast.MatchOr) else part, depth - 1)
