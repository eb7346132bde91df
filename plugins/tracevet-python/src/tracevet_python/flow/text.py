"""How text and data are put together."""

import ast
import re
from dataclasses import replace

from tracevet_python.flow.values import HOLE, NUMBER, TEXT_CAP, UNKNOWN, Value, constant, is_whole, merge, taints_of

_PERCENT = re.compile(r"%(?:\((?P<key>[^)]*)\))?[-#0 +]*[\d*]*(?:\.[\d*]+)?(?P<kind>[a-zA-Z%])")
_BRACES = re.compile(r"\{\{|\}\}|\{(?P<key>[^{}!:.\[]*)(?P<rest>[^{}]*)\}")


def text_of(value: Value) -> str:
    """Give the known parts of a value as text."""
    if value.known and not isinstance(value.const, str | bytes):
        return str(value.const)[:TEXT_CAP] if isinstance(value.const, int | float | bool) else HOLE
    return HOLE if value.text is None else value.text


def concatenate(left: Value, right: Value, node: ast.AST) -> Value:
    """Put two texts after each other."""
    if left.known and right.known and isinstance(left.const, str) and isinstance(right.const, str):
        return replace(constant(left.const + right.const), built=node)
    text = text_of(left) + text_of(right)
    taints = merge(taints_of(left), taints_of(right))
    name = left.name if left.name.endswith(("Path()", "Path")) else ""
    return Value(
        taints=taints,
        text=text[: TEXT_CAP - 1] + HOLE if len(text) >= TEXT_CAP else text,
        name=name,
        built=node if text.strip(HOLE) else left.built or right.built,
        whole=is_whole(left) and is_whole(right),
    )


def interpolate(template: Value, arguments: list[Value], node: ast.AST) -> Value:
    """Fill a template of the % operator; numbers that it asks for can do no harm."""
    text = template.text or HOLE
    places = list(_PERCENT.finditer(text))
    fields = [each for each in places if each["kind"] != "%"]
    kept: list[Value] = []
    for index, place in enumerate(fields):
        value = arguments[index] if index < len(arguments) and len(arguments) > 1 else _first(arguments, place["key"])
        kept.append(value if place["kind"] in "srac" else NUMBER)
    return _filled(template, _PERCENT, [each["kind"] == "%" for each in places], kept or arguments, node)


def _first(arguments: list[Value], key: str | None) -> Value:
    if not arguments:
        return UNKNOWN
    first = arguments[0]
    return first.fields.get(key, first.rest or UNKNOWN) if key and first.shape == "dict" else first


def fill_braces(template: Value, arguments: tuple[Value, ...], named: dict[str, Value], node: ast.AST) -> Value:
    """Fill a template of str.format."""
    text = template.text or HOLE
    places = list(_BRACES.finditer(text))
    kept: list[Value] = []
    for index, place in enumerate(each for each in places if each["key"] is not None):
        key = place["key"]
        if key.isdigit() or not key:
            at = int(key) if key and len(key) < 4 else index  # noqa: PLR2004  # three digits are plenty
            kept.append(arguments[at] if at < len(arguments) else UNKNOWN)
        else:
            kept.append(named.get(key, UNKNOWN))
    return _filled(template, _BRACES, [each["key"] is None for each in places], kept, node)


def _filled(template: Value, pattern: re.Pattern[str], escaped: list[bool], kept: list[Value], node: ast.AST) -> Value:
    taints = merge(template.taints, *(taints_of(each) for each in kept))
    left, flags = iter(kept), iter(escaped)

    def fill(match: re.Match[str]) -> str:
        return match.group()[0] if next(flags, False) else text_of(next(left, UNKNOWN))

    text = pattern.sub(fill, template.text or HOLE)
    if not taints and HOLE not in text and all(each.known for each in kept) and template.known:
        return replace(constant(text), built=node)
    whole = is_whole(template) and all(is_whole(each) for each in kept)
    return Value(taints=taints, text=text[:TEXT_CAP], built=node, whole=whole)
