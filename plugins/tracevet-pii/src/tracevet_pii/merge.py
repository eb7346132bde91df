"""One datum, one finding: of the hits that overlap the most telling is kept."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tracevet_pii.rule import Hit


class Datum(NamedTuple):
    """A hit that was kept, and the range to mask: its own, and what others on the spot took for personal."""

    hit: Hit
    mask: tuple[int, int]


def merge(hits: Iterable[Hit]) -> Iterator[Datum]:
    """Yield the data in the order of the text, no hit overlapping another."""
    cluster: list[Hit] = []
    end = -1
    for hit in sorted(hits, key=lambda each: (each.start, each.end, each.rule.id)):
        if cluster and hit.start >= end:
            yield from _best(cluster)
            cluster = []
        end = max(end, hit.end) if cluster else hit.end
        cluster.append(hit)
    yield from _best(cluster)


def _weight(hit: Hit) -> tuple[int, int, int, int, str]:
    return (-hit.rule.rank, -hit.confidence.rank, hit.start - hit.end, hit.start, hit.rule.id)


def _best(cluster: list[Hit]) -> Iterator[Datum]:
    """Keep the heaviest hits that don't touch each other; what a lighter one covers beyond them is masked too."""
    rest = sorted(cluster, key=_weight)
    kept: list[Datum] = []
    while rest:
        hit = rest[0]
        touching = [each for each in rest if each.start < hit.end and hit.start < each.end]
        rest = [each for each in rest if not (each.start < hit.end and hit.start < each.end)]
        kept.append(Datum(hit, (min(each.start for each in touching), max(each.end for each in touching))))
    yield from sorted(kept, key=lambda datum: datum.hit.start)
