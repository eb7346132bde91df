"""`tracevet gate`: fail a change that brings flagged code."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracevet.cli.options import ConfigPath, FailOn, LedgerUrl

if TYPE_CHECKING:
    from tracevet.assembly import Assembly
    from tracevet.gate import Judged
    from tracevet.model import Verdict


def gate(
    base: Annotated[
        str, typer.Option(metavar="REF", help="What the change is compared with: a branch, tag or commit.")
    ],
    repo: Annotated[Path, typer.Option(metavar="PATH", help="The repository.")] = Path(),
    fail_on: Annotated[FailOn, typer.Option(help="Exit with 1 from this severity on.")] = FailOn.HIGH,
    since: Annotated[
        str, typer.Option(metavar="WHEN", help="How far back sessions are looked at: 90d, 2026-08-20.")
    ] = "90d",
    sarif: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the violations as SARIF, too; - is standard output.")
    ] = None,
    config: ConfigPath = None,
    ledger: LedgerUrl = None,
) -> None:
    """Vet the lines that a change brings, and name the session that wrote them."""
    from datetime import UTC, datetime

    from tracevet.assembly import Assembly
    from tracevet.cli.options import moment
    from tracevet.gate import judge
    from tracevet.ledger import Ledger
    from tracevet.repository import Repository, changes
    from tracevet.workers import Workers

    repository = Repository(repo)
    brought = list(changes(repository, base))
    assembly = Assembly.load(config)
    limits = assembly.config.workers
    begin = moment(since, "--since", datetime.now(UTC))
    with (
        Ledger.open(ledger or assembly.config.ledger.url, write=False) as kept,
        Workers(processes=limits.processes, seconds=limits.seconds, memory_mb=limits.memory_mb) as workers,
    ):
        project = repository.path.name
        seen = kept.verdicts(since=begin)
        judged = judge(brought, assembly.begin(kept), kept, workers, project=project, seen=seen)
    _show(assembly, judged, sarif)
    raise typer.Exit(_code(judged.verdict, fail_on))


def _show(assembly: "Assembly", judged: "Judged", sarif: Path | None) -> None:
    import sys

    from tracevet.model import Report

    report = Report(verdicts=(judged.verdict,))
    aside = sarif == Path("-")
    out = sys.stderr if aside else sys.stdout
    table = assembly.reporter("table", color=out.isatty(), limit=0, violations_only=True)
    out.buffer.write(table.render(report))
    out.flush()
    for line in _sources(judged):
        typer.echo(line, err=aside)
    if sarif:
        data = assembly.reporter("sarif").render(report)
        sys.stdout.buffer.write(data) if aside else _write(sarif, data)


def _sources(judged: "Judged") -> Iterator[str]:
    """Say which session wrote what; what could not be vetted, too."""
    from tracevet.builtin.table import plain
    from tracevet.model import Status

    found = [violation for violation in judged.verdict.violations if violation.status is Status.OPEN]
    for violation in found:
        source = judged.written.get(violation.fingerprint)
        if source:
            who = f"session {source.session}" if source.session else f"trace {source.trace_id}"
            yield plain(f"{violation.path}:{violation.start_line} {violation.policy}: written by {who}")
    for gap in judged.verdict.gaps:
        yield plain(f"not fully vetted: {gap.path or 'the change'}: {gap.reason}, {gap.detail}")
    yield f"{len(found)} violations in the change"


def _write(path: Path, data: bytes) -> None:
    from tracevet.errors import UsageError

    try:
        path.write_bytes(data)
    except OSError as error:
        raise UsageError(f"--sarif {str(path)!r} can't be written: {error.strerror}") from None


def _code(verdict: "Verdict", fail_on: FailOn) -> int:
    from tracevet.model import Severity
    from tracevet.tally import Tally

    if fail_on is not FailOn.NEVER and verdict.severity and verdict.severity.rank >= Severity(fail_on.value).rank:
        return 1
    tally = Tally()
    tally.add(verdict)
    return 3 if tally.incomplete([]) else 0
