"""Writing verdicts: what is new in them, and what they once said and no longer do."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select, update

from tracevet.ledger import fingerprints, telling
from tracevet.ledger.columns import label
from tracevet.ledger.records import Entry
from tracevet.ledger.schema import verdicts, violations
from tracevet.ledger.texts import dump, load
from tracevet.ledger.upsert import chunks, upsert
from tracevet.ledger.verdicts import GONE, violations_of
from tracevet.model import Status, Verdict, Violation


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One verdict on its way into the ledger, beside what the ledger had of it."""

    entry: Entry  # without what people's decisions make of the verdict
    verdict: Verdict  # with it
    old: RowMapping | None
    old_violations: dict[str, tuple[str, str]]  # label of the fingerprint -> JSON, status; without those that are gone
    news: bool  # it says something else than before
    at: datetime

    @property
    def revision(self) -> int:
        """Count the changes of this trace's verdict, this one included."""
        return (self.old["revision"] if self.old else 0) + self.news


def store(
    connection: Connection, entries: Sequence[Entry], decided: Callable[[Verdict], Verdict], now: datetime
) -> list[Change]:
    """Store the verdicts, each id once: of several for one trace the last one stays.

    What a violation's body says is kept beside what people's decisions make of it, so that they can be taken back;
    `decided` puts them into a verdict.
    """
    latest = {label(entry.verdict.id): entry for entry in entries}
    changes = _changes(connection, latest, decided, now)
    upsert(connection, verdicts, [_verdict_row(change, now) for change in changes])
    upsert(connection, violations, [row for change in changes if change.news for row in _violation_rows(change)])
    for change in changes:
        _retract(connection, change)
    telling.note(connection, [change.verdict for change in changes if change.news], now)
    return changes


def with_first_seen(verdict: Verdict, firsts: fingerprints.Firsts) -> Verdict:
    """Fill in since when each violation's code is known."""
    parts = (v.model_copy(update={"first_seen": firsts[label(v.fingerprint)]}) for v in verdict.violations)
    return verdict.model_copy(update={"violations": tuple(parts)})


def _changes(
    connection: Connection, latest: dict[str, Entry], decided: Callable[[Verdict], Verdict], now: datetime
) -> list[Change]:
    old = {
        row["id"]: row
        for chunk in chunks(list(latest))
        for row in connection.execute(select(verdicts).where(verdicts.c.id.in_(chunk))).mappings()
    }
    parts = violations_of(connection, old)
    shown = {name: decided(entry.verdict) for name, entry in latest.items()}
    return [_change(entry, shown[name], old.get(name), parts.get(name, ()), now) for name, entry in latest.items()]


def _change(entry: Entry, shown: Verdict, old: RowMapping | None, parts: Sequence[RowMapping], now: datetime) -> Change:
    trace = entry.verdict.trace
    texts = {row["fingerprint"]: (row["body"], row["status"]) for row in parts if row["position"] != GONE}
    return Change(
        entry=entry,
        verdict=shown,
        old=old,
        old_violations=texts,
        news=old is None or _differs(entry.verdict, shown, old["body"], texts),
        at=trace.start or trace.end or (old["at"] if old else now),
    )


def _differs(verdict: Verdict, shown: Verdict, body: str, texts: dict[str, tuple[str, str]]) -> bool:
    """Tell whether the verdict says something else than the stored one; since when code is known does not count."""
    parts = {label(part.fingerprint): part.model_copy(update={"first_seen": None}) for part in verdict.violations}
    if parts.keys() != texts.keys() or not _says(body, shown.model_copy(update={"violations": ()})):
        return True
    if any(texts[label(part.fingerprint)][1] != part.status for part in shown.violations):
        return True
    return not all(_says(texts[name][0], part) for name, part in parts.items())


def _says(stored: str, model: Verdict | Violation) -> bool:
    """Tell whether the stored JSON is this model; a field that came to the model with a default is no difference."""
    if stored == _text(model):
        return True
    try:
        return load(type(model), stored) == model
    except ValueError:
        return False


def _text(model: Verdict | Violation) -> str:
    return dump(model, "violations" if isinstance(model, Verdict) else "first_seen")


def _verdict_row(change: Change, now: datetime) -> dict[str, object]:
    verdict, context = change.verdict, change.verdict.context
    return {
        "id": verdict.id,
        "platform": verdict.trace.platform,
        "trace": verdict.trace.id,
        "content": change.entry.content,
        "setup": change.entry.setup,
        "outcome": verdict.outcome.value,
        "severity": verdict.severity.value if verdict.severity else None,
        "project": context.project.value if context.project else None,
        "developer": context.developer.value if context.developer else None,
        "at": change.at,
        "made": change.old["made"] if change.old else now,
        "renewed": now,
        "revision": change.revision,
        "body": _text(verdict),
    }


def _violation_rows(change: Change) -> Iterator[dict[str, object]]:
    pairs = zip(change.entry.verdict.violations, change.verdict.violations, strict=True)
    for position, (violation, shown) in enumerate(pairs):
        yield {
            "verdict": change.entry.verdict.id,
            "fingerprint": violation.fingerprint,
            "policy": violation.policy,
            "severity": violation.severity.value,
            "status": shown.status.value,
            "project": violation.project,
            "developer": violation.developer,
            "at": change.at,
            "position": position,
            "body": _text(violation),
        }


def _retract(connection: Connection, change: Change) -> None:
    """Keep what the verdict no longer says, so that it can be cleared wherever it was written."""
    gone = change.old_violations.keys() - {
        label(violation.fingerprint) for violation in change.entry.verdict.violations
    }
    for chunk in chunks(sorted(gone)):
        its = (violations.c.verdict == change.entry.verdict.id) & violations.c.fingerprint.in_(chunk)
        connection.execute(update(violations).where(its).values(status=Status.RETRACTED.value, position=GONE))
