"""Turn what checks saw into findings: in our words, with a region of the snippet and passwords masked."""

import ast
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Any

from tracevet import Confidence, Finding, Region
from tracevet_python.bandit.doubts import DOUBTED, doubt
from tracevet_python.bandit.nodes import parent_of
from tracevet_python.bandit.passwords import password_at
from tracevet_python.bandit.rules import rule_of
from tracevet_python.bandit.sql import chain_of
from tracevet_python.bandit.walk import Hit, Result
from tracevet_python.parse import Places


def findings(detector: str, snippet: str, result: Result, places: Places) -> list[Finding]:
    """Make the findings of one snippet, in the order of its text."""
    masks = _masks(result.passwords, places)
    found = [_finding(detector, snippet, hit, region_of(hit, places), masks) for hit in result.hits]
    return sorted(found, key=lambda each: (each.region.start, each.region.end, each.rule, each.severity.rank))


def proofs(detector: str, snippet: str, result: Result, places: Places, text: str) -> Iterator[Finding]:
    """Yield what speaks against hits that go by a name alone: such a finding refutes the other on its region."""
    lines = text.split("\n")
    for hit in result.hits:
        reason = doubt(hit, lines) if hit.rule in DOUBTED else ""
        if reason:
            yield Finding(
                snippet=snippet,
                detector=detector,
                rule="doubt",
                message=reason,
                severity=hit.severity,
                confidence=Confidence.HIGH,
                region=region_of(hit, places),
                refutes=(f"{detector}:{hit.rule}",),
            )


def region_of(hit: Hit, places: Places) -> Region:
    """Give the code that shows a hit; it starts in the line that bandit names."""
    node = hit.node
    if node is None:
        return places.line(hit.line)
    string = _outer_string(node)
    if string is not None and string.lineno == hit.line:
        return _span([string], places)
    if isinstance(node, ast.Constant):
        shown: list[Any] = [node, *_around(hit.rule, node)]
    elif hit.line != getattr(node, "lineno", None):  # operators and the like have no place
        shown = [part for part in _parts(node) if part.lineno == hit.line]
    else:
        return _head(node, places)
    shown = [part for part in shown if part.lineno >= hit.line]
    return _span(shown, places) if shown else places.line(hit.line)


def _finding(detector: str, snippet: str, hit: Hit, region: Region, masks: list[Region]) -> Finding:
    rule = rule_of(hit.rule)
    first = bisect_left(masks, region.start_line, key=lambda mask: mask.end_line)
    return Finding(
        snippet=snippet,
        detector=detector,
        rule=hit.rule,
        message=rule.message,
        cwe=(f"CWE-{hit.cwe}",) if hit.cwe else (),
        severity=hit.severity,
        confidence=hit.confidence,
        region=region,
        masks=tuple(_until(masks[first:], region.end_line)),
        fix=rule.fix,
    )


def _until(masks: Iterable[Region], line: int) -> Iterator[Region]:
    for mask in masks:
        if mask.start_line > line:
            return
        yield mask


def _masks(passwords: Iterable[ast.Constant], places: Places) -> list[Region]:
    """The regions of passwords, in order, none twice; whole f-strings, as Python 3.11 misplaces what is in them."""
    regions = {_span([_outer_string(literal) or literal], places) for literal in passwords}
    return sorted(regions, key=lambda region: (region.end_line, region.start))


def _around(rule: str, node: ast.Constant) -> Iterator[ast.AST]:
    """What has to be shown beside a string so that a reader sees the weakness."""
    parent = parent_of(node)
    if rule == "B608" and isinstance(parent, ast.BinOp):
        yield chain_of(node).root
    elif rule == "B608" and isinstance(parent, ast.Attribute):
        yield parent_of(parent)
    elif rule == "B105":
        literal = password_at(node)
        if literal is not None:
            yield literal
        if isinstance(parent, ast.Assign | ast.Compare):
            yield parent


def _parts(node: ast.AST) -> Iterator[Any]:
    """The arguments of a call: some checks name the line of one of them, or of its value."""
    if isinstance(node, ast.Call):
        yield from (*node.args, *node.keywords, *(keyword.value for keyword in node.keywords))


def _head(node: Any, places: Places) -> Region:
    """The whole of an expression or simple statement; of a function, class or loop what stands before its body."""
    body = getattr(node, "body", None)
    if isinstance(node, ast.ExceptHandler) or not isinstance(body, list) or not body:
        return _span([node], places)
    first = next(iter(getattr(body[0], "decorator_list", ())), body[0])
    start = places.offset(node.lineno, node.col_offset)
    return places.strip(places.region(start, places.offset(first.lineno, first.col_offset)))


def _span(nodes: list[Any], places: Places) -> Region:
    start = min(places.offset(node.lineno, node.col_offset) for node in nodes)
    end = max(places.offset(node.end_lineno, node.end_col_offset) for node in nodes)
    return places.region(start, end) if end > start else places.line(nodes[0].lineno)


def _outer_string(node: Any) -> Any:
    """The outermost f-string that a node is part of, or None."""
    found = None
    while node is not None and not isinstance(node, ast.stmt):
        if isinstance(node, ast.JoinedStr):
            found = node
        node = parent_of(node)
    return found
