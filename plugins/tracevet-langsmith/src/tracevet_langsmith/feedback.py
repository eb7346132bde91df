"""Feedback on runs: looked for first, then made, or changed where it says something else; each once."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from tracevet import BusyError, GoneError, PlatformError, RefusedError
from tracevet_langsmith.budget import Kind
from tracevet_langsmith.connection import Connection, Row
from tracevet_langsmith.failures import ConflictError, NotFoundError
from tracevet_langsmith.marks import Mark, Subject

RUNS = 50  # whose feedback is listed at once, so that their ids fit into an address
PATH = "/api/v1/feedback"
WHAT = "writing feedback"


class Feedback:
    """Puts marks on runs."""

    def __init__(self, connection: Connection, *, extend_retention: bool) -> None:
        """Ask for nothing yet; `extend_retention` moves every trace with feedback into the long, dear retention."""
        self._connection = connection
        self._extend = extend_retention

    def there(self, runs: Iterable[str]) -> dict[str, Row]:
        """Give the feedback of programs on some runs, by its id.

        Raises:
            PlatformError: it can't be listed.
        """
        found: dict[str, Row] = {}
        names = sorted(set(runs))
        for at in range(0, len(names), RUNS):
            some = names[at : at + RUNS]
            rows = self._connection.listed("listing feedback", PATH, kind=Kind.FEEDBACK, run=some, source=["api"])
            found |= {str(row.get("id")): row for row in rows}
        return found

    def put(self, marks: Sequence[Mark], subject: Subject, there: dict[str, Row]) -> PlatformError | None:
        """Put the marks of one trace; give why not all of them are there.

        Raises:
            PlatformError: nothing can be written now.
        """
        failures = list(self._connection.together(lambda mark: self._tried(mark, subject, there), marks))
        return next((failure for failure in failures if failure), None)

    def _tried(self, mark: Mark, subject: Subject, there: dict[str, Row]) -> PlatformError | None:
        try:
            self._put(mark, subject, there)
        except NotFoundError:
            return GoneError(f"run {mark.run} is not in LangSmith (any more)")
        except (BusyError, RefusedError) as error:
            return error
        return None

    def _put(self, mark: Mark, subject: Subject, there: dict[str, Row]) -> None:
        known = there.get(mark.id)

        def attempt() -> None:
            nonlocal known
            if known is None:
                known = self._create(mark, subject)
            if known is not None and not _says(known, mark):
                self._change(mark)

        def again() -> None:
            nonlocal known
            try:
                attempt()
            except BusyError:
                if known is None:
                    known = self._read(mark)  # it may have arrived nevertheless
                raise

        self._connection.patiently(again)
        there[mark.id] = _row(mark)

    def _create(self, mark: Mark, subject: Subject) -> Row | None:
        """Make the feedback; give what was there instead where it is there already."""
        try:
            self._connection.post(WHAT, PATH, self._body(mark, subject), kind=Kind.FEEDBACK)
        except ConflictError:
            return self._read(mark) or {}
        return None

    def _read(self, mark: Mark) -> Row | None:
        try:
            found = self._connection.get("reading feedback", f"{PATH}/{mark.id}", kind=Kind.FEEDBACK)
        except NotFoundError:
            return None
        return found if isinstance(found, dict) else None

    def _change(self, mark: Mark) -> None:
        body = {"score": mark.score, "value": mark.value, "comment": mark.comment}
        self._connection.patch("changing feedback", f"{PATH}/{mark.id}", body, kind=Kind.FEEDBACK)

    def _body(self, mark: Mark, subject: Subject) -> dict[str, Any]:
        start, now = subject.runs[mark.run], datetime.now(UTC).isoformat()
        body: dict[str, Any] = {
            "id": mark.id,
            "run_id": mark.run,
            "trace_id": mark.trace,
            "session_id": subject.project,
            "key": mark.key,
            "score": mark.score,
            "value": mark.value,
            "comment": mark.comment,
            "feedback_source": {"type": "api", "metadata": {"by": "tracevet"}},
            "created_at": now,
            "modified_at": now,
            "extend_trace_retention": self._extend,
        }
        return body | ({"start_time": start.isoformat()} if start else {})


def _says(row: Row, mark: Mark) -> bool:
    return (row.get("score"), row.get("value"), row.get("comment")) == (mark.score, mark.value, mark.comment)


def _row(mark: Mark) -> Row:
    return {"id": mark.id, "score": mark.score, "value": mark.value, "comment": mark.comment}
