"""Detectors for the tests of the host: one that behaves, and some that are wrong on purpose."""

import ctypes
import os
from collections.abc import Iterable, Sequence
from typing import ClassVar

from tracevet import Confidence, Detector, Finding, Gap, Region, Severity, Snippet, Surface


class Marks(Detector):
    """Finds the word BAD, once per snippet; MASK before it is masked."""

    name = "marks"
    summary = "Finds the word BAD."
    languages: ClassVar[frozenset[str]] = frozenset({"python"})
    surfaces: ClassVar[frozenset[Surface]] = frozenset({Surface.SUGGESTED, Surface.APPLIED, Surface.COMMAND})
    version: ClassVar[str] = "1"

    def __init__(self, word: str = "BAD") -> None:
        """Look for the word."""
        self.word = word

    def scan(self, snippets: Sequence[Snippet]) -> Iterable[Finding | Gap]:
        """Yield a finding for the first place of the word."""
        for snippet in snippets:
            at = snippet.text.find(self.word)
            if at >= 0:
                yield Finding(
                    snippet=snippet.digest,
                    detector=self.name,
                    rule="M1",
                    message="the word stands there",
                    cwe=("CWE-89",),
                    severity=Severity.HIGH,
                    confidence=Confidence.HIGH,
                    region=Region.of(snippet.text, at, at + len(self.word)),
                )


class Odd(Marks):
    """As Marks, but HANG hangs in C code, DIE ends the process, RAISE raises with the code in its text."""

    name = "odd"

    def scan(self, snippets: Sequence[Snippet]) -> Iterable[Finding | Gap]:
        """Misbehave on demand."""
        for snippet in snippets:
            if "HANG" in snippet.text:
                ctypes.CDLL(None).pause()
            if "DIE" in snippet.text:
                os._exit(7)
            if "RAISE" in snippet.text:
                raise ValueError(snippet.text)
            if "EAT" in snippet.text:
                bytearray(8 << 30)
        return super().scan(snippets)


class Unbuildable(Marks):
    """Can't be constructed."""

    name = "unbuildable"

    def __init__(self) -> None:
        """Fail."""
        raise OSError("no engine here")
