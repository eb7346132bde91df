"""`tracevet write`: write what is queued in the ledger, apart from vetting, and however long it takes."""

import json
import sys
from dataclasses import asdict
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from tracevet.cli.options import AsJson, ConfigPath, LedgerUrl, RequestsPerMinute, WriteKinds

if TYPE_CHECKING:
    from tracevet.ledger import Ledger
    from tracevet.plugin import Platform

PAUSE = 10.0  # seconds until what the platform could not take is looked at again
LONGEST_PAUSE = 300.0


def write(
    platform: Annotated[str, typer.Option(metavar="NAME", help="Where the verdicts go.")],
    plan: Annotated[bool, typer.Option("--plan", help="Say what it takes, and write nothing.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Verdicts to be written, at most.")] = None,
    requests_per_minute: RequestsPerMinute = None,
    write_kinds: WriteKinds = None,
    as_json: AsJson = False,
    config: ConfigPath = None,
    ledger: LedgerUrl = None,
) -> None:
    """Write the verdicts that are queued, newest trace first; goes on where it was stopped."""
    from tracevet.assembly import Assembly
    from tracevet.cli.options import kinds
    from tracevet.cli.watch import stop_on_signals
    from tracevet.errors import UsageError
    from tracevet.forecast import forecast
    from tracevet.ledger import Ledger

    stop = stop_on_signals()
    assembly = Assembly.load(config)
    writes, options = kinds(write_kinds)
    if not writes:
        raise UsageError("--write none writes nothing; leave it out, or give --plan")
    opened = assembly.platform(platform, **options)
    with Ledger.open(ledger or assembly.config.ledger.url) as kept:
        if requests_per_minute is not None:
            kept.budgets.set(platform, requests_per_minute)
        told = forecast(opened, kept, limit)
        if plan:
            shown = json.dumps({**asdict(told), "hours": told.hours}) if as_json else "\n".join(told.lines())
            typer.echo(shown)
            raise typer.Exit
        for line in told.lines():
            _say(line)
        raise typer.Exit(_write(opened, kept, stop, limit))


def _write(platform: "Platform", ledger: "Ledger", stop: Event, limit: int | None) -> int:
    """Write until nothing waits any more; give the exit code: 3 where something is left, or was refused."""
    from datetime import UTC, datetime

    from tracevet.errors import BusyError
    from tracevet.write import Drained, drain, pace, require_account

    pace(platform, ledger)
    total, pause = Drained(), PAUSE
    require_account(platform, ledger)
    while not stop.is_set() and (limit is None or total.tried < limit):
        try:
            left = None if limit is None else limit - total.tried
            done = drain(platform, ledger, lambda: datetime.now(UTC), stopped=stop.is_set, limit=left)
            total.add(done)
            pause = PAUSE
        except BusyError as error:
            pause = min(max(2 * pause, error.after or 0.0), max(LONGEST_PAUSE, error.after or 0.0))
            _say(f"waiting {pause:.0f} s: {error}")
        if not ledger.waiting(platform.name, 0)[0]:
            break
        if limit is None or total.tried < limit:
            stop.wait(pause)
    waiting, _ = ledger.waiting(platform.name, 0)
    for note in total.notes:
        _say(note)
    _say(f"{platform.name}: {total.written} verdicts written, {waiting} to be written, {total.parked} parked")
    done_with = limit is not None and total.tried >= limit
    return 3 if total.parked or total.again or (waiting and not done_with) else 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
