"""From a trace to its verdict: extract, put into files, dedupe, scan, decide. Pure; what scans is handed in."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from itertools import chain
from typing import TypeAlias

from tracevet.extract import (
    Begun,
    Rebuilt,
    Resent,
    StandardExtractor,
    Work,
    join_context,
    read_context,
    rebuild,
    work,
)
from tracevet.extract.language import is_code
from tracevet.model import (
    Context,
    Gap,
    GapReason,
    Policy,
    Result,
    Session,
    Snippet,
    Span,
    Surface,
    Trace,
    Verdict,
)
from tracevet.model.session import When
from tracevet.placing import Places
from tracevet.plugin import Extractor
from tracevet.policy import Scanned, decide, storable
from tracevet.session import Told, learn, restate, statuses, when
from tracevet.workers import Engine

GENERATED = frozenset({Surface.SUGGESTED, Surface.APPLIED, Surface.COMMAND})
REFERENCE = 16  # characters that the place of a known snippet counts for
SEEN_CAP = 20_000  # digests a session remembers; the oldest are forgotten first

Spot: TypeAlias = tuple[str, str, str | None]  # span, pointer, path
Results: TypeAlias = Mapping[str, Mapping[str, Result]]  # Engine.id -> Snippet.digest -> Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How traces are vetted: the same setup, trace and session give the same verdict."""

    extractors: tuple[Extractor, ...]
    engines: tuple[Engine, ...]
    policies: tuple[Policy, ...]
    key: bytes  # for the HMACs that stand for masked values

    digest: str = field(init=False)  # tells setups apart that may give other verdicts

    def __post_init__(self) -> None:
        """Make the digest."""
        parts = [
            version("tracevet"),
            *(f"{extractor.name}@{type(extractor).__module__}" for extractor in self.extractors),
            *(engine.id for engine in self.engines),
            *(policy.model_dump_json() for policy in self.policies),
        ]
        object.__setattr__(self, "digest", hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32])


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """All that was taken out of a trace, whatever session it belongs to."""

    trace: Trace  # without the content of its spans
    context: Context
    pieces: tuple[Snippet | Gap | Resent, ...]
    work: tuple[Work, ...]

    @property
    def size(self) -> int:
        """The characters of its texts; a snippet of history that nobody made yet counts as a few."""
        texts = sum(len(piece.text) for piece in self.pieces if isinstance(piece, Snippet))
        return texts + REFERENCE * sum(len(piece.snippets) for piece in self.pieces if isinstance(piece, Resent))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A trace taken apart: its distinct snippets, strongest occurrence first, ready to be scanned."""

    trace: Trace
    context: Context
    snippets: Mapping[str, tuple[Snippet, ...]]  # Snippet.digest -> its occurrences
    gaps: tuple[Gap, ...]
    session: str  # its id
    when: When
    paths: Mapping[Spot, str]  # of applied snippets -> the normal path of their file
    rebuilt: Rebuilt

    def wanted(self, engine: Engine) -> list[Snippet]:
        """Give the snippets that the engine should look at, each digest once."""
        return [places[0] for places in self.snippets.values() if engine.reads(places[0])]


def vet(
    trace: Trace, session: Session, setup: Setup, scan: Callable[[Engine, Sequence[Snippet]], Mapping[str, Result]]
) -> tuple[Verdict, Session]:
    """Vet one trace of a session, and give its verdict and what the session's next trace needs.

    `session.changes` tells which violations of other traces it corrected or brought back.
    """
    prepared, session = prepare(trace, session, setup)
    results = {engine.id: scan(engine, prepared.wanted(engine)) for engine in setup.engines}
    verdict = conclude(prepared, results, setup)
    session = learn(session, told(prepared, results, setup), verdict)
    return restate(verdict, statuses(session, trace.id)), session


def prepare(trace: Trace, session: Session, setup: Setup) -> tuple[Prepared, Session]:
    """Take the trace apart, once: what stands in it several times, or was shown by an earlier trace, is one."""
    return join(take(trace, session, setup), session, when(trace, session))


def take(trace: Trace, session: Session, setup: Setup) -> Taken:
    """Take all out of a trace but the tool calls that the session saw done; what it holds is not needed any more."""
    begun = _begun(trace, setup.extractors)
    pieces = tuple(_extracted(trace, begun, setup.extractors))
    return Taken(
        trace=replace(trace, spans=tuple(map(_bare, trace.spans)), metadata={}),
        context=read_context(begun.trace),
        pieces=pieces,
        work=tuple(work(begun.trace, session.files.calls, begun.recalled)),
    )


def join(taken: Taken, session: Session, at: When) -> tuple[Prepared, Session]:
    """Put what was taken out of a trace into its session, `at` its place there: what it did to files is carried out
    on them, and what was shown before is not new.
    """
    trace, context = taken.trace, join_context(session.context, taken.context)
    directory = context.directory.value if context.directory else None
    rebuilt = rebuild(taken.work, session.files, directory)
    places = Places.of(rebuilt, directory)
    found = _distinct(taken.pieces, places, session.seen, trace.id)
    prepared = Prepared(
        trace=trace,
        context=context,
        snippets=found.snippets,
        gaps=(*trace.gaps, *(piece for piece in taken.pieces if isinstance(piece, Gap))),
        session=session.id,
        when=at,
        paths=found.paths,
        rebuilt=rebuilt,
    )
    shown = dict.fromkeys(chain(chain.from_iterable(map(_digests, taken.pieces)), found.snippets), trace.id)
    session = _remember(session, context, shown)
    return prepared, session.model_copy(update={"files": rebuilt.files, "last": max(session.last, at)})


@dataclass(frozen=True, slots=True)
class _Distinct:
    """The snippets of a trace that count, by digest, and the normal paths of their files."""

    snippets: dict[str, tuple[Snippet, ...]]
    paths: dict[Spot, str]


def _distinct(
    pieces: Sequence[Snippet | Gap | Resent], places: Places, seen: Mapping[str, str], trace: str
) -> _Distinct:
    """Put what is the same together; history that was sent again counts where no other trace showed it."""
    snippets: dict[str, list[Snippet]] = {}
    paths: dict[Spot, str] = {}
    for piece in chain(_new(pieces), _old(pieces, seen, trace)):
        placed = places.put(piece)
        if piece.resent and seen.get(placed.digest, trace) != trace:
            continue
        snippets.setdefault(placed.digest, []).append(placed)
        if path := places.path(piece):
            paths[spot(piece)] = path
    return _Distinct({digest: tuple(found) for digest, found in snippets.items()}, paths)


def _new(pieces: Iterable[Snippet | Gap | Resent]) -> Iterator[Snippet]:
    yield from (piece for piece in pieces if isinstance(piece, Snippet) and not piece.resent)


def _old(pieces: Iterable[Snippet | Gap | Resent], seen: Mapping[str, str], trace: str) -> Iterator[Snippet]:
    """Give the history that no other trace of the session showed."""
    for piece in pieces:
        if isinstance(piece, Snippet) and piece.resent and seen.get(piece.digest, trace) == trace:
            yield piece
        elif isinstance(piece, Resent):
            owners = list(map(seen.get, piece.digests))
            if None in owners or trace in owners:
                mine = [at for at, owner in enumerate(owners) if owner is None or owner == trace]
                yield from (replace(piece.snippets[at], span=piece.span) for at in mine)


def _digests(piece: Snippet | Gap | Resent) -> tuple[str, ...]:
    if isinstance(piece, Snippet):
        return (piece.digest,)
    return piece.digests if isinstance(piece, Resent) else ()


def conclude(prepared: Prepared, results: Results, setup: Setup) -> Verdict:
    """Decide on what the detectors said; what none of them could read is a gap."""
    gaps = [*prepared.gaps, *_unread(prepared, setup.engines)]
    scanned = list(_scanned(prepared, results, setup))
    for each in scanned:
        said = [results[engine.id].get(each.snippet.digest) for engine in setup.engines]
        gaps.extend(_placed(gap, each.snippet) for result in said if result for gap in result.gaps)
    verdict = decide(prepared.trace, prepared.context, scanned, setup.policies, gaps=gaps, key=setup.key)
    made = (places for places in prepared.snippets.values() if any(place.surface in GENERATED for place in places))
    return verdict.model_copy(update={"code": sum(is_code(places[0].language) for places in made)})


def told(prepared: Prepared, results: Results, setup: Setup) -> Told:
    """Put together what a trace that was vetted tells of its session's files."""
    wholes: dict[str, dict[str, str]] = {}
    for place in (place for found in prepared.snippets.values() for place in found if place.rebuilt):
        wholes.setdefault(prepared.paths[spot(place)], {})[place.text] = place.digest
    digests = [digest for texts in wholes.values() for digest in texts.values()]
    blind = {digest: _blind(digest, results) for digest in digests}
    return Told(
        trace=prepared.trace.id,
        when=prepared.when,
        left=prepared.rebuilt.left,
        edits=prepared.rebuilt.edits,
        scanned={each.snippet.digest: each for each in _scanned(prepared, results, setup)},
        wholes=wholes,
        paths=prepared.paths,
        policies=setup.policies,
        blind=blind,
        setup=setup.digest,
        key=setup.key,
    )


def _scanned(prepared: Prepared, results: Results, setup: Setup) -> Iterator[Scanned]:
    for digest, places in prepared.snippets.items():
        said = [results[engine.id][digest] for engine in setup.engines if digest in results[engine.id]]
        findings = tuple(finding for result in said for finding in result.findings)
        yield Scanned(snippet=places[0], places=places, findings=findings)


def spot(snippet: Snippet) -> Spot:
    """Tell where a snippet stands, as violations spell it."""
    return storable(snippet.span), storable(snippet.pointer), snippet.path and storable(snippet.path)


def _blind(digest: str, results: Results) -> frozenset[str]:
    """Name the detectors that could not read a snippet whole."""
    said = (result for by_digest in results.values() if (result := by_digest.get(digest)))
    return frozenset(gap.detector or "" for result in said for gap in result.gaps)


def _bare(span: Span) -> Span:
    return replace(span, input=None, output=None, metadata={})


def _begun(trace: Trace, extractors: Iterable[Extractor]) -> Begun:
    standard = next((one for one in extractors if type(one) is StandardExtractor), None)
    return standard.begin(trace) if standard else Begun(trace)


def _extracted(trace: Trace, begun: Begun, extractors: Iterable[Extractor]) -> Iterable[Snippet | Gap | Resent]:
    for extractor in extractors:
        try:
            if type(extractor) is StandardExtractor:
                yield from extractor.resume(begun)
            else:
                yield from extractor.extract(trace)
        except Exception as error:
            yield Gap(
                reason=GapReason.DETECTOR_FAILED,
                detail=f"extractor '{extractor.name}' raised {type(error).__name__}",
                detector=extractor.name,
            )


def _remember(session: Session, context: Context, shown: dict[str, str]) -> Session:
    seen = shown | session.seen
    if len(seen) > SEEN_CAP:
        seen = dict(list(seen.items())[:SEEN_CAP])
    return session.model_copy(update={"context": context, "seen": seen})


def _unread(prepared: Prepared, engines: Sequence[Engine]) -> Iterable[Gap]:
    """Name the generated code that no detector reads, one gap per language."""
    first: dict[str, tuple[Snippet, int]] = {}
    read = {language for engine in engines for language in engine.cls.languages}
    for snippet, *_ in prepared.snippets.values():
        unread = snippet.language not in read and (not snippet.language or is_code(snippet.language))
        if unread and snippet.surface in GENERATED:
            seen, count = first.get(snippet.language, (snippet, 0))
            first[snippet.language] = (seen, count + 1)
    for language, (snippet, count) in first.items():
        reason = GapReason.NO_DETECTOR if language else GapReason.UNKNOWN_LANGUAGE
        detail = f"no loaded detector reads {language}" if language else "code in a language that could not be told"
        gap = Gap(reason=reason, detail=detail, count=count)
        yield _placed(gap, snippet)


def _placed(gap: Gap, snippet: Snippet) -> Gap:
    update = {"span": snippet.span, "pointer": snippet.pointer, "snippet": snippet.digest, "path": snippet.path}
    return gap.model_copy(update=update)
