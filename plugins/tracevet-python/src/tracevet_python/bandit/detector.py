"""The detector `bandit`."""

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from tracevet import Detector, Finding, Gap, GapReason, Snippet, Surface
from tracevet_python.bandit.checks import Settings, select
from tracevet_python.bandit.engine import load_engine
from tracevet_python.bandit.plan import Plan
from tracevet_python.bandit.report import findings, proofs
from tracevet_python.bandit.version import installed_version
from tracevet_python.bandit.walk import Walk
from tracevet_python.parse import Places, Tree
from tracevet_python.trees import tree_of


class BanditDetector(Detector):
    """All of bandit's checks, and those of installed bandit plugins, with bandit's own results.

    Comments such as `# nosec` silence nothing. Nothing is written to disk, and no process is started.
    """

    name: ClassVar[str] = "bandit"
    summary: ClassVar[str] = "Bandit's checks of Python code, all of them, in process."
    languages: ClassVar[frozenset[str]] = frozenset({"python"})
    surfaces: ClassVar[frozenset[Surface]] = frozenset({Surface.SUGGESTED, Surface.APPLIED, Surface.COMMAND})
    version: ClassVar[str] = installed_version()

    def __init__(
        self,
        *,
        skip: tuple[str, ...] = (),
        only: tuple[str, ...] = (),
        settings: Settings | None = None,
        max_size: int = 500_000,  # characters; as trees, the densest take some 400 MB
    ) -> None:
        """Load bandit and its plugins; the first time takes a fifth of a second.

        Raises:
            ConfigError: an option names a rule or setting that does not exist; the text names those that do.
            PluginError: bandit can't be imported.
        """
        engine = load_engine()
        self._plan = Plan(engine, select(engine, skip=skip, only=only, settings=settings or {}))
        self._max_size = max_size

    def check(self) -> Iterable[str]:
        """Say which installed bandit plugins gave no check, and whether a line known to be bad is found."""
        for broken in self._plan.engine.broken:
            yield f"the bandit plugin {broken!r} can't be loaded; run `bandit` to see why, or uninstall it"
        known = Snippet(text="eval(code)\n", surface=Surface.SUGGESTED, language="python", span="", pointer="")
        rules = {found.rule for found in type(self)().scan([known]) if isinstance(found, Finding)}
        if "B307" not in rules:
            yield "bandit does not report a call of eval (B307); reinstall bandit"

    def scan(self, snippets: Sequence[Snippet]) -> Iterator[Finding | Gap]:
        """Yield findings in the order of the text, then gaps, snippet by snippet."""
        for snippet in snippets:
            yield from self._scan(snippet)

    def _scan(self, snippet: Snippet) -> Iterator[Finding | Gap]:
        size = len(snippet.text)
        if size > self._max_size:
            detail = f"{size} characters; 'max_size' of detector 'bandit' is {self._max_size}"
            yield self._gap(snippet, GapReason.TOO_LARGE, detail)
            return
        tree = tree_of(snippet.text)
        walk = Walk(self._plan, snippet.text)
        if isinstance(tree, Tree):
            walk.run(tree.module)
        walk.run_file()
        places = tree.places if isinstance(tree, Tree) else Places(snippet.text)
        yield from findings(self.name, snippet.digest, walk.result, places)
        yield from proofs(self.name, snippet.digest, walk.result, places, snippet.text)
        for (rule, error), count in sorted(walk.result.failures.items()):
            yield self._gap(snippet, GapReason.DETECTOR_FAILED, f"check {rule} raised {error}", count)
        if not isinstance(tree, Tree):
            yield self._gap(snippet, GapReason.UNPARSABLE, f"not Python as this version reads it: {tree.detail}")
        elif tree.left_out:
            yield self._gap(snippet, GapReason.UNPARSABLE, tree.detail)

    def _gap(self, snippet: Snippet, reason: GapReason, detail: str, count: int = 1) -> Gap:
        return Gap(reason=reason, detail=detail, snippet=snippet.digest, detector=self.name, count=count)
