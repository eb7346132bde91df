"""What the engine has to know of a language: its grammar's words for names, strings, calls and assignments."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A kind of node that gives a name a value; `target`, `value` and `type` are names of its fields.

    Without a field `target` the first named child is the target; without `value` the last one is the value.
    """

    kind: str
    target: str = ""
    value: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A kind of node that calls something; the fields that together spell the callee, in order, and the arguments."""

    kind: str
    callee: tuple[str, ...]
    arguments: str = "arguments"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What has to stand around a pattern of one shape, so that the grammar reads it as it is meant."""

    shape: str  # RE2, matched against the whole pattern
    head: str
    tail: str
    selector: str  # the kind of node that is the pattern


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """How values move in a language, for conditions such as `built` and `input`; regexes are RE2, searched in text."""

    names: frozenset[str] = frozenset({"identifier"})
    strings: frozenset[str] = frozenset()
    fragments: frozenset[str] = frozenset({"string_fragment", "string_content", "escape_sequence"})
    literals: frozenset[str] = frozenset()  # numbers, booleans, null, types: never data
    opaque: frozenset[str] = frozenset()  # functions as values: what they hold is not their value
    members: frozenset[str] = frozenset()  # a.b, a[b]: as tainted as `a`
    joins: frozenset[str] = frozenset({"binary_expression"})
    operators: frozenset[str] = frozenset({"+", "+="})  # those that join text
    choices: frozenset[str] = frozenset()  # a ? b : c: the first named child is only the condition
    bindings: tuple[Binding, ...] = ()
    parameters: tuple[Binding, ...] = ()
    calls: tuple[Call, ...] = ()
    functions: frozenset[str] = frozenset()
    blocks: frozenset[str] = frozenset()
    inputs: str = ""  # expressions and parameters that come from outside
    formats: str = ""  # callees that put their arguments into text
    appends: str = ""  # callees (whole, `sb.append`) that add their arguments to what they are called on
    cleaners: str = ""  # callees whose result can't carry an attack of any kind: numbers, lengths, escaped text
    numeric: str = (
        r"(?i)^(u?int\w*|s?byte|short|u?long|float\w*|double|decimal|bool(ean)?|char|integer|size_t|number)\??$"
    )
    fills: tuple[tuple[str, int], ...] = ()  # callees that write input into their n-th argument
    builds: tuple[tuple[str, int], ...] = ()  # callees that write text of their other arguments into their n-th
    holes: str = ""  # a name, as group 1, that stands for its value within strings


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """One language: how to parse a fragment of it, and how values move in it."""

    name: str  # as in Snippet.language
    grammar: str = ""  # ast-grep's name of it; empty: only text rules
    wrappers: tuple[tuple[str, str], ...] = ()  # what may stand around a fragment that has lost its own frame
    frames: tuple[Frame, ...] = ()
    comment_kinds: frozenset[str] = frozenset({"comment"})
    comment_text: str = ""  # RE2, for languages without a grammar
    quotes: str = "\"'"
    line_comments: tuple[str, ...] = ("//",)
    block_comments: tuple[tuple[str, str], ...] = (("/*", "*/"),)
    piece: int = 50_000  # characters parsed at once; fewer where rules relate distant nodes, which costs the square
    dialect: str = ""  # a name in `prepare` of a rewriting before parsing, of the same length
    flow: Flow = field(default_factory=Flow)
