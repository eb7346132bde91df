"""What people's judgements say of the rules, and which suppressions they propose."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from tracevet.ledger import rulings
from tracevet.ledger.database import Database
from tracevet.ledger.schema import judgements, reviews, violations
from tracevet.ledger.schema import rulings as rulings_table
from tracevet.ledger.suppressing import holding
from tracevet.ledger.texts import load
from tracevet.ledger.upsert import chunks
from tracevet.model import Decision, Review, Violation


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleShare:
    """How a rule fares with people; each fingerprint counts once, by its youngest judgement."""

    rule: str  # detector:rule
    confirmed: int
    accepted: int  # right, and lived with
    false: int

    @property
    def judged(self) -> int:
        """All of them."""
        return self.confirmed + self.accepted + self.false

    @property
    def share(self) -> float:
        """The share judged false, from 0.0 to 1.0."""
        return self.false / self.judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A fingerprint that a review rejects and no suppression is about."""

    violation: Violation  # one with that fingerprint
    decision: Decision
    author: str | None
    comment: str
    at: datetime


class Opinions:
    """Reads what people think; changes nothing."""

    def __init__(self, database: Database) -> None:
        """Use `Ledger.opinions`."""
        self._database = database

    def by_rule(self) -> list[RuleShare]:
        """Give each rule that was judged, the one with the greatest share of false ones first."""
        counts: dict[str, dict[str, int]] = {}
        with self._database.reading() as connection, self._database.readable():
            decisions = _decisions(connection)
            for name, violation in _violations(connection, decisions):
                one = counts.setdefault(f"{violation.detector}:{violation.rule}", {})
                one[decisions[name]] = one.get(decisions[name], 0) + 1
        shares = [_share(rule, count) for rule, count in counts.items()]
        return sorted(shares, key=lambda each: (-each.share, -each.judged, each.rule))

    def proposals(self) -> list[Proposal]:
        """Give what reviews reject and nothing suppresses, the youngest judgement first."""
        with self._database.reading() as connection, self._database.readable():
            rejected = {name: said for name, said in _decisions(connection).items() if said in rulings.RETRACTING}
            suppressor = holding(connection)
            found = [
                _proposal(violation, _youngest(connection, name))
                for name, violation in _violations(connection, rejected)
                if suppressor.find(violation) is None
            ]
        return sorted(found, key=lambda each: (each.at, each.violation.fingerprint), reverse=True)


def _decisions(connection: Connection) -> dict[str, str]:
    query = select(rulings_table.c.fingerprint, rulings_table.c.decision).where(rulings_table.c.decision.is_not(None))
    return {row.fingerprint: row.decision for row in connection.execute(query)}


def _violations(connection: Connection, names: Collection[str]) -> Iterator[tuple[str, Violation]]:
    """Give one violation of each label that still has one."""
    columns = select(violations.c.fingerprint, func.max(violations.c.body).label("body"))
    for chunk in chunks(sorted(names)):
        query = columns.where(violations.c.fingerprint.in_(chunk)).group_by(violations.c.fingerprint)
        for row in connection.execute(query):
            yield row.fingerprint, load(Violation, row.body)


def _youngest(connection: Connection, name: str) -> Review:
    same = (reviews.c.platform == judgements.c.platform) & (reviews.c.id == judgements.c.review)
    query = select(reviews.c.body).join(judgements, same).where(judgements.c.fingerprint == name)
    order = (judgements.c.at.desc(), judgements.c.platform.desc(), judgements.c.review.desc())
    return load(Review, connection.execute(query.order_by(*order).limit(1)).scalar_one())


def _share(rule: str, count: dict[str, int]) -> RuleShare:
    return RuleShare(
        rule=rule,
        confirmed=count.get(Decision.CONFIRMED, 0),
        accepted=count.get(Decision.ACCEPTED_RISK, 0),
        false=count.get(Decision.FALSE_POSITIVE, 0),
    )


def _proposal(violation: Violation, review: Review) -> Proposal:
    return Proposal(
        violation=violation, decision=review.decision, author=review.author, comment=review.comment, at=review.at
    )
