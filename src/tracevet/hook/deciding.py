"""What to answer: a violation of a policy in `enforce` is denied or asked about, one in `monitor` never is."""

from collections.abc import Sequence
from dataclasses import dataclass

from tracevet.config import HookOptions
from tracevet.model import Mode, Status, Verdict, Violation
from tracevet.model.base import Scale


class Level(Scale):
    """What the assistant is told, in rising order."""

    ALLOW = "allow"
    ASK = "ask"  # a person decides
    DENY = "deny"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One violation, and what follows from it."""

    violation: Violation
    would: Level  # if its policy were in `enforce`

    @property
    def level(self) -> Level:
        """Give what is done."""
        return self.would if self.violation.mode is Mode.ENFORCE else Level.ALLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is done about an event, and every violation that counted, worst first."""

    rulings: tuple[Ruling, ...] = ()

    @property
    def level(self) -> Level:
        """Give the strictest of what follows from the violations."""
        return max((ruling.level for ruling in self.rulings), key=lambda level: level.rank, default=Level.ALLOW)

    @property
    def told(self) -> Sequence[Violation]:
        """Give those that the answer is about."""
        return [ruling.violation for ruling in self.rulings if ruling.level is not Level.ALLOW]


def decide_on(verdict: Verdict, options: HookOptions) -> Decision:
    """Decide by the verdict's open violations; what reviews and suppressions took out does not count."""
    opened = (violation for violation in verdict.violations if violation.status is Status.OPEN)
    rulings = (Ruling(violation=violation, would=_would(violation, options)) for violation in opened)
    return Decision(rulings=tuple(ruling for ruling in rulings if ruling.would is not Level.ALLOW))


def _would(violation: Violation, options: HookOptions) -> Level:
    if violation.severity.rank >= options.threshold.rank:
        return Level.DENY
    asked = options.ask.severity
    return Level.ASK if asked is not None and violation.severity.rank >= asked.rank else Level.ALLOW
