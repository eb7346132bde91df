"""`tracevet prepare`: create what writing to a platform needs once."""

from typing import Annotated

import typer

from tracevet.cli.options import ConfigPath


def prepare(
    platform: Annotated[str, typer.Option(metavar="NAME", help="Where verdicts will be written.")],
    dashboards: Annotated[
        bool, typer.Option("--dashboards", help="A dashboard of violations, too, where the server has such a thing.")
    ] = False,
    config: ConfigPath = None,
) -> None:
    """Create what writing verdicts to a platform needs once, such as a review queue; a second time changes nothing."""
    from tracevet.assembly import Assembly

    options = {"dashboards": True} if dashboards else {}
    made = list(Assembly.load(config).platform(platform, **options).prepare())
    for line in made:
        typer.echo(f"ready: {line}")
    if not made:
        typer.echo(f"{platform} needs nothing")
