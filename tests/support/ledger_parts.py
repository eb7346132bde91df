"""Made-up verdicts for the ledger's tests, and what other processes do to a ledger there."""

import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tracevet.ledger import Entry, Ledger, schema
from tracevet.ledger import upgrade as upgrading
from tracevet.model import (
    Confidence,
    Context,
    Coverage,
    Fact,
    Finding,
    Gap,
    GapReason,
    Mode,
    Outcome,
    Place,
    Region,
    Result,
    Severity,
    Surface,
    TraceRef,
    Verdict,
    Violation,
)

START = datetime(2025, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
EMPTY = Result()
FOUND = Result(
    findings=(
        Finding(
            snippet="d1",
            detector="bandit",
            rule="B608",
            message="SQL made by hand",
            cwe=("CWE-89",),
            severity=Severity.HIGH,
            confidence=Confidence.MEDIUM,
            region=Region(start=3, end=9, start_line=1, end_line=1),
        ),
    ),
    gaps=(Gap(reason=GapReason.UNPARSABLE, detail="line 3", snippet="d1", count=2),),
)

SECOND = '''"""A version that does not exist yet."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    with op.batch_alter_table("violations") as table:
        table.add_column(sa.Column("reviewed", sa.Text, server_default="no"))
        table.alter_column("project", type_=sa.String(500))  # SQLite makes a new table for this
    op.create_table("later", sa.Column("fingerprint", sa.Text, primary_key=True))
    {more}
'''


class Clock:
    """Tells a time that only the test moves."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def violation(fingerprint: str = "f1", **changes: object) -> Violation:
    place = Place(span="s1", pointer="/output", surface=Surface.SUGGESTED, path="db.py", start_line=3, end_line=3)
    plain = Violation(
        fingerprint=fingerprint,
        policy="sql-injection",
        title="SQL Injection Prevention",
        severity=Severity.HIGH,
        category="injection",
        mode=Mode.MONITOR,
        cwe=("CWE-89",),
        detector="bandit",
        rule="B608",
        confidence=Confidence.MEDIUM,
        message="SQL made by hand",
        surface=Surface.SUGGESTED,
        language="python",
        path="db.py",
        start_line=3,
        end_line=3,
        snippet="d1",
        span_id="s1",
        trace_id="t1",
        url=None,
        developer="dev@company.com",
        project="user-service",
        repository=None,
        branch=None,
        assistant="claude-code",
        model=None,
        session=None,
        evidence='query = f"SELECT * FROM users WHERE id = {user_id}"',
        recommendation="Use parameterized queries.",
        occurrences=1,
        places=(place,),
    )
    return plain.model_copy(update=changes)


def verdict(trace: str = "t1", *violations: Violation, start: datetime | None = START, **changes: object) -> Verdict:
    plain = Verdict(
        id=f"verdict-of-{trace}",
        trace=TraceRef(platform="langfuse", id=trace, start=start),
        outcome=Outcome.VIOLATIONS if violations else Outcome.CLEAN,
        severity=max((v.severity for v in violations), key=lambda severity: severity.rank, default=None),
        coverage=Coverage.FULL,
        violations=violations,
        context=Context(
            project=Fact(value="user-service", source="metadata.cwd"),
            developer=Fact(value="dev@company.com", source="user"),
        ),
        snippets=2,
    )
    return plain.model_copy(update=changes)


def entry(said: Verdict, **changes: object) -> Entry:
    fields: dict[str, object] = {"content": "c1", "setup": "s1", "write": True, **changes}
    return Entry(verdict=said, **fields)  # type: ignore[arg-type]  # the tests' own changes


def batch(number: int, size: int = 4) -> list[Entry]:
    """Make entries that are told apart by number, all with three violations and a result each."""
    entries = []
    for index in range(number * size, number * size + size):
        parts = [violation(f"f{index}-{part}", trace_id=f"t{index}") for part in range(3)]
        entries.append(entry(verdict(f"t{index}", *parts), results={"bandit@1#0": {f"d{index}": FOUND}}))
    return entries


def next_migrations(directory: Path, more: str = "pass") -> str:
    """Make a copy of the migrations with one more, and give its path."""
    shutil.copytree(Path(upgrading.__file__).parent / "migrations", directory)
    (directory / "versions" / "v0003_next.py").write_text(SECOND.replace("{more}", more))
    return str(directory)


def wait_for_start() -> None:
    """Tell that the imports are done, and wait for the others."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


def tell_key(url: str) -> None:
    wait_for_start()
    with Ledger.open(url) as ledger:
        sys.stdout.write(f"{ledger.key.hex()} {ledger.stats().counts['verdicts']}\n")


def commit_shared(url: str, name: str, rounds: str) -> None:
    """Commit traces of its own and one that all processes share, later ones first."""
    with Ledger.open(url) as ledger:
        wait_for_start()
        for number in range(int(rounds)):
            seen = START + DAY * (int(rounds) - number)
            own = verdict(f"{name}-{number}", violation("shared"), start=seen)
            common = verdict("common", violation(f"by-{name}-{number}"))
            ledger.commit([entry(own, results={"e": {f"{name}-{number}": FOUND}}), entry(common)])


def commit_for_ever(url: str) -> None:
    """Commit batch after batch, and tell of each once it is committed."""
    with Ledger.open(url) as ledger:
        wait_for_start()
        number = 0
        while True:
            ledger.commit(batch(number), cursors={("langfuse", "traces"): str(number)})
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()
            number += 1


def upgrade(url: str, migrations: str) -> None:
    """Open the ledger as a tracevet that knows one version more would."""
    schema.VERSION = 3
    upgrading.MIGRATIONS = migrations
    tell_key(url)
