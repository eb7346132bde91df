"""The stored scores of one project: which writes replace, which merge, which leave a second row."""

from collections.abc import Iterable, Iterator

from tracevet.testing.langfuse.answers import Row

Key = tuple[str, str, str]  # day of the timestamp, name, id: what makes a row
_KEPT = ("traceId", "timestamp", "environment", "createdAt")  # the first write decides


class Scores:
    """Rows by (day, name, id). A write with the id and day of an earlier one is merged with it.

    The newest event time wins, not the last write; what a write omits is kept; under a new name the merged score
    gets a second row and the old one stays, a ghost.
    """

    def __init__(self) -> None:
        """Start empty."""
        self._rows: dict[Key, Row] = {}
        self._merged: dict[tuple[str, str], Row] = {}  # by id and day
        self._by_id: dict[str, set[Key]] = {}
        self._by_trace: dict[str, set[Key]] = {}

    def __len__(self) -> int:
        """Count the rows."""
        return len(self._rows)

    def put(self, score: Row) -> None:
        """Store a checked score; `eventTime` is when it was written, `timestamp` the time it stands for."""
        day = score["timestamp"][:10]
        merged = _merge(self._merged.get((score["id"], day)), score)
        self._merged[score["id"], day] = merged
        key = (day, merged["name"], merged["id"])
        self._rows[key] = merged
        self._by_id.setdefault(merged["id"], set()).add(key)
        if merged["traceId"]:
            self._by_trace.setdefault(merged["traceId"], set()).add(key)

    def delete(self, score_id: str) -> None:
        """Delete every row with an id; the id may be used again."""
        self._forget(self._by_id.pop(score_id, set()))

    def delete_trace(self, trace: str) -> None:
        """Delete the scores of a trace and of its observations."""
        self._forget(self._by_trace.pop(trace, set()))

    def find(self, ids: Iterable[str] = (), traces: Iterable[str] = ()) -> Iterator[Row]:
        """Give the rows with one of the ids, else of one of the traces, else all; newest timestamp first."""
        wanted, within = list(dict.fromkeys(ids)), list(dict.fromkeys(traces))
        index, names = (self._by_id, wanted) if wanted else (self._by_trace, within)
        keys = [key for name in names for key in index.get(name, ())] if names else list(self._rows)
        rows = [self._rows[key] for key in keys]
        return iter(sorted(rows, key=lambda row: (row["timestamp"], row["id"], row["name"]), reverse=True))

    def _forget(self, keys: set[Key]) -> None:
        for key in list(keys):
            row = self._rows.pop(key)
            self._merged.pop((row["id"], key[0]), None)
            self._by_id.get(row["id"], set()).discard(key)
            self._by_trace.get(row["traceId"] or "", set()).discard(key)


def _merge(old: Row | None, new: Row) -> Row:
    if old is None:
        return new
    older, newer = (old, new) if new["eventTime"] >= old["eventTime"] else (new, old)
    merged = older | {key: value for key, value in newer.items() if value is not None}
    if older["metadata"] or newer["metadata"]:
        merged["metadata"] = (older["metadata"] or {}) | (newer["metadata"] or {})
    return merged | {key: old[key] for key in _KEPT} | {"updatedAt": new["updatedAt"]}
