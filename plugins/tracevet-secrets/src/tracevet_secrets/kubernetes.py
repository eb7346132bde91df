"""Kubernetes secrets in YAML: their values are base64, which hides nothing."""

import re
from collections.abc import Iterator

from tracevet import Confidence
from tracevet_secrets.checks import decode_base64
from tracevet_secrets.names import Kind, kind_of
from tracevet_secrets.placeholders import is_placeholder
from tracevet_secrets.rule import Hit
from tracevet_secrets.rules.logins import KUBERNETES
from tracevet_secrets.values import judge

_KIND = re.compile(rb"^kind:[ \t]*[\"']?Secret\b", re.MULTILINE)
_BREAK = re.compile(rb"^---", re.MULTILINE)
_SECTION = re.compile(rb"^(data|stringData):[ \t]*\r?\n((?:[ \t]+[^\n]*(?:\n|\Z))+)", re.MULTILINE)
_ENTRY = re.compile(rb"^[ \t]+[\"']?([\w.-]+)[\"']?:[ \t]*[\"']?([^\s\"'|>#]+)", re.MULTILINE)


def find_kubernetes(data: bytes) -> Iterator[Hit]:
    """Yield the values of each secret manifest whose key or content says that they are secret."""
    done = 0
    if b"Secret" not in data:  # far cheaper than the search
        return
    for kind in _KIND.finditer(data):
        if kind.start() < done:
            continue
        start = data.rfind(b"\n---", done, kind.start()) + 1 or done
        end = _BREAK.search(data, kind.end())
        done = end.start() if end else len(data)
        for section in _SECTION.finditer(data, start, done):
            yield from _read(data, section)


def _read(data: bytes, section: re.Match[bytes]) -> Iterator[Hit]:
    for entry in _ENTRY.finditer(data, *section.span(2)):
        text = entry[2].decode("utf-8", "replace")
        value = decode_base64(text) if section[1] == b"data" else text
        confidence = _grade(entry[1].decode("latin-1"), value)
        if confidence is not None:
            yield Hit(*entry.span(2), KUBERNETES, confidence)


def _grade(key: str, value: str | None) -> Confidence | None:
    kind = kind_of(key)
    if value is None or is_placeholder(value.strip()):
        return None
    if kind is None or kind is Kind.VAGUE:
        return judge(value.strip(), Kind.VAGUE, strict=True)
    return judge(value.strip(), kind, strict=False) or (Confidence.LOW if kind is Kind.PASSWORD else None)
