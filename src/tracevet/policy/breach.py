"""Breaches in one snippet: findings on the same spot become one, with its evidence and its places."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tracevet.model import Finding, Mode, Place, Policy, Region, Span
from tracevet.policy.evidence import evidence, to_hide
from tracevet.policy.match import STRONGEST, Scanned, breaches, rule_name, surface_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One place of a breach, with what its order depends on."""

    place: Place
    resent: bool
    turn: int  # position of its span in the trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Findings that breach one policy on one spot of a snippet's text, best first."""

    policy: Policy
    findings: tuple[Finding, ...]
    scanned: Scanned
    evidence: str
    spots: tuple[Spot, ...]  # strongest first


def find_breaches(
    scanned: Scanned, policies: Sequence[Policy], turns: Mapping[str, int], key: bytes
) -> Iterator[Breach]:
    """Yield the breaches in one snippet, by policy and then by line."""
    hide = None
    for policy in policies if scanned.findings else ():
        fitting = [f for f in scanned.findings if breaches(policy, f, scanned.snippet.language)]
        for findings in _by_spot(fitting if policy.mode is not Mode.OFF else []):
            if spots := _spots(policy, findings, scanned, turns):
                text, region = scanned.snippet.text, findings[0].region
                hide = to_hide(text, scanned.findings) if hide is None else hide
                lines = evidence(text, region, hide, key)
                yield Breach(policy=policy, findings=findings, scanned=scanned, evidence=lines, spots=spots)


def best_first(finding: Finding) -> tuple[int, int, str, int, int]:
    """Order findings: the surest first, then the worst, then by name and place."""
    where = finding.region
    return -finding.confidence.rank, -finding.severity.rank, rule_name(finding), where.start, where.end


def strongest_first(spot: Spot) -> tuple[int, bool, int, str, int]:
    """Order places: applied code before code that was only said, new before resent, early before late."""
    place = spot.place
    return STRONGEST.index(place.surface), spot.resent, spot.turn, place.pointer, place.start_line


def storable(text: str) -> str:
    """Make a text from a trace fit to be stored: a lone surrogate is spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()


def _by_spot(findings: Iterable[Finding]) -> list[tuple[Finding, ...]]:
    """Group findings around the best ones: each joins the leader it overlaps, or leads a group of its own."""
    groups: list[list[Finding]] = []  # by place; their leaders never overlap
    for finding in sorted(findings, key=best_first):
        at = bisect_left(groups, finding.region.start, key=lambda group: group[0].region.start)
        near = [n for n in (at - 1, at) if 0 <= n < len(groups) and _overlap(groups[n][0].region, finding.region)]
        if near:
            groups[near[0]].append(finding)
        else:
            groups.insert(at, [finding])
    return [tuple(group) for group in groups]


def _overlap(one: Region, other: Region) -> bool:
    """Tell whether two regions share a character; an empty region counts as one character."""
    return one.start < max(other.end, other.start + 1) and other.start < max(one.end, one.start + 1)


def _spots(policy: Policy, findings: Sequence[Finding], scanned: Scanned, turns: Mapping[str, int]) -> tuple[Spot, ...]:
    """Give the places at which the policy looks, strongest first."""
    region, spots = findings[0].region, []
    for snippet in scanned.places or (scanned.snippet,):
        surface = surface_of(snippet, findings)
        if surface in policy.surfaces:
            place = Place(
                span=storable(snippet.span),
                pointer=storable(snippet.pointer),
                surface=surface,
                path=None if snippet.path is None else storable(snippet.path),
                start_line=region.start_line,
                end_line=region.end_line,
            )
            spots.append(Spot(place=place, resent=snippet.resent, turn=turns.get(snippet.span, len(turns))))
    return tuple(sorted(spots, key=strongest_first))


def turns_of(spans: Iterable[Span]) -> dict[str, int]:
    """Give each span's position by id; of several with one id, the first."""
    turns: dict[str, int] = {}
    for number, span in enumerate(spans):
        turns.setdefault(span.id, number)
    return turns
