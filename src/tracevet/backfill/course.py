"""The course of a backfill: the job is made, an engine does it, and what it tells is summed up."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from pydantic import TypeAdapter

from tracevet.assembly import Assembly
from tracevet.backfill.engines import BackfillEngine
from tracevet.backfill.job import BackfillJob
from tracevet.backfill.plan import Plan
from tracevet.backfill.told import Event, Lost, Read, Vetted
from tracevet.ledger import Ledger
from tracevet.model import Gap
from tracevet.tally import FAILURES, UNREAD

_READS = TypeAdapter(list[Read])


@dataclass(slots=True, kw_only=True)
class Summary:
    """What a backfill has done so far, what an earlier one did of the same job included."""

    files: int = 0
    rows: int = 0
    buckets: int = 0
    counts: Counter[str] = field(default_factory=Counter)  # the counts of Vetted, summed up
    trace_gaps: Counter[str] = field(default_factory=Counter)  # reason -> how often, in traces
    gaps: list[Gap] = field(default_factory=list)  # of the export
    lost: list[Lost] = field(default_factory=list)

    def add(self, event: Event) -> None:
        """Count what an engine told."""
        if isinstance(event, Read):
            self.files += 1
            self.rows += event.rows
            self.gaps += event.gaps
        elif isinstance(event, Vetted):
            self.buckets += 1
            self.counts.update(event.model_dump(exclude={"bucket", "gaps", "seconds"}))
            self.trace_gaps.update(event.gaps)
        else:
            self.lost.append(event)

    @property
    def incomplete(self) -> bool:
        """Tell whether something was lost, could not be read, or failed."""
        unread = any(gap.reason in UNREAD for gap in self.gaps)
        return bool(self.lost) or unread or not self.trace_gaps.keys().isdisjoint(map(str, FAILURES))


def make_job(plan: Plan, assembly: Assembly, ledger: Ledger, address: str, *, again: bool = False) -> BackfillJob:
    """Make the job of a plan; what the ledger says is vetted of it is not done again.

    `address` is the ledger's, as each worker is to open it.
    """
    setup = assembly.begin(ledger).digest
    job = BackfillJob(plan=plan, config=assembly.config, ledger=address, setup=setup, again=again)
    return job if again else replace(job, done=frozenset(vetted.bucket for vetted in vetted_before(job, ledger)))


def follow(job: BackfillJob, engine: BackfillEngine, ledger: Ledger, summary: Summary) -> Iterator[Event]:
    """Let the engine do the job, and give what it tells once that is counted; what was done before counts, too.

    Where every bucket was vetted before, the export is not read again: the ledger knows what could not be read of it.
    """
    for vetted in () if job.again else vetted_before(job, ledger):
        summary.add(vetted)
    platform, key = job.plan.platform, job.checkpoint("read")
    known = ledger.cursor(platform, key) if len(job.done) == job.buckets else None
    if known is not None:
        for told in _READS.validate_json(known):
            summary.add(told)
        return
    reads: list[Read] = []
    for event in engine.run(job):
        summary.add(event)
        if isinstance(event, Read):
            reads.append(event)
        yield event
    if len(reads) == job.files:
        ledger.set_cursor(platform, key, _READS.dump_json(reads).decode())


def vetted_before(job: BackfillJob, ledger: Ledger) -> Iterator[Vetted]:
    """Yield what an earlier backfill of the same job told of its buckets."""
    for bucket in range(job.buckets):
        text = ledger.cursor(job.plan.platform, job.checkpoint(bucket))
        if text is not None:
            yield Vetted.model_validate_json(text)
