"""A detector that keeps its promises, and some that break one each, in a module that workers can import."""

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from tracevet import Confidence, Detector, Finding, Gap, GapReason, Region, Severity, Snippet, Surface

WORD = "eval("


class Right(Detector):
    """Finds the first `eval(`."""

    name: ClassVar[str] = "right"
    summary: ClassVar[str] = "Finds calls of eval."
    languages: ClassVar[frozenset[str]] = frozenset({"python"})
    surfaces: ClassVar[frozenset[Surface]] = frozenset({Surface.SUGGESTED, Surface.APPLIED})
    version: ClassVar[str] = "1"

    def scan(self, snippets: Sequence[Snippet]) -> Iterator[Finding | Gap]:
        """Yield a finding for the first place."""
        for snippet in snippets:
            yield from self.look(snippet)

    def look(self, snippet: Snippet) -> Iterable[Finding | Gap]:
        """Look at one snippet."""
        at = snippet.text.find(WORD)
        return () if at < 0 else (self.found(snippet, Region.of(snippet.text, at, at + len(WORD))),)

    def found(self, snippet: Snippet, region: Region, message: str = "code is made of text") -> Finding:
        """Make a finding."""
        return Finding(
            snippet=snippet.digest,
            detector=self.name,
            rule="E1",
            message=message,
            severity=Severity.HIGH,
            confidence=Confidence.HIGH,
            region=region,
        )


class Blind(Right):
    def look(self, snippet: Snippet) -> Iterable[Finding | Gap]:
        return () if snippet.text.startswith("y") else super().look(snippet)


class Eager(Right):
    def look(self, snippet: Snippet) -> Iterable[Finding | Gap]:
        at = snippet.text.find(WORD[:-2])
        return () if at < 0 else (self.found(snippet, Region.of(snippet.text, at, at + len(WORD))),)


class Lazy(Right):
    """Reads nothing but what it finds."""

    def look(self, snippet: Snippet) -> Iterable[Finding | Gap]:
        unread = Gap(reason=GapReason.UNPARSABLE, detail="not read", snippet=snippet.digest, detector=self.name)
        return tuple(super().look(snippet)) or (unread,)


class Gathering(Right):
    """Finds a rule once in a batch."""

    def scan(self, snippets: Sequence[Snippet]) -> Iterator[Finding | Gap]:
        yield from list(super().scan(snippets))[:1]


class Fragile(Right):
    def look(self, snippet: Snippet) -> Iterable[Finding | Gap]:
        snippet.text.encode()
        return super().look(snippet)


class Obedient(Right):
    def look(self, snippet: Snippet) -> Iterable[Finding | Gap]:
        return () if "nosec" in snippet.text else super().look(snippet)


class Foreign(Right):
    languages: ClassVar[frozenset[str]] = frozenset({"ruby"})


class Shy(Right):
    """Declares a surface that it does not look at."""

    surfaces: ClassVar[frozenset[Surface]] = frozenset({Surface.SUGGESTED, Surface.COMMAND})

    def look(self, snippet: Snippet) -> Iterable[Finding | Gap]:
        return () if snippet.surface is Surface.COMMAND else super().look(snippet)


class Misplaced(Right):
    """Counts lines from 0, but for the first."""

    def found(self, snippet: Snippet, region: Region, message: str = "code is made of text") -> Finding:
        line = max(1, region.start_line - 1)
        return super().found(snippet, region.model_copy(update={"start_line": line, "end_line": line}))


class Bytes(Right):
    """Counts bytes."""

    def look(self, snippet: Snippet) -> Iterable[Finding | Gap]:
        at = snippet.text.encode("utf-8", "surrogatepass").find(WORD.encode())
        return () if at < 0 else (self.found(snippet, Region.of(snippet.text, at, at + len(WORD))),)


class Forgetful(Right):
    """Numbers its findings."""

    def __init__(self) -> None:
        self.count = 0

    def found(self, snippet: Snippet, region: Region, message: str = "code is made of text") -> Finding:
        self.count += 1
        lower = Confidence.HIGH if self.count % 9 else Confidence.LOW
        return super().found(snippet, region).model_copy(update={"confidence": lower})


class Trusting(Right):
    """Believes the path."""

    def look(self, snippet: Snippet) -> Iterable[Finding | Gap]:
        return () if "tests/" in (snippet.path or "") else super().look(snippet)


class Nameless(Right):
    version: ClassVar[str] = ""


class Homebound(Right):
    """Finds nothing in another process."""

    def look(self, snippet: Snippet) -> Iterable[Finding | Gap]:
        import multiprocessing

        return super().look(snippet) if multiprocessing.parent_process() is None else ()


class Talkative(Right):
    def found(self, snippet: Snippet, region: Region, message: str = "code is made of text") -> Finding:
        line = snippet.text.split("\n")[region.start_line - 1]
        return super().found(snippet, region, f"code is made of text: {line}")


class Untyped(Right):
    """Has an option without an annotation."""

    def __init__(self, words=()) -> None:  # type: ignore[no-untyped-def]
        self.words = words


class Loud(Right):
    name: ClassVar[str] = "Loud One"


class Sick(Right):
    def check(self) -> Iterable[str]:
        yield "the engine is missing"
