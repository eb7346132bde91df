"""`tracevet demo`: the main job on bundled traces, without an account or a server."""

from typing import Annotated

import typer

from tracevet.cli.options import Format


def demo(
    format_: Format = "table",
    platform: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Show the way there and back: traces into an emulated server, watched."),
    ] = None,
) -> None:
    """Vet sample traces of four assistants and show what they suggested; nothing is written anywhere."""
    if platform is not None:
        from tracevet.cli.roundtrip import round_trip

        for line in round_trip(platform):
            typer.echo(line)
        raise typer.Exit
    _vet_samples(format_)


def _vet_samples(format_: str) -> None:
    from importlib.resources import as_file, files

    from tracevet.assembly import Assembly
    from tracevet.cli.session import Request, vet_and_show
    from tracevet.config import Config, SuppressionOptions
    from tracevet.model import Severity
    from tracevet.plugin import Window

    assembly = Assembly.of(Config(suppressions=SuppressionOptions(files=())))
    with as_file(files("tracevet") / "samples") as samples:
        request = Request(
            platform=assembly.platform("local", paths=(str(samples),)),
            window=Window(),
            format=format_,
            policies=frozenset(),
            severity=Severity.LOW,
            fail_on=None,
            ledger=":memory:",
            keep=True,
        )
        code = vet_and_show(assembly, request)
    if format_ == "table":
        typer.echo("\nNext: `tracevet scan` vets the transcripts of your own assistants on this machine.")
    raise typer.Exit(code)
