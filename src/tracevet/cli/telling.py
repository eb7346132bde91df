"""Telling people while a verb runs, and saying on stderr what became of it."""

import sys
from collections.abc import Callable

from tracevet.alerts.alerting import Alerting
from tracevet.alerts.routes import routes, unmatched
from tracevet.assembly import Assembly
from tracevet.errors import TracevetError
from tracevet.ledger import Ledger


def alerting(assembly: Assembly, ledger: Ledger) -> Alerting:
    """Put together the routes of the configuration; say on stderr which of them match nothing.

    Raises:
        ConfigError: a route names a channel that there is not.
    """
    found = routes(assembly.config)
    for line in unmatched(found, assembly.policies):
        print(f"warning: {line}", file=sys.stderr, flush=True)
    return Alerting(ledger, found, assembly.notifier)


def told(alerts: Alerting, stopped: Callable[[], bool] = lambda: False) -> tuple[str, ...]:
    """Tell what is to be told now, and give what went wrong, in sentences; nothing is raised but for the ledger."""
    done = alerts.run(stopped=stopped)
    return tuple(f"not delivered: {note}" for note in done.notes)


def tell_once(alerts: Alerting) -> None:
    """Tell what is to be told at the end of a scan; what can't be delivered waits in the ledger."""
    try:
        notes = told(alerts)
    except TracevetError as error:
        notes = (f"alerts: {error}",)
    for note in notes:
        print(note, file=sys.stderr, flush=True)
