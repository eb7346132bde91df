"""What live vetting is made of: messages on a pipe, spans put together, bounded reading, the front."""

import json
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tracevet
from tracevet.errors import UsageError
from tracevet.live.frames import LONGEST, Frames, Message, frame
from tracevet.live.gathering import IDLE, QUIET, Gathering
from tracevet.live.inbox import Inbox

TEXTS = st.text(st.characters(exclude_categories=()), max_size=20)
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)


@given(st.lists(st.dictionaries(TEXTS, VALUES, max_size=3), max_size=4), st.integers(1, 9))
def test_messages_come_out_as_they_went_in_however_they_are_cut(messages: list[Message], piece: int) -> None:
    data = b"".join(map(frame, messages))
    frames = Frames()
    cut = [data[at : at + piece] for at in range(0, len(data), piece)]
    came = [message for part in cut for message, _ in frames.feed(part)]
    assert came == [json.loads(json.dumps(message)) for message in messages]


def _nested() -> list[Any]:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    return deep


@pytest.mark.parametrize(
    "value", [pytest.param("x" * (LONGEST + 1), id="too long"), pytest.param(_nested(), id="too deep")]
)
def test_what_does_not_fit_into_a_message_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="a message"):
        frame({"data": value})


def test_what_is_not_our_protocol_is_refused() -> None:
    with pytest.raises(ValueError, match="no message"):
        list(Frames().feed(b"HTTP/1.1 200 OK"))


def gather(*spans: tuple[str, bool, float], held: int = 1000) -> Gathering:
    """Gather spans: trace, whether it is the root, when it came; each of 10 bytes."""
    gathering = Gathering(held)
    for trace, last, now in spans:
        gathering.add(trace, {}, last=last, size=10, now=now)
    return gathering


def due(gathering: Gathering, now: float) -> list[str]:
    """Name what is due."""
    return [name for name, _ in gathering.due(now)]


def test_a_trace_is_due_when_its_root_has_ended_and_nothing_came_for_a_moment() -> None:
    gathering = gather(("a", False, 0.0), ("a", True, 1.0))
    assert due(gathering, 1.0) == []
    assert gathering.next_due() == 1.0 + QUIET
    assert due(gathering, 1.0 + QUIET) == ["a"]


def test_a_trace_whose_root_never_ends_is_due_at_last() -> None:
    gathering = gather(("a", False, 0.0))
    assert due(gathering, IDLE - 1) == []
    assert due(gathering, IDLE) == ["a"]


def test_a_late_span_makes_its_trace_due_again_with_the_others() -> None:
    gathering = gather(("a", True, 0.0))
    assert gathering.vetted("a") == 1
    assert due(gathering, 100.0) == []
    gathering.add("a", {}, last=False, size=10, now=200.0)
    ((_, group),) = gathering.due(200.0 + QUIET)
    assert len(group.spans) == 2


def test_a_span_whose_trace_was_let_go_of_is_not_vetted_alone() -> None:
    gathering = gather(("a", True, 0.0), ("b", True, 0.0), held=15)
    gathering.vetted("a")
    assert gathering.add("a", {}, last=False, size=10, now=1.0) is False
    assert gathering.add("b", {}, last=False, size=10, now=1.0) is True


def test_too_much_at_once_is_vetted_before_it_is_due() -> None:
    assert due(gather(("a", False, 0.0), ("b", False, 0.0), held=15), 0.0) == ["a", "b"]


def test_a_trace_of_which_spans_were_lost_is_vetted_as_well() -> None:
    gathering = gather(("a", True, 0.0))
    gathering.vetted("a")
    gathering.lose("a", 3, 1.0)
    ((_, group),) = gathering.due(1.0 + QUIET)
    assert (group.lost, gathering.vetted("a")) == (3, 3)


def test_who_reads_too_far_ahead_waits() -> None:
    inbox = Inbox(ahead=10)
    messages: list[Message] = [{"n": 1}, {"n": 2}, {"n": 3}]

    def read() -> None:
        for message in messages:
            inbox.put(message, 10)
        inbox.end()

    thread = threading.Thread(target=read)
    thread.start()
    got = []
    while not inbox.over:
        if (came := inbox.get(10)) is not None:
            got.append(came[0])
    thread.join()
    assert got == messages


@pytest.mark.parametrize(
    ("client", "options", "text"),
    [
        pytest.param(object(), {}, "no plugin watches a client of type builtins.object", id="another client"),
        pytest.param(object(), {"queue": 0}, "'queue'", id="no queue"),
        pytest.param(object(), {"ledger": ":memory:"}, "outlives", id="ledger in memory"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(client: object, options: dict[str, Any], text: str) -> None:
    with pytest.raises(UsageError, match=text):
        tracevet.attach(client, **options)
