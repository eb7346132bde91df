"""What moves the data of a backfill: the base class of engines, and how one is found by its name."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import ClassVar

from tracevet.backfill.job import BackfillJob
from tracevet.backfill.told import Event
from tracevet.errors import PluginError, UsageError

GROUP = "tracevet.engines"  # entry points


class BackfillEngine(ABC):
    """Moves rows to workers, and tells what became of them; all that is done to a row is the job's and its vetter's."""

    name: ClassVar[str]
    summary: ClassVar[str]
    most_buckets: ClassVar[int] = 512

    def __init__(self, *, workers: int | None = None, address: str | None = None, spool: Path | None = None) -> None:
        """Take how many workers vet (None: one for each core), where a cluster is, and where data may lie meanwhile.

        Raises:
            UsageError: an option that the engine has no use for.
        """
        self.workers, self.address, self.spool = workers, address, spool

    @abstractmethod
    def run(self, job: BackfillJob) -> Iterator[Event]:
        """Read every file, and vet every bucket that is not done, each once; tell of each as soon as it is finished.

        A trace is vetted by one worker, with all its rows; the traces of a session by one worker, in the order of
        time. A worker that dies costs what it was at, which another does again, some times.

        Raises:
            TracevetError: nothing can be done any further; what was vetted is kept.
        """


def find_engine(name: str, blocked: tuple[str, ...] = ()) -> type[BackfillEngine]:
    """Give an engine's class by its name: `local`, or one that a distribution brings.

    Raises:
        UsageError: there is none of that name.
        PluginError: it can't be loaded.
    """
    from tracevet.backfill.local import LocalEngine

    if name == LocalEngine.name:
        return LocalEngine
    points = [point for point in entry_points(group=GROUP) if point.name not in blocked]
    point = next((point for point in points if point.name == name), None)
    if point is None:
        known = ", ".join(sorted({LocalEngine.name, *(point.name for point in points)}))
        raise UsageError(f"no engine named {name!r}; known: {known}; Ray comes with pip install 'tracevet[ray]'")
    try:
        found = point.load()
    except Exception as error:  # foreign code, broken in whatever way
        raise PluginError(f"engine {name!r} ({point.value}) can't be loaded: {type(error).__name__}") from error
    if not (isinstance(found, type) and issubclass(found, BackfillEngine)):
        raise PluginError(f"engine {name!r} ({point.value}) is no BackfillEngine")
    return found
