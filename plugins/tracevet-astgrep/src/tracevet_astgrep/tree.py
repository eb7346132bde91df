"""Parse a fragment as well as it can be parsed, and know where each node stands in the snippet."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tracevet_astgrep.balance import balanced
from tracevet_astgrep.dialect import rewrite
from tracevet_astgrep.languages import Language
from tracevet_astgrep.search import of_kinds

if TYPE_CHECKING:
    from ast_grep_py import SgNode

MAX_DEPTH = 1_000  # nodes; ast-grep's relations cost the square of it
_OPERATORS = frozenset("+-*/.&|<>=,?:%^!~")
_HOPELESS = 300  # errors in one piece; no frame will help
_SUSPECT = 800  # operators in one statement, before the depth is measured


@dataclass(frozen=True)
class Tree:
    """The best parse of a text, with nothing of the text lost or moved."""

    text: str
    language: Language
    root: "SgNode"
    shift: int  # characters that stand before the text in what was parsed

    def span(self, node: "SgNode") -> tuple[int, int]:
        """Give a node's half-open range of characters in the text; one outside of it starts below zero."""
        place = node.range()
        start, end = place.start.index - self.shift, place.end.index - self.shift
        if start < 0 < end < len(self.text):  # `.method()` whose receiver was cut off continues a wrapper's own
            start = 0
        return start, min(end, len(self.text))

    @cached_property
    def comments(self) -> tuple[tuple[int, int], ...]:
        """The ranges of comments, in order."""
        return tuple(self.span(node) for node in of_kinds(self.root, self.language.comment_kinds))

    @cached_property
    def code(self) -> str:
        """The text with its comments blanked, of the same length."""
        return blank(self.text, self.comments)


def blank(text: str, ranges: tuple[tuple[int, int], ...]) -> str:
    """Put spaces over ranges of a text, which are in order."""
    out, at = [], 0
    for first, end in ranges:
        start = max(first, at)
        out += [text[at:start], " " * (end - start)]
        at = max(at, end)
    return "".join((*out, text[at:]))


def plant(text: str, language: Language) -> Tree:
    """Parse a text with the frame, or without one, that leaves the fewest and smallest errors."""
    source = rewrite(language.dialect, text)
    best = _try(text, source + "\n", language, 0)  # a last line without an end is another thing to Go's grammar
    errors, _ = _errors(best)
    if not errors:
        return best
    body, tail = balanced(source, language)
    trees = [best, _try(text, f"{body}\n{tail}\n", language, 0)]
    if errors < _HOPELESS:
        trees += [_try(text, f"{a}{body}\n{tail}{b}", language, len(a)) for a, b in language.wrappers]
    return min(trees, key=_errors)


def too_deep(tree: Tree) -> bool:
    """Say whether a tree nests deeper than it's sensible to search; trees of ordinary text are not even measured."""
    return _suspect(tree.text) and _depth_beyond(tree.root, MAX_DEPTH)


def _try(text: str, source: str, language: Language, shift: int) -> Tree:
    from ast_grep_py import SgRoot

    return Tree(text=text, language=language, root=SgRoot(source, language.grammar).root(), shift=shift)


def _errors(tree: Tree) -> tuple[int, int]:
    """How many errors a parse has, and how many characters they cover."""
    places = [node.range() for node in tree.root.find_all(kind="ERROR")]
    return len(places), sum(place.end.index - place.start.index for place in places)


def _suspect(text: str) -> bool:
    run = 0
    for char in text:
        if char in ";{}":
            run = 0
        elif char in _OPERATORS:
            run += 1
            if run > _SUSPECT:
                return True
    return False


def _depth_beyond(root: "SgNode", limit: int) -> bool:
    level = [root]
    for _ in range(limit):
        level = [child for node in level for child in node.children() if not child.is_leaf()]
        if not level:
            return False
    return True
