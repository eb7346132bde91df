"""decide: from what was found in a trace, and what could not be vetted, to its verdict."""

from collections.abc import Iterable, Sequence

from tracevet.model import (
    Context,
    Coverage,
    Fact,
    Gap,
    GapReason,
    Outcome,
    Policy,
    Trace,
    TraceRef,
    Verdict,
    Violation,
)
from tracevet.policy.breach import find_breaches, storable, turns_of
from tracevet.policy.fingerprint import verdict_id
from tracevet.policy.grading import said_by
from tracevet.policy.match import Scanned
from tracevet.policy.refuting import weigh
from tracevet.policy.violation import Scene, aware, join_breaches

_PARTLY = frozenset({GapReason.TRUNCATED, GapReason.UNKNOWN_KIND})  # the rest of the snippet was vetted


def decide(
    trace: Trace,
    context: Context,
    scanned: Sequence[Scanned],
    policies: Sequence[Policy],
    *,
    key: bytes,
    gaps: Sequence[Gap] = (),
) -> Verdict:
    """Judge a trace. Pure: the same arguments give the same verdict, whatever order the policies have.

    `key` masks secrets: equal ones get equal masks under one key. The trace's own gaps count beside `gaps`,
    each once. A finding counts where its policy looks, on the lines that are new there.
    """
    turns = turns_of(trace.spans)
    spans = {storable(span.id): span for span in reversed(trace.spans)}
    said, directory = said_by(scanned), context.directory.value if context.directory else None
    found = (breach for each in scanned for breach in find_breaches(each, policies, turns, key, said, directory))
    violations = join_breaches(found, Scene(trace=trace, context=context, key=key, spans=spans))
    missing = tuple(dict.fromkeys(_storable_gap(gap) for gap in (*trace.gaps, *gaps)))
    vetted = _vetted(scanned, missing)
    return Verdict(
        id=verdict_id(trace.platform, storable(trace.id)),
        trace=_reference(trace),
        outcome=_outcome(violations, missing),
        severity=max((v.severity for v in violations), key=lambda severity: severity.rank, default=None),
        coverage=_coverage(vetted, missing),
        violations=violations,
        gaps=missing,
        context=_storable_context(context),
        snippets=vetted,
        left_out=sum(weigh(e.findings).left_out(e.findings, policies, e.snippet.language) for e in scanned),
    )


def _outcome(violations: Sequence[Violation], gaps: Sequence[Gap]) -> Outcome:
    if violations:
        return Outcome.VIOLATIONS
    return Outcome.UNKNOWN if gaps else Outcome.CLEAN


def _coverage(vetted: int, gaps: Sequence[Gap]) -> Coverage:
    if not gaps:
        return Coverage.FULL
    return Coverage.PARTIAL if vetted else Coverage.NONE


def _vetted(scanned: Sequence[Scanned], gaps: Iterable[Gap]) -> int:
    """Count the distinct pieces of text of which something could be said: found in, or read to their end."""
    blind = {gap.snippet for gap in gaps if gap.reason not in _PARTLY}
    return len({each.snippet.digest for each in scanned if each.findings or each.snippet.digest not in blind})


def _reference(trace: Trace) -> TraceRef:
    return TraceRef(
        platform=trace.platform,
        id=storable(trace.id),
        name=storable(trace.name),
        session=trace.session_id and storable(trace.session_id),
        url=trace.url and storable(trace.url),
        start=trace.start and aware(trace.start),
        end=trace.end and aware(trace.end),
    )


def _storable_gap(gap: Gap) -> Gap:
    texts = {name: storable(value) for name, value in gap if isinstance(value, str) and name != "reason"}
    return gap.model_copy(update=texts)


def _storable_context(context: Context) -> Context:
    facts = {
        name: Fact(value=storable(fact.value), source=storable(fact.source))
        for name, fact in context
        if isinstance(fact, Fact)
    }
    return Context(**facts)
