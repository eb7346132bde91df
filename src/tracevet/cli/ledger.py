"""`tracevet ledger`: its size, age and path; prune and export."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from tracevet.cli.options import AsJson, ConfigPath, LedgerUrl
from tracevet.cli.reviews import reviews

if TYPE_CHECKING:
    from tracevet.ledger import Ledger

app = typer.Typer(help="Show, prune or export the ledger.", invoke_without_command=True, rich_markup_mode=None)
app.command("reviews")(reviews)


@app.callback()
def ledger(
    context: typer.Context, config: ConfigPath = None, ledger: LedgerUrl = None, as_json: AsJson = False
) -> None:
    """Show where the ledger is, how large and how old, and what it holds."""
    if context.invoked_subcommand:
        return
    from tracevet.ledger import Ledger

    with Ledger.open(_url(config, ledger), write=False) as opened:
        stats = opened.stats()
    rows = {
        "location": stats.location,
        "size": stats.size,
        "schema": stats.schema,
        "oldest": _iso(stats.oldest),
        "newest": _iso(stats.newest),
        **stats.counts,
    }
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for name, value in rows.items():
        typer.echo(f"{name:12} {_readable(name, value)}")


@app.command()
def prune(
    older_than: Annotated[str, typer.Option(metavar="WHEN", help="Drop what is older: 90d, 2026-08-20.")],
    config: ConfigPath = None,
    ledger: LedgerUrl = None,
) -> None:
    """Drop old verdicts, and what was kept only for them."""
    from datetime import UTC

    from tracevet.cli.options import moment
    from tracevet.ledger import Ledger

    before = moment(older_than, "--older-than", datetime.now(UTC))
    assert before is not None  # noqa: S101 - the option is required
    with Ledger.open(_url(config, ledger)) as opened:
        counts = opened.prune(before)
    dropped = ", ".join(f"{count} {name}" for name, count in counts.items())
    typer.echo(f"dropped {dropped or 'nothing'}")


@app.command()
def export(config: ConfigPath = None, ledger: LedgerUrl = None) -> None:
    """Print every verdict as a line of JSON, newest first."""
    from tracevet.ledger import Ledger

    with Ledger.open(_url(config, ledger), write=False) as opened:
        for row in opened.export():
            typer.echo(json.dumps(row))


def opened(config: "ConfigPath", ledger: str | None, *, write: bool = False) -> "Ledger":
    """Open the ledger that the options or the configuration name, to read it unless told otherwise."""
    from tracevet.ledger import Ledger

    return Ledger.open(_url(config, ledger), write=write)


def _url(config: "ConfigPath", ledger: str | None) -> str | None:
    from tracevet.config import Config

    return ledger or Config.load(config).ledger.url


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _readable(name: str, value: object) -> str:
    if name == "size" and isinstance(value, int):
        return f"{value / 1e6:.1f} MB"
    return "-" if value is None else str(value)
