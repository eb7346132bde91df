"""What people's judgements come to: for each fingerprint the youngest, whatever trace or platform it was made on."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection, select, update

from tracevet.ledger.columns import label
from tracevet.ledger.schema import judgements, reviews, rulings
from tracevet.ledger.texts import load
from tracevet.ledger.upsert import chunks, upsert
from tracevet.model import Decision, Review, Verdict
from tracevet.policy import concerns, retract

RETRACTING = frozenset({Decision.FALSE_POSITIVE.value, Decision.ACCEPTED_RISK.value})

Said: TypeAlias = dict[str, list[tuple[datetime, str, str, str]]]  # label of a fingerprint -> when, platform, id, what


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A review, and where it was made."""

    platform: str
    review: Review

    def about(self, verdict: Verdict) -> list[str]:
        """Give the fingerprints that it is about in its trace's verdict."""
        return [violation.fingerprint for violation in verdict.violations if concerns(self.review, violation)]

    def says(self) -> tuple[datetime, str, str, str]:
        """Give its judgement, so that the youngest of several is the greatest."""
        return (self.review.at, label(self.platform), label(self.review.id), self.review.decision.value)


def meet(connection: Connection, verdicts: Sequence[Verdict]) -> frozenset[str]:
    """Let the reviews that wait for these verdicts judge them; give the labels of the fingerprints now retracted.

    Raises:
        ValueError: a model of another shape wrote a review.
    """
    for kept, verdict in _waiting(connection, verdicts):
        judge(connection, kept, kept.about(verdict))
    return _retracted(connection, _labels(verdicts))


def foresee(connection: Connection, verdicts: Sequence[Verdict]) -> frozenset[str]:
    """Give what `meet` would, and change nothing; raises as it does."""
    said = _said(connection, _labels(verdicts))
    for kept, verdict in _waiting(connection, verdicts):
        for fingerprint in kept.about(verdict):
            said.setdefault(label(fingerprint), []).append(kept.says())
    return frozenset(name for name, all_ in said.items() if max(all_)[-1] in RETRACTING)


def apply(verdict: Verdict, retracted: Collection[str]) -> Verdict:
    """Retract the violations whose fingerprints have one of the labels."""
    return retract(verdict, {v.fingerprint for v in verdict.violations if label(v.fingerprint) in retracted})


def judge(connection: Connection, kept: Kept, fingerprints: Iterable[str]) -> None:
    """Note that a review is about these fingerprints, and what is to be changed for it; none leaves it waiting."""
    at, platform, review, decision = kept.says()
    key = {"platform": platform, "review": review}
    names = sorted({label(fingerprint) for fingerprint in fingerprints})
    rows = [{**key, "fingerprint": name, "decision": decision, "at": at} for name in names]
    if rows:
        upsert(connection, judgements, rows)
        its = (reviews.c.platform == platform) & (reviews.c.id == review)
        connection.execute(update(reviews).where(its).values(met=1))
        rule(connection, names)


def rule(connection: Connection, names: Collection[str]) -> None:
    """Find the youngest judgement on each label anew; one that turns is marked as not settled."""
    said = _said(connection, names)
    before = {
        row.fingerprint: (row.decision, row.settled)
        for chunk in chunks(sorted(names))
        for row in connection.execute(select(rulings).where(rulings.c.fingerprint.in_(chunk)))
    }
    rows = []
    for name in sorted(names):
        decision = max(said[name])[-1] if name in said else None
        old, settled = before.get(name, (None, 1))
        turned = (old in RETRACTING) != (decision in RETRACTING)
        rows.append({"fingerprint": name, "decision": decision, "settled": 0 if turned else settled})
    upsert(connection, rulings, rows)


def authors(connection: Connection, names: Collection[str]) -> dict[str, str | None]:
    """Tell who made the youngest judgement on each label that has one."""
    found = {}
    for name, said in _said(connection, names).items():
        _, platform, review, _ = max(said)
        its = (reviews.c.platform == platform) & (reviews.c.id == review)
        found[name] = load(Review, connection.execute(select(reviews.c.body).where(its)).scalar_one()).author
    return found


def _waiting(connection: Connection, verdicts: Sequence[Verdict]) -> Iterator[tuple[Kept, Verdict]]:
    """Give the reviews of these traces that have not met what they are about."""
    traces = {(label(verdict.trace.platform), label(verdict.trace.id)): verdict for verdict in verdicts}
    waits = select(reviews).where(reviews.c.met == 0, reviews.c.withdrawn.is_(None))
    for platform in {verdict.trace.platform for verdict in verdicts}:
        names = [trace for its, trace in traces if its == label(platform)]
        for chunk in chunks(names):
            query = waits.where(reviews.c.platform == platform, reviews.c.trace.in_(chunk))
            for row in connection.execute(query).all():
                kept = Kept(platform=row.platform, review=load(Review, row.body))
                yield kept, traces[row.platform, row.trace]


def _said(connection: Connection, names: Collection[str]) -> Said:
    found: Said = {}
    for chunk in chunks(sorted(names)):
        query = select(judgements).where(judgements.c.fingerprint.in_(chunk))
        for row in connection.execute(query):
            found.setdefault(row.fingerprint, []).append((row.at, row.platform, row.review, row.decision))
    return found


def _retracted(connection: Connection, names: Collection[str]) -> frozenset[str]:
    columns = select(rulings.c.fingerprint).where(rulings.c.decision.in_(RETRACTING))
    found = (connection.scalars(columns.where(rulings.c.fingerprint.in_(chunk))) for chunk in chunks(sorted(names)))
    return frozenset(name for each in found for name in each)


def _labels(verdicts: Iterable[Verdict]) -> set[str]:
    return {label(violation.fingerprint) for verdict in verdicts for violation in verdict.violations}
