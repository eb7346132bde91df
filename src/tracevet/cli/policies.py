"""`tracevet policies`: list and show those that hold; check a file, and try it before it is switched on."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracevet.cli.options import AsJson, ConfigPath, Format, LedgerUrl

if TYPE_CHECKING:
    from tracevet.assembly import Assembly
    from tracevet.model import Policy

app = typer.Typer(help="List and show the policies that hold; check or try a policy file.", rich_markup_mode=None)


@app.command("list")
def list_(config: ConfigPath = None, as_json: AsJson = False) -> None:
    """List the policies that are on, as the configuration leaves them."""
    policies = _policies(config)
    if as_json:
        typer.echo(json.dumps([policy.model_dump(mode="json") for policy in policies], indent=2))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("policy", "severity", "mode", "category", "title", "CWE"):
        table.add_column(column)
    for policy in policies:
        cells = (policy.id, policy.severity, policy.mode, policy.category, policy.title, " ".join(policy.cwe))
        table.add_row(*map(Text, cells))
    Console(markup=False, highlight=False).print(table)


@app.command()
def show(
    policy: Annotated[str, typer.Argument(metavar="ID", help="Which policy.")],
    config: ConfigPath = None,
    as_json: AsJson = False,
) -> None:
    """Show one policy whole."""
    from tracevet.errors import UsageError

    known = {one.id: one for one in _policies(config)}
    if policy not in known:
        raise UsageError(f"no policy named {policy!r} is on; known: {', '.join(sorted(known))}")
    fields = known[policy].model_dump(mode="json")
    if as_json:
        typer.echo(json.dumps(fields, indent=2))
        return
    for name, value in fields.items():
        texts = [each["id"] if isinstance(each, dict) else each for each in value] if isinstance(value, list) else value
        typer.echo(f"{name:16} {', '.join(texts) if isinstance(texts, list) else texts}")


@app.command()
def check(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy file in YAML.")], config: ConfigPath = None
) -> None:
    """Check a policy file and run its patterns' examples; exit with 2 for a wrong line, with 1 for a failed example."""
    from tracevet.policy import read_pack

    pack = read_pack(file)
    if any(policy.patterns for policy in pack.policies):
        from tracevet.proving import prove
        from tracevet.trying import tried

        proof = prove(tried(_assembly(config), pack))
        for failure in proof.failures:
            typer.echo(failure)
        if proof.failures:
            typer.echo(f"{len(proof.failures)} of {proof.examples} examples failed")
            raise typer.Exit(1)
        typer.echo(f"{file}: {proof.examples} examples are as they should be")
    typer.echo(f"{file}: {len(pack.policies)} policies are fine: {', '.join(policy.id for policy in pack.policies)}")


@app.command("try")
def try_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy file in YAML.")],
    paths: Annotated[
        list[str] | None, typer.Argument(metavar="PATH...", help="Read these again: files, directories, globs or -.")
    ] = None,
    platform: Annotated[
        str | None, typer.Option(metavar="NAME", help="Read this platform's traces again; default for patterns: local.")
    ] = None,
    since: Annotated[str, typer.Option(metavar="WHEN", help="Only traces from then on: 7d, 24h, 2026-08-20.")] = "30d",
    format_: Format = "table",
    limit: Annotated[int, typer.Option(min=0, help="How many violations the table shows in full; 0: all.")] = 50,
    config: ConfigPath = None,
    ledger: LedgerUrl = None,
) -> None:
    """Show what a policy file would have flagged, had it been on; nothing is written.

    A file that only grades findings anew is answered from the ledger; one with patterns needs the traces again.
    """
    from tracevet.cli.trying import Trial, try_policies
    from tracevet.policy import read_pack

    trial = Trial(
        pack=read_pack(file), paths=tuple(paths or ()), platform=platform, since=since, format=format_, limit=limit
    )
    raise typer.Exit(try_policies(_assembly(config), trial, ledger))


def _assembly(config: Path | None) -> "Assembly":
    from tracevet.assembly import Assembly

    return Assembly.load(config)


def _policies(config: Path | None) -> "tuple[Policy, ...]":
    return _assembly(config).policies
