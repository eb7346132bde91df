"""The detector `astgrep`."""

from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar

from tracevet import ConfigError, Detector, Finding, Gap, GapReason, PluginError, Snippet, Surface
from tracevet_astgrep.languages import LANGUAGES
from tracevet_astgrep.load import Check, builtin_rules, languages_of, prepare, user_rules
from tracevet_astgrep.match import Scan
from tracevet_astgrep.rule import Rule


class AstGrepDetector(Detector):
    """Our own rules for many languages, matched on syntax trees that tolerate broken code.

    Comments silence nothing. Nothing is written to disk, and no process is started.
    """

    name: ClassVar[str] = "astgrep"
    summary: ClassVar[str] = "Weaknesses in JavaScript, Java, Go, C#, PHP and other languages, on fragments too."
    languages: ClassVar[frozenset[str]] = frozenset(LANGUAGES)
    surfaces: ClassVar[frozenset[Surface]] = frozenset({Surface.SUGGESTED, Surface.APPLIED, Surface.COMMAND})
    version: ClassVar[str] = f"{version('tracevet-astgrep')}; ast-grep-py {version('ast-grep-py')}"

    def __init__(
        self,
        *,
        skip: tuple[str, ...] = (),
        only: tuple[str, ...] = (),
        rules: tuple[Path, ...] = (),
        max_size: int = 500_000,  # characters
    ) -> None:
        """Load the engine and the rules.

        Raises:
            ConfigError: an option names a rule or file that does not exist, or a rule of the user's is wrong.
            PluginError: ast-grep can't be imported.
        """
        try:
            import ast_grep_py  # noqa: F401 - fails here rather than in the middle of a scan
        except ImportError as error:
            raise PluginError(f"plugin 'astgrep' can't import ast_grep_py: {error}; reinstall ast-grep-py") from error
        chosen = _select((*builtin_rules(), *user_rules(rules)), skip=skip, only=only)
        self._max_size = max_size
        self._checks: dict[str, tuple[Check, ...]] = _by_language(chosen)

    def check(self) -> Iterable[str]:
        """Say whether a line known to be bad is found."""
        known = Snippet(text="eval(req.query.x)", surface=Surface.SUGGESTED, language="javascript", span="", pointer="")
        if not any(isinstance(each, Finding) for each in type(self)().scan([known])):
            yield "the detector 'astgrep' finds nothing in a line known to be bad; reinstall ast-grep-py"

    def scan(self, snippets: Sequence[Snippet]) -> Iterator[Finding | Gap]:
        """Yield findings in the order of the text, then gaps, snippet by snippet."""
        for snippet in snippets:
            yield from self._scan(snippet)

    def _scan(self, snippet: Snippet) -> Iterable[Finding | Gap]:
        language = LANGUAGES.get(snippet.language)
        if language is None:
            return ()
        size = len(snippet.text)
        if size > self._max_size:
            detail = f"{size} characters; 'max_size' of detector 'astgrep' is {self._max_size}"
            return (Gap(reason=GapReason.TOO_LARGE, detail=detail, snippet=snippet.digest, detector=self.name),)
        return Scan(self.name, snippet, language, self._checks[language.name]).run()


def _select(rules: Sequence[Rule], *, skip: tuple[str, ...], only: tuple[str, ...]) -> list[Rule]:
    known = {rule.id for rule in rules}
    if len(known) < len(rules):
        twice = next(rule.id for n, rule in enumerate(rules) if rule.id in {each.id for each in rules[:n]})
        raise ConfigError(f"two rules have the id {twice!r}; give yours another")
    for option, ids in (("skip", skip), ("only", only)):
        if unknown := sorted(set(ids) - known):
            raise ConfigError(
                f"{option}: detector 'astgrep' has no rule {unknown[0]!r}; rules: {', '.join(sorted(known))}"
            )
    return [rule for rule in rules if rule.id not in skip and (not only or rule.id in only)]


def _by_language(rules: Iterable[Rule]) -> dict[str, tuple[Check, ...]]:
    checks: dict[str, list[Check]] = {name: [] for name in LANGUAGES}
    for rule in rules:
        for language in languages_of(rule):
            checks[language.name].append(prepare(rule, language))
    return {name: tuple(each) for name, each in checks.items()}
