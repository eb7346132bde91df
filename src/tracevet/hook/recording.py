"""Every decision in the audit log, taken or not: what was denied or asked, and what `monitor` let pass."""

import json
import re
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

from tracevet.hook.deciding import Decision, Level, Ruling
from tracevet.hook.failing import MISSED
from tracevet.hook.intent import Intent
from tracevet.ledger.audit import Action, Audit, Event, who
from tracevet.model import Mode

REMEMBERED = 10_000  # decisions that are not noted again, when an event comes before and after the deed
MOST_MISSED = 1_000  # lines
UNKNOWN_KIND = "an event of an unknown kind"

_WORDS = {
    (Level.DENY, True): "denied",
    (Level.ASK, True): "asked about",
    (Level.DENY, False): "would have denied",
    (Level.ASK, False): "would have asked about",
}
_LABEL = re.compile(r"[^\w.:@ -]")


class Recording:
    """Notes decisions, each once."""

    def __init__(self, audit: Audit) -> None:
        """Note them in this log."""
        self._audit = audit
        self._noted: OrderedDict[tuple[str, ...], None] = OrderedDict()

    def decided(self, intent: Intent, decision: Decision) -> None:
        """Note what follows from each violation; the same of one call, session and fingerprint once."""
        events = []
        for ruling in decision.rulings:
            word = _WORDS[ruling.would, ruling.violation.mode is Mode.ENFORCE]
            key = (intent.session or "", intent.call or intent.event, ruling.violation.fingerprint, word)
            if self._is_new(key):
                events.append(_event(intent, ruling, word))
        if events:
            self._audit.note(*events)

    def unvetted(self, assistant: str, reason: str, **details: str) -> None:
        """Note that an assistant asked and nothing was vetted; of an unknown kind of event, the first one."""
        if reason != UNKNOWN_KIND or self._is_new((assistant, reason, *details.values())):
            self._audit.note(_unvetted(assistant, reason, **details))

    def catch_up(self, folder: Path) -> None:
        """Move what was noted beside the sockets, while no server could be reached, to the log."""
        taken = folder / f"{MISSED}.taken"
        try:
            (folder / MISSED).replace(taken)
            lines = taken.read_text("utf-8", "replace").splitlines()[:MOST_MISSED]
            events = [event for line in lines for event in _missed(line)]
            if events:
                self._audit.note(*events)
            taken.unlink()
        except OSError:  # nothing was missed
            return

    def _is_new(self, key: tuple[str, ...]) -> bool:
        if key in self._noted:
            return False
        self._noted[key] = None
        if len(self._noted) > REMEMBERED:
            self._noted.popitem(last=False)
        return True


def _event(intent: Intent, ruling: Ruling, word: str) -> Event:
    violation = ruling.violation
    return Event(
        action=Action.BLOCK,
        subject=violation.fingerprint,
        reason=f"{word}: {violation.policy} ({violation.severity})",
        actor=who(),
        details={
            "decision": ruling.level.value,
            "would": ruling.would.value,
            "mode": violation.mode.value,
            "policy": violation.policy,
            "severity": violation.severity.value,
            "assistant": intent.assistant,
            "event": intent.event,
            "tool": label(intent.tool),
            "session": label(intent.session or ""),
            "call": label(intent.call or ""),
        },
    )


def _unvetted(assistant: str, reason: str, **details: str) -> Event:
    kept = {key: label(value) for key, value in details.items()}
    return Event(action=Action.UNVETTED, subject=assistant, reason=reason[:300], actor=who(), details={**kept})


def _missed(line: str) -> Iterator[Event]:
    try:
        entry = json.loads(line)
        assistant, event, reason = (str(entry[key]) for key in ("assistant", "event", "reason"))
        at = float(entry["at"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return
    yield _unvetted(label(assistant), reason, event=event, at=f"{at:.0f}")


def label(text: str) -> str:
    """Keep of a name out of an event what names are made of."""
    return _LABEL.sub("?", text[:120])
