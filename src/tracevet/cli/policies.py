"""`tracevet policies`: list, show, and check a file."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracevet.cli.options import AsJson, ConfigPath

if TYPE_CHECKING:
    from tracevet.model import Policy

app = typer.Typer(help="List and show the policies that hold, or check a policy file.", rich_markup_mode=None)


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
        typer.echo(f"{name:16} {', '.join(value) if isinstance(value, list) else value}")


@app.command()
def check(file: Annotated[Path, typer.Argument(metavar="FILE", help="A policy file in YAML.")]) -> None:
    """Check a policy file; exit with 2 and name every wrong line."""
    from tracevet.policy import read_pack

    pack = read_pack(file)
    typer.echo(f"{file}: {len(pack.policies)} policies are fine: {', '.join(policy.id for policy in pack.policies)}")


def _policies(config: Path | None) -> "tuple[Policy, ...]":
    from tracevet.assembly import Assembly

    return Assembly.load(config).policies
