"""The corpus, and how well the detector does on it: `python secret_corpus.py` prints the report.

One case a line: language, tab, text, with `↵` for a line end; shapes are filled in. In `positives.txt` the secret
stands between `⟦` and `⟧`; `negatives.txt` holds what only looks like one. Cases that are got wrong stay in.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # a script, and loaded by path from conftest: no package

from secret_shapes import marked

from tracevet import Confidence, Finding, Snippet, Surface
from tracevet_secrets import SecretsDetector

_HERE = Path(__file__).parent / "corpus"


@dataclass(frozen=True, slots=True)
class Case:
    """A text and the ranges of its secrets."""

    language: str
    text: str
    secrets: tuple[tuple[int, int], ...]
    line: str  # as it stands in the file


@dataclass(slots=True)
class Score:
    """How many secrets were found and missed, how many findings were none, and which cases went wrong."""

    found: int = 0
    missed: int = 0
    false: int = 0
    by_language: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """Share of the findings that are secrets."""
        return self.found / max(1, self.found + self.false)

    @property
    def recall(self) -> float:
        """Share of the secrets that were found."""
        return self.found / max(1, self.found + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)


def read(name: str) -> list[Case]:
    """Read one of the two files: `positives` or `negatives`."""
    return list(_cases((_HERE / f"{name}.txt").read_text("utf-8")))


def _cases(content: str) -> Iterator[Case]:
    for line in content.splitlines():
        language, text = line.split("\t", 1)
        plain, ranges = marked(text.replace("↵", "\n"))
        yield Case(language, plain, tuple(ranges), line)


def judge(detector: SecretsDetector, cases: list[Case], least: Confidence = Confidence.LOW) -> Score:
    """Compare findings of at least that confidence with the marks: a secret is found when one covers most of it."""
    score = Score()
    for case in cases:
        snippet = Snippet(
            text=case.text, surface=Surface.SUGGESTED, language=case.language, span="s", pointer="/output"
        )
        _count(score, case, [each for each in detector.scan([snippet]) if each.confidence.rank >= least.rank])
    return score


def _count(score: Score, case: Case, findings: list[Finding]) -> None:
    spans = [(each.region.start, each.region.end) for each in findings]
    found = sum(any(_same(secret, span) for span in spans) for secret in case.secrets)
    false = sum(not any(_same(secret, span) for secret in case.secrets) for span in spans)
    missed = len(case.secrets) - found
    score.found, score.missed, score.false = score.found + found, score.missed + missed, score.false + false
    for verdict, number in (("found", found), ("missed", missed), ("false", false)):
        score.by_language[case.language or "(unknown)", verdict] += number
    if missed or false:
        score.wrong.append(f"{'missed' if missed else 'false':6} {case.line}")


def _same(secret: tuple[int, int], span: tuple[int, int]) -> bool:
    common = min(secret[1], span[1]) - max(secret[0], span[0])
    return 2 * common > max(secret[1] - secret[0], span[1] - span[0])


def report(detector: SecretsDetector) -> str:
    """Give precision, recall and F1 by least confidence, counts by language, and every case that went wrong."""
    cases = read("positives") + read("negatives")
    lines = ["confidence  precision  recall     F1"]
    for least in Confidence:
        score = judge(detector, cases, least)
        lines.append(f">= {least:8} {score.precision:9.3f} {score.recall:7.3f} {score.f1:6.3f}")
    score = judge(detector, cases)
    lines.append("\nlanguage      found missed false")
    for language in sorted({language for language, _ in score.by_language}):
        counts = (score.by_language[language, verdict] for verdict in ("found", "missed", "false"))
        lines.append(f"{language:12} {'{:6} {:6} {:5}'.format(*counts)}")
    return "\n".join([*lines, "", *score.wrong])


if __name__ == "__main__":
    print(report(SecretsDetector()))  # noqa: T201  a script's result
