"""Writing verdicts: look the runs up, then what is said of them already, then write what is new."""

from collections.abc import Sequence

from tracevet import (
    BusyError,
    GoneError,
    PlatformError,
    Receipt,
    RefusedError,
    Severity,
    Status,
    Verdict,
    Violation,
)
from tracevet_langsmith.connection import Connection
from tracevet_langsmith.feedback import Feedback
from tracevet_langsmith.marks import Mark, Subject, marks
from tracevet_langsmith.projects import Projects
from tracevet_langsmith.queue import Queue
from tracevet_langsmith.subjects import subjects

QUEUED = Severity.HIGH  # from here on a person should look


class Writer:
    """Writes verdicts to one workspace."""

    def __init__(
        self,
        connection: Connection,
        projects: Projects,
        kinds: frozenset[str],
        queue: str,
        *,
        clean: bool,
        extend_retention: bool,
    ) -> None:
        """Write these kinds; `clean` asks for the coverage of traces without violations, too."""
        self.kinds = kinds
        self.clean = clean
        self._connection, self._projects = connection, projects
        self._feedback = Feedback(connection, extend_retention=extend_retention)
        self._queue = Queue(connection, queue)
        self._queue_name = queue

    def tells(self, verdict: Verdict) -> bool:
        """Tell whether the verdict has something to be written."""
        return bool(self.kinds) and (bool(verdict.violations) or self.clean)

    def write(self, verdicts: Sequence[Verdict]) -> list[Receipt | PlatformError]:
        """Write the verdicts; give for each the receipt, or why it is not written.

        Raises:
            PlatformError: nothing can be written.
        """
        telling = [verdict for verdict in verdicts if self.tells(verdict)]
        found = subjects(self._connection, self._projects, telling) if telling else {}
        wanted = {one.id: self._marks(one, found[one.trace.id]) for one in telling if one.trace.id in found}
        there = self._feedback.there(mark.run for each in wanted.values() for mark in each)
        results: list[Receipt | PlatformError] = []
        for verdict in verdicts:
            if verdict.id in wanted:
                subject = found[verdict.trace.id]
                failure = self._feedback.put(wanted[verdict.id], subject, there)
                results.append(failure or self._finish(verdict, subject, wanted[verdict.id]))
            elif self.tells(verdict):
                results.append(GoneError(f"trace {verdict.trace.id} is not in LangSmith (any more)"))
            else:
                results.append(Receipt(verdict=verdict.id))
        return results

    def _marks(self, verdict: Verdict, subject: Subject) -> list[Mark]:
        return list(marks(verdict, subject, self._connection.workspace)) if "feedback" in self.kinds else []

    def _finish(self, verdict: Verdict, subject: Subject, written: Sequence[Mark]) -> Receipt | PlatformError:
        notes: tuple[str, ...] = ()
        if verdict.trace.id not in subject.runs and "feedback" in self.kinds:
            notes = (f"trace {verdict.trace.id} has no root run in LangSmith; only its other runs have feedback",)
        try:
            notes += self._enqueue(verdict, subject)
        except (BusyError, RefusedError) as error:
            return error
        return Receipt(verdict=verdict.id, written=tuple(mark.id for mark in written), notes=notes)

    def _enqueue(self, verdict: Verdict, subject: Subject) -> tuple[str, ...]:
        if "queue" not in self.kinds:
            return ()
        runs = [run for run in to_review(verdict.violations) if run in subject.runs]
        if all(self._queue.add(run, subject) for run in runs):
            return ()
        return (f"there is no annotation queue {self._queue_name!r}; run: tracevet prepare --platform langsmith",)


def to_review(violations: Sequence[Violation]) -> list[str]:
    """Give the runs with a severe violation that is open, each once."""
    severe = [one for one in violations if one.status is Status.OPEN and one.priority.rank >= QUEUED.rank]
    return list(dict.fromkeys(one.span_id for one in severe)) if severe else []
