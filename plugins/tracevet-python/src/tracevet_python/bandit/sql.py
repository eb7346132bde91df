"""B608, SQL built from strings, in linear time.

For each string of a concatenation bandit joins and searches all the others: quadratic, seconds for 3 KB, and it
recurses. Here bandit's own check decides on small expressions, and an automaton that gives the same answers on
large ones: over words, because the check's pattern can be told word by word, and as maps from state to state,
because each string of a concatenation stands before, not among, the others.
"""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

from tracevet_python.bandit.nodes import parent_of, text_of

SMALL = 64  # operators in a concatenation that bandit's own check may see
SHORT = 4_000  # characters of its strings
_VERB = re.compile("select|insert|update|delete", re.IGNORECASE)
_ENDS = ("select", "insert", "update", "delete", "from", "values", "set")
_END = re.compile(f"(?:{'|'.join(f'(?P<{end}>{end})' for end in _ENDS)})$", re.IGNORECASE)
_VALUES = re.compile(r"values\(", re.IGNORECASE)
_EXACT = re.compile("(?P<into>into)|(?P<from>from)", re.IGNORECASE)

# State: which of SELECT, INSERT INTO and UPDATE were seen, and whether the last word was INSERT or DELETE.
_State = tuple[bool, bool, bool, str]
_Map = tuple[int, ...]
_STATES: list[_State] = list(product((False, True), (False, True), (False, True), ("", "insert", "delete")))
_INDEX = {state: index for index, state in enumerate(_STATES)}
_FOUND = len(_STATES)
_IDENTITY: _Map = tuple(range(_FOUND + 1))
_START = _INDEX[False, False, False, ""]


@dataclass(frozen=True, slots=True)
class _Word:
    """What matters of a word: what it ends with, what it is, whether it holds `values(`, and whether more follows."""

    end: str
    exact: str
    values: bool
    followed: bool


class Chain:
    """A concatenation: its strings in order, and for each inner node which of them stand below it."""

    def __init__(self, root: ast.BinOp) -> None:
        """Collect the strings without recursion, and note the chain on each node of it."""
        self.root = root
        self.strings: list[str] = []
        self.below: dict[int, tuple[int, int]] = {}
        self._collect()
        self.length = sum(map(len, self.strings))
        self.has_verb = any(_VERB.search(text) for text in self.strings)
        self._maps: _ChainMaps | None = None

    def matches(self, node: ast.Constant) -> bool:
        """Tell whether bandit finds SQL in `node` followed by all strings but those beside and below its parent."""
        if self._maps is None:
            self._maps = _ChainMaps(self.strings)
        return self._maps.found(text_of(node), *self.below[id(parent_of(node))])

    def _collect(self) -> None:
        stack: list[tuple[ast.expr, bool]] = [(self.root, False)]
        starts: dict[int, int] = {}
        while stack:
            node, done = stack.pop()
            if done:
                self.below[id(node)] = starts[id(node)], len(self.strings)
            elif isinstance(node, ast.BinOp):
                starts[id(node)] = len(self.strings)
                vars(node)["_tracevet_chain"] = self
                stack += [(node, True), (node.right, False), (node.left, False)]
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                self.strings.append(node.value)


class _ChainMaps:
    """The maps of every beginning and every end of a chain's strings."""

    def __init__(self, strings: Sequence[str]) -> None:
        self._inner = [_map_of(text, followed=True) for text in strings]
        self._final = [_map_of(text, followed=False) for text in strings]
        self._before = [_IDENTITY]
        for each in self._inner:
            self._before.append(_then(self._before[-1], each))
        self._after = [_IDENTITY, *self._final[-1:]]
        for each in reversed(self._inner[:-1]):
            self._after.append(_then(each, self._after[-1]))
        self._after.reverse()

    def found(self, text: str, start: int, end: int) -> bool:
        """Tell whether SQL is found in `text`, then the strings before `start`, then those from `end` on."""
        rest = _IDENTITY
        if end < len(self._inner):
            rest = _then(self._before[start], self._after[end])
        elif start:
            rest = _then(self._before[start - 1], self._final[start - 1])
        alone = end == len(self._inner) and not start
        return rest[_map_of(text, followed=not alone)[_START]] == _FOUND


def chain_of(node: ast.AST) -> Chain:
    """Give the concatenation that a node is part of; computed once."""
    top = parent_of(node)
    while "_tracevet_chain" not in vars(top) and isinstance(parent_of(top), ast.BinOp):
        top = parent_of(top)
    known = vars(top).get("_tracevet_chain")
    return known if isinstance(known, Chain) else Chain(top)


def may_match(node: ast.Constant) -> bool:
    """Tell cheaply whether bandit could see SQL at a string: the gate of B608."""
    parent = parent_of(node)
    if isinstance(parent, ast.BinOp):
        return chain_of(node).has_verb
    if isinstance(parent, ast.Attribute):
        return parent.attr in ("format", "replace") and bool(_VERB.search(text_of(node)))
    if isinstance(parent, ast.JoinedStr):
        texts = _texts(parent)
        return texts[0] is node and any(_VERB.search(text_of(text)) for text in texts)
    return False


class Guard:
    """Bandit's check B608, kept from what is too large for it."""

    def __init__(self, check: Any, issue: Any) -> None:
        """Take bandit's check, and its class of issues."""
        self._check = check
        self._issue = issue

    def __call__(self, context: Any) -> Any:
        """Give what bandit gives, in time that does not grow with the square of the text."""
        node = context.node
        parent = parent_of(node)
        if isinstance(parent, ast.BinOp):
            chain = chain_of(node)
            if len(chain.below) <= SMALL and chain.length <= SHORT:
                return self._check(context)
            return self._report(parent_of(chain.root)) if chain.matches(node) else None
        texts = _texts(parent) if isinstance(parent, ast.JoinedStr) else (node,)
        text = "".join(map(text_of, texts))
        if texts[0] is not node or len(text) <= SHORT:
            return self._check(context) if texts[0] is node else None
        return self._report(_wrapper(parent), parent) if finds(text) else None

    def _report(self, wrapper: Any, parent: Any = None) -> Any:
        name = getattr(wrapper, "func", None)
        called = getattr(name, "attr", None) or getattr(name, "id", None)
        executed = called in ("execute", "executemany") and getattr(parent, "attr", None) != "replace"
        return self._issue(severity="MEDIUM", confidence="MEDIUM" if executed else "LOW", cwe=89, test_id="B608")


def finds(text: str) -> bool:
    """Tell whether bandit's pattern for SQL matches somewhere in a text."""
    return _map_of(text, followed=False)[_START] == _FOUND


def _wrapper(parent: Any) -> Any:
    """What a formatted string is handed to: two nodes above `.format`, one above an f-string."""
    above = parent_of(parent)
    return above if isinstance(parent, ast.JoinedStr) else parent_of(above)


def _texts(node: ast.JoinedStr) -> tuple[ast.Constant, ...]:
    """The literal parts of an f-string; computed once."""
    known: tuple[ast.Constant, ...] | None = vars(node).get("_tracevet_texts")
    if known is None:
        known = tuple(part for part in node.values if isinstance(part, ast.Constant) and isinstance(part.value, str))
        vars(node)["_tracevet_texts"] = known
    return known


def _map_of(text: str, *, followed: bool) -> _Map:
    """The map of a text's words; `followed` says whether white space comes after the text."""
    words = text.split()
    followed = followed or text[-1:].isspace()
    result = _IDENTITY
    for index, word in enumerate(words):
        result = _then(result, _step_map(_read(word, followed=followed or index < len(words) - 1)))
    return result


def _read(word: str, *, followed: bool) -> _Word:
    end, exact = _END.search(word), _EXACT.fullmatch(word)
    return _Word(
        end=(end and end.lastgroup) or "",
        exact=(exact and exact.lastgroup) or "",
        values=bool(_VALUES.search(word)),
        followed=followed,
    )


@lru_cache(maxsize=256)
def _step_map(word: _Word) -> _Map:
    return (*(_step(state, word) for state in _STATES), _FOUND)


def _step(state: _State, word: _Word) -> int:
    select, insert, update, last = state
    if insert and word.values:
        return _FOUND
    if not word.followed:
        return _INDEX[state]
    if (select and word.end == "from") or (update and word.end == "set") or (insert and word.end == "values"):
        return _FOUND
    if last == "delete" and word.exact == "from":
        return _FOUND
    return _INDEX[
        select or word.end == "select",
        insert or (last == "insert" and word.exact == "into"),
        update or word.end == "update",
        word.end if word.end in ("insert", "delete") else "",
    ]


@lru_cache(maxsize=4_096)
def _then(first: _Map, second: _Map) -> _Map:
    """The map that does one after the other."""
    return tuple(second[state] for state in first)
