"""Breaches in one snippet: findings on the same spot become one, with its evidence and its places."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tracevet.model import Finding, Mode, Place, Policy, Region, ShownStep, Span
from tracevet.policy.evidence import evidence, steps, to_hide
from tracevet.policy.grading import Said, Surroundings
from tracevet.policy.match import STRONGEST, Scanned, breaches, rule_name, surface_of
from tracevet.policy.refuting import weigh


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One place of a breach, with what its order depends on."""

    place: Place
    resent: bool
    turn: int  # position of its span in the trace
    grading: tuple[str, ...] = ()  # why it counts for less here


@dataclass(frozen=True, slots=True, kw_only=True)
class Breach:
    """Findings that breach one policy on one spot of a snippet's text, best first."""

    policy: Policy
    findings: tuple[Finding, ...]
    scanned: Scanned
    evidence: str
    spots: tuple[Spot, ...]  # strongest first
    refuted: Mapping[Finding, str] = field(default_factory=dict)  # why confidence is low, for those of `findings`
    flow: tuple[ShownStep, ...] = ()


def find_breaches(
    scanned: Scanned,
    policies: Sequence[Policy],
    turns: Mapping[str, int],
    key: bytes,
    said: Said | None = None,
    directory: str | None = None,
) -> Iterator[Breach]:
    """Yield the breaches in one snippet, by policy and then by line.

    `said` is what the assistant said around it, `directory` that of the project: both can grade a breach down.
    """
    hide = None
    weighed = weigh(scanned.findings)
    text, language = scanned.snippet.text, scanned.snippet.language
    around = Surroundings(text, language, said or {}, directory)
    for policy in policies if weighed.findings else ():
        fitting = [f for f in weighed.findings if weighed.count(policy, f) and breaches(policy, f, language)]
        for findings in _by_spot(fitting if policy.mode is not Mode.OFF else []):
            if spots := _spots(policy, findings, scanned, turns, around):
                hide = to_hide(text, scanned.findings) if hide is None else hide
                followed = next((finding.flow for finding in findings if finding.flow), ())
                yield Breach(
                    policy=policy,
                    findings=findings,
                    scanned=scanned,
                    evidence=evidence(text, findings[0].region, hide, key),
                    spots=spots,
                    refuted=weighed.reasons,
                    flow=steps(text, followed, hide, key),
                )


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


def _spots(
    policy: Policy, findings: Sequence[Finding], scanned: Scanned, turns: Mapping[str, int], around: Surroundings
) -> tuple[Spot, ...]:
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
            turn, grading = turns.get(snippet.span, len(turns)), tuple(around.reasons(snippet, region))
            spots.append(Spot(place=place, resent=snippet.resent, turn=turn, grading=grading))
    return tuple(sorted(spots, key=strongest_first))


def turns_of(spans: Iterable[Span]) -> dict[str, int]:
    """Give each span's position by id; of several with one id, the first."""
    turns: dict[str, int] = {}
    for number, span in enumerate(spans):
        turns.setdefault(span.id, number)
    return turns
