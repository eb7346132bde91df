"""`tracevet audit`: show, check and export the log of decisions."""

from typing import TYPE_CHECKING, Annotated

import typer

from tracevet.cli.options import AsJson, ConfigPath, LedgerUrl

if TYPE_CHECKING:
    from tracevet.ledger.audit import AuditEntry

SHOWN = 50

app = typer.Typer(
    help="Show, check or export who decided what, when and why.", invoke_without_command=True, rich_markup_mode=None
)


@app.callback()
def audit(context: typer.Context, config: ConfigPath = None, ledger: LedgerUrl = None, as_json: AsJson = False) -> None:
    """Show the youngest decisions, oldest first."""
    if context.invoked_subcommand:
        return
    from tracevet.cli.ledger import opened

    with opened(config, ledger) as kept:
        entries = kept.audit.last(SHOWN)
    if as_json:
        typer.echo(f"[{', '.join(entry.model_dump_json() for entry in entries)}]")
        return
    for entry in entries:
        typer.echo(_line(entry))
    if not entries:
        typer.echo("no decision yet")


@app.command()
def verify(
    head: Annotated[
        str | None, typer.Option(metavar="HASH", help="A head noted before, which must still stand in the log.")
    ] = None,
    config: ConfigPath = None,
    ledger: LedgerUrl = None,
) -> None:
    """Follow the chain of hashes; exit 1 where it was changed, cut or shortened."""
    from tracevet.cli.ledger import opened

    with opened(config, ledger) as kept:
        result = kept.audit.verify(head)
    if result.broken is not None:
        typer.echo(f"broken at entry {result.broken}: {result.problem}; {result.entries} entries before it are whole")
        raise typer.Exit(1)
    if not result.entries:
        typer.echo(f"ledger {kept.location} has no entry: nothing was verified", err=True)
        raise typer.Exit(3)
    typer.echo(f"{result.entries} entries, unbroken; head {result.head}")


@app.command()
def export(
    since: Annotated[str | None, typer.Option(metavar="WHEN", help="From then on: 7d, 2026-08-20.")] = None,
    config: ConfigPath = None,
    ledger: LedgerUrl = None,
) -> None:
    """Print every entry as a line of JSON, oldest first."""
    from datetime import UTC, datetime

    from tracevet.cli.ledger import opened
    from tracevet.cli.options import moment

    begin = moment(since, "--since", datetime.now(UTC))
    with opened(config, ledger) as kept:
        for entry in kept.audit.entries(since=begin):
            typer.echo(entry.model_dump_json())


def _line(entry: "AuditEntry") -> str:
    said = f"{entry.number:6} {entry.at:%Y-%m-%d %H:%M:%S} {entry.actor}: {entry.action} {entry.subject}"
    text = f"{said} - {entry.reason}" if entry.reason else said
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
