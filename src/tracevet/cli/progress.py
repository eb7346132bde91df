"""How far a run is, on stderr: a bar on a terminal, a plain line now and then elsewhere."""

import sys
import time
from collections.abc import Iterator

from tracevet.model import Verdict
from tracevet.run import Progress

PLAIN_SECONDS = 10.0


def watched(verdicts: Iterator[Verdict], progress: Progress) -> Iterator[Verdict]:
    """Pass the verdicts on, and show on stderr how far they are."""
    return _bar(verdicts, progress) if sys.stderr.isatty() else _lines(verdicts, progress)


def _bar(verdicts: Iterator[Verdict], progress: Progress) -> Iterator[Verdict]:
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("vetting"),
        BarColumn(),
        TextColumn("{task.fields[traces]} traces, {task.fields[rate]:.0f}/s"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("vetting", total=None, traces=0, rate=0.0)
        for verdict in verdicts:
            done = None if progress.done is None else min(progress.done, 1.0)
            total = None if done is None else 1.0
            bar.update(task, total=total, completed=done or 0.0, traces=progress.traces, rate=_rate(progress))
            yield verdict


def _lines(verdicts: Iterator[Verdict], progress: Progress) -> Iterator[Verdict]:
    said = time.monotonic()
    for verdict in verdicts:
        if time.monotonic() - said > PLAIN_SECONDS:
            said = time.monotonic()
            print(_line(progress), file=sys.stderr, flush=True)
        yield verdict


def _line(progress: Progress) -> str:
    line = f"vetted {progress.traces} traces, {_rate(progress):.0f}/s"
    if progress.done:
        left = progress.seconds * (1 - progress.done) / progress.done
        line += f", {progress.done:.0%} read, about {left:.0f} s left"
    return line


def _rate(progress: Progress) -> float:
    return progress.traces / max(progress.seconds, 0.001)
