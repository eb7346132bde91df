"""From a trace to its verdict: extract, dedupe, scan, decide. Pure; what scans is handed in."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import TypeAlias

from tracevet.extract import join_context, read_context
from tracevet.extract.language import is_code
from tracevet.model import (
    Context,
    Gap,
    GapReason,
    Policy,
    Result,
    Session,
    Snippet,
    Surface,
    Trace,
    Verdict,
)
from tracevet.plugin import Extractor
from tracevet.policy import Scanned, decide
from tracevet.workers import Engine

GENERATED = frozenset({Surface.SUGGESTED, Surface.APPLIED, Surface.COMMAND})
SEEN_CAP = 20_000  # digests a session remembers; the oldest are forgotten first

Results: TypeAlias = Mapping[str, Mapping[str, Result]]  # Engine.id -> Snippet.digest -> Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How traces are vetted: the same setup, trace and session give the same verdict."""

    extractors: tuple[Extractor, ...]
    engines: tuple[Engine, ...]
    policies: tuple[Policy, ...]
    key: bytes  # for the HMACs that stand for masked values

    @property
    def digest(self) -> str:
        """Tell setups apart that may give other verdicts."""
        parts = [
            version("tracevet"),
            *(f"{extractor.name}@{type(extractor).__module__}" for extractor in self.extractors),
            *(engine.id for engine in self.engines),
            *(policy.model_dump_json() for policy in self.policies),
        ]
        return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A trace taken apart: its distinct snippets, strongest occurrence first, ready to be scanned."""

    trace: Trace
    context: Context
    snippets: Mapping[str, tuple[Snippet, ...]]  # Snippet.digest -> its occurrences
    gaps: tuple[Gap, ...]

    def wanted(self, engine: Engine) -> list[Snippet]:
        """Give the snippets that the engine should look at, each digest once."""
        return [places[0] for places in self.snippets.values() if engine.reads(places[0])]


def vet(
    trace: Trace, session: Session, setup: Setup, scan: Callable[[Engine, Sequence[Snippet]], Mapping[str, Result]]
) -> tuple[Verdict, Session]:
    """Vet one trace of a session, and give its verdict and what the session's next trace needs."""
    prepared, session = prepare(trace, session, setup)
    results = {engine.id: scan(engine, prepared.wanted(engine)) for engine in setup.engines}
    return conclude(prepared, results, setup), session


def prepare(trace: Trace, session: Session, setup: Setup) -> tuple[Prepared, Session]:
    """Take the trace apart, once: what stands in it several times, or was shown by an earlier trace, is one."""
    context = join_context(session.context, read_context(trace))
    snippets: dict[str, list[Snippet]] = {}
    resent: dict[str, list[Snippet]] = {}
    gaps = list(trace.gaps)
    for piece in _extracted(trace, setup.extractors):
        if isinstance(piece, Gap):
            gaps.append(piece)
        else:
            (resent if piece.resent else snippets).setdefault(piece.digest, []).append(piece)
    for digest, places in resent.items():
        if digest in snippets:
            snippets[digest].extend(places)
        elif session.seen.get(digest, trace.id) == trace.id:
            snippets[digest] = places
    whole = {digest: tuple(places) for digest, places in snippets.items()}
    prepared = Prepared(trace=trace, context=context, snippets=whole, gaps=tuple(gaps))
    return prepared, _remember(session, context, trace.id, whole)


def conclude(prepared: Prepared, results: Results, setup: Setup) -> Verdict:
    """Decide on what the detectors said; what none of them could read is a gap."""
    gaps = [*prepared.gaps, *_unread(prepared, setup.engines)]
    scanned = []
    for digest, places in prepared.snippets.items():
        said = [results[engine.id][digest] for engine in setup.engines if digest in results[engine.id]]
        gaps.extend(_placed(gap, places[0]) for result in said for gap in result.gaps)
        findings = tuple(finding for result in said for finding in result.findings)
        scanned.append(Scanned(snippet=places[0], places=places, findings=findings))
    return decide(prepared.trace, prepared.context, scanned, setup.policies, gaps=gaps, key=setup.key)


def _extracted(trace: Trace, extractors: Iterable[Extractor]) -> Iterable[Snippet | Gap]:
    for extractor in extractors:
        try:
            yield from extractor.extract(trace)
        except Exception as error:
            yield Gap(
                reason=GapReason.DETECTOR_FAILED,
                detail=f"extractor '{extractor.name}' raised {type(error).__name__}",
                detector=extractor.name,
            )


def _remember(session: Session, context: Context, trace: str, snippets: Iterable[str]) -> Session:
    seen = dict.fromkeys(snippets, trace) | session.seen
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
