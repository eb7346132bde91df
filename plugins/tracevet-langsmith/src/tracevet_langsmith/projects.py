"""Which tracing projects are read: those named, or all of the workspace, of which only coding agents' runs count."""

import time
from collections.abc import Callable, Sequence

from tracevet import UsageError
from tracevet_langsmith.connection import Connection

FRESH = 30.0  # seconds for which a list of projects holds: less than what a watch reads again in each pass
NEW = 5.0  # seconds after which a project that is not in the list may be there
SHOWN = 20  # names that a message offers
PROJECTS = 100  # in one request
CODING = 'and(eq(metadata_key,"ls_agent_purpose"),eq(metadata_value,"coding"))'


class Projects:
    """The projects that are read, by their ids."""

    def __init__(
        self, connection: Connection, names: Sequence[str], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Ask for nothing yet; no name is every project."""
        self._connection, self._names, self._clock = connection, tuple(names), clock
        self._found: dict[str, str] = {}
        self._asked: float | None = None

    @property
    def condition(self) -> str:
        """What a run must be, in LangSmith's filter language."""
        return "" if self._names else CODING

    @property
    def named(self) -> bool:
        """Whether only projects of given names are read."""
        return bool(self._names)

    def ids(self) -> tuple[str, ...]:
        """Give the ids; one that is new comes within half a minute.

        Raises:
            UsageError: a project of that name does not exist.
            PlatformError: the server can't be asked.
        """
        now = self._clock()
        if not self._found or self._asked is None or now - self._asked >= FRESH:
            self._found = self._listed()
            self._asked = now
        return tuple(self._found.values())

    def forget(self) -> bool:
        """Ask anew next time, for a project may be new; False: it was asked just now."""
        known = self._asked is not None and self._clock() - self._asked >= NEW
        self._asked = None if known else self._asked
        return known

    def _listed(self) -> dict[str, str]:
        rows = self._connection.listed("listing projects", "/api/v1/sessions", reference_free=True, include_stats=False)
        every = {str(row.get("name")): str(row.get("id")) for row in rows if row.get("id")}
        unknown = [name for name in self._names if name not in every]
        if unknown:
            raise UsageError(f"no project named {unknown[0]!r} in this LangSmith workspace; there {_offer(every)}")
        return {name: every[name] for name in self._names} if self._names else every


def _offer(names: Sequence[str] | dict[str, str]) -> str:
    shown = sorted(names)[:SHOWN]
    more = f" and {len(names) - len(shown)} more" if len(names) > len(shown) else ""
    return f"are: {', '.join(shown)}{more}" if shown else "is none"
