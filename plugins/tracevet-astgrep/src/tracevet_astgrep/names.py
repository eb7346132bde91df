"""Where the names of a fragment get their values: an index of its assignments, parameters and appends."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracevet_astgrep.languages import Binding, Call, Flow
from tracevet_astgrep.regex import found_by
from tracevet_astgrep.search import of_kinds

if TYPE_CHECKING:
    from ast_grep_py import SgNode

Range = tuple[int, int]
_MODIFIERS = frozenset({"binding_pattern_kind", "modifiers"})  # Kotlin's `private val`
_MAX_NAMES = 50  # in one target
_MAX_TEXT = 300  # characters of an expression that are looked at


@dataclass(frozen=True, slots=True)
class Definition:
    """One place at which a name gets a value, or more text."""

    at: int  # the value can be seen from here
    scope: Range  # the function, where it can be seen
    block: Range  # what stands in it can't see an earlier value
    adds: bool  # the earlier value stays a part of it
    values: tuple["SgNode", ...]
    labels: frozenset[str] = frozenset()  # known without a look at the values


class Names:
    """The definitions in one tree, by name."""

    def __init__(self, root: "SgNode", flow: Flow) -> None:
        """Index the tree, once."""
        self._flow = flow
        self._whole: Range = (root.range().start.index, root.range().end.index + 1)
        self._table: dict[str, list[Definition]] = {}
        for binding in flow.bindings:
            for node in root.find_all(kind=binding.kind):
                self._bind(node, binding)
        for call in flow.calls if flow.appends or flow.fills else ():
            for node in root.find_all(kind=call.kind):
                self._called(node, call)
        for binding in flow.parameters:
            for node in root.find_all(kind=binding.kind):
                self._parameter(node, binding)
        for definitions in self._table.values():
            definitions.sort(key=lambda each: each.at)

    def seen(self, name: str, at: int) -> Iterator[Definition]:
        """Yield the definitions that may give a name its value at a place, the latest first."""
        definitions = self._table.get(name, [])
        for each in reversed(definitions[: bisect_right(definitions, at, key=lambda each: each.at)]):
            if each.scope[0] <= at < each.scope[1]:
                yield each
                if not each.adds and each.block[0] <= at < each.block[1]:
                    return

    def _add(self, node: "SgNode", name: str, definition: Definition) -> None:
        self._table.setdefault(name, []).append(definition)

    def _bind(self, node: "SgNode", binding: Binding) -> None:
        target, value = _target(node, binding), _value(node, binding)
        operator = node.field("operator")
        adds = node.kind().startswith("augmented") or (
            operator is not None and operator.text() not in {"=", ":=", "of", "in"}
        )
        numeric = self._is_numeric(node, binding)
        if target is None or (value is None and not numeric):
            return
        scope, block = self._frames(node)
        at = node.range().end.index if "for" not in node.kind() else target.range().end.index
        for name, each in self._paired(target, value):
            values = () if each is None or numeric else (each,)
            self._add(node, name, Definition(at=at, scope=scope, block=block, adds=adds, values=values))

    def _called(self, node: "SgNode", call: Call) -> None:
        callee = callee_of(node, call)
        arguments = node.field(call.arguments)
        if arguments is None or not callee:
            return
        if found_by(self._flow.appends).search(callee):
            first = callee.partition("(")[0]  # of a chain of appends
            self._fill(node, first.rpartition(".")[0], (arguments,), frozenset())
        self._built(node, callee, arguments.named_children())
        for regex, index in self._flow.fills:
            given = arguments.named_children() if found_by(regex).search(callee) else []
            if index < len(given):
                for name in self._names(given[index]):
                    self._fill(node, name, (), frozenset({"dynamic", "input"}))

    def _built(self, node: "SgNode", callee: str, given: list["SgNode"]) -> None:
        for regex, index in self._flow.builds:
            if index < len(given) and found_by(regex).search(callee):
                others = (*given[:index], *given[index + 1 :])
                for name in self._names(given[index]):
                    self._fill(node, name, others, frozenset())

    def _fill(self, node: "SgNode", name: str, values: tuple["SgNode", ...], labels: frozenset[str]) -> None:
        scope, block = self._frames(node)
        at = node.range().end.index
        self._add(node, name, Definition(at=at, scope=scope, block=block, adds=True, values=values, labels=labels))

    def _parameter(self, node: "SgNode", binding: Binding) -> None:
        target = node.field(binding.target) if binding.target else node
        if target is None:
            return
        scope, _ = self._frames(node)
        labels = {"dynamic", "param"}
        if found_by(self._flow.inputs).search(node.text()[:_MAX_TEXT]):
            labels.add("input")
        known = frozenset() if self._is_numeric(node, binding) else frozenset(labels)
        for name in (
            self._names(target) if binding.target != "name" else [each.text() for each in node.field_children("name")]
        ):
            at = target.range().start.index
            self._add(node, name, Definition(at=at, scope=scope, block=scope, adds=False, values=(), labels=known))

    def _is_numeric(self, node: "SgNode", binding: Binding) -> bool:
        if not binding.type:
            return False
        holder = node.parent() if binding.type.startswith("^") else node
        kind = holder.field(binding.type.removeprefix("^")) if holder is not None else None
        return kind is not None and bool(found_by(self._flow.numeric).search(kind.text()[:60].lstrip(": ")))

    def _paired(self, target: "SgNode", value: "SgNode | None") -> Iterator[tuple[str, "SgNode | None"]]:
        """Pair names and values; `a, b := f(), g()` pairs them one by one."""
        lefts = target.named_children()
        rights = value.named_children() if value is not None else []
        if (
            target.kind().endswith("_list")
            and value is not None
            and value.kind() == target.kind()
            and len(lefts) == len(rights)
        ):
            for left, right in zip(lefts, rights, strict=True):
                yield from ((name, right) for name in self._names(left))
            return
        yield from ((name, value) for name in self._names(target))

    def _names(self, target: "SgNode") -> list[str]:
        if target.kind() in self._flow.names:
            return [target.text()]
        if target.kind() in self._flow.members:
            return [spelled(target)]
        return [node.text() for node in of_kinds(target, self._flow.names)[:_MAX_NAMES]]

    def _frames(self, node: "SgNode") -> tuple[Range, Range]:
        """Find the function and the block around a node."""
        block = None
        above = node.parent() if node.kind() not in self._flow.functions else node
        while above is not None:
            kind = above.kind()
            if block is None and kind in self._flow.blocks:
                block = _range(above)
            if kind in self._flow.functions:
                return _range(above), block or _range(above)
            above = above.parent()
        return self._whole, block or self._whole


def callee_of(node: "SgNode", call: Call) -> str:
    """Spell what a call calls, without blanks: `db.query`; long receivers lose their beginning."""
    parts = [field for name in call.callee if (field := node.field(name)) is not None]
    if not call.callee:
        parts = [each for each in node.named_children()[:1] if each.kind() != "arguments"]
    return "".join(".".join(spelled(part) for part in parts).split()).lstrip("@")


def spelled(node: "SgNode") -> str:
    """Give the text of an expression without blanks, the last part of a long one."""
    return "".join(node.text()[-_MAX_TEXT:].split())


def _range(node: "SgNode") -> Range:
    place = node.range()
    return place.start.index, place.end.index


def _target(node: "SgNode", binding: Binding) -> "SgNode | None":
    if binding.target:
        return node.field(binding.target)
    named = [each for each in node.named_children() if each.kind() not in _MODIFIERS]
    return named[_second_of_foreach(named, node)] if named else None


def _second_of_foreach(named: list["SgNode"], node: "SgNode") -> int:
    return 1 if node.kind() == "foreach_statement" and len(named) > 1 else 0


def _value(node: "SgNode", binding: Binding) -> "SgNode | None":
    if binding.value:
        return node.field(binding.value)
    named = node.named_children()
    if node.kind() == "foreach_statement":
        return named[0] if len(named) > 1 else None
    return named[-1] if len(named) > 1 else None
