"""The suite for what a platform reads."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from tracevet.errors import PlatformError
from tracevet.model import Trace
from tracevet.plugin import Cursor, Page, Platform, Window
from tracevet.testing.builders import SECOND, START, identity, trace
from tracevet.testing.faults import Fault, Faults, cut, fail, shorten
from tracevet.testing.plugin import PluginSuite
from tracevet.testing.promise import keep
from tracevet.testing.site import Site

HOUR = Window(START, START + timedelta(hours=1))
MANY = 120  # traces: more than fit on one page of most platforms
STAYS = 2  # faults in a row that a platform sits out


class ReadingSuite(PluginSuite):
    """The promises of a platform that is only read. Give `site`: a fresh, empty account for each test."""

    @pytest.fixture
    def site(self) -> Site:
        """Give the account."""
        raise NotImplementedError("override the fixture `site` with a Site of your platform")

    @pytest.fixture
    def plugin(self, site: Site) -> Platform:
        """Give the platform to the promises of every plugin."""
        return site.open()

    @pytest.fixture
    def faults(self, site: Site) -> Faults:
        """Give the faults of the account."""
        if site.faults is None:
            pytest.skip("nothing goes over a network here: the site has no faults")
        return site.faults

    def test_every_trace_comes_once(self, site: Site) -> None:
        """Give each trace once, on one page, with the id that the platform has for it."""
        site.seed([trace(f"t{number}") for number in range(9)])
        found = [one.id for one in read(site.open())]
        keep(sorted(found) == sorted(_ids(9)), f"of 9 traces, {len(found)} came, {len(set(found))} different ones")

    def test_a_trace_comes_whole(self, site: Site) -> None:
        """Give all spans of a trace with ids, parents, texts and times, the platform's name, and when it ended."""
        told = trace("t0", 4)
        site.seed([told])
        platform = site.open()
        for one in read(platform):
            keep(one.platform == platform.name, f"`Trace.platform` is {one.platform!r}, not the plugin's name")
            parents = {span.id: span.parent_id for span in one.spans}
            keep(parents == {span.id: span.parent_id for span in told.spans}, "spans or their parents are lost")
            for span in told.spans:
                texts = repr(next(each for each in one.spans if each.id == span.id))
                said = [f"{word} {told.spans.index(span)} of t0" in texts for word in ("question", "answer")]
                keep(all(said), "the input or the output of a span is lost")
            keep(one.end == told.end, f"the trace ended at {told.end}, not at {one.end}")
            aware = all(each.start and each.start.tzinfo and each.end and each.end.tzinfo for each in one.spans)
            keep(aware, "a span has no start or end, or one without a time zone")
            keep(one.content, "`Trace.content` is empty: give a digest of what was recorded")

    def test_the_window_is_half_open(self, site: Site) -> None:
        """Give what ended at the start of the window or later, and before its end; go by the end, in UTC."""
        tick = timedelta(milliseconds=1)
        moments = {"before": HOUR.start, "first": HOUR.start, "last": HOUR.end, "after": HOUR.end}
        shift = {"before": -tick, "first": tick * 0, "last": -tick, "after": tick * 0}
        ends = {name: moment + shift[name] for name, moment in moments.items() if moment}
        site.seed([trace(name, start=end - SECOND) for name, end in ends.items()])
        found = {one.id for one in read(site.open())}
        right = {identity("first"), identity("last")}
        wrong = sorted(name for name in ends if (identity(name) in found) is not (identity(name) in right))
        keep(not wrong, f"wrong by the window are those that ended just {wrong} the start or end of it")

    def test_no_window_is_no_bound(self, site: Site) -> None:
        """Give everything where the window has neither start nor end, and what lies on one side where it has one."""
        site.seed([trace("old", start=START - timedelta(days=20)), trace("new")])
        found = {one.id for one in read(site.open(), Window())}
        keep(found == {identity("old"), identity("new")}, f"without a window, {len(found)} of 2 traces come")
        later = {one.id for one in read(site.open(), Window(START - timedelta(days=1)))}
        keep(later == {identity("new")}, "a window without end is not kept")

    def test_more_than_a_page_is_read(self, site: Site) -> None:
        """Ask for the next page until there is none, and yield pages as they come: memory stays bounded."""
        site.seed([trace(f"t{number}", start=START + number * SECOND) for number in range(MANY)])
        found = {one.id for one in read(site.open())}
        keep(found == {*_ids(MANY)}, f"of {MANY} traces, {len(found)} came")

    def test_short_pages_lose_nothing(self, site: Site, faults: Faults) -> None:
        """Go by the platform's own word for the end, not by the size of a page: a short page need not be the last."""
        site.seed([trace(f"t{number}", 2) for number in range(4)])
        faults.add(shorten(1))
        self._all(site, 4)

    def test_a_cursor_goes_on_where_it_was_taken(self, site: Site) -> None:
        """Give a cursor with which another process goes on: nothing that was not given yet is left out."""
        site.seed([trace(f"t{number}") for number in range(5)])
        given, cursor = _until_cursor(site.open())
        site.seed([trace("later", start=START + 60 * SECOND)])
        resumed = _pages(site.open(), HOUR, cursor)
        given |= {one.id for page in resumed for one in page.traces}
        found = given | {one.id for page in resumed for one in page.unchanged}
        keep({*_ids(5), identity("later")} <= found, "what comes after the cursor is not complete")

    def test_reading_twice_gives_the_same(self, site: Site) -> None:
        """Be repeatable: a trace that did not change has the same `content`, and is equal in all else."""
        site.seed([trace(f"t{number}", 3) for number in range(3)])
        first = {one.id: one for one in read(site.open())}
        second = {one.id: one for one in read(site.open())}
        keep(first == second, "a trace that did not change is read as another one")

    def test_a_trace_that_grows_has_another_content(self, site: Site) -> None:
        """Make `Trace.content` of all that was recorded: a span that comes late must have the trace vetted again."""
        site.seed([trace("t0", 2)])
        before = {one.content for one in read(site.open())}
        site.seed([trace("t0", 3)])
        after = {one.content for one in read(site.open())}
        keep(before.isdisjoint(after), "`Trace.content` stayed as it was, though a span came")

    def test_too_many_requests_are_waited_for(self, site: Site, faults: Faults) -> None:
        """Wait as long as the platform asks, and ask again: 429 is no error, and no end of the pages."""
        self._survives(site, faults, fail(429, retry_after=0))

    def test_a_cut_connection_loses_nothing(self, site: Site, faults: Faults) -> None:
        """Ask again when the connection is cut."""
        self._survives(site, faults, cut())

    def test_a_server_that_fails_is_told(self, site: Site, faults: Faults) -> None:
        """Raise PlatformError where the platform can't be read: an empty answer would mean that there is nothing."""
        site.seed([trace("t0")])
        faults.add(fail(500))
        with pytest.raises(PlatformError) as caught:
            read(site.open())
        keep("\n" not in str(caught.value) and str(caught.value), "the error is not one sentence")

    def test_an_empty_account_is_no_error(self, site: Site) -> None:
        """Give nothing where nothing was recorded yet."""
        keep(read(site.open()) == [], "traces come out of an empty account")

    def test_the_account_has_one_name(self, site: Site) -> None:
        """Name in `account` what the credentials open, the same each time, or "" where there is no such thing."""
        first, second = site.open().account(), site.open().account()
        keep(isinstance(first, str) and first == second, f"the account is {first!r}, and then {second!r}")

    def _survives(self, site: Site, faults: Faults, fault: Fault) -> None:
        site.seed([trace(f"t{number}", 2) for number in range(3)])
        faults.add(fault, times=STAYS)
        self._all(site, 3)

    def _all(self, site: Site, count: int) -> None:
        found = read(site.open())
        came = {one.id for one in found}
        keep(came == {*_ids(count)}, f"of {count} traces, {len(came)} came")
        keep({len(one.spans) for one in found} == {2}, "a trace did not come whole")


def read(platform: Platform, window: Window = HOUR) -> list[Trace]:
    """Give all traces of the window."""
    return [one for page in _pages(platform, window, None) for one in page.traces]


def _pages(platform: Platform, window: Window, cursor: Cursor | None) -> Sequence[Page]:
    return list(platform.traces(window, cursor))


def _until_cursor(platform: Platform) -> tuple[set[str], Cursor | None]:
    """Read as far as the first cursor; the cursor is None where no page has one."""
    given = set[str]()
    for page in platform.traces(HOUR, None):
        given |= {one.id for one in page.traces}
        if page.cursor is not None:
            return given, page.cursor
    return given, None


def _ids(count: int) -> list[str]:
    return [identity(f"t{number}") for number in range(count)]
