"""`tracevet plugins`: what is loaded, what is broken, whether it works here, and how to begin a new one."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tracevet.cli.options import AsJson, ConfigPath
from tracevet.template import Kind

if TYPE_CHECKING:
    from tracevet.config import Config
    from tracevet.registry import Registry

app = typer.Typer(
    help="List the plugins, check them, or begin one.", invoke_without_command=True, rich_markup_mode=None
)


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
        named = {"platform": settings.platforms, "notifier": settings.notifiers, "reporter": settings.reporters}
        idle = entry.name not in named.get(entry.kind, (entry.name,))  # installed, and not set up
        state = "ok" if not problems else "not set up" if idle else "broken"
        _tell(state, f"{entry.kind} {entry.name} ({entry.distribution} {entry.version})", problems)
        sound = sound and state != "broken"
    for channel, problems in _channels(settings, registry):
        _tell("broken" if problems else "ok", f"channel {channel}", problems)
        sound = sound and not problems
    for one in (*registry.broken, *registry.clashes):
        typer.echo(f"broken     {one}")
    raise typer.Exit(0 if sound else 2)


@app.command()
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called in the configuration: acme-logging.")],
    kind: Annotated[Kind, typer.Option(help="What it is.")] = Kind.DETECTOR,
    directory: Annotated[
        Path, typer.Option(metavar="PATH", help="Where its folder is made; default: here.", show_default=False)
    ] = Path(),
    config: ConfigPath = None,
) -> None:
    """Write a new plugin that works: a distribution with module, tests and README, in a folder of its own."""
    from tracevet.template import Naming, create

    _, registry = _loaded(config)
    taken = {entry.name: entry.distribution for entry in registry.entries(kind.value).values()}
    folder = create(Naming.of(name, kind.value, taken), directory)
    for file in sorted(each for each in folder.rglob("*") if each.is_file()):
        typer.echo(file)
    typer.echo(f"now: cd {folder}, pip install -e '.[test]', pytest, and see its README.md")


def _tell(state: str, what: str, problems: Iterable[str]) -> None:
    typer.echo(f"{state:10} {what}")
    for problem in problems:
        typer.echo(f"           {problem}")


def _channels(settings: "Config", registry: "Registry") -> Iterator[tuple[str, list[str]]]:
    """Give the channels that have a name of their own, with what is wrong with each."""
    from tracevet.assembly import plugin_options
    from tracevet.registry.starting import problems

    options = plugin_options(settings, "notifier")
    for channel, table in settings.notifiers.items():
        if "plugin" in table and table.get("enabled", True):
            entry = registry.find("notifier", str(table["plugin"]))
            yield f"{channel} ({entry.name})", problems(entry, options[channel])


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
