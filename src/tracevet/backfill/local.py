"""The engine of one machine: worker processes, and a directory in which rows find their sessions."""

import logging
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import platformdirs

from tracevet.backfill.engines import BackfillEngine
from tracevet.backfill.job import BackfillJob
from tracevet.backfill.slots import ATTEMPTS, Dead, Slots
from tracevet.backfill.spool import Spool
from tracevet.backfill.told import Event, Lost, Read, Vetted
from tracevet.backfill.vetting import Vetter
from tracevet.errors import UsageError


class LocalEngine(BackfillEngine):
    """Uses the cores of this machine."""

    name: ClassVar[str] = "local"
    summary: ClassVar[str] = "The cores of this machine."

    def __init__(self, *, workers: int | None = None, address: str | None = None, spool: Path | None = None) -> None:
        """Take the options; there is no cluster."""
        super().__init__(workers=workers, address=address, spool=spool)
        if address is not None:
            raise UsageError("--address names a cluster, and the engine local has none; use --engine ray")

    def run(self, job: BackfillJob) -> Iterator[Event]:
        """Read, place and vet, each step over all workers; the rows lie in a directory of the job's own meanwhile.

        It is removed once every bucket is vetted, and used again by the next backfill of the same job until then.
        """
        spool = Spool(job, (self.spool or _spools()).absolute() / job.id)
        spool.make()
        lost = False
        with Slots(self.workers, _begin, _end, job, spool.path) as slots:
            for event in _steps(job, slots):
                lost = lost or isinstance(event, Lost)
                yield event
        if not lost:
            spool.remove()


def _spools() -> Path:
    return Path(platformdirs.user_cache_dir("tracevet", appauthor=False)) / "backfill"


def _steps(job: BackfillJob, slots: Slots) -> Iterator[Event]:
    missing = False  # what can't be read or placed would make sessions with holes
    for told in slots.each(_read, range(job.files)):
        missing = missing or isinstance(told, Dead)
        yield _lost(f"reading {job.plan.files[told.argument].shown}", told) if isinstance(told, Dead) else told
    if missing:
        return
    for placed in slots.each(_place, range(job.buckets)):
        if isinstance(placed, Dead):
            yield _lost(f"sorting bucket {placed.argument}", placed)
            return
    for vetted in slots.each(_vet, sorted(set(range(job.buckets)) - job.done)):
        yield _lost(f"vetting bucket {vetted.argument}", vetted) if isinstance(vetted, Dead) else vetted


def _lost(what: str, dead: Dead[int]) -> Lost:
    return Lost(what=what, attempts=ATTEMPTS)


# What follows runs in the worker processes.


class _Worker:
    """One worker's state: the spool, and a vetter once it is needed."""

    spool: Spool
    job: BackfillJob
    vetter: Vetter | None = None


def _begin(job: BackfillJob, path: Path) -> None:
    logging.disable(logging.CRITICAL)  # nothing that a library logs of hostile data reaches the terminal
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to all; the parent decides
    _Worker.job, _Worker.spool = job, Spool(job, path)


def _end() -> None:
    _Worker.spool.close()
    if _Worker.vetter is not None:
        _Worker.vetter.close()


def _read(file: int) -> Read:
    return _Worker.spool.read(file)


def _place(bucket: int) -> int:
    _Worker.spool.place(bucket)
    return bucket


def _vet(bucket: int) -> Vetted:
    _Worker.vetter = _Worker.vetter or Vetter(_Worker.job)
    return _Worker.vetter.vet(bucket, _Worker.spool.traces(bucket))
