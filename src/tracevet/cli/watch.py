"""`tracevet watch`: vet what is new on a platform and write the verdicts back, for ever."""

import signal
import sys
from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from tracevet.cli.options import ConfigPath, LedgerUrl, RequestsPerMinute, WriteKinds

if TYPE_CHECKING:
    from tracevet.assembly import Assembly
    from tracevet.ledger import Ledger
    from tracevet.metrics import Meters
    from tracevet.plugin import Platform


def watch(
    platform: Annotated[str, typer.Option(metavar="NAME", help="Where the traces are, and where verdicts go.")],
    once: Annotated[bool, typer.Option("--once", help="End when everything up to now is vetted and written.")] = False,
    since: Annotated[
        str | None, typer.Option(metavar="WHEN", help="Begin here, not where the last watch stopped: 7d, 2026-08-20.")
    ] = None,
    interval: Annotated[float, typer.Option(metavar="SECONDS", min=1.0, help="Pause between two looks.")] = 10.0,
    write: WriteKinds = None,
    requests_per_minute: RequestsPerMinute = None,
    metrics_port: Annotated[
        int | None,
        typer.Option("--metrics-port", min=0, max=65535, metavar="PORT", help="Serve /metrics, /ready and /live."),
    ] = None,
    metrics_host: Annotated[
        str, typer.Option("--metrics-host", metavar="ADDRESS", help="Where they are served; default: this machine.")
    ] = "127.0.0.1",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Look once, and print what would be written; keep nothing.")
    ] = False,
    config: ConfigPath = None,
    ledger: LedgerUrl = None,
) -> None:
    """Vet what is new on a platform and write the verdicts back; restarts where it stopped."""
    from tracevet.assembly import Assembly
    from tracevet.cli.options import kinds, moment
    from tracevet.ledger import Ledger
    from tracevet.metrics import serving

    stop = stop_on_signals()
    begin = moment(since, "--since", datetime.now(UTC))
    assembly = Assembly.load(config)
    writes, options = kinds(write)
    opened = assembly.platform(platform, **options)
    with Ledger.open(ledger or assembly.config.ledger.url, write=not dry_run) as kept:
        if dry_run:
            raise typer.Exit(_preview(assembly, opened, kept, begin))
        if requests_per_minute is not None:
            kept.budgets.set(platform, requests_per_minute)
        with serving(metrics_host, metrics_port, _say) as meters:
            pause = None if once else interval
            raise typer.Exit(_watch(assembly, opened, kept, begin, stop, pause, writes=writes, meters=meters))


def stop_on_signals() -> Event:
    """Ask for a good end at the first signal; the second one ends at once, which loses nothing either."""
    stop = Event()

    def asked(number: int, frame: object) -> None:
        del frame
        stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, asked)
    return stop


def _watch(
    assembly: "Assembly",
    platform: "Platform",
    ledger: "Ledger",
    since: datetime | None,
    stop: Event,
    interval: float | None,
    *,
    writes: bool,
    meters: "Meters",
) -> int:
    """Give the exit code: 3 where something is still to be read or written after a single look."""
    from tracevet.cli.telling import alerting, told
    from tracevet.watch import Surroundings, Watch
    from tracevet.workers import Workers

    limits = assembly.config.workers
    with Workers(processes=limits.processes, seconds=limits.seconds, memory_mb=limits.memory_mb) as workers:
        alerts = alerting(assembly, ledger)
        alerts.start()
        around = Surroundings(
            say=_say,
            stopped=stop.is_set,
            rest=stop.wait,
            alert=lambda: told(alerts, stopped=stop.is_set),
            meters=meters,
        )
        watching = Watch(
            platform, assembly.begin(ledger, _say), ledger, workers, since=since, write=writes, around=around
        )
        if interval is not None:
            watching.forever(interval)
            return 0
        watching.once()
        counts = ledger.outbox_counts()
        unwritten = writes and (counts.due or counts.waiting)
        return 3 if stop.is_set() or unwritten or watching.seen.unread or watching.seen.deaf else 0


def _preview(assembly: "Assembly", platform: "Platform", ledger: "Ledger", since: datetime | None) -> int:
    from datetime import timedelta

    from tracevet.plugin import Window
    from tracevet.run import Run
    from tracevet.workers import Workers

    limits = assembly.config.workers
    window = Window(since or datetime.now(UTC) - timedelta(days=1))
    with Workers(processes=limits.processes, seconds=limits.seconds, memory_mb=limits.memory_mb) as workers:
        run = Run(platform, assembly.begin(ledger, _say), ledger, workers, keep=False)
        for verdict in run.verdicts(window):
            for line in platform.preview(verdict):
                typer.echo(line)
    _say(f"{run.progress.traces} traces vetted; nothing was written")
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
