"""What an expression may be worth: constants, text with holes, containers, objects, and data from outside."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, Literal

UNSET: Final = object()  # no constant is known
HOLE: Final = "\0"  # stands in `Value.text` for a part that is not known
TEXT_CAP: Final = 4_000  # characters of a text that are kept
ITEM_CAP: Final = 64  # elements of a container that are told apart
STEP_CAP: Final = 6  # lines of a path that are told
TAINT_CAP: Final = 4  # sources of one value that are told apart


class Kind(StrEnum):
    """Where data comes from, in words for a message."""

    REQUEST = "the request"
    ARGUMENT = "the command line"
    USER = "the user's input"
    MESSAGE = "a message from outside"
    NETWORK = "the network"
    FILE = "a file"
    ENVIRONMENT = "the environment"
    PARAMETER = "a parameter"
    FREE = "a name defined elsewhere"
    ARCHIVE = "the names in an archive"
    ERROR = "an exception"
    RANDOM = "a generator that can be predicted"


@dataclass(frozen=True, slots=True)
class Taint:
    """Data from outside, and how it came here."""

    source: str  # the same for the same piece of data, whatever reads it
    kind: Kind
    line: int  # of the source, as Python counts
    steps: tuple[int, ...] = ()  # lines it passed on the way
    safe: frozenset[str] = frozenset()  # families of weakness it can't cause any more
    weak: bool = False  # it went through something that nobody here knows

    def at(self, line: int) -> "Taint":
        """Note that it passed a line."""
        if line == (self.steps[-1] if self.steps else self.line) or len(self.steps) >= STEP_CAP:
            return self
        return replace(self, steps=(*self.steps, line))

    def without(self, families: frozenset[str]) -> "Taint":
        """Give the same data, unable to cause the given families."""
        return self if families <= self.safe else replace(self, safe=self.safe | families)


Shape = Literal["", "list", "tuple", "set", "dict"]


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """What is known of the worth of an expression. Values are compared by identity."""

    taints: tuple[Taint, ...] = ()
    const: Any = UNSET
    text: str | None = None  # a string's known parts, with a HOLE for each unknown one
    shape: Shape = ""
    fields: Mapping[Any, "Value"] = field(default_factory=dict)  # of a container; a sequence's keys are 0, 1, 2 …
    rest: "Value | None" = None  # of a container: what any other key may give; None: there is no other key
    name: str = ""  # dotted, through imports: "flask.request.args"; a call adds "()"
    target: Any = None  # what is called or looked into: a function, class or object of the snippet
    built: Any = None  # the node that put text and data together
    arguments: tuple[tuple["Value", ...], Mapping[str, "Value"]] | None = None  # of the call that made it
    whole: bool = False  # nothing went into it but constants, numbers, and the data that `taints` name

    @property
    def known(self) -> bool:
        """Tell whether it is one constant."""
        return self.const is not UNSET


UNKNOWN: Final = Value()
NOTHING: Final = Value(const=None, whole=True)
NUMBER: Final = Value(text=HOLE, whole=True)  # written out


def constant(value: Any) -> Value:
    """Make a constant; long text is cut to a text that is not quite known."""
    if isinstance(value, str):
        if len(value) > TEXT_CAP:
            return Value(text=value[:TEXT_CAP] + HOLE, whole=True)
        return Value(const=value, text=value, whole=True)
    if isinstance(value, bytes):
        return Value(const=value, text=value[:TEXT_CAP].decode("latin-1"), whole=True)
    return Value(const=value, whole=True)


def is_whole(value: Value, depth: int = 4) -> bool:
    """Tell whether all that went into a value, and into what it holds, is known."""
    if value.whole or not value.shape:
        return value.whole
    return depth > 0 and all(is_whole(each, depth - 1) for each in elements(value))


def told(base: Value) -> bool:
    """Tell whether what is taken out of a value is told by its taints."""
    return base.whole and bool(base.taints)


def sequence(shape: Shape, items: Iterable[Value]) -> Value:
    """Make a list, tuple or set of values in order."""
    kept = list(items)
    if len(kept) > ITEM_CAP:
        return Value(shape=shape, fields=dict(enumerate(kept[:ITEM_CAP])), rest=union(kept[ITEM_CAP:]))
    return Value(shape=shape, fields=dict(enumerate(kept)))


def elements(value: Value) -> Iterator[Value]:
    """Give all that a container may hold."""
    yield from value.fields.values()
    if value.rest is not None:
        yield value.rest


def taints_of(value: Value, depth: int = 4) -> tuple[Taint, ...]:
    """Give the taints of a value and of all that it holds."""
    if not value.shape or depth == 0:
        return value.taints
    return merge(value.taints, *(taints_of(each, depth - 1) for each in elements(value)))


def merge(*groups: tuple[Taint, ...]) -> tuple[Taint, ...]:
    """Join taints; of one source, what any way leaves unsafe stays unsafe."""
    filled = [group for group in groups if group]
    if len(filled) < 2:  # noqa: PLR2004  # one group is itself
        return filled[0] if filled else ()
    found: dict[tuple[str, Kind], Taint] = {}
    for group in filled:
        for taint in group:
            key = (taint.source, taint.kind)
            other = found.get(key)
            if other is None:
                found[key] = taint
            elif other is not taint:
                found[key] = replace(other, safe=other.safe & taint.safe, weak=other.weak and taint.weak)
    return tuple(found.values())[:TAINT_CAP]


def union(values: Iterable[Value]) -> Value:
    """Join what may be any of several values."""
    result: Value | None = None
    for value in values:
        result = value if result is None else join(result, value)
    return result or UNKNOWN


def join(one: Value, other: Value) -> Value:
    """Give what holds of either value."""
    if one is other or (one is UNKNOWN and not other.taints and not other.shape and not other.text):
        return one
    if one.known and other.known and type(one.const) is type(other.const) and one.const == other.const:
        return one
    shape: Shape = one.shape if one.shape == other.shape else one.shape or other.shape
    return Value(
        taints=merge(one.taints, other.taints),
        text=_join_text(one, other),
        shape=shape,
        fields=_join_fields(one, other) if shape else {},
        rest=_join_rest(one, other) if shape else None,
        name=one.name if one.name == other.name else "",
        target=one.target if one.target is other.target else None,
        built=one.built or other.built,
        arguments=one.arguments or other.arguments,
        whole=one.whole and other.whole,
    )


def _join_text(one: Value, other: Value) -> str | None:
    """Prefer the text that data went into: the other can do no harm."""
    if one.text == other.text:
        return one.text
    if one.taints and not other.taints:
        return one.text
    if other.taints and not one.taints:
        return other.text
    return max(one.text or "", other.text or "", key=len) or None


def _join_fields(one: Value, other: Value) -> dict[Any, Value]:
    if not one.shape or not other.shape:
        return dict(one.fields or other.fields)
    if one.shape != "dict" and len(one.fields) != len(other.fields):
        return {}  # positions mean nothing any more
    both = [key for key in one.fields if key in other.fields]
    return {key: join(one.fields[key], other.fields[key]) for key in both}


def _join_rest(one: Value, other: Value) -> Value | None:
    left: list[Value] = [each for each in (one.rest, other.rest) if each is not None]
    if one.shape and other.shape:
        by_place = one.shape == "dict" or len(one.fields) == len(other.fields)
        for mine, theirs in ((one, other), (other, one)):
            left += [each for key, each in mine.fields.items() if not by_place or key not in theirs.fields]
    return union(left) if left else None


def same(one: Value, other: Value) -> bool:
    """Tell whether a loop would learn nothing from taking one for the other."""
    if one is other:
        return True
    return (
        {(each.source, each.safe) for each in one.taints} == {(each.source, each.safe) for each in other.taints}
        and (one.known, one.text, one.shape, one.name) == (other.known, other.text, other.shape, other.name)
        and (not one.known or one.const == other.const)
        and one.fields.keys() == other.fields.keys()
        and all(same(one.fields[key], other.fields[key]) for key in one.fields)
        and (one.rest is None) == (other.rest is None)
    )
