"""Walk a tree as bandit does, without its recursion, and run the checks on what passes their gates."""

import ast
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tracevet import Confidence, Severity
from tracevet_python.bandit.checks import Check
from tracevet_python.bandit.nodes import call_name, parent_of, qualified_name
from tracevet_python.bandit.passwords import is_secret, password_at
from tracevet_python.bandit.plan import Plan

FILE = "snippet.py"  # the name that checks see
_POSITION = ("lineno", "col_offset", "end_col_offset")
_BLANK = b"\n\n"  # keeps a coding cookie in the text from being one: it counts in the first two lines only


@dataclass(frozen=True, slots=True)
class Hit:
    """One issue that a check saw."""

    rule: str
    severity: Severity
    confidence: Confidence
    cwe: int  # 0: none
    line: int  # 1-based, as bandit gives it
    node: Any  # the node it was seen at; None for checks of the whole text


@dataclass(slots=True)
class Result:
    """What the checks said of one snippet."""

    hits: list[Hit] = field(default_factory=list)
    failures: Counter[tuple[str, str]] = field(default_factory=Counter)  # rule and class of exception
    passwords: list[ast.Constant] = field(default_factory=list)  # to be masked


class Walk:
    """One walk over one tree: what was imported so far, and what was seen."""

    def __init__(self, plan: Plan, text: str) -> None:
        """Take the plan and the snippet's text, which checks of the whole file read."""
        self.result = Result()
        self._plan = plan
        self._text = text
        self._data = io.BytesIO(text.encode("utf-8", "replace"))
        self._imports: set[str] = set()
        self._aliases: dict[str, str] = {}
        self._visits: dict[type[ast.AST], Callable[[Any], None]] = {
            ast.Call: self._visit_call,
            ast.Constant: self._visit_constant,
            ast.FunctionDef: self._visit_function,
            ast.Import: self._visit_import,
            ast.ImportFrom: self._visit_import_from,
            ast.ClassDef: self._visit_nothing,  # as bandit does
        }

    def run(self, module: ast.Module) -> None:
        """Visit all nodes below the module in the order of the text, as bandit does; each learns of its parent."""
        stack = self._children(module)
        visits = self._visits
        while stack:
            node = stack.pop()
            kind = type(node)
            visit = visits.get(kind)
            if visit is None:
                visit = visits[kind] = self._visitor(kind.__name__)
            visit(node)
            stack += self._children(node)

    def run_file(self) -> None:
        """Run the checks that read the whole text; it need not be Python."""
        context = {"lineno": len(_BLANK) + 1, "linerange": range(2), "col_offset": 0, "filename": FILE}
        for check in self._plan.of_kind("File"):
            if check.node_gate is not None and not check.node_gate(self._text):
                continue
            data = io.BytesIO(_BLANK + self._data.getvalue())
            self._try(check, {**context, "file_data": data}, None)

    def _children(self, node: ast.AST) -> list[Any]:
        """Give the nodes below, last one first, each with its parent noted where bandit's checks look for it."""
        children: list[Any] = []
        for name in self._plan.fields(type(node)):
            value = getattr(node, name, None)
            if isinstance(value, list):
                children += [item for item in value if isinstance(item, ast.AST)]
            elif isinstance(value, ast.AST):
                children.append(value)
        for child in children:
            child._bandit_parent = node  # the name that bandit gives it
        children.reverse()
        return children

    def _visitor(self, kind: str) -> Callable[[Any], None]:
        """Make the visit of nodes that bandit knows nothing special of."""
        checks = self._plan.of_kind(kind)
        if not checks:
            return self._visit_nothing
        return lambda node: self._check(checks, node, {})

    def _visit_nothing(self, node: Any) -> None:
        pass

    def _visit_call(self, node: ast.Call) -> None:
        name = call_name(node, self._aliases)
        checks = self._plan.of_call(name, node.keywords)
        if name != "__import__" and getattr(node.func, "id", "") == "__import__":
            checks = (*checks, *self._plan.of_call("__import__", []))  # bandit looks at the bare name here
            checks = tuple(dict.fromkeys(checks))
        if checks:
            self._check(checks, node, {"call": node, "qualname": name, "name": name.rpartition(".")[2]})

    def _visit_constant(self, node: ast.Constant) -> None:
        value = node.value
        if type(value) is str:
            parent = parent_of(node)
            if isinstance(parent, ast.Expr):  # a docstring
                return
            literal = password_at(node)
            if literal is not None and is_secret(literal):
                self.result.passwords.append(literal)
            self._check(self._plan.of_kind("Str"), node, {"str": value}, parent)
        elif type(value) is bytes and not isinstance(parent_of(node), ast.Expr):
            self._check(self._plan.of_kind("Bytes"), node, {"bytes": value}, parent_of(node))

    def _visit_function(self, node: ast.FunctionDef) -> None:
        self._check(
            self._plan.of_kind("FunctionDef"),
            node,
            {"function": node, "qualname": qualified_name(node), "name": node.name},
        )

    def _visit_import(self, node: ast.Import | ast.ImportFrom) -> None:
        for name in node.names:
            if name.asname:
                self._aliases[name.asname] = name.name
            self._imports.add(name.name)
        self._check(self._plan.of_kind("Import"), node, {"module": node.names[-1].name})

    def _visit_import_from(self, node: ast.ImportFrom) -> None:
        if node.module is None:
            self._visit_import(node)  # bandit runs the checks of "Import" on `from . import x`
            return
        for name in node.names:
            full = f"{node.module}.{name.name}"
            self._aliases[name.asname or name.name] = full
            self._imports.add(full)
        self._check(self._plan.of_kind("ImportFrom"), node, {"module": node.module, "name": node.names[-1].name})

    def _check(self, checks: Any, node: Any, known: dict[str, Any], ranged: Any = None) -> None:
        for check in checks:
            if check.node_gate is None or check.node_gate(node):
                self._try(check, {**self._context(node, ranged or node), **known}, node)

    def _context(self, node: Any, ranged: Any) -> dict[str, Any]:
        """What bandit's visitor tells every check."""
        context = {
            "imports": self._imports,
            "import_aliases": self._aliases,
            "node": node,
            "filename": FILE,
            "file_data": self._data,
            "linerange": _lines(ranged),
        }
        return context | {key: getattr(node, key) for key in _POSITION if hasattr(node, key)}

    def _try(self, check: Check, context: dict[str, Any], node: Any) -> None:
        """Run one check; what it raises is its own failure, and ends nothing else."""
        try:
            issue = check.run(self._plan.engine.context(context))
            if issue is not None:
                self.result.hits.append(_hit(check, issue, context, node))
        except Exception as error:  # checks are other people's code, and meet hostile trees
            self.result.failures[check.rule, type(error).__name__] += 1


def _hit(check: Check, issue: Any, context: dict[str, Any], node: Any) -> Hit:
    line = int(context["lineno"] if issue.lineno is None else issue.lineno)
    return Hit(
        rule=str(issue.test_id or check.rule),
        severity=Severity.LOW if issue.severity == "UNDEFINED" else Severity(issue.severity.lower()),
        confidence=Confidence.LOW if issue.confidence == "UNDEFINED" else Confidence(issue.confidence.lower()),
        cwe=int(issue.cwe.id),
        line=line if node is not None else max(1, line - len(_BLANK)),
        node=node,
    )


def _lines(node: Any) -> range:
    """The lines of a node, or of the nearest one above that has some; a range, as long lists of lines take time."""
    while node is not None and not hasattr(node, "lineno"):
        node = parent_of(node)
    return range(2) if node is None else range(node.lineno, node.end_lineno + 1)
