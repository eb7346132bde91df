"""The stored observations of one project, found by trace, by id and by time."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from tracevet.testing.langfuse.answers import Row

Position = tuple[str, str, str, int]  # start time, trace, observation, serial: the order of the API, ascending


class Observations:
    """Rows as they are stored: metadata values are texts, times are normal. One row for each (trace, id)."""

    def __init__(self) -> None:
        """Start empty."""
        self._rows: dict[int, Row] = {}
        self._by_trace: dict[str, dict[str, list[int]]] = {}
        self._traces_of: dict[str, set[str]] = {}
        self._starts: list[Any] = []  # of Position
        self._ends: list[Any] = []  # of (end time, serial)
        self._serial = count()

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._rows)

    def put(self, row: Row, *, twice: bool = False) -> None:
        """Store a row in the place of the one with its trace and id, or beside it."""
        trace, span = row["traceId"], row["id"]
        serials = self._by_trace.setdefault(trace, {}).setdefault(span, [])
        if not twice:
            self._drop(serials)
        serial = next(self._serial)
        serials.append(serial)
        self._rows[serial] = row
        self._traces_of.setdefault(span, set()).add(trace)
        insort(self._starts, (row["startTime"], trace, span, serial))
        if row["endTime"] is not None:
            insort(self._ends, (row["endTime"], serial))

    def _drop(self, serials: list[int]) -> None:
        for serial in serials:
            row = self._rows.pop(serial)
            _remove(self._starts, (row["startTime"], row["traceId"], row["id"], serial))
            if row["endTime"] is not None:
                _remove(self._ends, (row["endTime"], serial))
        serials.clear()

    def delete(self, trace: str) -> None:
        """Delete every row of a trace."""
        for span, serials in self._by_trace.pop(trace, {}).items():
            self._drop(serials)
            self._traces_of[span].discard(trace)
            if not self._traces_of[span]:
                del self._traces_of[span]

    def traces(self) -> Iterator[str]:
        """Name every trace, in the order of the first row that came in."""
        return iter(self._by_trace)

    def of_trace(self, trace: str) -> list[Row]:
        """Give the rows of one trace, newest start first."""
        return list(self._newest(self._positions((trace,)), None))

    def trace_of(self, span: str) -> str | None:
        """Name a trace that holds an observation with this id."""
        return next(iter(self._traces_of.get(span, ())), None)

    def scan(
        self,
        *,
        traces: Iterable[str] | None = None,
        start: str | None = None,
        before: str | None = None,
        ended: str | None = None,
        after: Position | None = None,
    ) -> Iterator[Row]:
        """Give rows in the order of the API: start time, trace and id, each descending.

        A superset of what is asked for: `start` (inclusive) and `before` bound the start time, `ended` is the
        earliest end time. `after` is the last row of the page before.
        """
        if traces is not None:
            return self._newest(self._positions(traces), after)
        first = bisect_left(self._starts, (start,)) if start else 0
        last = bisect_left(self._starts, (before,)) if before else len(self._starts)
        last = min(last, bisect_left(self._starts, after)) if after else last
        recent = bisect_left(self._ends, (ended,)) if ended else 0
        if len(self._ends) - recent < (last - first) // 8:
            return self._newest((self._position(serial) for _, serial in self._ends[recent:]), after)
        return (self._rows[self._starts[at][3]] for at in range(last - 1, first - 1, -1))

    def _positions(self, traces: Iterable[str]) -> Iterator[Position]:
        for trace in dict.fromkeys(traces):
            for serials in self._by_trace.get(trace, {}).values():
                yield from map(self._position, serials)

    def _position(self, serial: int) -> Position:
        row = self._rows[serial]
        return (row["startTime"], row["traceId"], row["id"], serial)

    def _newest(self, positions: Iterable[Position], after: Position | None) -> Iterator[Row]:
        wanted = sorted((place for place in positions if after is None or place < after), reverse=True)
        return (self._rows[place[3]] for place in wanted)


def _remove(places: list[Any], place: tuple[str | int, ...]) -> None:
    del places[bisect_left(places, place)]
