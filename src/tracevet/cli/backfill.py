"""`tracevet backfill`: vet a whole export, on this machine or on a cluster."""

from pathlib import Path
from typing import Annotated

import typer

from tracevet.cli.options import AsJson, ConfigPath, LedgerUrl


def backfill(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where the export is: a path, s3://, gs:// or az://.")],
    engine: Annotated[str, typer.Option(metavar="NAME", help="What moves the data: local, or ray.")] = "local",
    address: Annotated[str | None, typer.Option(metavar="ADDRESS", help="The cluster, for the engine ray.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Workers that vet; default: one for each core.")] = None,
    spool: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where rows lie meanwhile; default: in the user's cache directory."),
    ] = None,
    write: Annotated[
        str,
        typer.Option("--write", metavar="KINDS|none", help="What is written back at the end; none: it stays queued."),
    ] = "none",
    plan: Annotated[bool, typer.Option("--plan", help="Say what would be read, and end.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Vet everything anew, whatever the ledger knows.")] = False,
    as_json: AsJson = False,
    config: ConfigPath = None,
    ledger: LedgerUrl = None,
) -> None:
    """Vet an export of Langfuse or LangSmith; started again, it goes on where it was."""
    from tracevet.assembly import Assembly
    from tracevet.backfill import find_engine, make_plan
    from tracevet.cli.backfilling import Order, run, show_plan
    from tracevet.cli.options import kinds

    assembly = Assembly.load(config)
    mover = find_engine(engine, assembly.config.plugins.block)(workers=workers, address=address, spool=spool)
    writes, options = kinds(write)
    found = make_plan(url, most=mover.most_buckets)
    if plan:
        show_plan(found, as_json=as_json)
        return
    platform = assembly.platform(found.platform, **options) if writes else None
    order = Order(
        plan=found,
        engine=mover,
        ledger=ledger or assembly.config.ledger.url,
        platform=platform,
        again=again,
        as_json=as_json,
    )
    raise typer.Exit(run(assembly, order))
