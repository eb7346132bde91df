"""The verbs, put together; errors end here, as one sentence and an exit code."""

import logging
import os
import sys
from typing import Annotated

import typer

from tracevet.cli import (
    alerts,
    audit,
    backfill,
    demo,
    gate,
    hook,
    ledger,
    plugins,
    policies,
    prepare,
    reach,
    report,
    rules,
    scan,
    schema,
    suppress,
    suppressions,
    watch,
    write,
)
from tracevet.errors import TracevetError

EPILOG = "Exit codes: 0 nothing at or above --fail-on, 1 violations, 2 usage or configuration, 3 incomplete."

app = typer.Typer(
    name="tracevet",
    help="Vet the code in the traces that AI coding assistants leave in Langfuse, LangSmith and on disk.",
    epilog=EPILOG,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("demo")(demo.demo)
app.command("scan")(scan.scan)
app.command("backfill")(backfill.backfill)
app.command("watch")(watch.watch)
app.command("write")(write.write)
app.command("gate")(gate.gate)
app.command("reach")(reach.reach)
app.command("rules")(rules.rules)
app.command("suppress")(suppress.suppress)
app.command("report")(report.report)
app.command("prepare")(prepare.prepare)
app.command("schema")(schema.schema)
app.add_typer(policies.app, name="policies")
app.add_typer(plugins.app, name="plugins")
app.add_typer(ledger.app, name="ledger")
app.add_typer(suppressions.app, name="suppressions")
app.add_typer(audit.app, name="audit")
app.add_typer(alerts.app, name="alerts")
app.add_typer(hook.app, name="hook")


def _version(asked: bool) -> None:
    if asked:
        from importlib.metadata import version

        typer.echo(f"tracevet {version('tracevet')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Hold the options that stand before a verb."""


def _log_to_stderr() -> None:
    """Show our own warnings; what libraries log may quote a trace."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    ours = logging.getLogger("tracevet")
    ours.addHandler(handler)
    ours.propagate = False


def main() -> None:
    """Run the command line and exit; a TracevetError becomes its text on stderr and its exit code."""
    _log_to_stderr()
    try:
        app()
    except TracevetError as error:
        typer.echo(f"error: {error}", err=True)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # the reader of our output went away, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except SystemExit:
        if type(sys.stdout).__name__ == "PacifyFlushWrapper":  # the same, as click answers it: with 1, which is ours
            sys.exit(0)
        raise
