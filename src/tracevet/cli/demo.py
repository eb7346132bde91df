"""`tracevet demo`: the main job on bundled traces, without an account or a server."""

from typing import Annotated

import typer

from tracevet.cli.scan import Format


def demo(
    format_: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.TABLE,
) -> None:
    """Vet sample traces of four assistants and show what they suggested; nothing is written anywhere."""
    from importlib.resources import as_file, files

    from tracevet.assembly import Assembly
    from tracevet.cli.session import Request, vet_and_show
    from tracevet.config import Config
    from tracevet.model import Severity
    from tracevet.plugin import Window

    assembly = Assembly.of(Config())
    with as_file(files("tracevet") / "samples") as samples:
        request = Request(
            platform=assembly.platform("local", paths=(str(samples),)),
            window=Window(),
            format=format_.value,
            policies=frozenset(),
            severity=Severity.LOW,
            fail_on=None,
            ledger=":memory:",
            keep=True,
        )
        code = vet_and_show(assembly, request)
    if format_ is Format.TABLE:
        typer.echo("\nNext: `tracevet scan` vets the transcripts of your own assistants on this machine.")
    raise typer.Exit(code)
