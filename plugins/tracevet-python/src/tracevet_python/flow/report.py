"""Turn what was seen into findings: the path of the data in words, and a region of the snippet."""

import ast
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tracevet import Confidence, Finding, Region, Severity, Step
from tracevet_python.flow.machine import Hit
from tracevet_python.flow.masking import secrets
from tracevet_python.flow.rules import PROOF, REFUTES, RULES, Rule
from tracevet_python.flow.values import Taint
from tracevet_python.parse import Places, Tree

_LEVELS = tuple(Confidence)


def findings(detector: str, snippet: str, hits: Iterable[Hit], tree: Tree) -> list[Finding]:
    """Make the findings of one snippet, with the secrets in their lines masked."""
    seen = [replace(hit, secret=_literal(hit.secret, tree.module)) for hit in hits]
    if not seen:
        return []
    literals = [*secrets(tree.module), *(hit.secret for hit in seen if hit.secret is not None)]
    masks = {(each.start, each.end): each for each in (region_of(node, tree.places) for node in literals)}
    ordered = [masks[place] for place in sorted(masks)]
    return [_finding(detector, snippet, hit, tree.places, ordered) for hit in seen]


def _finding(detector: str, snippet: str, hit: Hit, places: Places, masks: list[Region]) -> Finding:
    rule = RULES[hit.rule]
    region = region_of(hit.secret or hit.built or hit.node, places)  # a secret is mended where it stands
    return Finding(
        snippet=snippet,
        detector=detector,
        rule=rule.id,
        message=_message(rule, hit, places),
        cwe=hit.cwe or rule.cwe,
        severity=rule.severity,
        confidence=_confidence(rule, hit),
        region=region,
        masks=tuple(
            each for each in masks if each.start_line <= region.end_line and region.start_line <= each.end_line
        ),
        fix=hit.fix or rule.fix,
        flow=_steps(hit.taint, hit, places) if hit.taint is not None else (),
    )


def proofs(detector: str, snippet: str, proven: Iterable[tuple[str, ast.AST]], places: Places) -> list[Finding]:
    """Make the findings that speak against what others find at the same places."""
    regions = {(rule, region_of(node, places)): None for rule, node in proven}
    return [
        Finding(
            snippet=snippet,
            detector=detector,
            rule=rule,
            message=PROOF,
            severity=Severity.LOW,
            confidence=Confidence.HIGH,
            region=region,
            refutes=REFUTES[rule],
        )
        for rule, region in regions
    ]


def _literal(secret: ast.AST | None, module: ast.AST) -> ast.AST | None:
    """Give the place at which a secret is written: where a name in it got its constant, if one did."""
    if secret is None or isinstance(secret, ast.Constant):
        return secret
    names = {node.id for node in ast.walk(secret) if isinstance(node, ast.Name)}
    if not names:
        return secret
    for node in ast.walk(module):
        targets = node.targets if isinstance(node, ast.Assign) else ()
        if any(isinstance(target, ast.Name) and target.id in names for target in targets):
            value = node.value if isinstance(node, ast.Assign) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str | bytes):
                return value
    return None if isinstance(secret, ast.Name) else secret


def _confidence(rule: Rule, hit: Hit) -> Confidence:
    if hit.taint is None:
        start = Confidence.HIGH if rule.severity.rank > 1 else Confidence.MEDIUM
    else:
        start = rule.trust[hit.taint.kind]
    return _LEVELS[max(0, start.rank - hit.lower)]


def _message(rule: Rule, hit: Hit, places: Places) -> str:
    """Say what is weak and how the data gets there, by line numbers alone."""
    if hit.taint is None:
        return rule.message.replace("{data}", "data from outside")
    return f"{rule.message.replace('{data}', hit.taint.kind)} {_path(hit.taint, hit, places)}"


def _steps(taint: Taint, hit: Hit, places: Places) -> tuple[Step, ...]:
    source, between, sink = _way(taint, hit, places)
    noted = [
        (source, f"data from {taint.kind}"),
        *((line, "it goes through") for line in between),
        (sink, "it is used"),
    ]
    return tuple(Step(start_line=line, end_line=line, note=note) for line, note in noted)


def _way(taint: Taint, hit: Hit, places: Places) -> tuple[int, list[int], int]:
    """Give the lines of the source, of the steps between, and of the sink."""
    source = _line(taint.line, places)
    sink = _line(getattr(hit.node, "lineno", 1), places)
    between = (_line(each, places) for each in taint.steps)
    return source, list(dict.fromkeys(line for line in between if line not in {source, sink})), sink


def _path(taint: Taint, hit: Hit, places: Places) -> str:
    source, steps, sink = _way(taint, hit, places)
    if source == sink and not steps:
        return f"It comes in and is used in line {sink}."
    way = (
        f", goes through line {' and '.join(map(str, steps))}"
        if len(steps) == 1
        else f", goes through lines {', '.join(map(str, steps))}"
        if steps
        else ""
    )
    return f"It comes in at line {source}{way} and is used in line {sink}."


def _line(line: int, places: Places) -> int:
    start = places.offset(line, 0)
    return places.region(start, start).start_line


def region_of(node: ast.AST, places: Places) -> Region:
    """Give the code of a node."""
    each: Any = node
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return places.line(node.lineno)
    start = places.offset(each.lineno, each.col_offset)
    return places.strip(places.region(start, max(start + 1, places.offset(each.end_lineno, each.end_col_offset))))
