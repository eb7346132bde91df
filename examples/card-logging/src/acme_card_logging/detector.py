"""The detector `card-logging`."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from acme_card_logging.calls import log_calls
from tracevet import Confidence, Detector, Finding, Region, Severity, Snippet, Surface

WORDS = ("card_number", "cardnumber", "card_no", "pan", "cvv", "cvc", "track2")
LONG = 6  # characters of a word that counts within a longer name, too
MASKERS = ("mask", "last4", "redact", "tokenize", "hash")


class CardLoggingDetector(Detector):
    """Sees log calls whose arguments name card data that nothing masks."""

    name: ClassVar[str] = "card-logging"
    summary: ClassVar[str] = "Card numbers that go to a log."
    version: ClassVar[str] = "1"
    languages: ClassVar[frozenset[str]] = frozenset({"python"})
    surfaces: ClassVar[frozenset[Surface]] = frozenset({Surface.SUGGESTED, Surface.APPLIED, Surface.COMMAND})

    def __init__(self, *, words: tuple[str, ...] = WORDS, maskers: tuple[str, ...] = MASKERS) -> None:
        """Take the parts of names that mean card data, and the functions after which it may be logged."""
        self._words = tuple(word.lower() for word in words)
        self._maskers = tuple(masker.lower() for masker in maskers)

    def scan(self, snippets: Sequence[Snippet]) -> Iterator[Finding]:
        """Yield a finding for each log call that names card data."""
        for snippet in snippets:
            for call in log_calls(snippet.text):
                if any(self._is_card(name) and not self._is_masked(around) for name, around in call.names):
                    yield self._finding(snippet, Region.of(snippet.text, call.start, call.end))

    def _is_card(self, name: str) -> bool:
        """Tell whether a name means card data: a short word must be a whole part of it, as in `customer_pan`."""
        low = name.lower()
        return any(word in low.split("_") or (len(word) >= LONG and word in low) for word in self._words)

    def _is_masked(self, around: Sequence[str]) -> bool:
        return any(masker in function.lower() for function in around for masker in self._maskers)

    def _finding(self, snippet: Snippet, region: Region) -> Finding:
        return Finding(
            snippet=snippet.digest,
            detector=self.name,
            rule="log-card",
            message="A card number, or what goes with it, is written to a log.",
            severity=Severity.CRITICAL,
            confidence=Confidence.MEDIUM,
            region=region,
        )
