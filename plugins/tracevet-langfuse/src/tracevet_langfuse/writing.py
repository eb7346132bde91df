"""Writing verdicts: look the traces up, send all scores together, then what hangs on single observations."""

from collections.abc import Mapping, Sequence

from tracevet import BusyError, GoneError, PlatformError, Receipt, RefusedError, Severity, Status, Verdict, Violation
from tracevet_langfuse.annotations import Annotations
from tracevet_langfuse.connection import Connection
from tracevet_langfuse.guardrail import Guardrails
from tracevet_langfuse.scores import Score, Subject, identity, scores
from tracevet_langfuse.sending import send
from tracevet_langfuse.subjects import subjects
from tracevet_langfuse.tagging import add_tags

COMMENTS = 20  # on one trace
DOWN = 3  # verdicts on end that could not be written now, after which the rest of a batch is not tried
QUEUED = Severity.HIGH  # from here on a person should look


class Writer:
    """Writes verdicts to one project."""

    def __init__(self, connection: Connection, kinds: frozenset[str], queue: str, *, clean: bool) -> None:
        """Write these kinds; `clean` asks for a score on traces without violations, too."""
        self.kinds = kinds
        self.clean = clean
        self._connection = connection
        self._annotations = Annotations(connection, queue)
        self._guardrails = Guardrails(connection)
        self._queue = queue

    def tells(self, verdict: Verdict) -> bool:
        """Tell whether the verdict has something to be written."""
        return bool(self.kinds) and (bool(verdict.violations) or self.clean)

    def write(self, verdicts: Sequence[Verdict]) -> list[Receipt | PlatformError]:
        """Write the verdicts; give for each the receipt, or why it is not written.

        Raises:
            PlatformError: nothing can be written.
        """
        telling = [verdict for verdict in verdicts if self.tells(verdict)]
        wanted = [verdict.trace.id for verdict in telling]
        found = subjects(self._connection, wanted, context="guardrail" in self.kinds) if telling else {}
        there = [verdict for verdict in telling if verdict.trace.id in found]
        sent = {verdict.id: self._scores(verdict, found[verdict.trace.id]) for verdict in there}
        refused = send(self._connection, [score for each in sent.values() for score in each])
        untagged = self._tag(there, found)
        results: list[Receipt | PlatformError] = []
        for verdict in verdicts:
            if verdict.id in sent and _down(results):
                results.append(results[-1])  # waiting for the server once for each verdict would take hours
            elif verdict.id in sent:
                results.append(self._finish(verdict, found[verdict.trace.id], sent[verdict.id], refused, untagged))
            elif self.tells(verdict):
                results.append(GoneError(f"trace {verdict.trace.id} is not in Langfuse (any more)"))
            else:
                results.append(Receipt(verdict=verdict.id))
        return results

    def _scores(self, verdict: Verdict, subject: Subject) -> list[Score]:
        return list(scores(verdict, subject, self._connection.project)) if "scores" in self.kinds else []

    def _tag(self, verdicts: Sequence[Verdict], found: Mapping[str, Subject]) -> tuple[str, ...]:
        return add_tags(self._connection, verdicts, found) if "tags" in self.kinds else ()

    def _finish(
        self,
        verdict: Verdict,
        subject: Subject,
        sent: Sequence[Score],
        refused: Mapping[str, str],
        notes: tuple[str, ...],
    ) -> Receipt | PlatformError:
        reasons = [refused[score.id] for score in sent if score.id in refused]
        if reasons:
            return RefusedError(f"{len(reasons)} of {len(sent)} scores were refused; the first: {reasons[0]}")
        try:
            notes += self._annotate(verdict, subject)
        except (BusyError, RefusedError) as error:
            return error
        return Receipt(verdict=verdict.id, written=tuple(score.id for score in sent), notes=notes)

    def _annotate(self, verdict: Verdict, subject: Subject) -> tuple[str, ...]:
        standing = [one for one in verdict.violations if one.status is Status.OPEN]
        notes: list[str] = []
        if "comments" in self.kinds:
            for violation in standing[:COMMENTS]:
                self._comment(verdict, violation, subject)
            if len(standing) > COMMENTS:
                notes.append(f"{len(standing) - COMMENTS} further violations got no comment of their own")
        if "queue" in self.kinds and not all(map(self._annotations.enqueue, _to_review(standing, subject))):
            notes.append(f"there is no review queue {self._queue!r}; run: tracevet prepare --platform langfuse")
        if "guardrail" in self.kinds:
            notes += self._guardrails.add(verdict, subject)
        return tuple(notes)

    def _comment(self, verdict: Verdict, violation: Violation, subject: Subject) -> None:
        trace, span = verdict.trace.id, violation.span_id
        kind, target = ("OBSERVATION", span) if span in subject.observations else ("TRACE", trace)
        name = identity(self._connection.project, trace, target, violation.fingerprint, "comment")
        self._annotations.comment(kind, target, violation, name)


def _down(results: Sequence[object]) -> bool:
    """Tell whether the server seems to be down."""
    return len(results) >= DOWN and all(isinstance(one, BusyError) for one in results[-DOWN:])


def _to_review(violations: Sequence[Violation], subject: Subject) -> list[str]:
    severe = (one.span_id for one in violations if one.priority.rank >= QUEUED.rank)
    return [span for span in dict.fromkeys(severe) if span in subject.observations]
