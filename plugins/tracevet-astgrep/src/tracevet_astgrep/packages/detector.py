"""The detector `packages`."""

from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar

from tracevet import Confidence, Detector, Finding, Gap, GapReason, Region, Severity, Snippet, Surface
from tracevet_astgrep.packages.commands import installed
from tracevet_astgrep.packages.known import Known, read_list
from tracevet_astgrep.packages.manifests import required
from tracevet_astgrep.packages.wanted import Wanted

_COMMANDS = frozenset({"shell", "dockerfile"})
_FILES = frozenset({"text", "json", "toml", "ini", "ruby"})


class PackagesDetector(Detector):
    """Packages that are installed or required and not on a list of known ones; without a list it says nothing."""

    name: ClassVar[str] = "packages"
    summary: ClassVar[str] = "Packages that are installed or required and not on your list (off without one)."
    languages: ClassVar[frozenset[str]] = _COMMANDS | _FILES
    surfaces: ClassVar[frozenset[Surface]] = frozenset({Surface.SUGGESTED, Surface.APPLIED, Surface.COMMAND})
    version: ClassVar[str] = f"{version('tracevet-astgrep')}; packages 1"

    def __init__(
        self,
        *,
        known: tuple[str, ...] = (),
        files: tuple[Path, ...] = (),
        max_size: int = 500_000,  # characters
    ) -> None:
        """Take the list: names, and files with a name on each line.

        Raises:
            ConfigError: a file can't be read, or a name is for an unknown ecosystem.
        """
        self._known = Known((*known, *(name for file in files for name in read_list(file))))
        self._max_size = max_size

    def scan(self, snippets: Sequence[Snippet]) -> Iterator[Finding | Gap]:
        """Yield findings in the order of the text, snippet by snippet."""
        for snippet in snippets if self._known else ():
            if len(snippet.text) > self._max_size:
                detail = f"{len(snippet.text)} characters; 'max_size' of detector 'packages' is {self._max_size}"
                yield Gap(reason=GapReason.TOO_LARGE, detail=detail, snippet=snippet.digest, detector=self.name)
                continue
            for wanted in sorted(set(_wanted(snippet)), key=lambda each: each.start):
                if not self._known.has(wanted.ecosystem, wanted.name):
                    yield self._finding(snippet, wanted)

    def _finding(self, snippet: Snippet, wanted: Wanted) -> Finding:
        like = self._known.like(wanted.ecosystem, wanted.name)
        said = f"A package is used whose name is nearly that of {like!r}, which is on the list of known packages."
        return Finding(
            snippet=snippet.digest,
            detector=self.name,
            rule="lookalike-package" if like else "unknown-package",
            message=said if like else "A package is used that is not on the list of known packages.",
            cwe=("CWE-1357",),
            severity=Severity.HIGH if like else Severity.MEDIUM,
            confidence=Confidence.HIGH,
            region=Region.of(snippet.text, wanted.start, wanted.end),
            fix=f"Use {like!r} if that is meant." if like else "",
        )


def _wanted(snippet: Snippet) -> Iterable[Wanted]:
    if snippet.language in _COMMANDS:
        return installed(snippet.text)
    if snippet.surface is Surface.SUGGESTED and snippet.language == "text":
        return ()  # what the assistant says is text too
    return required(snippet.text, snippet.language)
