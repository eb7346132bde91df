"""A platform under test, as its suite handles it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from tracevet.model import Decision, Trace
from tracevet.plugin import Platform
from tracevet.testing.faults import Faults


class Site(ABC):
    """One empty account of a platform, best an emulator's: to open, fill, break and look into.

    A fresh one is made for each test. What a platform does not have stays as it is here, and costs the tests of it.
    """

    faults: Faults | None = None  # what goes wrong with requests, as an emulator's `faults`; None: there are none

    @abstractmethod
    def open(self) -> Platform:
        """Give the platform, each time a new one as after a restart; prefer short waits between its tries."""

    @abstractmethod
    def seed(self, traces: Sequence[Trace]) -> None:
        """Let the platform hold the traces, as if an assistant's integration had sent them: ids, times, texts.

        The first span of each is the root; their ids are UUIDs, and the root's is the trace's.
        """

    def state(self) -> object:
        """Tell all that was written there, comparable with `==`: no ids and no times of the server's own making."""
        return None

    def written(self, trace: str) -> Sequence[object]:
        """Give each thing that was written on a trace: scores, comments, queue items."""
        del trace
        return ()

    def shown(self, trace: str) -> set[str]:
        """Name the policies that the trace is said to violate now; what was cleared is not said any more."""
        raise NotImplementedError

    def review(self, trace: str, decision: Decision) -> None:
        """Judge a trace as a person does on the platform; it was prepared, and a verdict stands there."""
        raise NotImplementedError

    def delete(self, trace: str) -> None:
        """Delete a trace as a person does on the platform."""
        raise NotImplementedError
