"""`tracevet scan`: vet traces once."""

from typing import Annotated

import typer

from tracevet.cli.options import ConfigPath, FailOn, Format, Grade, LedgerUrl, WriteKinds


def scan(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH...",
            help="Files, directories, globs or - (standard input); default: your own assistants' transcripts.",
        ),
    ] = None,
    platform: Annotated[str, typer.Option(metavar="NAME", help="Where the traces are.")] = "local",
    since: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Only traces that ended at or after: 7d, 24h, 2026-08-20.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="WHEN", help="Only traces that ended before.")] = None,
    format_: Format = "table",
    policy: Annotated[
        list[str] | None, typer.Option(metavar="ID", help="Show only this policy; may be given several times.")
    ] = None,
    severity: Annotated[Grade, typer.Option(help="Show only violations at least this bad.")] = Grade.LOW,
    fail_on: Annotated[FailOn, typer.Option(help="Exit with 1 from this severity on.")] = FailOn.LOW,
    write: WriteKinds = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing, not even to the ledger.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Vet everything anew, whatever the ledger knows.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="How many violations the table shows in full; 0: all.")] = 50,
    config: ConfigPath = None,
    ledger: LedgerUrl = None,
) -> None:
    """Vet traces once: from disk, or from a platform, to which the verdicts are written back."""
    from datetime import UTC, datetime

    from tracevet.assembly import Assembly
    from tracevet.cli.options import kinds, moment
    from tracevet.cli.session import Request, vet_and_show
    from tracevet.errors import UsageError
    from tracevet.model import Severity
    from tracevet.plugin import Window

    now = datetime.now(UTC)
    assembly = Assembly.load(config)
    if paths and platform != "local":
        raise UsageError(f"paths go with the platform local, not with --platform {platform}")
    unknown = set(policy or ()) - {known.id for known in assembly.policies}
    if unknown:
        known_ids = ", ".join(sorted(known.id for known in assembly.policies))
        raise UsageError(f"no policy named {', '.join(map(repr, sorted(unknown)))} is on; known: {known_ids}")
    writes, options = kinds(write)
    options |= {"paths": tuple(paths)} if paths else {}
    request = Request(
        platform=assembly.platform(platform, **options),
        window=Window(moment(since, "--since", now), moment(until, "--until", now)),
        format=format_,
        policies=frozenset(policy or ()),
        severity=Severity(severity.value),
        fail_on=None if fail_on is FailOn.NEVER else Severity(fail_on.value),
        ledger=ledger or assembly.config.ledger.url,
        keep=not dry_run,
        write=writes,
        again=again,
        limit=limit,
    )
    raise typer.Exit(vet_and_show(assembly, request))
