"""Counts of what an engine made of the corpus, and the figures that follow from them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from tests.corpus.engines import Seen, Text, families
from tests.corpus.load import Clean, Pair

Scan = Callable[[Sequence[Text]], list[tuple[Seen, ...]]]


@dataclass(slots=True)
class Score:
    """What an engine made of some pairs and of some clean code."""

    hits: int = 0  # weak code in which it names the family
    any: int = 0  # weak code in which it names anything
    placed: int = 0  # hits that stand on the line of the weakness
    weak: int = 0
    alarms: int = 0  # repaired code in which it names the family, and clean code in which it names anything
    flagged: int = 0  # repaired or clean code in which it names anything
    safe: int = 0

    @property
    def precision(self) -> float:
        """Share of what it names that is there, 0.0 to 1.0."""
        return self.hits / (self.hits + self.alarms) if self.hits + self.alarms else 0.0

    @property
    def recall(self) -> float:
        """Share of the weak code that it names rightly, 0.0 to 1.0."""
        return self.hits / self.weak if self.weak else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0.0 to 1.0."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @property
    def fpr(self) -> float:
        """Share of the safe code with a false alarm, 0.0 to 1.0."""
        return self.alarms / self.safe if self.safe else 0.0

    def figures(self) -> dict[str, float | int]:
        """Give the figures and their counts by name."""
        return {
            "precision": round(self.precision, 3),
            "recall": round(self.recall, 3),
            "f1": round(self.f1, 3),
            "fpr": round(self.fpr, 3),
            "recall_any": round(self.any / self.weak, 3) if self.weak else 0.0,
            "on_the_line": round(self.placed / self.hits, 3) if self.hits else 0.0,
            "safe_flagged": round(self.flagged / self.safe, 3) if self.safe else 0.0,
            "weak": self.weak,
            "safe": self.safe,
        }


@dataclass(slots=True)
class Judged:
    """What an engine said of each pair and of each clean text."""

    pairs: list[tuple[Pair, tuple[Seen, ...], tuple[Seen, ...]]] = field(default_factory=list)  # of weak, of repaired
    clean: list[tuple[Clean, tuple[Seen, ...]]] = field(default_factory=list)

    def score(self, keep: Callable[[Pair | Clean], bool] = lambda _: True) -> Score:
        """Count those that are to be kept."""
        score = Score()
        for pair, weak, repaired in self.pairs:
            if keep(pair):
                _count_pair(score, pair, weak, repaired)
        for text, seen in self.clean:
            if keep(text):
                score.safe += 1
                score.alarms += bool(seen)
                score.flagged += bool(seen)
        return score

    def wrong(self, keep: Callable[[Pair | Clean], bool] = lambda _: True) -> Iterable[str]:
        """Say for each miss and each false alarm what stands there and what was said."""
        for pair, weak, repaired in self.pairs:
            name = f"{pair.language}: {pair.cwe} {pair.title}"
            if keep(pair) and not any(same(each, pair.cwe) for each in weak):
                yield f"missed  {name}: said {sorted({each.rule for each in weak})}"
            if keep(pair) and repaired:
                yield f"repaired {name}: said {sorted({each.rule for each in repaired})}"
        for text, seen in self.clean:
            if keep(text) and seen:
                yield f"clean   {text.language}: {text.title}: said {sorted({each.rule for each in seen})}"


def judge(scan: Scan, pairs: Sequence[Pair], clean: Sequence[Clean]) -> Judged:
    """Let an engine look at all of the corpus, once."""
    texts = [(pair.language, text) for pair in pairs for text in (pair.weak, pair.repaired)]
    seen = scan([*texts, *((each.language, each.text) for each in clean)])
    halves = zip(pairs, seen[0 : 2 * len(pairs) : 2], seen[1 : 2 * len(pairs) : 2], strict=True)
    return Judged(pairs=list(halves), clean=list(zip(clean, seen[2 * len(pairs) :], strict=True)))


def same(seen: Seen, cwe: str) -> bool:
    """Tell whether a weakness of this family was named."""
    return cwe in seen.cwe or not families(cwe).isdisjoint(seen.policies)


def _count_pair(score: Score, pair: Pair, weak: Sequence[Seen], repaired: Sequence[Seen]) -> None:
    hits = [each for each in weak if same(each, pair.cwe)]
    score.weak += 1
    score.safe += 1
    score.any += bool(weak)
    score.hits += bool(hits)
    score.placed += any(each.start <= line <= each.end for each in hits for line in pair.lines)
    score.alarms += any(same(each, pair.cwe) for each in repaired)
    score.flagged += bool(repaired)
