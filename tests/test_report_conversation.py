"""Conversations are read again with few requests, masked, cut, and what can't be shown is said."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from file_traces import setup as plain_setup
from ledger_parts import violation
from odd_detectors import Odd
from report_parts import HOSTILE, Hides, turn

from tracevet import Cursor, Page, Place, Platform, Receipt, Surface, Trace, Verdict, Violation, Window
from tracevet.errors import PlatformError, UsageError
from tracevet.extract import StandardExtractor
from tracevet.ledger import Ledger
from tracevet.model import Span, SpanKind
from tracevet.pipeline import Setup
from tracevet.reporting import Masking, Pseudonyms, Scope, Teller, summed
from tracevet.reporting.figures import Case
from tracevet.reporting.rereading import reread
from tracevet.workers import Engine, Workers

DAY = timedelta(days=1)


class Store(Platform):
    """Has the traces that it is given; notes what it is asked."""

    name: ClassVar[str] = "local"
    summary: ClassVar[str] = "Has traces."

    def __init__(self, *traces: Trace, broken: bool = False) -> None:
        self.held = traces
        self.broken = broken
        self.asked: list[Window] = []

    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        self.asked.append(window)
        if self.broken:
            raise PlatformError("no answer")
        for trace in self.held:
            inside = trace.end is None or window.start is None or window.start <= trace.end
            if inside and (trace.end is None or window.end is None or trace.end < window.end):
                yield Page(traces=(trace,))

    def write(self, verdict: Verdict) -> Receipt:
        raise AssertionError


def cases(*verdicts: Verdict) -> tuple[Case, ...]:
    return summed(verdicts, Scope(names=True)).cases


def trace(name: str, *said: str, user: str = "ada@example.com", end: datetime | None = None) -> Trace:
    spans = tuple(
        Span(
            id=f"s{number}",
            kind=SpanKind.GENERATION,
            output={"role": "assistant", "content": f"```python\n{text}\n```"},
        )
        for number, text in enumerate(said)
    )
    return Trace(platform="local", id=name, spans=spans, user=user, end=end)


def test_traces_that_lie_together_are_read_together() -> None:
    found = cases(*(turn(f"t{n}", violation(f"f{n}"), day=n // 5) for n in range(10)))
    store = Store(*(trace(f"t{n}", "x", end=found[0].ended) for n in range(10)))
    told = {case.violation.trace_id: one for case, one in reread(found, lambda name: store)}
    assert len(store.asked) == 2
    assert len(told) == 10
    assert sum(isinstance(one, Trace) for one in told.values()) == 5
    assert "not on local any more" in str(next(one for one in told.values() if isinstance(one, str)))


def test_a_platform_that_fails_is_asked_once() -> None:
    found = cases(*(turn(f"t{n}", violation(f"f{n}"), day=n) for n in range(10)))
    store = Store(broken=True)
    notes = {one for _, one in reread(found, lambda name: store)}
    assert notes == {"The platform local can't be read: no answer"}
    assert len(store.asked) == 1


def test_a_platform_that_is_not_set_up_is_named() -> None:
    def closed(name: str) -> Platform:
        raise UsageError("no key")

    found = cases(turn("t", violation("f")))
    assert [one for _, one in reread(found, closed)] == ["The platform local is not set up here."]


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(processes=1, seconds=20.0) as pool:
        yield pool


@pytest.fixture
def masking(workers: Workers) -> Iterator[Masking]:
    with Ledger.open(":memory:") as ledger:
        yield Masking(plain_setup(ledger.key), ledger, workers)


def bad(pointer: str = "/output/content", **more: object) -> Violation:
    place = Place(span="s0", pointer=pointer, surface=Surface.SUGGESTED, start_line=1, end_line=1)
    return violation("f", evidence="bad(1)", places=(place,), **more)


def texts(masking: Masking, said: Sequence[str]) -> str:
    parts, _ = masking.conversation(trace("t", *said), bad())
    return "\n".join(part.text for part in parts)


def test_the_lines_of_the_evidence_are_marked_where_they_stand(masking: Masking) -> None:
    parts, note = masking.conversation(trace("t", "x = 1\nbad(1)\ny", "bad(1)"), bad())
    marked = [(part.text.split("\n")[line], part.text.count("\n")) for part in parts for line in part.marked]
    assert (marked, note) == ([("bad(1)", 4)], "")


def test_secrets_never_stand_in_a_conversation(masking: Masking) -> None:
    shown = texts(masking, ['password = "hunter2hunter2"\nbad(1)', "x = 'ghp_" + "a1B2" * 9 + "'"])
    assert "hunter2" not in shown
    assert "a1B2a1B2" not in shown
    assert shown.count("[masked:") == 2


def test_what_a_detector_masks_in_a_piece_of_code_is_masked_in_the_text_around_it(workers: Workers) -> None:
    with Ledger.open(":memory:") as ledger:
        engine = Engine(cls=Hides)
        setup = Setup(extractors=(StandardExtractor(),), engines=(engine,), policies=(), key=ledger.key)
        parts, _ = Masking(setup, ledger, workers).conversation(trace("t", "a = 1\nplum = 2", "pear"), bad())
    shown = "\n".join(part.text for part in parts)
    assert "a = 1" in shown
    assert "plum" not in shown
    assert "pear" in shown


def test_a_text_on_which_a_detector_failed_is_not_shown(workers: Workers) -> None:
    with Ledger.open(":memory:") as ledger:
        setup = Setup(extractors=(StandardExtractor(),), engines=(Engine(cls=Odd),), policies=(), key=ledger.key)
        [part], _ = Masking(setup, ledger, workers).conversation(trace("t", "RAISE = 1"), bad())
    assert (part.text, part.left_out > 0) == ("", True)


def test_a_long_conversation_is_shown_around_the_violation(masking: Masking) -> None:
    said = [f"first({number})" for number in range(100)]
    spans = trace("t", *said).spans
    place = Place(span="s80", pointer="/output/content", surface=Surface.SUGGESTED, start_line=1, end_line=1)
    parts, note = masking.conversation(trace("t", *said), violation("f", evidence="first(80)", places=(place,)))
    assert len(spans) == 100
    assert len(parts) == 40
    assert "Shown are 40 of its 100 parts" in note
    assert any(part.marked for part in parts)


def test_a_long_part_is_cut_around_the_evidence(masking: Masking) -> None:
    lines = [f"line_{number} = {number}" for number in range(5000)]
    lines[2500] = "bad(1)"
    parts, _ = masking.conversation(trace("t", "\n".join(lines)), bad())
    [part] = parts
    assert len(part.text) <= 2000
    assert part.left_out > 50_000
    assert [part.text.split("\n")[line] for line in part.marked] == ["bad(1)"]


def test_a_part_that_is_too_long_to_be_masked_is_left_out(masking: Masking) -> None:
    [part], _ = masking.conversation(trace("t", "x" * 300_000), bad())
    assert (part.text, part.left_out > 250_000) == ("", True)


@pytest.mark.parametrize("text", HOSTILE[:-1], ids=range(len(HOSTILE) - 1))
def test_any_text_can_be_shown(masking: Masking, text: str) -> None:
    parts, _ = masking.conversation(trace("t", text, f"bad(1)\n{text}"), bad())
    assert "\u202e" not in "".join(part.text for part in parts)


def test_the_developer_is_not_named_in_the_conversation(workers: Workers) -> None:
    with Ledger.open(":memory:") as ledger:
        digest = summed([turn("t", bad())], Scope(names=True))
        said = trace(
            "t", "open('/home/ada/x.py')  # Grace Hopper asked\nbad(1)", user="Grace Hopper", end=digest.cases[0].ended
        )
        teller = Teller(
            ledger=ledger,
            opened=lambda name: Store(said),
            masking=Masking(plain_setup(ledger.key), ledger, workers),
            pseudonyms=Pseudonyms(ledger.key),
        )
        [story] = teller.stories(digest, 5, conversations=True)
        [quiet] = teller.stories(digest, 5, conversations=False)
    shown = "\n".join(part.text for part in story.conversation)
    assert "bad(1)" in shown
    assert "Grace" not in shown
    assert "/home/ada" not in shown
    assert story.sent == ("Nothing was written to a platform.",)
    assert (quiet.conversation, quiet.note) == ((), "The conversation was not asked for.")
