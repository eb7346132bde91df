"""Faults on demand: what goes wrong, with which requests, how often."""

import random
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from threading import Lock


class FaultKind(StrEnum):
    """What a fault does to a request."""

    FAIL = "fail"  # answered with an error; no effect
    HTML = "html"  # answered with a page, as a proxy or a login wall does; no effect
    CUT_BEFORE = "cut before"  # the connection is cut before the request has its effect
    CUT_AFTER = "cut after"  # the request has its effect, the connection is cut instead of an answer
    SLOW = "slow"  # answered later
    REJECT = "reject"  # some items of a batch are refused
    SHORTEN = "shorten"  # a page holds less than was asked for, with a cursor to go on


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong; made by `fail`, `html`, `cut`, `slow`, `reject` and `shorten`."""

    kind: FaultKind
    status: int = 500
    retry_after: int | None = None  # seconds
    seconds: float = 0.0
    count: int = 0  # items of a batch or of a page


def fail(status: int = 500, *, retry_after: int | None = None) -> Fault:
    """Answer with an error status in the platform's own shape, with `Retry-After` in seconds where given."""
    return Fault(kind=FaultKind.FAIL, status=status, retry_after=retry_after)


def html(status: int = 200) -> Fault:
    """Answer with a page of HTML."""
    return Fault(kind=FaultKind.HTML, status=status)


def cut(*, after_effect: bool = False) -> Fault:
    """Cut the connection instead of answering, before or after the request had its effect."""
    return Fault(kind=FaultKind.CUT_AFTER if after_effect else FaultKind.CUT_BEFORE)


def slow(seconds: float) -> Fault:
    """Hold the request back before it is answered."""
    return Fault(kind=FaultKind.SLOW, seconds=seconds)


def reject(count: int = 1) -> Fault:
    """Refuse the first `count` items of a batch, and accept the others."""
    return Fault(kind=FaultKind.REJECT, count=count)


def shorten(count: int = 0) -> Fault:
    """Give pages of at most `count` items, with a cursor, though more were asked for."""
    return Fault(kind=FaultKind.SHORTEN, count=count)


@dataclass(slots=True)
class _Rule:
    fault: Fault
    method: str
    path: str
    times: int | None
    share: float


class Faults:
    """The faults of one emulator; the same seed and the same requests give the same faults. Safe from any thread."""

    def __init__(self, seed: int = 0) -> None:
        """Start without faults."""
        self._random = random.Random(seed)  # noqa: S311 - a repeatable choice, not a secret
        self._rules: list[_Rule] = []
        self._lock = Lock()

    def add(
        self, fault: Fault, *, method: str = "*", path: str = "*", times: int | None = None, share: float = 1.0
    ) -> None:
        """Let a fault hit requests whose method and path match the patterns (`*` and `?` as in file names).

        `times` ends it after that many hits; `share` is the part of the matching requests that is hit, 0.0 to 1.0.
        """
        with self._lock:
            self._rules.append(_Rule(fault, method, path, times, share))

    def clear(self) -> None:
        """Let everything work again."""
        with self._lock:
            self._rules.clear()

    def draw(self, method: str, path: str) -> tuple[Fault, ...]:
        """Say which faults hit this request, in the order they were added, and count them."""
        with self._lock:
            hit = [rule for rule in self._rules if self._hits(rule, method, path)]
            for rule in hit:
                rule.times = rule.times if rule.times is None else rule.times - 1
            return tuple(rule.fault for rule in hit)

    def _hits(self, rule: _Rule, method: str, path: str) -> bool:
        if rule.times == 0 or not (fnmatchcase(method, rule.method) and fnmatchcase(path, rule.path)):
            return False
        return rule.share >= 1.0 or self._random.random() < rule.share
