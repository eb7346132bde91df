"""The runs of one workspace, and what was accepted about them and is not readable yet."""

from collections.abc import Iterable, Iterator

from tracevet.testing.langsmith.answers import Row


class Runs:
    """Runs by id and by trace; what cannot be read yet is not here."""

    def __init__(self) -> None:
        """Start empty."""
        self._rows: dict[str, Row] = {}
        self._traces: dict[str, dict[str, Row]] = {}
        self._early: dict[str, list[Row]] = {}  # changes that came before their run
        self.created: set[str] = set()  # accepted, readable or not
        self.ended: set[str] = set()

    def put(self, row: Row) -> None:
        """Make a run readable; changes that came earlier are applied."""
        self.drop([row["id"]])
        self._rows[row["id"]] = row
        self._traces.setdefault(row["trace_id"], {})[row["id"]] = row
        for change in self._early.pop(row["id"], ()):
            self.change(row["id"], change)

    def change(self, run: str, change: Row) -> None:
        """Apply a change to a run, or keep it until the run is there."""
        row = self._rows.get(run)
        if row is None:
            self._early.setdefault(run, []).append(change)
        else:
            row.update(change)

    def get(self, run: str | None) -> Row | None:
        """Find a run."""
        return None if run is None else self._rows.get(run)

    def of_trace(self, trace: str) -> list[Row]:
        """Give the runs of a trace."""
        return list(self._traces.get(trace, {}).values())

    def all(self) -> Iterator[Row]:
        """Give every run."""
        return iter(list(self._rows.values()))

    def traces(self) -> list[str]:
        """Name every trace."""
        return list(self._traces)

    def ancestors(self, row: Row) -> list[str]:
        """Name the runs above a run, the root first; a broken tree ends where it breaks."""
        found: list[str] = []
        parent = row.get("parent_run_id")
        while parent is not None and parent not in found and parent != row["id"]:
            found.append(parent)
            parent = (self._rows.get(parent) or {}).get("parent_run_id")
        return found[::-1]

    def drop(self, runs: Iterable[str]) -> None:
        """Forget runs; one that isn't there is no error."""
        for run in runs:
            row = self._rows.pop(run, None)
            if row is None:
                continue
            rest = self._traces[row["trace_id"]]
            rest.pop(run, None)
            if not rest:
                del self._traces[row["trace_id"]]
