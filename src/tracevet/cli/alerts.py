"""`tracevet alerts`: what was sent, failed and waits; try a route, send what is due, acknowledge."""

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from tracevet.cli.options import AsJson, ConfigPath, LedgerUrl

if TYPE_CHECKING:
    from tracevet.ledger import Ledger
    from tracevet.ledger.alerts import Message

app = typer.Typer(
    help="Show what was told to whom, try a route, send what is due.",
    invoke_without_command=True,
    rich_markup_mode=None,
)


@app.callback()
def alerts(
    context: typer.Context, config: ConfigPath = None, ledger: LedgerUrl = None, as_json: AsJson = False
) -> None:
    """List the last hundred messages, youngest first, and what still waits on each route."""
    if context.invoked_subcommand:
        return
    from tracevet.assembly import Assembly
    from tracevet.cli.telling import alerting
    from tracevet.ledger import Ledger

    assembly = Assembly.load(config)
    with Ledger.open(ledger or assembly.config.ledger.url, write=False) as kept:
        alerting(assembly, kept)  # says which routes match nothing
        for line in [_json(kept)] if as_json else _table(kept):
            typer.echo(line)


@app.command("test")
def try_route(
    route: Annotated[str, typer.Argument(metavar="ROUTE", help="Name of a table [routes.NAME].")],
    to: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Where to write to, for a route to developers.")
    ] = None,
    config: ConfigPath = None,
) -> None:
    """Send a sample, marked as one, to the channels of a route."""
    from datetime import UTC, datetime

    from tracevet.alerts.routes import routes
    from tracevet.alerts.sample import sample
    from tracevet.assembly import Assembly
    from tracevet.errors import UsageError
    from tracevet.routing import Recipient

    assembly = Assembly.load(config)
    found = {one.name: one for one in routes(assembly.config)}
    if route not in found:
        raise UsageError(f"no route named {route!r}; known: {', '.join(sorted(found)) or 'none'}")
    if found[route].options.to is Recipient.DEVELOPER and to is None:
        raise UsageError(f"the route {route!r} writes to developers; say with --to ADDRESS where the sample goes")
    for channel in dict.fromkeys(found[route].channels):
        assembly.notifier(channel).notify(sample(found[route], datetime.now(UTC), to))
        typer.echo(f"{channel}: the sample was delivered")


@app.command()
def send(
    parked: Annotated[bool, typer.Option("--parked", help="Try again what was refused, too.")] = False,
    config: ConfigPath = None,
    ledger: LedgerUrl = None,
) -> None:
    """Send what is due now; exit 3 if something could not be delivered."""
    from tracevet.assembly import Assembly
    from tracevet.cli.telling import alerting
    from tracevet.ledger import Ledger

    assembly = Assembly.load(config)
    with Ledger.open(ledger or assembly.config.ledger.url) as kept:
        sending = alerting(assembly, kept)
        sending.start()
        if parked:
            kept.alerts.unpark()
        done = sending.run()
    for note in done.notes:
        print(note, file=sys.stderr, flush=True)
    typer.echo(f"{done.sent} sent, {done.failed} failed and tried again later, {done.parked} parked")
    raise typer.Exit(3 if done.failed or done.parked else 0)


@app.command()
def ack(
    fingerprint: Annotated[str, typer.Argument(metavar="FINGERPRINT", help="As the alert names it.")],
    config: ConfigPath = None,
    ledger: LedgerUrl = None,
) -> None:
    """Say that somebody looks after a violation, so that it is not escalated."""
    from tracevet.cli.ledger import opened
    from tracevet.errors import UsageError

    with opened(config, ledger, write=True) as kept:
        if not kept.alerts.acknowledge(fingerprint):
            raise UsageError("the ledger has no violation of that fingerprint; `tracevet alerts` lists what was told")
    typer.echo("acknowledged; it stays open, and is not escalated")


def _json(kept: "Ledger") -> str:
    waiting = [
        {"route": route, "violations": count, "due": first.isoformat()}
        for route, (count, first) in sorted(kept.alerts.waiting().items())
    ]
    return json.dumps({"messages": [_row(message) for message in kept.alerts.listed()], "waiting": waiting}, indent=2)


def _row(message: "Message") -> dict[str, object]:
    alert = message.alert
    return {
        "id": alert.id,
        "route": alert.route,
        "channel": message.channel,
        "kind": alert.kind,
        "state": message.state,
        "severity": alert.severity,
        "fingerprints": [item.violation.fingerprint for item in alert.items],
        "more": alert.more,
        "made": message.made.isoformat(),
        "due": message.due.isoformat(),
        "settled": message.settled.isoformat() if message.settled else None,
        "attempts": message.attempts,
        "reason": message.reason,
    }


def _table(kept: "Ledger") -> Iterator[str]:
    from tracevet.alerts.escaping import one_line
    from tracevet.alerts.texts import alert_title

    found = kept.alerts.listed()
    for message in found:
        told = f"{message.made:%Y-%m-%d %H:%M} {message.state:8} {one_line(message.alert.route, 20):20}"
        why = f" - {one_line(message.reason, 100)}" if message.reason else ""
        yield f"{told} {alert_title(message.alert)}{why}"
        yield f"    {', '.join(one_line(item.violation.fingerprint, 64) for item in message.alert.items[:5])}"
    for route, (count, first) in sorted(kept.alerts.waiting().items()):
        yield f"{one_line(route, 40)}: {count} wait, the first until {first:%Y-%m-%d %H:%M} UTC"
    states = ", ".join(f"{count} {state}" for state, count in sorted(kept.alerts.counts().items()))
    yield f"messages: {states or 'none yet'}"
