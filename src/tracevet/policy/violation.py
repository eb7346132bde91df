"""Violations: breaches of one fingerprint joined, with all an analyst needs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tracevet.model import Context, Fact, Finding, Place, Policy, Span, Trace, Violation
from tracevet.policy.breach import Breach, Spot, best_first, storable, strongest_first
from tracevet.policy.fingerprint import fingerprint
from tracevet.policy.grading import lowered
from tracevet.policy.masking import scrub, visible
from tracevet.policy.match import rule_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What all violations of a trace share."""

    trace: Trace
    context: Context
    key: bytes
    spans: Mapping[str, Span]  # by id, as it is stored


def join_breaches(found: Iterable[Breach], scene: Scene) -> tuple[Violation, ...]:
    """Make one violation of each fingerprint, worst first, then by policy, path and line."""
    project = _value(scene.context.project)
    alike: dict[str, list[Breach]] = {}
    for breach in found:
        alike.setdefault(fingerprint(breach.policy.id, project, breach.evidence), []).append(breach)
    return tuple(sorted((_violation(mark, group, scene) for mark, group in alike.items()), key=_worst_first))


def _worst_first(violation: Violation) -> tuple[int, str, str, int, str]:
    return (
        -violation.severity.rank,
        violation.policy,
        violation.path or "",
        violation.start_line,
        violation.fingerprint,
    )


def _violation(mark: str, group: Sequence[Breach], scene: Scene) -> Violation:
    shown = min(group, key=lambda breach: strongest_first(breach.spots[0]))
    findings = sorted((finding for breach in group for finding in breach.findings), key=best_first)
    lead, policy, context = findings[0], shown.policy, scene.context
    spots = [spot for breach in group for spot in breach.spots]
    places, graded = _places(spots), _grading(spots)
    top, span = places[0], scene.spans.get(places[0].span)
    return Violation(
        fingerprint=mark,
        policy=policy.id,
        title=policy.title,
        severity=lowered(policy.severity) if graded else policy.severity,
        category=policy.category,
        mode=policy.mode,
        cwe=_cwe(policy, findings),
        detector=lead.detector,
        rule=lead.rule,
        confidence=lead.confidence,
        message=visible(scrub(lead.message, scene.key)),
        surface=top.surface,
        language=shown.scanned.snippet.language,
        path=top.path,
        start_line=top.start_line,
        end_line=top.end_line,
        snippet=shown.scanned.snippet.digest,
        span_id=top.span,
        trace_id=storable(scene.trace.id),
        url=scene.trace.url and storable(scene.trace.url),
        developer=_value(context.developer),
        project=_value(context.project),
        repository=_value(context.repository),
        branch=_value(context.branch),
        assistant=_value(context.assistant),
        model=(span.model and storable(span.model) if span else None) or _value(context.model),
        session=_value(context.session) or (scene.trace.session_id and storable(scene.trace.session_id)),
        evidence=shown.evidence,
        recommendation=_recommendation(findings, policy, scene.key),
        references=policy.references,
        first_seen=_first_seen(places, scene),
        occurrences=len(places),
        places=places,
        also=tuple(sorted({rule_name(finding) for finding in findings} - {rule_name(lead)})),
        flow=shown.flow,
        grading=(*_refuted(lead, group, scene.key), *graded),
    )


def _places(spots: Iterable[Spot]) -> tuple[Place, ...]:
    """Give each place once, strongest first; history that was sent again counts only where nothing else shows it."""
    ordered = sorted(spots, key=strongest_first)
    new = [spot.place for spot in ordered if not spot.resent]
    if new:
        return tuple(dict.fromkeys(new))
    once: dict[tuple[str, str | None, int], Place] = {}
    for spot in ordered:
        once.setdefault((spot.place.surface, spot.place.path, spot.place.start_line), spot.place)
    return tuple(once.values())


def _grading(spots: Iterable[Spot]) -> tuple[str, ...]:
    """Give the reasons to count for less that hold at every place."""
    first, *others = (spot.grading for spot in spots)
    return tuple(reason for reason in first if all(reason in grading for grading in others))


def _refuted(lead: Finding, group: Iterable[Breach], key: bytes) -> tuple[str, ...]:
    """Say why the surest finding is not sure, where that was refuted."""
    reasons = (breach.refuted[lead] for breach in group if lead in breach.refuted)
    return tuple(visible(scrub(reason, key)) for reason in dict.fromkeys(reasons))


def _cwe(policy: Policy, findings: Sequence[Finding]) -> tuple[str, ...]:
    """Give the policy's CWEs that were found; else its most typical one, and what the detector said."""
    said = [cwe for finding in findings for cwe in finding.cwe]
    covered = [cwe for cwe in said if cwe in policy.cwe]
    return tuple(dict.fromkeys(covered or [*policy.cwe[:1], *findings[0].cwe]))


def _recommendation(findings: Sequence[Finding], policy: Policy, key: bytes) -> str:
    """Put the detector's own advice before the policy's, unless it says the same."""
    fix = next((finding.fix.strip() for finding in findings if finding.fix.strip()), "")
    general = policy.recommendation.strip()
    if not fix or fix.rstrip(".").lower() in general.lower():
        return general
    fix = visible(scrub(fix, key))
    return f"{fix}{'' if fix.endswith(('.', '!', '?', ':', '`')) else '.'} {general}"


def _first_seen(places: Iterable[Place], scene: Scene) -> datetime | None:
    starts = (scene.spans[place.span].start for place in places if place.span in scene.spans)
    return min((aware(start) for start in starts if start), default=scene.trace.start and aware(scene.trace.start))


def aware(moment: datetime) -> datetime:
    """Take a moment without time zone as UTC, so that moments can be compared."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _value(fact: Fact | None) -> str | None:
    return storable(fact.value) if fact else None
