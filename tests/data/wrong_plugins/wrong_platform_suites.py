"""The suite over each platform of `wrong_platforms`; `breaks` names the promise that it breaks."""

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import pytest
import wrong_platforms
from shelf_server import ShelfServer

from tracevet import Decision, Platform, Trace
from tracevet.testing import PlatformSuite, Site


class ShelfSite(Site):
    """The server, as the suite handles it."""

    def __init__(self, server: ShelfServer, cls: type[wrong_platforms.Right]) -> None:
        self.server, self.cls = server, cls
        self.faults = server.faults

    def open(self) -> Platform:
        return self.cls(url=self.server.url)

    def seed(self, traces: Sequence[Trace]) -> None:
        for trace in traces:
            self.server.put(_row(trace))

    def state(self) -> object:
        return {
            "notes": {key: dict(notes) for key, notes in self.server.notes.items()},
            "set up": [*self.server.setups],
        }

    def written(self, trace: str) -> list[object]:
        return list(self.server.notes.get(trace, {}).values())

    def shown(self, trace: str) -> set[str]:
        return {note["policy"] for note in self.server.notes.get(trace, {}).values() if note["status"] == "open"}

    def review(self, trace: str, decision: Decision) -> None:
        said = {"id": f"r-{trace}", "trace": trace, "decision": decision.value, "at": "2026-11-20T13:00:00+00:00"}
        self.server.judgements.append(said)

    def delete(self, trace: str) -> None:
        del self.server.traces[trace]


def _row(trace: Trace) -> dict[str, Any]:
    spans = [
        {
            "id": span.id,
            "parent": span.parent_id,
            "start": span.start.isoformat() if span.start else None,
            "end": span.end.isoformat() if span.end else None,
            "input": span.input,
            "output": span.output,
        }
        for span in trace.spans
    ]
    return {"id": trace.id, "end": trace.end.isoformat() if trace.end else None, "spans": spans}


@pytest.fixture(scope="module")
def server() -> Iterator[ShelfServer]:
    with ShelfServer() as running:
        yield running


class Base(PlatformSuite):
    cls: ClassVar[type[wrong_platforms.Right]]
    breaks: ClassVar[str] = ""

    @pytest.fixture
    def site(self, server: ShelfServer) -> ShelfSite:
        server.clear()
        return ShelfSite(server, self.cls)


def suite(name: str, breaks: str) -> type[Base]:
    """Make the suite of a platform."""
    return type(f"Test{name}", (Base,), {"cls": getattr(wrong_platforms, name), "breaks": breaks})


TestRight = suite("Right", "")
TestTwice = suite("Twice", "test_every_trace_comes_once")
TestEmptying = suite("Emptying", "test_a_trace_comes_whole")
TestClosed = suite("Closed", "test_the_window_is_half_open")
TestBounded = suite("Bounded", "test_no_window_is_no_bound")
TestTired = suite("Tired", "test_more_than_a_page_is_read")
TestCounting = suite("Counting", "test_short_pages_lose_nothing")
TestSkipping = suite("Skipping", "test_a_cursor_goes_on_where_it_was_taken")
TestChanging = suite("Changing", "test_reading_twice_gives_the_same")
TestShallow = suite("Shallow", "test_a_trace_that_grows_has_another_content")
TestImpatient = suite("Impatient", "test_too_many_requests_are_waited_for")
TestFrail = suite("Frail", "test_a_cut_connection_loses_nothing")
TestSilent = suite("Silent", "test_a_server_that_fails_is_told")
TestStrict = suite("Strict", "test_an_empty_account_is_no_error")
TestRenamed = suite("Renamed", "test_the_account_has_one_name")
TestMistaken = suite("Mistaken", "test_a_violation_is_shown")
TestSpilling = suite("Spilling", "test_other_traces_are_left_alone")
TestAppending = suite("Appending", "test_writing_twice_leaves_one")
TestUnordered = suite("Unordered", "test_many_are_answered_in_order")
TestDropping = suite("Dropping", "test_a_refused_write_raises")
TestHasty = suite("Hasty", "test_too_many_requests_drop_no_verdict")
TestRestless = suite("Restless", "test_a_cut_connection_doubles_nothing")
TestKeeping = suite("Keeping", "test_a_retraction_clears")
TestCreating = suite("Creating", "test_preparing_twice_is_preparing_once")
TestPreviewing = suite("Previewing", "test_a_preview_touches_nothing")
TestEchoing = suite("Echoing", "test_what_we_wrote_is_no_review")
TestDeaf = suite("Deaf", "test_what_people_say_is_a_review")
TestRepeating = suite("Repeating", "test_reviews_begin_where_they_are_asked")
TestStubborn = suite("Stubborn", "test_a_deleted_trace_is_gone")
TestTouching = suite("Touching", "test_our_writing_makes_no_new_trace")
