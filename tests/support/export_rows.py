"""An export read as a backfill reads it, without an engine."""

from collections import defaultdict

from tracevet.backfill import Plan, Row, make_plan
from tracevet.backfill.rows import assemble, read_file
from tracevet.builtin.streams_remote import Storage
from tracevet.model import Gap, Trace

CAP = 1_000_000  # bytes of a row


def plan_of(url: str, buckets: int | None = None) -> Plan:
    """Look at an export."""
    return make_plan(url, most=512, buckets=buckets)


def read(plan: Plan, cap: int = CAP) -> tuple[list[Row], list[Gap]]:
    """Give the rows of an export, and what could not be read."""
    rows: list[Row] = []
    gaps: list[Gap] = []
    storage = Storage(plan.url)
    for number, file in enumerate(plan.files):
        for item in read_file(storage, file, number, plan.buckets, cap):
            rows.append(item) if isinstance(item, Row) else gaps.append(item)
    return rows, gaps


def traces(rows: list[Row], platform: str) -> dict[str, Trace]:
    """Put the rows together."""
    found = defaultdict(list)
    for row in rows:
        found[row.trace].append(row)
    built = [assemble(((row.parent, row.body, row.size) for row in part), platform)[0] for part in found.values()]
    return {trace.id: trace for trace in built if trace}
