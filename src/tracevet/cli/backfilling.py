"""A backfill at the terminal: it goes on, says how far it is, and sums up."""

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from tracevet.assembly import Assembly
from tracevet.backfill import BackfillEngine, Event, Plan
from tracevet.backfill.course import Summary, follow, make_job
from tracevet.backfill.job import BackfillJob
from tracevet.cli.outgoing import Outgoing
from tracevet.errors import UsageError
from tracevet.ledger import Ledger
from tracevet.ledger.location import locate
from tracevet.plugin import Platform

EVERY = 10.0  # seconds
MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to vet, with what, and whether it is written back."""

    plan: Plan
    engine: BackfillEngine
    ledger: str | None
    platform: Platform | None  # to write to; None: it stays queued
    again: bool
    as_json: bool


def show_plan(plan: Plan, *, as_json: bool) -> None:
    """Print what would be read."""
    said = {
        "platform": plan.platform,
        "files": len(plan.files),
        "bytes": plan.bytes,
        "aside": plan.aside,
        "buckets": plan.buckets,
        "gaps": [gap.model_dump(mode="json", exclude_defaults=True) for gap in plan.gaps],
    }
    if as_json:
        print(json.dumps(said))
        return
    print(f"{plan.platform}: {len(plan.files)} files, {plan.bytes / MEGABYTE:.1f} MB, in {plan.buckets} buckets")
    for kind, count in plan.aside.items():
        print(f"left aside: {count} files of {kind}")
    for gap in plan.gaps:
        print(f"{gap.path}: {gap.detail} ({gap.count})")


def run(assembly: Assembly, order: Order) -> int:
    """Do it, print the sum, and give the exit code."""
    location = locate(order.ledger)
    if location.path is None and location.url.get_backend_name() == "sqlite":
        raise UsageError("a backfill's workers share the ledger: name a file or postgresql://…, not :memory:")
    address = location.url.render_as_string(hide_password=False)
    summary, started = Summary(gaps=list(order.plan.gaps)), time.monotonic()
    with Ledger.open(order.ledger) as ledger:
        outgoing = Outgoing(order.platform, ledger, keep=True, write=True) if order.platform else None
        job = make_job(order.plan, assembly, ledger, address, again=order.again)
        if job.done:
            _say(f"{len(job.done)} of {job.buckets} buckets were vetted before")
        _tell(follow(job, order.engine, ledger, summary), job, summary)
        written = outgoing.finish() if outgoing else True
        queued = ledger.outbox_counts().due
    _print(summary, time.monotonic() - started, queued, as_json=order.as_json)
    return 0 if written and not summary.incomplete else 3


def _tell(events: Iterator[Event], job: BackfillJob, summary: Summary) -> None:
    said = time.monotonic()
    for _ in events:
        if time.monotonic() - said > EVERY:
            said = time.monotonic()
            _say(f"{summary.files} of {job.files} files read, {summary.buckets} of {job.buckets} buckets vetted")


def _print(summary: Summary, seconds: float, queued: int, *, as_json: bool) -> None:
    counts = summary.counts
    if as_json:
        said = {
            "files": summary.files,
            "rows": summary.rows,
            "buckets": summary.buckets,
            **counts,
            "seconds": round(seconds, 1),
            "queued": queued,
            "trace_gaps": dict(summary.trace_gaps),
            "gaps": [gap.model_dump(mode="json", exclude_defaults=True) for gap in summary.gaps],
            "lost": [lost.model_dump() for lost in summary.lost],
        }
        print(json.dumps(said))
        return
    print(f"{counts['spans']} spans in {counts['traces']} traces of {summary.files} files, {seconds:.0f} s")
    print(f"{counts['violations']} violations in {counts['violating']} traces; {queued} verdicts to be written back")
    print(f"{counts['scanned']} snippets scanned, {counts['remembered']} known; {counts['unchanged']} traces unchanged")
    for reason, count in sorted(summary.trace_gaps.items()):
        print(f"not vetted in traces: {reason} ({count})")
    for gap in summary.gaps:
        print(f"{gap.path}: {gap.detail} ({gap.count})")
    for lost in summary.lost:
        print(f"lost: {lost.what}: {lost.attempts} workers ended over it; start again to try once more")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
