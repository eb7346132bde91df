"""One run at the terminal: vet, show while it goes, sum up, and tell the exit code."""

import heapq
import itertools
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from tracevet.assembly import Assembly
from tracevet.cli.outgoing import Outgoing
from tracevet.cli.progress import watched
from tracevet.cli.telling import alerting, tell_once
from tracevet.ledger import Ledger
from tracevet.model import Coverage, Outcome, Report, Severity, Status, Verdict
from tracevet.plugin import Platform, Reporter, Window
from tracevet.run import Run
from tracevet.tally import Tally
from tracevet.workers import Workers

KEEP = "INSERT INTO line VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET text = excluded.text"
HELD = 2_000  # violating verdicts held for a table; the worst are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to vet, what to show of it, and whether it is written back."""

    platform: Platform
    window: Window
    format: str
    policies: frozenset[str]  # empty: all
    severity: Severity
    fail_on: Severity | None
    ledger: str | None
    keep: bool
    write: bool = False
    again: bool = False
    limit: int = 50


def vet_and_show(assembly: Assembly, request: Request) -> int:
    """Vet the request's traces, print the verdicts on stdout, and give the exit code."""
    assembly.reporter(request.format)  # refused now, not after all was vetted
    tally = Tally()
    settings = assembly.config.workers
    pool = Workers(processes=settings.processes, seconds=settings.seconds, memory_mb=settings.memory_mb)
    with Ledger.open(request.ledger, write=request.keep) as ledger, pool:
        setup = assembly.begin(ledger, say=lambda line: print(line, file=sys.stderr))
        run = Run(request.platform, setup, ledger, pool, keep=request.keep, again=request.again)
        alerts = alerting(assembly, ledger)
        outgoing = Outgoing(request.platform, ledger, keep=request.keep, write=request.write)
        verdicts = watched(outgoing.along(run.verdicts(request.window)), run.progress)
        shown = _counted((narrowed(verdict, request) for verdict in verdicts), tally)
        if request.format == "jsonl":
            _print_lines(assembly.reporter("jsonl"), shown)
            held: tuple[Verdict, ...] = ()
        else:
            held = _held(shown, everything=request.format != "table")
        written = outgoing.finish()
        if request.keep:
            tell_once(alerts)
    report = Report(verdicts=held, gaps=tuple(run.progress.gaps), totals=tally.totals(run.progress))
    _finish(assembly, request, report)
    if not written:
        return 3
    worst = tally.worst()
    if request.fail_on and worst and worst.rank >= request.fail_on.rank:
        return 1
    return 3 if tally.incomplete(run.progress.gaps) else 0


def narrowed(verdict: Verdict, request: Request) -> Verdict:
    """Leave only the violations that were asked for."""
    kept = tuple(
        violation
        for violation in verdict.violations
        if violation.severity.rank >= request.severity.rank
        and (not request.policies or violation.policy in request.policies)
    )
    if len(kept) == len(verdict.violations):
        return verdict
    found = [violation.severity for violation in kept if violation.status is Status.OPEN]
    nothing = Outcome.CLEAN if verdict.coverage is Coverage.FULL else Outcome.UNKNOWN
    worst = max(found, key=lambda severity: severity.rank, default=None)
    update = {"violations": kept, "severity": worst, "outcome": Outcome.VIOLATIONS if found else nothing}
    return verdict.model_copy(update=update)


def _counted(verdicts: Iterator[Verdict], tally: Tally) -> Iterator[Verdict]:
    for verdict in verdicts:
        tally.add(verdict)
        yield verdict


def _print_lines(reporter: Reporter, verdicts: Iterator[Verdict]) -> None:
    """Print each trace's last verdict once the run has ended: a later trace may change what is said of an earlier one.

    Until then the lines lie in a temporary database, so that memory stays flat.
    """
    with closing(sqlite3.connect("", isolation_level=None)) as spool:
        spool.execute("CREATE TABLE line (platform TEXT, trace TEXT, text BLOB, UNIQUE (platform, trace))")
        try:
            for verdict in verdicts:
                row = (verdict.trace.platform, verdict.trace.id, reporter.render(Report(verdicts=(verdict,))))
                spool.execute(KEEP, row)
        finally:  # what ends the run early doesn't take back what was vetted
            for (text,) in spool.execute("SELECT text FROM line ORDER BY rowid"):
                sys.stdout.buffer.write(text)
            sys.stdout.buffer.flush()


def _held(verdicts: Iterator[Verdict], *, everything: bool) -> tuple[Verdict, ...]:
    """Keep what is to be shown together: each trace's last verdict; of very many, the worst."""
    latest: dict[tuple[str, str], Verdict] = {}
    for verdict in verdicts:
        trace = (verdict.trace.platform, verdict.trace.id)
        latest.pop(trace, None)
        if everything or verdict.violations:
            latest[trace] = verdict
        if not everything and len(latest) > 2 * HELD:
            latest = {(v.trace.platform, v.trace.id): v for v in heapq.nlargest(HELD, latest.values(), key=_badness)}
    return tuple(itertools.islice(sorted(latest.values(), key=_badness, reverse=True), None if everything else HELD))


def _badness(verdict: Verdict) -> tuple[int, int]:
    return (verdict.severity.rank if verdict.severity else -1, len(verdict.violations))


def _finish(assembly: Assembly, request: Request, report: Report) -> None:
    """Print what is shown at the end: the report, or, after a stream, a summary on stderr."""
    if request.format == "table":
        reporter = assembly.reporter("table", color=sys.stdout.isatty(), limit=request.limit)
        sys.stdout.buffer.write(reporter.render(report))
    elif request.format != "jsonl":
        sys.stdout.buffer.write(assembly.reporter(request.format).render(report))
    else:
        summary = assembly.reporter("table", color=sys.stderr.isatty(), limit=request.limit, summary_only=True)
        sys.stderr.buffer.write(summary.render(report))
    sys.stdout.buffer.flush()
