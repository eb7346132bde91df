"""How a value came to be: from constants alone, joined from parts, from input, from a parameter."""

from typing import TYPE_CHECKING

from tracevet_astgrep.languages import Flow
from tracevet_astgrep.names import Names, callee_of, spelled
from tracevet_astgrep.regex import found_by

if TYPE_CHECKING:
    from ast_grep_py import SgNode

Labels = frozenset[str]
CONSTANT: Labels = frozenset()
DYNAMIC: Labels = frozenset({"dynamic"})
_INPUT: Labels = frozenset({"dynamic", "input"})
_BUILT: Labels = frozenset({"dynamic", "built"})
_MAX_DEPTH = 60  # expressions and assignments on the way to a value
_MAX_HOLES = 50  # in one string
_MAX_STEPS = 20_000  # in one tree; what lies beyond counts as dynamic
_CONSTANT_NAME = r"^\$?(self::|static::|\w+\.)?[A-Z][A-Z0-9_]*$|^\$?(this|self)$"
_PLACEHOLDERS = r"(?i)place_?holders?$"
# Calls that look something up: what they return is not what they were given.
_LOOKUP = (
    r"(?i)(^|\.|->|::)(query\w*|execute\w*|exec|find\w*|fetch\w*|get|save|insert\w*|update\w*|load\w*|select\w*|all|first|where|send\w*"
    r"|lookup|has|includes|map|filter|some|every|open|readFile\w*|stat\w*|exists\w*|create\w*|on|then|listen)$"
)

# Functions that only give their arguments another form.
_PURE = (
    r"^(Buffer\.from|Arrays\.asList|List\.of|Set\.of|Map\.of|String|string|str|array|list|Array|new String"
    r"|String\.valueOf|Object\.freeze"
    r"|StringBuilder|StringBuffer|URL|URI|File|Path\.of|Paths\.get|path\.join|filepath\.Join|Encoding\.\w+\.GetBytes"
    r"|Convert\.FromBase64String|base64_decode|hex2bin|pack|dirname|__dirname|IvParameterSpec|SecretKeySpec)$"
)


class Values:
    """Labels for the expressions of one tree, each worked out once."""

    def __init__(self, root: "SgNode", flow: Flow) -> None:
        """Index the names of the tree."""
        self._flow = flow
        self._names = Names(root, flow)
        self._calls = {call.kind: call for call in flow.calls}
        self._known: dict[tuple[int, int, str], Labels] = {}
        self._steps = 0

    def labels(self, node: "SgNode", depth: int = 0) -> Labels:
        """Say how an expression came to be; no label means: from constants alone."""
        kind = node.kind()
        if kind in self._flow.literals or kind in self._flow.opaque:
            return CONSTANT
        place = node.range()
        key = (place.start.index, place.end.index, kind)
        if key not in self._known:
            self._steps += 1
            if depth > _MAX_DEPTH or self._steps > _MAX_STEPS:
                return DYNAMIC
            self._known[key] = CONSTANT  # a loop of assignments adds nothing
            self._known[key] = self._judge(node, kind, depth + 1)
        return self._known[key]

    def _judge(self, node: "SgNode", kind: str, depth: int) -> Labels:
        flow = self._flow
        if kind in flow.strings:
            parts = [each for each in node.named_children() if each.kind() not in flow.fragments]
            return _joined(self._union(parts, depth) | self._holes(node, depth))
        if kind in flow.names:
            return self._name(node.text(), node.range().start.index, depth)
        if kind in flow.joins:
            return self._binary(node, depth)
        if kind in self._calls:
            return self._call(node, kind, depth)
        if kind in flow.members:
            return self._member(node, depth)
        return self._other(node, kind, depth)

    def _other(self, node: "SgNode", kind: str, depth: int) -> Labels:
        parts = node.named_children()
        if "cast" in kind or kind == "as_expression":
            type_ = node.field("type")
            if type_ is not None and found_by(self._flow.numeric).search(type_.text()[:60]):
                return CONSTANT
        if kind in self._flow.choices:
            parts = parts[1:]
        if kind == "argument" and node.field("name") is not None:
            parts = parts[1:]
        return self._union(parts, depth)

    def _binary(self, node: "SgNode", depth: int) -> Labels:
        leaves, joins = [], False
        pending = [node]
        while pending:
            each = pending.pop()
            operator = each.field("operator") if each.kind() in self._flow.joins else None
            if operator is None:
                leaves.append(each)
                continue
            joins = joins or operator.text() in self._flow.operators
            if operator.text() in {"==", "===", "!=", "!==", "<", ">", "<=", ">=", "instanceof", "in"}:
                continue
            pending += [part for part in each.named_children() if not part.kind().startswith("ERROR")]
        labels = self._union(leaves, depth)
        return _joined(labels) if joins and len(leaves) > 1 else labels

    def _union(self, nodes: list["SgNode"], depth: int) -> Labels:
        labels: set[str] = set()
        for node in nodes:
            labels |= self.labels(node, depth)
        return frozenset(labels)

    def _holes(self, node: "SgNode", depth: int) -> Labels:
        if not self._flow.holes:
            return CONSTANT
        at = node.range().start.index
        names = {match[1] for match in found_by(self._flow.holes).finditer(node.text())}
        return frozenset().union(*(self._name(name, at, depth) for name in sorted(names)[:_MAX_HOLES]))

    def _name(self, name: str, at: int, depth: int) -> Labels:
        if found_by(_PLACEHOLDERS).search(name):
            return CONSTANT
        if found_by(self._flow.inputs).search(name):
            return _INPUT
        labels: set[str] = set()
        defined = False
        for definition in self._names.seen(name, at):
            defined = True
            found = set(definition.labels) | set(self._union(list(definition.values), depth))
            if definition.adds and "dynamic" in found:
                found.add("built")
            labels |= found
        if defined or found_by(_CONSTANT_NAME).search(name):
            return frozenset(labels)
        return DYNAMIC

    def _member(self, node: "SgNode", depth: int) -> Labels:
        name = spelled(node)
        known = self._names.seen(name, node.range().start.index)
        if (first := next(known, None)) is not None and not first.adds:
            return first.labels | self._union(list(first.values), depth)
        if found_by(self._flow.inputs).search(name):
            return _INPUT
        if found_by(_CONSTANT_NAME).search(name):
            return CONSTANT
        owner = next(iter(node.named_children()), None)
        if owner is None or owner.text() in {"this", "self", "$this"}:
            return DYNAMIC
        labels = self.labels(owner, depth)
        return labels - {"built"} if labels else CONSTANT

    def _call(self, node: "SgNode", kind: str, depth: int) -> Labels:
        call = self._calls[kind]
        callee = callee_of(node, call)
        if found_by(self._flow.cleaners).search(callee):
            return CONSTANT
        if found_by(self._flow.inputs).search(callee + "("):
            return _INPUT
        arguments = node.field(call.arguments)
        given = self._union([arguments], depth) if arguments is not None else CONSTANT
        if found_by(_LOOKUP).search(callee):
            given &= DYNAMIC
        owner = self._owner(node, depth, pure=bool(found_by(_PURE).search(callee)))
        if found_by(self._flow.formats).search(callee):
            return _joined(given | (owner if "dynamic" in given or owner != DYNAMIC else CONSTANT))
        return given | owner

    def _owner(self, node: "SgNode", depth: int, *, pure: bool) -> Labels:
        """The labels of what a call is made on; a function that nobody knows may return anything."""
        receiver = self._receiver(node)
        if pure and (receiver is None or receiver.kind() in self._flow.names):
            return CONSTANT
        return DYNAMIC if receiver is None else self.labels(receiver, depth)

    def _receiver(self, node: "SgNode") -> "SgNode | None":
        for name in ("object", "scope"):
            if (owner := node.field(name)) is not None:
                return owner
        function = node.field("function")
        if function is not None and function.kind() in self._flow.members:
            return next(iter(function.named_children()), None)
        return None


def _joined(labels: Labels) -> Labels:
    return labels | _BUILT if "dynamic" in labels else labels
