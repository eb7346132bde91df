"""How well the detectors tell weak code from repaired code, by CWE: `python plugins/tracevet-python/tests/flow_corpus/report.py`."""

# ruff: noqa: E501  # rows, patterns and code under test read best on one line

import importlib.util
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from tracevet import Finding, Gap, Snippet, Surface
from tracevet_python.bandit import BanditDetector
from tracevet_python.flow import FlowDetector

# CWEs that name the same family of weakness.
FAMILIES = (
    {"CWE-89", "CWE-564"}, {"CWE-943"}, {"CWE-78", "CWE-77", "CWE-88"}, {"CWE-94", "CWE-95", "CWE-470", "CWE-1336", "CWE-78-eval"},
    {"CWE-22", "CWE-73"}, {"CWE-79", "CWE-80"}, {"CWE-918"}, {"CWE-601"}, {"CWE-611", "CWE-20", "CWE-776"}, {"CWE-90"}, {"CWE-643"},
    {"CWE-502"}, {"CWE-117"}, {"CWE-113"}, {"CWE-501"}, {"CWE-915"}, {"CWE-1333", "CWE-730"}, {"CWE-400", "CWE-770"}, {"CWE-209"},
    {"CWE-434"}, {"CWE-330", "CWE-338"}, {"CWE-614", "CWE-1004"}, {"CWE-347"}, {"CWE-327", "CWE-328", "CWE-916", "CWE-326"},
    {"CWE-329", "CWE-1204", "CWE-760"}, {"CWE-321", "CWE-798", "CWE-259"}, {"CWE-295", "CWE-322"}, {"CWE-377"}, {"CWE-732"},
    {"CWE-489", "CWE-215", "CWE-94-debug"}, {"CWE-605"}, {"CWE-942"}, {"CWE-352"}, {"CWE-306", "CWE-862"}, {"CWE-532", "CWE-200"},
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Score:
    """What one detector made of the pairs of one family, or of all."""

    hits: int
    misses: int
    alarms: int  # repaired code in which it sees the same family
    quiet: int

    @property
    def precision(self) -> float:
        """Share of what is told that is right, 0.0 to 1.0."""
        return self.hits / (self.hits + self.alarms) if self.hits + self.alarms else 1.0

    @property
    def recall(self) -> float:
        """Share of what is weak that is told, 0.0 to 1.0."""
        return self.hits / (self.hits + self.misses) if self.hits + self.misses else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, 0.0 to 1.0."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def false_positive_rate(self) -> float:
        """Share of what is repaired that is told, 0.0 to 1.0."""
        return self.alarms / (self.alarms + self.quiet) if self.alarms + self.quiet else 0.0


Scan = Callable[[str], list[Finding | Gap]]


def load(name: str) -> ModuleType:
    """Load a module that stands beside this one: tests are no packages."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parent / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


def scanners() -> Mapping[str, Scan]:
    """Give each detector, and both together, as functions of a text."""
    flow, bandit = FlowDetector(), BanditDetector()

    def scan_by(*detectors: Any) -> Scan:
        return lambda text: [each for detector in detectors for each in detector.scan([snippet_of(text)])]

    return {"flow": scan_by(flow), "bandit": scan_by(bandit), "both": scan_by(flow, bandit)}


def snippet_of(text: str) -> Snippet:
    """Make a snippet of Python."""
    return Snippet(text=text, surface=Surface.APPLIED, language="python", span="s", pointer="/output")


def family_of(cwe: str) -> set[str]:
    """Give the CWEs that count as the same weakness."""
    return next((family for family in FAMILIES if cwe in family), {cwe})


def is_said(each: Finding | Gap) -> bool:
    """Tell whether something is said of code but that it is harmless."""
    return isinstance(each, Gap) or not each.refutes


def sees(found: Iterable[Finding | Gap], cwe: str) -> bool:
    """Tell whether findings name the family of a CWE."""
    family = family_of(cwe)
    return any(isinstance(each, Finding) and family & {*each.cwe} for each in found)


def score(scan: Scan, pairs: Iterable[Any]) -> dict[str, Score]:
    """Score a detector by CWE; "all" is for all pairs."""
    counts: Counter[tuple[str, str]] = Counter()
    for pair in pairs:
        weak = "hits" if sees(scan(pair.weak), pair.cwe) else "misses"
        repaired = "alarms" if sees(scan(pair.repaired), pair.cwe) else "quiet"
        for cwe in (pair.cwe, "all"):
            counts[cwe, weak] += 1
            counts[cwe, repaired] += 1
    names = ("hits", "misses", "alarms", "quiet")
    return {cwe: Score(*(counts[cwe, name] for name in names)) for cwe in sorted({cwe for cwe, _ in counts})}


def main() -> None:
    """Print the scores as a table, and what is said of clean code."""
    corpus = load("corpus")
    pairs = list(corpus.pairs())
    clean = list(corpus.clean())
    sys.stdout.write(f"{len(pairs)} pairs, {len(clean)} clean snippets\n")
    for name, scan in scanners().items():
        for cwe, each in score(scan, pairs).items():
            row = f"{each.precision:.3f} {each.recall:.3f} {each.f1:.3f} {each.false_positive_rate:.3f}"
            sys.stdout.write(f"{name:7} {cwe:9} P R F1 FPR {row}  of {each.hits + each.misses}\n")
        loud = sum(any(map(is_said, scan(text))) for _, text in clean)
        sys.stdout.write(f"{name:7} speaks of {loud} of {len(clean)} clean snippets\n")


if __name__ == "__main__":
    main()
