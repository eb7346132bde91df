"""One secret, one finding: of the hits on one spot the most telling is kept."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tracevet_secrets.rule import Hit


class Secret(NamedTuple):
    """A hit that was kept, and the range to mask: its own, and what others on the spot took for secret."""

    hit: Hit
    mask: tuple[int, int]  # bytes


def merge(hits: Iterable[Hit]) -> Iterator[Secret]:
    """Yield the secrets in the order of the text, none overlapping another."""
    cluster: list[Hit] = []
    end = -1
    for hit in sorted(hits, key=lambda each: (each.start, each.end)):
        if cluster and hit.start >= end:
            yield from _best(cluster)
            cluster = []
        end = max(end, hit.end) if cluster else hit.end
        cluster.append(hit)
    yield from _best(cluster)


def _weight(hit: Hit) -> tuple[int, int, int, int, str]:
    return (-hit.rule.rank, -hit.confidence.rank, hit.start - hit.end, hit.start, hit.rule.id)


def _best(cluster: list[Hit]) -> Iterator[Secret]:
    """Keep the heaviest hit and those that don't touch it; what a lighter one covers beyond it is masked too."""
    if len(cluster) == 1:
        yield Secret(cluster[0], cluster[0][:2])
        return
    rest = sorted(cluster, key=_weight)
    kept: list[Secret] = []
    while rest:
        hit = rest[0]
        touching = [each for each in rest if each.start < hit.end and hit.start < each.end]
        rest = [each for each in rest if not (each.start < hit.end and hit.start < each.end)]
        kept.append(Secret(hit, (min(each.start for each in touching), max(each.end for each in touching))))
    yield from sorted(kept, key=lambda secret: secret.hit.start)
