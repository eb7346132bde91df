"""A detector that runs patterns without an engine, for tests of the host."""

from collections.abc import Iterator, Sequence

from tracevet import Confidence, Detector, Finding, Pattern, PatternKind, Region, Severity, Snippet, Surface


class Plain(Detector):
    """Takes a regular expression for the text that it looks for."""

    name = "plain"
    summary = "Texts."
    version = "1"
    languages = frozenset[str]()
    surfaces = frozenset(Surface)
    runs_patterns = frozenset({PatternKind.REGEX})

    def __init__(self, *, patterns: dict[str, Pattern] | None = None) -> None:
        """Take the patterns."""
        self.patterns = patterns or {}

    def scan(self, snippets: Sequence[Snippet]) -> Iterator[Finding]:
        """Yield the first place of each text."""
        for snippet in snippets:
            for rule, pattern in self.patterns.items():
                at = snippet.text.find(pattern.regex)
                if at >= 0:
                    yield Finding(
                        snippet=snippet.digest,
                        detector=self.name,
                        rule=rule,
                        message=pattern.message,
                        severity=pattern.severity or Severity.LOW,
                        confidence=Confidence.HIGH,
                        region=Region.of(snippet.text, at, at + len(pattern.regex)),
                    )
