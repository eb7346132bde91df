"""`tracevet hook`: vet what an assistant is about to write or run, and set its hooks up."""

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from tracevet.cli.options import ConfigPath, LedgerUrl

app = typer.Typer(help="Vet in the agent: answer an assistant's hooks.", no_args_is_help=True, rich_markup_mode=None)


class Assistant(StrEnum):
    """An assistant with hooks."""

    CLAUDE_CODE = "claude-code"
    CURSOR = "cursor"
    CODEX = "codex"


class For(StrEnum):
    """For whom hooks are installed."""

    USER = "user"
    PROJECT = "project"


Scoped = Annotated[For, typer.Option("--scope", help="All your projects, or the one in this directory.")]
Yes = Annotated[bool, typer.Option("--yes", help="Write without asking.")]


@app.command("claude-code")
def claude_code(config: ConfigPath = None, ledger: LedgerUrl = None) -> None:
    """Answer an event of Claude Code on standard input."""
    _answer(Assistant.CLAUDE_CODE, config, ledger)


@app.command("cursor")
def cursor(config: ConfigPath = None, ledger: LedgerUrl = None) -> None:
    """Answer an event of Cursor on standard input."""
    _answer(Assistant.CURSOR, config, ledger)


@app.command("codex")
def codex(config: ConfigPath = None, ledger: LedgerUrl = None) -> None:
    """Answer an event of Codex on standard input."""
    _answer(Assistant.CODEX, config, ledger)


@app.command("install")
def install(
    assistant: Annotated[Assistant, typer.Argument(help="Whose hooks.")],
    scope: Scoped = For.USER,
    yes: Yes = False,
    config: ConfigPath = None,
    ledger: LedgerUrl = None,
) -> None:
    """Show what changes in an assistant's settings, and write it."""
    from tracevet.config import Config, Fail
    from tracevet.hook.places import Scope, command, entries, settings_path
    from tracevet.hook.settings import installed

    closed = Config.load(config).hook.fail is Fail.CLOSED
    run = command(assistant.value, _absolute(config), _located(ledger))
    path = settings_path(assistant.value, Scope(scope.value), Path.cwd())
    wanted = entries(assistant.value, run, closed=closed)
    change = installed(path, wanted, version=assistant is Assistant.CURSOR)
    if change.is_none:
        typer.echo(f"{change.path}: installed already")
        return
    typer.echo(change.diff(), nl=False)
    _confirm(yes)
    change.apply()
    typer.echo(f"{change.path}: installed")
    if assistant is Assistant.CODEX:
        typer.echo("Codex runs new hooks only once you have trusted them: /hooks", err=True)


@app.command("uninstall")
def uninstall(
    assistant: Annotated[Assistant, typer.Argument(help="Whose hooks.")], scope: Scoped = For.USER, yes: Yes = False
) -> None:
    """Take our hooks out of an assistant's settings; all else stays."""
    from tracevet.hook.places import Scope, settings_path
    from tracevet.hook.settings import uninstalled

    change = uninstalled(settings_path(assistant.value, Scope(scope.value), Path.cwd()))
    if change.is_none:
        typer.echo(f"{change.path}: not installed")
        return
    typer.echo(change.diff(), nl=False)
    _confirm(yes)
    change.apply()
    typer.echo(f"{change.path}: {'removed' if change.new is None else 'restored'}")


def _answer(assistant: Assistant, config: Path | None, ledger: str | None) -> None:
    if os.name != "posix":  # not exit code 2, by which a hook denies
        typer.echo("tracevet: not vetted: hooks need local sockets, as Linux and macOS have", err=True)
        raise typer.Exit(1)
    from tracevet.hook import client

    options = ["--config", _absolute(config)] if config else []
    options += ["--ledger", _located(ledger)] if ledger else []
    code, out, err = client.run([assistant.value, *options])
    for stream, data in ((sys.stderr, err), (sys.stdout, out)):
        stream.buffer.write(data)
        stream.flush()
    raise typer.Exit(code)


def _confirm(yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        from tracevet.errors import UsageError

        raise UsageError("nothing was written: nobody is there to be asked; say --yes")
    typer.confirm("Write this?", abort=True)


def _absolute(path: Path | None) -> str:
    return str(path.absolute()) if path else ""


def _located(ledger: str | None) -> str:
    if not ledger or "://" in ledger or ledger == ":memory:":
        return ledger or ""
    return str(Path(ledger).expanduser().absolute())
