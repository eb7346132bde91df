"""The suite for what a platform writes, and the one for all that it does."""

from contextlib import suppress
from datetime import timedelta

import pytest

from tracevet.errors import BusyError, GoneError, PlatformError
from tracevet.model import Decision, Receipt, Status, Trace, Verdict
from tracevet.plugin import Platform
from tracevet.testing.builders import SECOND, START, identity, trace, verdict, violation
from tracevet.testing.faults import Faults, cut, fail
from tracevet.testing.promise import keep
from tracevet.testing.reading import ReadingSuite, read
from tracevet.testing.site import Site

POLICY = "sql-injection"
DAY = timedelta(days=1)
TRIES = 5  # how often what is not written yet is written again


class WritingSuite:
    """The promises of a platform that is written to; a mixin: see `PlatformSuite`."""

    @pytest.fixture
    def told(self, site: Site) -> Verdict:
        """Give the verdict on a trace that is there: one violation on a span below the root."""
        return _told(site, "t0")

    def test_a_violation_is_shown(self, site: Site, told: Verdict) -> None:
        """Put each violation where people look at the trace, and name its policy."""
        receipt = site.open().write(told)
        shown = site.shown(told.trace.id)
        keep(shown == {POLICY}, f"the trace violates {POLICY}; shown is {sorted(shown)}")
        keep(isinstance(receipt, Receipt) and receipt.verdict == told.id, "the receipt is not for the verdict")

    def test_other_traces_are_left_alone(self, site: Site, told: Verdict) -> None:
        """Write on the trace of the verdict, and on no other."""
        other = _told(site, "other")
        site.open().write(told)
        keep(not site.shown(other.trace.id) and not site.written(other.trace.id), "another trace is written on")

    def test_writing_twice_leaves_one(self, site: Site, told: Verdict) -> None:
        """Derive ids from `verdict.id` and `violation.fingerprint`, so that a second write replaces the first."""
        list(site.open().prepare())
        site.open().write(told)
        once, count = site.state(), len(site.written(told.trace.id))
        site.open().write(told)
        again = len(site.written(told.trace.id))
        keep(again == count, f"{count} things stood on the trace, and {again} after a second write")
        keep(site.state() == once, "a second write changes what is there")

    def test_many_are_answered_in_order(self, site: Site) -> None:
        """Give in `write_all` for each verdict, in order, the receipt or why it is not there."""
        verdicts = [_told(site, f"t{number}") for number in range(5)]
        answers = site.open().write_all(verdicts)
        receipts = [answer.verdict if isinstance(answer, Receipt) else "" for answer in answers]
        keep(receipts == [each.id for each in verdicts], "the receipts are not those of the verdicts, in order")
        keep(all(site.shown(each.trace.id) for each in verdicts), "a verdict with a receipt is not there")

    @pytest.mark.parametrize("status", [400, 403, 500])
    def test_a_refused_write_raises(self, site: Site, faults: Faults, told: Verdict, status: int) -> None:
        """Raise PlatformError where the platform does not take the verdict: one that is dropped is lost for good."""
        faults.add(fail(status))
        with pytest.raises(PlatformError):
            site.open().write(told)
        keep(not site.shown(told.trace.id), "what was refused is there")

    def test_too_many_requests_drop_no_verdict(self, site: Site, faults: Faults, told: Verdict) -> None:
        """Wait and write again when told 429, or raise BusyError, so that it is tried later."""
        faults.add(fail(429, retry_after=0), times=2)
        _write(site, told)
        keep(site.shown(told.trace.id), "the verdict is not there, though it was accepted")

    def test_a_cut_connection_doubles_nothing(self, site: Site, faults: Faults, told: Verdict) -> None:
        """Choose ids yourself: where the answer was cut off, nobody knows whether the write had its effect."""
        whole = _told(site, "whole")
        list(site.open().prepare())
        site.open().write(whole)
        faults.add(cut(after_effect=True), method="P*", times=2)
        _write(site, told)
        standing, right = len(site.written(told.trace.id)), len(site.written(whole.trace.id))
        keep(standing == right, f"{standing} things stand on the trace; without the cut, {right} do")

    @pytest.mark.parametrize("status", [Status.RETRACTED, Status.SUPPRESSED, Status.CORRECTED])
    def test_a_retraction_clears(self, site: Site, told: Verdict, status: Status) -> None:
        """Overwrite what is not said any more: only `open` violations are shown as such."""
        site.open().write(told)
        site.open().write(_changed(told, status))
        keep(not site.shown(told.trace.id), f"a violation that is {status.value} is still shown as open")
        site.open().write(told)
        keep(site.shown(told.trace.id), "a violation that is open again is not shown again")

    def test_preparing_twice_is_preparing_once(self, site: Site) -> None:
        """Look before creating in `prepare`: what is there stays, and nothing is doubled."""
        said = list(site.open().prepare())
        once = site.state()
        keep(all(isinstance(line, str) for line in said), "`prepare` yields something else than sentences")
        list(site.open().prepare())
        keep(site.state() == once, "a second `prepare` changes what is there")

    def test_a_preview_touches_nothing(self, site: Site, told: Verdict) -> None:
        """Say in `preview` what would be written, a line for each thing, and write none of it."""
        before = site.state()
        lines = list(site.open().preview(told))
        keep(all(isinstance(line, str) for line in lines), "`preview` yields something else than lines")
        keep(site.state() == before and not site.shown(told.trace.id), "`preview` writes")

    def test_what_we_wrote_is_no_review(self, site: Site, told: Verdict) -> None:
        """Leave out of `reviews` all that tracevet wrote: it would confirm itself."""
        platform = site.open()
        list(platform.prepare())
        platform.write(told)
        platform.write(_changed(told, Status.RETRACTED))
        keep(list(site.open().reviews(None)) == [], "what tracevet wrote comes back as a review")

    def test_what_people_say_is_a_review(self, site: Site, told: Verdict) -> None:
        """Give in `reviews` what people said on the platform, with trace, decision and a time in UTC."""
        _review(site, told)
        found = [(one.trace, one.decision) for one in site.open().reviews(None)]
        keep((told.trace.id, Decision.FALSE_POSITIVE) in found, f"a false positive comes back as {found}")
        keep(all(one.at.tzinfo for one in site.open().reviews(None)), "a review's time has no time zone")

    def test_reviews_begin_where_they_are_asked(self, site: Site, told: Verdict) -> None:
        """Give only what was said from `since` on: a watch asks every minute, and for what is new."""
        _review(site, told)
        latest = max((one.at for one in site.open().reviews(None)), default=START)
        keep(list(site.open().reviews(latest + DAY)) == [], "reviews from before `since` come, too")

    def test_a_deleted_trace_is_gone(self, site: Site, told: Verdict) -> None:
        """Raise GoneError where the trace is not there any more: it is no use to try again."""
        try:
            site.delete(told.trace.id)
        except NotImplementedError:
            pytest.skip("nobody can delete traces there: the site has no `delete`")
        with pytest.raises(GoneError):
            site.open().write(told)

    def test_our_writing_makes_no_new_trace(self, site: Site, told: Verdict) -> None:
        """Leave the trace as it was: `content` must not change by what tracevet writes, or it is vetted for ever."""
        before = _contents(site.open())
        list(site.open().prepare())
        site.open().write(told)
        keep(_contents(site.open()) == before, "after a write, other traces are read than before")


class PlatformSuite(ReadingSuite, WritingSuite):
    """The promises of a platform. Give `site`: a fresh, empty account for each test, as a `tracevet.testing.Site`."""


def _told(site: Site, name: str) -> Verdict:
    about: Trace = trace(name, 2, start=START + 5 * SECOND, platform=site.open().name)
    site.seed([about])
    return verdict(about, violation(identity(name, 1), trace_id=about.id, fingerprint=f"fingerprint-{name}"))


def _changed(told: Verdict, status: Status) -> Verdict:
    violations = tuple(each.model_copy(update={"status": status}) for each in told.violations)
    return told.model_copy(update={"violations": violations, "severity": None, "outcome": "clean"})


def _review(site: Site, told: Verdict) -> None:
    """Write the verdict, and let a person say that it is wrong."""
    list(site.open().prepare())
    site.open().write(told)
    try:
        site.review(told.trace.id, Decision.FALSE_POSITIVE)
    except NotImplementedError:
        pytest.skip("people can't review on this platform: the site has no `review`")


def _write(site: Site, told: Verdict) -> None:
    """Write as the outbox does: again while the platform is busy."""
    for _ in range(TRIES):
        with suppress(BusyError):
            site.open().write(told)
            return
    pytest.fail(f"the verdict could not be written in {TRIES} tries")


def _contents(platform: Platform) -> dict[str, str]:
    return {one.id: one.content for one in read(platform)}
