"""The suite for platforms that are watched inside the traced application."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from tracevet.model import Json, Trace
from tracevet.plugin import LivePlatform, LiveSpan, Tap, Window
from tracevet.testing.promise import keep


class LiveSite(ABC):
    """An application with a client of the platform's SDK, and the server that it sends to; fresh for each test."""

    client: object  # the application's own client, which sends to the server

    @abstractmethod
    def open(self) -> LivePlatform:
        """Give the platform for the account that the client sends to."""

    @abstractmethod
    def work(self) -> str:
        """Trace one turn of a few spans, flush it, and give the trace's id; the same texts each time."""

    @abstractmethod
    def sent(self) -> Sequence[object]:
        """Give what the server got since the last call, comparable with `==`: rows and requests, no ids, no times."""


class LiveSuite:
    """The promises of a live platform beside those of `PlatformSuite`: the application is the same with and without.

    Give `live`: a `tracevet.testing.LiveSite`, fresh for each test.
    """

    @pytest.fixture
    def live(self) -> LiveSite:
        """Give the application."""
        raise NotImplementedError("override the fixture `live` with a LiveSite of your platform")

    def test_a_stranger_is_not_watched(self, live: LiveSite) -> None:
        """Give None for what is no client of yours, and import no SDK to tell."""
        cls = type(live.open())
        watched = [stranger for stranger in (None, object(), "client", 7) if cls.tap(stranger) is not None]
        keep(not watched, f"taken for clients are {watched}")

    def test_a_client_is_watched(self, live: LiveSite) -> None:
        """Call `on_span` with each span that the SDK finishes, and name its trace as the platform does."""
        with _watched(live) as (tap, seen):
            trace = live.work()
            keep(seen, "no span is seen")
            names = {tap.trace(span) for span in seen}
            keep(names == {trace}, f"the spans are of the trace {trace}; `trace` names {sorted(names)}")

    def test_the_application_sends_the_same(self, live: LiveSite) -> None:
        """Change, delay, drop and add nothing: what the server gets is the same before, while and after you watch."""
        live.sent()
        live.work()
        alone = list(live.sent())
        keep(alone, "the application sends nothing: `work` must flush, and `sent` tell what came")
        with _watched(live):
            live.work()
            keep(list(live.sent()) == alone, "while it is watched, the application sends something else")
        live.work()
        keep(list(live.sent()) == alone, "after it was watched, the application sends something else")

    def test_letting_go_ends_it(self, live: LiveSite) -> None:
        """Call `on_span` no more after the returned function was called; calling that twice is fine."""
        tap, seen = _tap(live), list[object]()
        close = tap.open(seen.append, _flushed)
        close()
        close()
        live.work()
        keep(not seen, f"{len(seen)} spans are seen after letting go")

    def test_spans_travel_as_plain_json(self, live: LiveSite) -> None:
        """Read each span as a LiveSpan of plain JSON: it goes through a pipe to the interpreter that vets."""
        with _watched(live) as (tap, seen):
            trace = live.work()
            read = _read(tap, seen)
        for span in read:
            try:
                again = json.loads(json.dumps(span.data))
            except (TypeError, ValueError):
                pytest.fail("`LiveSpan.data` is no plain JSON")
            keep(again == span.data, "`LiveSpan.data` is another one after a way through JSON")
            keep(span.trace == trace, f"`LiveSpan.trace` is {span.trace!r}, not {trace!r}")

    def test_the_root_is_the_last(self, live: LiveSite) -> None:
        """Set `LiveSpan.last` where the trace's root has ended, and nowhere else: vetting starts then."""
        with _watched(live) as (tap, seen):
            live.work()
            marks = [span.last for span in _read(tap, seen)]
        keep(any(marks), "no span is marked as the last")
        keep(len(marks) == 1 or not all(marks), "every span is marked as the last")

    def test_order_and_repeats_do_not_matter(self, live: LiveSite) -> None:
        """Assemble the same trace of the same spans, in any order, repeated or not."""
        spans, platform = _spans(live), live.open()
        account = platform.account()
        whole = platform.assemble(spans, account)
        keep(whole is not None, "the spans of a turn make no trace")
        for order in (spans[::-1], [*spans, *spans]):
            keep(platform.assemble(order, account) == whole, "another order, or a repeat, makes another trace")

    def test_what_is_assembled_is_what_is_read(self, live: LiveSite) -> None:
        """Assemble the trace that `traces` gives later, with the same `content`, or it is vetted a second time."""
        spans, platform = _spans(live), live.open()
        made = platform.assemble(spans, platform.account())
        read = [one for page in live.open().traces(Window(), None) for one in page.traces]
        keep(_contents(read) == _contents([made] if made else []), "`traces` gives another trace than `assemble`")

    def test_nothing_is_no_trace(self, live: LiveSite) -> None:
        """Give None where there is nothing to vet."""
        keep(live.open().assemble([], "") is None, "no spans make a trace")

    def test_the_environment_opens_the_same_account(self, live: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
        """Give in `environment` and `options` what opens the client's own account in another process."""
        tap, here = _tap(live), live.open()
        for variable, value in tap.environment().items():
            keep(isinstance(value, str), f"the variable {variable} is no text")
            monkeypatch.setenv(variable, value)
        options = {name: tuple(value) if isinstance(value, list) else value for name, value in tap.options().items()}
        there = type(here)(**options)
        keep(there.account() == here.account(), "another account is opened than the client's")


def _tap(live: LiveSite) -> Tap:
    tap = type(live.open()).tap(live.client)
    if tap is None:
        pytest.fail("the application's client is not watched: `tap` gives None for it")
    return tap


@contextmanager
def _watched(live: LiveSite) -> Iterator[tuple[Tap, list[object]]]:
    """Watch the client; give the tap and the spans that it saw."""
    tap, seen = _tap(live), list[object]()
    close = tap.open(seen.append, _flushed)
    try:
        yield tap, seen
    finally:
        close()


def _flushed(seconds: float) -> None:
    """Do nothing when the client flushes."""
    del seconds


def _read(tap: Tap, seen: Sequence[object]) -> list[LiveSpan]:
    return [span for one in seen if (span := tap.read(one)) is not None]


def _spans(live: LiveSite) -> list[Json]:
    with _watched(live) as (tap, seen):
        live.work()
        return [span.data for span in _read(tap, seen)]


def _contents(traces: Sequence[Trace]) -> dict[str, tuple[str, set[str]]]:
    return {one.id: (one.content, {span.id for span in one.spans}) for one in traces}
