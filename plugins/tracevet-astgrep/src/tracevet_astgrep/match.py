"""Run the rules over one snippet: prefilter, parse in pieces, match, narrow, and say what was seen."""

from collections.abc import Iterator
from functools import cached_property
from time import monotonic
from typing import TYPE_CHECKING

from tracevet import Confidence, Finding, Gap, GapReason, Region, Snippet
from tracevet_astgrep.balance import depth
from tracevet_astgrep.languages import Language
from tracevet_astgrep.load import Check
from tracevet_astgrep.pieces import Piece, cut
from tracevet_astgrep.regex import found_by
from tracevet_astgrep.rule import Where, holds
from tracevet_astgrep.search import matches
from tracevet_astgrep.tree import Tree, blank, plant, too_deep
from tracevet_astgrep.values import Labels, Values

if TYPE_CHECKING:
    from ast_grep_py import SgNode

_MAX_NESTING = 400  # brackets
_MAX_SECONDS = 8  # for one snippet
_MAX_HITS = 200  # of one rule in one piece


class Scan:
    """The findings and gaps of one snippet."""

    def __init__(self, detector: str, snippet: Snippet, language: Language, checks: tuple[Check, ...]) -> None:
        """Choose the rules whose words stand in the text."""
        self._detector = detector
        self._snippet = snippet
        self._language = language
        self._text = _readable(snippet.text)
        lower = self._text.lower()
        self._checks = [check for check in checks if any(word in lower for word in check.keywords)]
        self._until = monotonic() + _MAX_SECONDS
        self._gaps: dict[tuple[GapReason, str], int] = {}

    def run(self) -> Iterator[Finding | Gap]:
        """Yield findings in the order of the text, then gaps."""
        found: list[Finding] = []
        if self._checks:
            for piece in cut(self._text, self._language.piece):
                found += self._piece(piece)
        yield from sorted(_outermost(found), key=lambda each: (each.region.start, each.region.end, each.rule))
        for (reason, detail), count in sorted(self._gaps.items()):
            yield Gap(reason=reason, detail=detail, snippet=self._snippet.digest, detector=self._detector, count=count)

    def _piece(self, piece: Piece) -> Iterator[Finding]:
        lower = piece.text.lower()
        checks = [check for check in self._checks if any(word in lower for word in check.keywords)]
        if not checks:
            return
        source = self._source(piece)
        for check in checks:
            if monotonic() > self._until:
                self._gap(GapReason.TIMED_OUT, f"not all of it was looked at within {_MAX_SECONDS} s")
                return
            try:
                yield from self._check(check, source)
            except Exception as error:
                self._gap(GapReason.DETECTOR_FAILED, f"rule {check.rule.id} raised {type(error).__name__}")

    def _source(self, piece: Piece) -> "Source":
        tree = None
        if self._language.grammar:
            nested = depth(piece.text, self._language)
            if nested > _MAX_NESTING:
                self._gap(GapReason.TOO_LARGE, f"brackets nested more than {_MAX_NESTING} deep")
            elif too_deep(tree := plant(piece.text, self._language)):
                self._gap(GapReason.TOO_LARGE, "an expression of too many parts")
                tree = None
        return Source(piece, self._language, tree)

    def _check(self, check: Check, source: "Source") -> Iterator[Finding]:
        if check.given is not None and not check.given.search(source.code):
            return
        if check.config is None:
            yield from self._text_hits(check, source)
        elif source.tree is not None:
            yield from self._tree_hits(check, source, source.tree)

    def _text_hits(self, check: Check, source: "Source") -> Iterator[Finding]:
        for number, match in enumerate(check.text.finditer(source.part(check.rule.of))):
            if number >= _MAX_HITS:
                return
            if check.unless is not None and check.unless.search(source.code):
                return
            names = check.text.groupindex  # RE2's matches know groups by number alone
            shown = match.span(names.get("at", 0))
            spans = [match.span(names[each]) for each in check.rule.mask if each in names]
            masks = [span for span in spans if span[0] >= 0]
            yield self._finding(check, source, shown if shown[0] >= 0 else match.span(), masks, check.rule.confidence)

    def _tree_hits(self, check: Check, source: "Source", tree: Tree) -> Iterator[Finding]:
        rule = check.rule
        for node in matches(tree.root, check.config or {})[:_MAX_HITS]:
            if tree.span(node)[0] < 0 or not _allowed(check, node, source):
                continue
            if rule.where and not _any_holds(rule.where, node, source.values):
                continue
            sure = rule.surer and _any_holds(rule.surer, node, source.values)
            shown = (node.get_match(rule.at) if rule.at else None) or node
            masks = [tree.span(secret) for each in rule.mask if (secret := node.get_match(each)) is not None]
            yield self._finding(check, source, tree.span(shown), masks, Confidence.HIGH if sure else rule.confidence)

    def _finding(
        self,
        check: Check,
        source: "Source",
        span: tuple[int, int],
        masks: list[tuple[int, int]],
        confidence: Confidence,
    ) -> Finding:
        rule, text, shift = check.rule, self._snippet.text, source.piece.start
        return Finding(
            snippet=self._snippet.digest,
            detector=self._detector,
            rule=rule.id,
            message=rule.message,
            cwe=rule.cwe,
            severity=rule.severity,
            confidence=confidence,
            region=Region.of(text, span[0] + shift, span[1] + shift),
            masks=tuple(Region.of(text, start + shift, end + shift) for start, end in masks),
            fix=rule.fix,
        )

    def _gap(self, reason: GapReason, detail: str) -> None:
        self._gaps[reason, detail] = self._gaps.get((reason, detail), 0) + 1


class Source:
    """One piece of a snippet with all that rules ask of it, worked out when first asked."""

    def __init__(self, piece: Piece, language: Language, tree: Tree | None) -> None:
        """Keep the piece and its tree; None: it has none."""
        self.piece = piece
        self.tree = tree
        self._language = language

    @cached_property
    def values(self) -> Values:
        """The labels of the tree's expressions."""
        assert self.tree is not None  # noqa: S101 - only rules over trees ask
        return Values(self.tree.root, self._language.flow)

    @cached_property
    def code(self) -> str:
        """The piece with its comments blanked."""
        if self.tree is not None:
            return self.tree.code
        if not self._language.comment_text:
            return self.piece.text
        spans = tuple(match.span() for match in found_by(self._language.comment_text).finditer(self.piece.text))
        return blank(self.piece.text, spans)

    def part(self, of: str) -> str:
        """Give the part of the piece that a text rule is about, in place."""
        if of == "all":
            return self.piece.text
        if of == "code":
            return self.code
        return "".join(a if a != b or a == "\n" else " " for a, b in zip(self.piece.text, self.code, strict=True))


def _allowed(check: Check, node: "SgNode", source: Source) -> bool:
    """Say whether nothing in the function around a match speaks against it."""
    if check.unless is None or source.tree is None:
        return True
    start, end = _function(node, source)
    return not check.unless.search(source.code[max(0, start) : end])


def _function(node: "SgNode", source: Source) -> tuple[int, int]:
    assert source.tree is not None  # noqa: S101 - the caller has looked
    functions = source.tree.language.flow.functions
    outer = [each for each in (node, *node.ancestors()) if each.kind() in functions]
    return source.tree.span(outer[-1]) if outer else (0, len(source.code))


def _any_holds(wheres: tuple[Where, ...], node: "SgNode", values: Values) -> bool:
    return any(all(holds(term, _labels(name, node, values)) for name, term in where.items()) for where in wheres)


def _labels(name: str, node: "SgNode", values: Values) -> Labels:
    if name == "MATCH":
        return values.labels(node)
    single = node.get_match(name)
    several = [single] if single is not None else node.get_multiple_matches(name)
    return frozenset().union(*(values.labels(each) for each in several if each.is_named()))


def _outermost(findings: list[Finding]) -> Iterator[Finding]:
    """Drop what a finding of the same rule holds within itself."""
    ends: dict[str, int] = {}
    for each in sorted(findings, key=lambda each: (each.rule, each.region.start, -each.region.end)):
        if each.region.end > ends.get(each.rule, -1):
            ends[each.rule] = each.region.end
            yield each


def _readable(text: str) -> str:
    """Give the text without what no grammar reads, each character at its place."""
    if not text.isascii():
        text = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
    return text.replace("\x00", " ").replace("\r\n", " \n").replace("\r", "\n")
