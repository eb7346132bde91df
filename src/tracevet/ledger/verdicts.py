"""Reading verdicts: put together from their bodies, their violations, and what is known of the fingerprints."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, or_, select

from tracevet.ledger import fingerprints
from tracevet.ledger.columns import label
from tracevet.ledger.database import Database
from tracevet.ledger.records import Entry
from tracevet.ledger.schema import verdicts, violations
from tracevet.ledger.suppressing import holding
from tracevet.ledger.texts import load
from tracevet.ledger.upsert import chunks
from tracevet.model import Reach, Severity, Status, Verdict, Violation
from tracevet.policy import Suppressor, concluded

PAGE = 200  # verdicts read at once
GONE = -1  # position of a violation that its verdict no longer has

_ORDER = (verdicts.c.at.desc(), verdicts.c.id.desc())


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which verdicts are wanted; None asks nothing."""

    since: datetime | None = None  # the trace's own time, this moment included
    until: datetime | None = None  # excluded
    policy: str | None = None
    min_severity: Severity | None = None  # of one violation, that of `policy` if both are asked for
    project: str | None = None
    developer: str | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """All that some verdicts have beside their bodies."""

    violations: dict[str, list[RowMapping]]  # by the verdict's label
    firsts: fingerprints.Firsts
    reaches: dict[str, Reach]  # by the fingerprint's label
    suppressor: Suppressor  # tells why something is suppressed

    @classmethod
    def of(cls, connection: Connection, labels: Collection[str]) -> "Parts":
        """Fetch the parts of the verdicts with these labels."""
        rows = violations_of(connection, labels)
        names = {row["fingerprint"] for many in rows.values() for row in many}
        firsts, reaches = fingerprints.known(connection, names), fingerprints.reaches(connection, names)
        held = any(row["status"] == Status.SUPPRESSED.value for many in rows.values() for row in many)
        return cls(rows, firsts, reaches, holding(connection) if held else Suppressor(()))

    def verdict(self, name: str, body: str, *, gone: bool = False) -> Verdict:
        """Put one verdict together, worst violation first; `gone` adds what it once had, as retracted, at the end.

        Raises:
            ValueError: a model of another shape wrote it.
        """
        rows = [row for row in self.violations.get(name, ()) if gone or row["position"] != GONE]
        rows.sort(key=lambda row: (row["position"] == GONE, row["position"], row["fingerprint"]))
        parts = tuple(self._violation(row) for row in rows)
        return load(Verdict, body).model_copy(update={"violations": parts})

    def unreviewed(self, name: str, body: str) -> Verdict:
        """Put one verdict together as it was committed, whatever people decided; raises as `verdict` does."""
        rows = [row for row in self.violations.get(name, ()) if row["position"] != GONE]
        rows.sort(key=lambda row: (row["position"], row["fingerprint"]))
        return concluded(load(Verdict, body), (load(Violation, row["body"]) for row in rows))

    def _violation(self, row: RowMapping) -> Violation:
        name = row["fingerprint"]
        update = {
            "status": Status(row["status"]),
            "first_seen": self.firsts.get(name),
            "reach": self.reaches.get(name),
        }
        violation = load(Violation, row["body"]).model_copy(update=update)
        found = self.suppressor.find(violation) if violation.status is Status.SUPPRESSED else None
        return violation.model_copy(update={"because": found.because()}) if found else violation


def violations_of(connection: Connection, labels: Collection[str]) -> dict[str, list[RowMapping]]:
    """Fetch the rows of the verdicts' violations, by the verdict's label."""
    rows: dict[str, list[RowMapping]] = {}
    for chunk in chunks(list(labels)):
        for row in connection.execute(select(violations).where(violations.c.verdict.in_(chunk))).mappings():
            rows.setdefault(row["verdict"], []).append(row)
    return rows


def known(connection: Connection, platform: str, traces: Collection[str], setup: str) -> dict[str, tuple[str, Verdict]]:
    """Give content and verdict of those traces that were vetted under the setup; what can't be read is not known."""
    asked = {label(trace): trace for trace in traces}
    columns = select(verdicts.c.id, verdicts.c.trace, verdicts.c.content, verdicts.c.body)
    ours = columns.where(verdicts.c.platform == platform, verdicts.c.setup == setup)
    found: dict[str, tuple[str, Verdict]] = {}
    for chunk in chunks(list(asked)):
        rows = connection.execute(ours.where(verdicts.c.trace.in_(chunk))).all()
        parts = Parts.of(connection, [row.id for row in rows])
        for row in rows:
            try:
                found[asked[row.trace]] = (row.content, parts.verdict(row.id, row.body))
            except ValueError:
                continue
    return found


def stored(connection: Connection, platform: str, traces: Collection[str]) -> dict[str, Entry]:
    """Give the verdicts of those traces as they were committed; what can't be read is left out."""
    asked = {label(trace): trace for trace in traces}
    found: dict[str, Entry] = {}
    for chunk in chunks(list(asked)):
        where = (verdicts.c.platform == platform) & verdicts.c.trace.in_(chunk)
        found |= {asked[label(entry.verdict.trace.id)]: entry for entry in entries(connection, where)}
    return found


def entries(connection: Connection, which: ColumnElement[bool]) -> list[Entry]:
    """Give some verdicts as they were committed, so that they can be committed again; what can't be read is left out.

    What reviews and suppressions made of them is left out, too: committing puts it in.
    """
    columns = select(verdicts.c.id, verdicts.c.content, verdicts.c.setup, verdicts.c.body)
    rows = connection.execute(columns.where(which)).all()
    parts = Parts.of(connection, [row.id for row in rows])
    found = []
    for row in rows:
        try:
            verdict = parts.unreviewed(row.id, row.body)
        except ValueError:
            continue
        found.append(Entry(verdict=verdict, content=row.content, setup=row.setup))
    return found


def stream(database: Database, wanted: Filter) -> Iterator[Verdict]:
    """Give the verdicts that match, newest first, a page at a time; none is held open between two pages.

    Raises:
        ValueError: a model of another shape wrote one.
    """
    last: RowMapping | None = None
    while True:
        with database.reading() as connection:
            rows = _page(connection, wanted, last)
            parts = Parts.of(connection, [row["id"] for row in rows])
        for row in rows:
            yield parts.verdict(row["id"], row["body"])
        if len(rows) < PAGE:
            return
        last = rows[-1]


def _page(connection: Connection, wanted: Filter, last: RowMapping | None) -> list[RowMapping]:
    """Give the rows (id, at, body) that come after the last one."""
    query = select(verdicts.c.id, verdicts.c.at, verdicts.c.body).where(*_conditions(wanted))
    if last:
        at = last["at"]
        query = query.where(verdicts.c.at <= at, or_(verdicts.c.at < at, verdicts.c.id < last["id"]))
    return list(connection.execute(query.order_by(*_ORDER).limit(PAGE)).mappings())


def _conditions(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.since is not None:
        yield verdicts.c.at >= wanted.since
    if wanted.until is not None:
        yield verdicts.c.at < wanted.until
    if wanted.project is not None:
        yield verdicts.c.project == wanted.project
    if wanted.developer is not None:
        yield verdicts.c.developer == wanted.developer
    if wanted.policy is not None or wanted.min_severity is not None:
        yield _violating(wanted).exists()


def _violating(wanted: Filter) -> Select[tuple[str]]:
    query = select(violations.c.verdict).where(violations.c.verdict == verdicts.c.id)
    query = query.where(violations.c.status != Status.RETRACTED.value)
    if wanted.policy is not None:
        query = query.where(violations.c.policy == wanted.policy)
    if wanted.min_severity is not None:
        enough = [severity.value for severity in Severity if severity.rank >= wanted.min_severity.rank]
        query = query.where(violations.c.severity.in_(enough))
    return query
