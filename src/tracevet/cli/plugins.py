"""`tracevet plugins`: what is loaded, what is broken, and whether it works here."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tracevet.cli.options import AsJson, ConfigPath

if TYPE_CHECKING:
    from tracevet.config import Config
    from tracevet.registry import Registry

app = typer.Typer(help="List the plugins, or check them.", invoke_without_command=True, rich_markup_mode=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the list."""

    kind: str
    name: str
    distribution: str
    version: str
    summary: str
    options: dict[str, str] = field(default_factory=dict)  # name -> default


@app.callback()
def plugins(context: typer.Context, config: ConfigPath = None, as_json: AsJson = False) -> None:
    """List everything loaded, with versions and options, and what is broken."""
    if context.invoked_subcommand:
        return
    _, registry = _loaded(config)
    rows = list(_rows(registry))
    if as_json:
        broken = [str(one) for one in (*registry.broken, *registry.clashes)]
        typer.echo(json.dumps({"plugins": [asdict(row) for row in rows], "broken": broken}, indent=2))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("kind", "name", "distribution", "options", "summary"):
        table.add_column(column)
    for row in rows:
        options = "\n".join(f"{name} = {default}" for name, default in row.options.items())
        cells = (row.kind, row.name, f"{row.distribution} {row.version}", options, row.summary)
        table.add_row(*(Text(cell) for cell in cells))
    Console(markup=False, highlight=False).print(table)
    for one in (*registry.broken, *registry.clashes):
        typer.echo(f"broken: {one}")


@app.command()
def doctor(config: ConfigPath = None) -> None:
    """Run each plugin's self-check, as it is configured; exit with 2 when something is broken."""
    from tracevet.assembly import plugin_options
    from tracevet.registry import KINDS

    settings, registry = _loaded(config)
    sound = not registry.broken and not registry.clashes
    for entry, problems in registry.doctor({kind: plugin_options(settings, kind) for kind in KINDS}):
        idle = entry.kind == "platform" and entry.name not in settings.platforms  # installed, and not set up
        state = "ok" if not problems else "not set up" if idle else "broken"
        typer.echo(f"{state:10} {entry.kind} {entry.name} ({entry.distribution} {entry.version})")
        for problem in problems:
            typer.echo(f"           {problem}")
        sound = sound and state != "broken"
    for one in (*registry.broken, *registry.clashes):
        typer.echo(f"broken     {one}")
    raise typer.Exit(0 if sound else 2)


def _loaded(config: Path | None) -> "tuple[Config, Registry]":
    """Load configuration and plugins; what is broken is told by the verb, so its warning is not needed."""
    import logging

    from tracevet.config import Config
    from tracevet.registry import Registry

    logging.getLogger("tracevet.registry").setLevel(logging.ERROR)
    settings = Config.load(config)
    return settings, Registry.load(block=settings.plugins.block)


def _rows(registry: "Registry") -> Iterator[Row]:
    for entries in registry.by_kind.values():
        for entry in entries.values():
            yield Row(
                kind=entry.kind,
                name=entry.name,
                distribution=entry.distribution,
                version=entry.version,
                summary=entry.summary,
                options={option.name: repr(option.default) for option in entry.options},
            )
    for pack in registry.policy_packs:
        yield Row(
            kind="policies",
            name=pack.name,
            distribution=pack.distribution,
            version=pack.version,
            summary=f"{len(pack.pack.policies)} policies",
        )
