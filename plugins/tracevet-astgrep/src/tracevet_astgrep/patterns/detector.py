"""The detector `patterns`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import ClassVar

from tracevet import Detector, Finding, Gap, GapReason, Pattern, PatternKind, PluginError, Snippet, Surface
from tracevet_astgrep.languages import LANGUAGES, Language
from tracevet_astgrep.load import Check
from tracevet_astgrep.match import Scan
from tracevet_astgrep.patterns.translate import Checks, translate

_WHOLE = 1_000_000  # characters: a regular expression over the text as it is sees all of it at once


class PatternsDetector(Detector):
    """Runs the patterns of policies, each under the name of its rule: POLICY.PATTERN.

    Comments silence nothing. Nothing is written to disk, and no process is started.
    """

    name: ClassVar[str] = "patterns"
    summary: ClassVar[str] = "The patterns of policy files: ast-grep rules, regexes, banned imports and calls."
    languages: ClassVar[frozenset[str]] = frozenset()
    surfaces: ClassVar[frozenset[Surface]] = frozenset(Surface)
    runs_patterns: ClassVar[frozenset[PatternKind]] = frozenset(PatternKind)
    version: ClassVar[str] = f"{version('tracevet-astgrep')}; ast-grep-py {version('ast-grep-py')}"

    def __init__(
        self,
        *,
        patterns: dict[str, Pattern] | None = None,  # by rule; the host hands over those of the policies
        max_size: int = 500_000,  # characters
    ) -> None:
        """Load the engines and try each pattern once.

        Raises:
            ConfigError: a pattern is wrong; the text names the file and line, the policy and the pattern.
            PluginError: ast-grep or RE2 can't be imported.
        """
        try:
            import ast_grep_py  # noqa: F401 - fails here rather than in the middle of a scan
            import re2  # type: ignore[import-untyped]  # noqa: F401 - google-re2 ships no types
        except ImportError as error:
            raise PluginError(f"plugin 'patterns' can't import its engines: {error}; reinstall it") from error
        self._max_size = max_size
        self._checks = _joined(translate(rule, pattern) for rule, pattern in (patterns or {}).items())

    def check(self) -> Iterable[str]:
        """Say whether code known to be banned is found."""
        banned = Pattern(id="eval", message="Banned.", languages=("javascript",), calls=("eval",), invalid=("eval(x)",))
        known = Snippet(text="eval(x)", surface=Surface.SUGGESTED, language="javascript", span="", pointer="")
        if not list(type(self)(patterns={"check.eval": banned}).scan([known])):
            yield "the detector 'patterns' does not find code known to be banned; reinstall ast-grep-py"

    def scan(self, snippets: Sequence[Snippet]) -> Iterator[Finding | Gap]:
        """Yield findings in the order of the text, then gaps, snippet by snippet."""
        for snippet in snippets:
            yield from self._scan(snippet)

    def _scan(self, snippet: Snippet) -> Iterator[Finding | Gap]:
        plain = (*self._checks.plain.get("", ()), *self._checks.plain.get(snippet.language, ()))
        tree = (*self._checks.tree.get("", ()), *self._checks.tree.get(snippet.language, ()))
        if not plain and not tree:
            return
        size = len(snippet.text)
        if size > self._max_size:
            detail = f"{size} characters; 'max_size' of detector 'patterns' is {self._max_size}"
            yield Gap(reason=GapReason.TOO_LARGE, detail=detail, snippet=snippet.digest, detector=self.name)
            return
        bare = Language(name=snippet.language, piece=_WHOLE)
        said = [
            *Scan(self.name, snippet, bare, plain).run(),
            *Scan(self.name, snippet, LANGUAGES.get(snippet.language, bare), tree).run(),
        ]
        yield from sorted((each for each in said if isinstance(each, Finding)), key=_place)
        yield from (each for each in said if isinstance(each, Gap))


def _place(finding: Finding) -> tuple[int, int, str]:
    return finding.region.start, finding.region.end, finding.rule


def _joined(parts: Iterable[Checks]) -> Checks:
    plain: dict[str, list[Check]] = {}
    tree: dict[str, list[Check]] = {}
    for part in parts:
        for mine, theirs in ((plain, part.plain), (tree, part.tree)):
            for language, checks in theirs.items():
                mine.setdefault(language, []).extend(checks)
    return Checks(plain=_frozen(plain), tree=_frozen(tree))


def _frozen(checks: Mapping[str, list[Check]]) -> dict[str, tuple[Check, ...]]:
    return {language: tuple(each) for language, each in checks.items()}
