"""The application's side of live vetting: what is put, sent, lost and counted."""

import threading
from collections.abc import Iterable
from typing import cast

import pytest
from live_parts import Desk, Noted, Spans

from tracevet.live import sender as module
from tracevet.live.peer import Peer
from tracevet.live.sender import Sender


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start again at once."""
    monkeypatch.setattr(module, "WAITS", (0.0, 0.0, 0.0))


def make(*desks: Desk, queue: int = 100) -> Sender:
    """Make a sender that starts these interpreters, one after the other, and can't start more."""
    left = iter(desks)

    def start() -> Peer:
        desk = next(left, None)
        if desk is None:
            raise OSError("no more")
        return cast("Peer", desk)

    return Sender(Spans(), {"platform": "x"}, queue=queue, start=start)


def put(sender: Sender, spans: Iterable[Noted]) -> None:
    """Put spans."""
    for span in spans:
        sender.put(span)


def test_everything_arrives_in_order_after_the_opening() -> None:
    desk = Desk()
    sender = make(desk)
    put(sender, [Noted("t", number) for number in range(5)])
    assert sender.flush(20) is True
    assert desk.got[0] == {"platform": "x"}
    assert desk.spans() == [0, 1, 2, 3, 4]
    assert sender.interpreter == 1
    sender.close(5)
    assert desk.closed


def test_nothing_is_started_before_there_is_a_span() -> None:
    sender = make()
    assert sender.flush(20) is True
    sender.close(5)
    assert sender.off == ""


def test_a_span_that_is_not_exported_is_not_missed_and_one_that_cannot_be_read_is() -> None:
    desk = Desk()
    sender = make(desk)
    put(sender, [Noted("t", 7), Noted("t", 13), Noted("t", 1)])
    assert sender.hand_over(20)
    assert sender.flush(20)
    assert desk.spans() == [1]
    assert [message["lost"] for message in desk.got if "lost" in message] == [{"t": 1}]
    assert sender.unvetted == 1


def test_what_finds_no_room_is_counted_and_told() -> None:
    desk = Desk()
    sender = make(desk, queue=3)
    sender._thread = threading.Thread()  # not started: nothing is taken out of the queue
    put(sender, [Noted("a", 1), Noted("a", 2), Noted("b", 3), Noted("b", 4), Noted("c", 5)])
    sender._round()
    assert desk.spans() == [1, 2, 3]
    assert [message["lost"] for message in desk.got if "lost" in message] == [{"b": 1, "c": 1}]
    assert sender.unvetted == 2


def test_what_a_dead_interpreter_had_is_told_to_the_next_one() -> None:
    first, second = Desk(lives=3), Desk()
    sender = make(first, second)
    put(sender, [Noted("a", 1), Noted("b", 2), Noted("c", 3), Noted("d", 4)])
    assert sender.flush(20) is False
    assert first.closed
    assert second.got[1] == {"lost": {"a": 1, "b": 1, "c": 1}}
    assert second.spans() == [4]
    assert sender.unvetted == 3
    assert sender.flush(20) is True


def test_it_is_given_up_after_some_starts() -> None:
    sender = make(Desk(lives=1), Desk(lives=1))
    put(sender, [Noted("a", 1), Noted("a", 2), Noted("a", 3), Noted("a", 4), Noted("a", 5)])
    assert sender.flush(20) is False
    assert sender.off == "no interpreter can be started: OSError"
    put(sender, [Noted("a", 6)])
    assert sender.unvetted == 5
    sender.close(5)


def test_a_flush_that_is_not_answered_ends_in_time() -> None:
    sender = make(Desk(silent=True))
    put(sender, [Noted("a", 1)])
    assert sender.flush(0.3) is False
    assert sender.hand_over(20) is True


def test_a_refusal_turns_it_off() -> None:
    desk = Desk()
    desk._said.append({"refused": "the keys are wrong"})
    sender = make(desk)
    put(sender, [Noted("a", 1)])
    assert sender.flush(20) is False
    assert sender.off == "the keys are wrong"


def test_a_forked_child_starts_afresh() -> None:
    parents, childs = Desk(), Desk()
    sender = make(parents, childs)
    put(sender, [Noted("a", 1)])
    assert sender.flush(20)
    sender.close(5)
    sender.forked()
    put(sender, [Noted("b", 2)])
    assert sender.flush(20)
    assert (parents.spans(), childs.spans()) == ([1], [2])
