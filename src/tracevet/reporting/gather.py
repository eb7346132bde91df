"""A digest of what the ledger holds, and the stories of its worst cases."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from tracevet.extract import read_context
from tracevet.model import Trace, Verdict, Violation
from tracevet.plugin import Platform
from tracevet.reporting.collecting import Collection, said
from tracevet.reporting.conversation import Masking
from tracevet.reporting.figures import Case, Digest, Scope, Story, Utterance
from tracevet.reporting.pseudonyms import Pseudonyms
from tracevet.reporting.rereading import reread

if TYPE_CHECKING:
    from tracevet.ledger import Ledger
    from tracevet.ledger.aftermath import Delivery

SIMILAR = 10  # cases named as similar


def gather(ledger: "Ledger", scope: Scope) -> Digest:
    """Sum up what the ledger holds of the scope; one pass, and no trace is read.

    Raises:
        LedgerError: the ledger can't be read.
    """
    collection = Collection(Pseudonyms(ledger.key, reveal=scope.names))
    wanted = _wanted(scope)
    for verdict in _verdicts(ledger, scope, collection.pseudonyms):
        collection.add(verdict, wanted)
    return collection.digest(scope, ledger.aftermath.rulings(), ledger.aftermath.corrections())


def summed(verdicts: Iterable[Verdict], scope: Scope) -> Digest:
    """Sum up verdicts at hand; nothing is known of what people decided. Pure."""
    collection = Collection(Pseudonyms(b"", reveal=True))
    for verdict in verdicts:
        collection.add(verdict, _wanted(scope))
    return collection.digest(scope, {}, {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Tells the stories of cases: reads their traces again, and shows them masked."""

    ledger: "Ledger"
    opened: Callable[[str], Platform]  # by name; raises TracevetError where it is not set up
    masking: Masking
    pseudonyms: Pseudonyms

    def stories(self, digest: Digest, worst: int, *, conversations: bool) -> Iterator[Story]:
        """Tell of the worst cases, those whose traces lie together one after the other."""
        cases = digest.cases[:worst]
        sent = self.ledger.aftermath.deliveries([case.verdict for case in cases])
        told = self.ledger.aftermath.told([case.violation.fingerprint for case in cases])
        similar = {pattern.id: pattern.fingerprints for pattern in digest.patterns}
        read = reread(cases, self.opened) if conversations else ((case, NOT_READ) for case in cases)
        for case, trace in read:
            parts, note = self._told(trace, case)
            mine = case.violation.fingerprint
            yield Story(
                fingerprint=mine,
                conversation=parts,
                note=note,
                sent=(*_sent(sent.get(case.verdict)), *_told(told.get(mine, ()))),
                similar=tuple(one for one in similar.get(case.pattern or "", ()) if one != mine)[:SIMILAR],
            )

    def _told(self, trace: Trace | str, case: Case) -> tuple[tuple[Utterance, ...], str]:
        if isinstance(trace, str):
            return (), trace
        parts, note = self.masking.conversation(trace, case.violation)
        names = dict.fromkeys(filter(None, (trace.user, said(read_context(trace).developer))))
        return tuple(self._hidden(part, names) for part in parts), note

    def _hidden(self, part: Utterance, developers: Iterable[str]) -> Utterance:
        text, path = part.text, part.path
        for name in (None, *developers):
            text, path = self.pseudonyms.hide(text, name), path and self.pseudonyms.hide(path, name)
        return part.model_copy(update={"text": text, "path": path})


NOT_READ = "The conversation was not asked for."


def _verdicts(ledger: "Ledger", scope: Scope, pseudonyms: Pseudonyms) -> Iterator[Verdict]:
    real = scope.developer if scope.names else None
    for verdict in ledger.verdicts(since=scope.since, until=scope.until, project=scope.project, developer=real):
        context = verdict.context
        if scope.developer and pseudonyms.of(said(context.developer)) != scope.developer:
            continue
        if scope.assistant is None or said(context.assistant) == scope.assistant:
            yield verdict


def _wanted(scope: Scope) -> Callable[[Violation], bool]:
    return lambda violation: scope.policy is None or violation.policy == scope.policy


def _sent(delivery: "Delivery | None") -> Iterator[str]:
    if delivery is None:
        yield "Nothing was written to a platform."
        return
    state = "" if delivery.current else "; it has changed since, and waits to be written again"
    yield f"{delivery.platform} has it since {delivery.at:%Y-%m-%d %H:%M} UTC{state}."
    yield from delivery.receipt.notes


def _told(alerts: Iterable[tuple[str, datetime]]) -> Iterator[str]:
    for route, at in alerts:
        yield f"An alert went out on the route {route}, last on {at:%Y-%m-%d %H:%M} UTC."
