"""The machine that runs a snippet on what is known of its values: state, bounds, and what was seen.

How each kind of node is run stands in modules of its own, which register here: expressions and statements.
"""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tracevet_python.flow.state import Fields, Point, Proven, Scope
from tracevet_python.flow.values import UNKNOWN, Taint, Value

DEPTH_CAP = 110  # expressions and blocks inside each other, calls of local functions included
CALL_CAP = 4  # calls of local functions inside each other
MOST = 400  # pieces of code that one proof is about, over all runs
CALL_STEPS = 3_000  # steps after which the calls of one entry are not run any more, but taken to pass all data on

Evaluate = Callable[["Machine", Any], Value]
Execute = Callable[["Machine", Any], None]
EVALUATORS: dict[type[ast.AST], Evaluate] = {}
EXECUTORS: dict[type[ast.AST], Execute] = {}
_E = TypeVar("_E", bound=Evaluate)
_X = TypeVar("_X", bound=Execute)


class OutOfStepsError(Exception):
    """The snippet takes more work than it is given."""


@dataclass(frozen=True, slots=True, eq=False)
class Hit:
    """A weakness seen at a node."""

    rule: str
    node: ast.AST  # the sink
    taint: Taint | None = None  # None: the code is weak whatever the data
    lower: int = 0  # how many levels of confidence are missing
    fix: str = ""  # instead of the rule's own
    cwe: tuple[str, ...] = ()  # instead of the rule's own
    built: ast.AST | None = None  # where the text was put together
    secret: ast.AST | None = None  # a literal that must not be shown


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function or lambda of the snippet, and the scope it was made in."""

    node: Any  # FunctionDef, AsyncFunctionDef or Lambda
    scope: Scope
    owner: "Class | None" = None
    bound: "Value | None" = None  # the object it is called on


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """A class of the snippet."""

    node: ast.ClassDef
    members: dict[str, Value]
    bases: tuple[Value, ...] = ()

    def find(self, name: str, depth: int = 8) -> Value | None:
        """Look a member up, in the bases of the snippet too."""
        if name in self.members:
            return self.members[name]
        if depth:
            for base in self.bases:
                if isinstance(base.target, Class):
                    found = base.target.find(name, depth - 1)
                    if found is not None:
                        return found
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """An object of a class of the snippet; its attributes are fields of the machine."""

    cls: Class


@dataclass(slots=True, eq=False)
class Loop:
    """The points at which a loop is left, or goes on, from its middle."""

    left: list[Point] = field(default_factory=list)
    again: list[Point] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Frame:
    """One run of a function."""

    node: ast.AST | None = None
    web: str = ""  # whose handler it is: "flask", "django" …; "" for none
    returned: list[Value] = field(default_factory=list)
    loops: list[Loop] = field(default_factory=list)


class Machine:
    """Runs statements and expressions; one for each snippet."""

    def __init__(self, *, steps: int, words: frozenset[str] = frozenset()) -> None:
        """Start with an empty module; `words` are the names that the snippet uses."""
        self.scope = Scope()
        self.module = self.scope
        self.fields: Fields = {}
        self.proven: Proven = {}
        self.dead = False  # nothing runs after this point
        self.frame = Frame()
        self.stack: list[ast.AST] = []  # functions being run
        self.hits: dict[tuple[str, int], Hit] = {}
        self.judged: dict[tuple[str, int], tuple[ast.AST, ...] | None] = {}  # sinks; None: not always harmless
        self.steps = steps
        self.words = words
        self.start = steps  # at the last entry
        self.depth = 0
        self.cut = False  # something was nested too deeply to be run
        self.found: list[Function] = []  # functions defined, in order
        self.called: set[ast.AST] = set()  # functions of the snippet that it calls itself
        self.loose = False  # names defined nowhere may hold anything: the text is a piece of a file
        self.memory: dict[Any, Value] = {}
        self.hot: set[ast.AST] = set()  # functions that name something weak, or call one that does

    def value(self, node: ast.AST) -> Value:
        """Evaluate an expression."""
        self.steps -= 1
        if self.steps < 0:
            raise OutOfStepsError
        evaluate = EVALUATORS.get(type(node))
        if evaluate is None:
            return UNKNOWN
        if self.depth > DEPTH_CAP:
            self.cut = True
            return UNKNOWN
        self.depth += 1
        try:
            return evaluate(self, node)
        finally:
            self.depth -= 1

    def run(self, statements: Iterable[ast.stmt]) -> None:
        """Run a block until its end, or until nothing runs after."""
        if self.depth > DEPTH_CAP:
            self.cut = True
            return
        self.depth += 1
        try:
            for statement in statements:
                if self.dead:
                    break
                self.steps -= 1
                execute = EXECUTORS.get(type(statement))
                if execute is not None:
                    execute(self, statement)
        finally:
            self.depth -= 1

    def point(self) -> Point:
        """Copy what holds now."""
        return Point(dict(self.scope.variables), dict(self.fields), self.proven)

    def go(self, point: Point) -> None:
        """Make hold what held at a point, in the same scope."""
        self.scope.variables = dict(point.variables)
        self.fields = dict(point.fields)
        self.proven = point.proven

    def prove(self, taints: Iterable[Taint], families: frozenset[str]) -> None:
        """Note that data was checked: from here on it can't cause the families of weakness."""
        proven: Mapping[str, frozenset[str]] = self.proven
        for taint in taints:
            known = proven.get(taint.source, frozenset())
            if not families <= known:
                proven = {**proven, taint.source: known | families}
        self.proven = proven

    def harmful(self, taints: Iterable[Taint], rule: str) -> list[Taint]:
        """Keep the taints that can still cause a weakness."""
        return [each for each in taints if rule not in each.safe and rule not in self.proven.get(each.source, ())]

    def judge(self, rule: str, node: ast.AST, shown: tuple[ast.AST, ...], *, harmless: bool) -> None:
        """Note whether a sink was harmless this time; it is proven so only if it was whenever it was reached."""
        known = self.judged.get((rule, id(node)), ())
        self.judged[rule, id(node)] = (*known, *shown) if harmless and known is not None and len(known) < MOST else None

    def proofs(self) -> Iterator[tuple[str, ast.AST]]:
        """Give the code that is proven free of a weakness, by rule; nothing where not all could be run."""
        for (rule, node), shown in self.judged.items():
            if shown and (rule, node) not in self.hits and not self.cut:
                yield from ((rule, each) for each in dict.fromkeys(shown))

    def hit(self, hit: Hit) -> None:
        """Note a weakness; of several at one node the surest is kept."""
        key = (hit.rule, id(hit.node))
        known = self.hits.get(key)
        if known is None or hit.lower < known.lower:
            self.hits[key] = hit


def evaluates(*types: type[ast.AST]) -> Callable[[_E], _E]:
    """Register how nodes of some types are evaluated."""

    def register(function: _E) -> _E:
        EVALUATORS.update(dict.fromkeys(types, function))
        return function

    return register


def executes(*types: type[ast.AST]) -> Callable[[_X], _X]:
    """Register how statements of some types are run."""

    def register(function: _X) -> _X:
        EXECUTORS.update(dict.fromkeys(types, function))
        return function

    return register
