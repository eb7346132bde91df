"""The gate: does a change bring code that breaches a policy, and which session wrote it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tracevet.extract import join_context
from tracevet.extract.language import guess, of_path
from tracevet.ledger import Ledger
from tracevet.model import (
    Context,
    Fact,
    Gap,
    GapReason,
    Result,
    Snippet,
    Span,
    Status,
    Surface,
    Trace,
    Verdict,
    Violation,
)
from tracevet.pipeline import Setup
from tracevet.policy import Scanned, concluded, decide
from tracevet.repository import Change, Hit, Needle, Needles
from tracevet.workers import Engine, Workers

SPAN = "change"  # the one span of the trace that stands for a change


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the gate says of a change."""

    verdict: Verdict  # of a trace that stands for the change
    written: Mapping[str, Violation]  # fingerprint there -> the violation of a session whose code this is


def judge(
    changes: Sequence[Change], setup: Setup, ledger: Ledger, workers: Workers, *, project: str, seen: Iterable[Verdict]
) -> Judged:
    """Vet the lines that a change brings, inside their files.

    What the detectors see in them is joined with what sessions in `seen` wrote: a violation of theirs whose code
    stands in the new lines is named by its session, or added where the detectors see nothing now. What reviews or
    suppressions took out there is out here, too.

    Raises:
        LedgerError: the ledger can't be read.
    """
    snippets = [snippet for change in changes if (snippet := _snippet(change))]
    context = join_context(Context(), Context(project=Fact(value=project, source="repository")))
    trace = Trace(platform="repository", id=SPAN, spans=(Span(id=SPAN),))
    scanned, gaps = _scanned(snippets, setup, ledger, workers)
    gaps += [_unread(change) for change in changes if change.text is None]
    verdict = decide(trace, context, scanned, setup.policies, key=setup.key, gaps=gaps)
    (verdict,) = ledger.judged([verdict])
    joined = _joined(verdict, changes, list(_hits(changes, seen)))
    (verdict,) = ledger.judged([joined.verdict])  # what is suppressed elsewhere may not be where it stands now
    return replace(joined, verdict=verdict)


def _snippet(change: Change) -> Snippet | None:
    if change.text is None:
        return None
    language = of_path(change.path) or guess(change.text)
    return Snippet(
        text=change.text,
        surface=Surface.APPLIED,
        language=language,
        span=SPAN,
        pointer=f"/{change.path}",
        path=change.path,
        changed=change.added,
    )


def _scanned(
    snippets: Sequence[Snippet], setup: Setup, ledger: Ledger, workers: Workers
) -> tuple[list[Scanned], list[Gap]]:
    distinct = {snippet.digest: snippet for snippet in snippets}
    said: dict[str, dict[str, Result]] = {}
    running = []
    for engine in setup.engines:
        wanted = [snippet for snippet in distinct.values() if engine.reads(snippet)]
        said[engine.id] = ledger.results(engine.id, [snippet.digest for snippet in wanted])
        rest = [snippet for snippet in wanted if snippet.digest not in said[engine.id]]
        running.append((engine, workers.scan(engine, rest)))
    for engine, scan in running:
        said[engine.id] |= scan.results()
    return [_one(snippet, setup.engines, said) for snippet in snippets], list(_gaps(distinct, said))


def _one(snippet: Snippet, engines: Iterable[Engine], said: Mapping[str, Mapping[str, Result]]) -> Scanned:
    results = (said[engine.id].get(snippet.digest) for engine in engines)
    findings = tuple(finding for result in results if result for finding in result.findings)
    return Scanned(snippet=snippet, places=(snippet,), findings=findings)


def _gaps(snippets: Mapping[str, Snippet], said: Mapping[str, Mapping[str, Result]]) -> Iterator[Gap]:
    for results in said.values():
        for digest, result in results.items():
            for gap in result.gaps:
                yield gap.model_copy(update={"span": SPAN, "path": snippets[digest].path})


def _unread(change: Change) -> Gap:
    return Gap(reason=GapReason.TOO_LARGE, detail="the file is too large", span=SPAN, path=change.path)


@dataclass(frozen=True, slots=True)
class _Stand:
    """Code that a session wrote, and where it stands in the change."""

    violation: Violation
    path: str
    hit: Hit


def _hits(changes: Sequence[Change], seen: Iterable[Verdict]) -> Iterator[_Stand]:
    """Find what sessions wrote in the new lines of a change."""
    said: dict[str, Violation] = {}
    for verdict in seen:
        for violation in verdict.violations:
            known = said.get(violation.fingerprint)
            if known is None or (known.status is not Status.OPEN and violation.status is Status.OPEN):
                said[violation.fingerprint] = violation
    needles = Needles(tuple(_needle(violation) for violation in said.values()))
    for change in changes:
        for hit in needles.find(change.text or "", change.path):
            if any(first <= hit.last and hit.line <= last for first, last in change.added):
                yield _Stand(said[hit.needle.name], change.path, hit)


def _needle(violation: Violation) -> Needle:
    return Needle.of(violation.fingerprint, violation.evidence, language=violation.language, path=violation.path)


def _joined(verdict: Verdict, changes: Sequence[Change], stands: Sequence[_Stand]) -> Judged:
    """Name the session behind each violation; what only a session's verdict knows is added."""
    written: dict[str, Violation] = {}
    parts: list[Violation] = []
    for violation in verdict.violations:
        stand = next((stand for stand in stands if _same(violation, stand)), None)
        if stand:
            written[violation.fingerprint] = stand.violation
            violation = _by(violation, stand.violation)  # noqa: PLW2901 - the same one, told more of
        parts.append(violation)
    for stand in stands:
        if not any(_same(violation, stand) for violation in verdict.violations):
            written.setdefault(stand.violation.fingerprint, stand.violation)
            parts.append(_moved(stand))
    worst = sorted({part.fingerprint: part for part in parts}.values(), key=lambda part: -part.severity.rank)
    return Judged(verdict=concluded(verdict, worst), written=written)


def _same(violation: Violation, stand: _Stand) -> bool:
    lines = violation.start_line <= stand.hit.last and stand.hit.line <= violation.end_line
    return lines and violation.path == stand.path and violation.policy == stand.violation.policy


def _by(violation: Violation, source: Violation) -> Violation:
    """Say who wrote it; a session's violation that is suppressed or retracted is so here."""
    names = ("developer", "repository", "branch", "assistant", "model", "session", "url", "trace_id")
    update: dict[str, object] = {name: getattr(source, name) for name in names}
    if source.status in {Status.SUPPRESSED, Status.RETRACTED}:
        update["status"] = source.status
    return violation.model_copy(update=update)


def _moved(stand: _Stand) -> Violation:
    """Give a session's violation at its place in the change; what was corrected there is open here again."""
    old = stand.violation
    status = Status.OPEN if old.status is Status.CORRECTED else old.status
    lines = {"path": stand.path, "start_line": stand.hit.line, "end_line": stand.hit.last}
    place = old.places[0].model_copy(update={**lines, "span": SPAN, "pointer": f"/{stand.path}"})
    return old.model_copy(update={**lines, "status": status, "flow": (), "places": (place,), "occurrences": 1})
