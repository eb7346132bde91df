"""Taking turns: the sessions that one pass works on, while other processes work on the same ledger."""

import time
from collections.abc import Callable, Collection, Iterable, Sequence

from tracevet.ledger import Ledger
from tracevet.ledger.columns import label
from tracevet.model import Trace

CROWDED = 200  # traces put off at once
MOST = 5_000  # sessions held at once
FIRST_PAUSE = 0.1  # seconds; doubled with each further one
LONGEST_PAUSE = 2.0
PATIENCE = 2  # leases without progress, after which what others hold is done here, too


class Turns:
    """The sessions that are ours, and the traces of those that are not, yet.

    A session is one process's at a time, so that its traces build on each other and none is vetted twice.
    """

    def __init__(
        self, ledger: Ledger, platform: str, *, on: bool, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        """Hold nothing; where it is off, everything is ours."""
        self._leases, self._platform, self._on, self._sleep = ledger.leases, platform, on, sleep
        self._held: dict[str, str] = {}  # label of the lease -> session
        self._waiting: list[Trace] = []
        self._since: float | None = None  # when the last progress was
        self._pauses = 0

    @property
    def waiting(self) -> bool:
        """Whether traces were put off."""
        return bool(self._waiting)

    @property
    def crowded(self) -> bool:
        """Whether so many traces were put off that no more should be read before."""
        return len(self._waiting) >= CROWDED

    def take(self, traces: Iterable[Trace]) -> set[str]:
        """Take the traces' sessions, and give the ids of the traces that may be vetted now; the others are put off."""
        wanted = list(traces)
        if not self._on or not wanted:
            return {trace.id for trace in wanted}
        names = {self._lease(trace): _session(trace) for trace in wanted}
        new = [name for name in names if label(name) not in self._held]
        self._held |= {label(name): names[name] for name in self._leases.take(new)}
        tired = self._since is not None and time.monotonic() - self._since > PATIENCE * self._leases.seconds
        blocked = {_session(trace) for trace in self._waiting}
        ours = {session for name, session in names.items() if label(name) in self._held} - blocked
        mine = {trace.id for trace in wanted if tired or _session(trace) in ours}
        self._put_off([trace for trace in wanted if trace.id not in mine])
        return mine

    def resume(self) -> Sequence[Trace]:
        """Give what was put off, to be tried again; what is none of ours then is put off again."""
        again, self._waiting = self._waiting, []
        self._since = time.monotonic() if self._since is None else self._since
        return again

    def pause(self, before: int) -> None:
        """Wait a little where none of so many traces that were put off could be taken."""
        if len(self._waiting) < before:
            self._since, self._pauses = None, 0
            return
        self._sleep(min(FIRST_PAUSE * 2.0**self._pauses, LONGEST_PAUSE))
        self._pauses = min(self._pauses + 1, 10)

    def let_go(self, busy: Collection[str] | None = None) -> list[str]:
        """Release the sessions that others want, or all if `busy` is not given, and give them; never a busy one."""
        if not self._held:
            return []
        asked = set(self._held) if busy is None or len(self._held) > MOST else self._leases.wanted()
        freed = {name: session for name, session in self._held.items() if name in asked and session not in (busy or ())}
        self._leases.release(freed)
        for name in freed:
            del self._held[name]
        return list(freed.values())

    def _put_off(self, traces: Sequence[Trace]) -> None:
        self._waiting += traces
        if traces:
            self._leases.want({self._lease(trace) for trace in traces})

    def _lease(self, trace: Trace) -> str:
        return f"session\n{self._platform}\n{_session(trace)}"


def _session(trace: Trace) -> str:
    return trace.session_id or trace.id
