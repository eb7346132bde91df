"""The detector `flow`."""

# ruff: noqa: E501  # rows, patterns and code under test read best on one line

from collections.abc import Iterable, Iterator, Sequence
from typing import ClassVar

from tracevet import Confidence, ConfigError, Detector, Finding, Gap, GapReason, Snippet, Surface
from tracevet_python.flow.engine import run
from tracevet_python.flow.machine import Hit
from tracevet_python.flow.report import findings, proofs
from tracevet_python.flow.rules import RULES
from tracevet_python.flow.values import Kind
from tracevet_python.flow.version import installed_version
from tracevet_python.parse import Tree
from tracevet_python.trees import tree_of


class FlowDetector(Detector):
    """Follows data within a snippet, from where it comes in to where it does harm. Runs nothing of it.

    Comments silence nothing. Each finding tells the lines on the way.
    """

    name: ClassVar[str] = "flow"
    summary: ClassVar[str] = "Data flow within Python code: from requests, arguments and parameters to dangerous calls."
    languages: ClassVar[frozenset[str]] = frozenset({"python"})
    surfaces: ClassVar[frozenset[Surface]] = frozenset({Surface.SUGGESTED, Surface.APPLIED, Surface.COMMAND})
    version: ClassVar[str] = installed_version()

    def __init__(
        self,
        *,
        skip: tuple[str, ...] = (),
        only: tuple[str, ...] = (),
        library: bool = True,
        min_confidence: Confidence = Confidence.LOW,
        max_size: int = 500_000,  # characters
        max_steps: int = 300_000,  # expressions and statements run; a file of 2 000 lines takes some 30 000
    ) -> None:
        """Take the options; `library` is whether parameters of functions that nobody here calls count as data from outside.

        Raises:
            ConfigError: an option names a rule that does not exist; the text names those that do.
        """
        unknown = sorted({*skip, *only} - RULES.keys())
        if unknown:
            raise ConfigError(f"detector 'flow' has no rule {unknown[0]!r}; known: {', '.join(RULES)}")
        self._rules = frozenset(only or RULES) - frozenset(skip)
        self._library = library
        self._least = min_confidence
        self._max_size = max_size
        self._max_steps = max_steps

    def check(self) -> Iterable[str]:
        """Say if a line known to be bad is not found."""
        text = "import os, sys\nos.system('ping ' + sys.argv[1])\n"
        known = Snippet(text=text, surface=Surface.SUGGESTED, language="python", span="", pointer="")
        if not any(isinstance(each, Finding) for each in type(self)().scan([known])):
            yield "flow does not report a command put together from an argument; reinstall tracevet-python"

    def scan(self, snippets: Sequence[Snippet]) -> Iterator[Finding | Gap]:
        """Yield findings in the order of the text, then gaps, snippet by snippet."""
        for snippet in snippets:
            yield from self._scan(snippet)

    def _scan(self, snippet: Snippet) -> Iterator[Finding | Gap]:
        size = len(snippet.text)
        if size > self._max_size:
            yield self._gap(
                snippet, GapReason.TOO_LARGE, f"{size} characters; 'max_size' of detector 'flow' is {self._max_size}"
            )
            return
        tree = tree_of(snippet.text)
        if not isinstance(tree, Tree):
            yield self._gap(snippet, GapReason.UNPARSABLE, f"not Python as this version reads it: {tree.detail}")
            return
        machine, enough = run(tree, snippet.text, self._max_steps)
        found = findings(self.name, snippet.digest, filter(self._wants, machine.hits.values()), tree)
        found = [each for each in found if each.confidence.rank >= self._least.rank]
        if enough:
            proven = (each for each in machine.proofs() if each[0] in self._rules)
            found += proofs(self.name, snippet.digest, proven, tree.places)
        yield from _distinct(found)
        if not enough:
            yield self._gap(
                snippet, GapReason.TOO_LARGE, f"more than {self._max_steps} steps; see 'max_steps' of detector 'flow'"
            )
        if tree.left_out:
            yield self._gap(snippet, GapReason.UNPARSABLE, tree.detail)
        if machine.cut:
            yield self._gap(snippet, GapReason.TOO_LARGE, "parts are nested too deeply to be followed")

    def _wants(self, hit: Hit) -> bool:
        outer = hit.taint is not None and hit.taint.kind in {Kind.PARAMETER, Kind.FREE}
        return hit.rule in self._rules and (self._library or not outer)

    def _gap(self, snippet: Snippet, reason: GapReason, detail: str) -> Gap:
        return Gap(reason=reason, detail=detail, snippet=snippet.digest, detector=self.name)


def _distinct(found: Iterable[Finding]) -> list[Finding]:
    """Order findings by place; of one rule at one place keep the surest."""
    kept: dict[tuple[str, int, int, bool], Finding] = {}
    for each in found:
        key = (each.rule, each.region.start, each.region.end, bool(each.refutes))
        if key not in kept or each.confidence.rank > kept[key].confidence.rank:
            kept[key] = each
    return sorted(kept.values(), key=lambda each: (each.region.start, each.region.end, each.rule, bool(each.refutes)))
