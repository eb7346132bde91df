"""What the scanner tells of itself: read by Prometheus' own parser, and holding nothing of a trace."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from ledger_parts import verdict, violation
from prometheus_client.parser import text_string_to_metric_families

from tracevet import UsageError
from tracevet.metrics import Meters, serving
from tracevet.metrics.health import HUNG, STALE, Health
from tracevet.model import Gap, GapReason
from tracevet.run import Progress

SECRET = "sk-live-0123456789"


class Page:
    """A page that is served, with the meters behind it."""

    def __init__(self, stack: ExitStack) -> None:
        said: list[str] = []
        self.meters = stack.enter_context(serving("127.0.0.1", 0, said.append))
        self.address = said[0].removeprefix("metrics on ").removesuffix("/metrics")

    def get(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"{self.address}{path}", timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def numbers(self) -> dict[tuple[str, ...], float]:
        """Give each number by its name and its labels' values."""
        families = text_string_to_metric_families(self.get("/metrics")[1])
        return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


@pytest.fixture
def page() -> Iterator[Page]:
    with ExitStack() as stack:
        yield Page(stack)


def test_what_was_done_stands_on_the_page(page: Page) -> None:
    meters, progress = page.meters, Progress()
    gaps = (Gap(reason=GapReason.UNPARSABLE, detail="x", count=3),)
    with meters.doing("look"), meters.counting(progress):
        progress.traces, progress.unchanged, progress.scanned, progress.remembered = 3, 1, 4, 6
        meters.vetted(verdict("t1", violation("f1"), gaps=gaps))
        progress.traces = 5
    meters.wrote(written=2, again=1, parked=0, dropped=0)
    meters.failed("busy")
    meters.outbox({"due": 7, "waiting": 1, "parked": 0})
    meters.looked(datetime.now(UTC) - timedelta(hours=1), 2)
    numbers = page.numbers()
    expected = {
        ("tracevet_traces_total", "vetted"): 4,
        ("tracevet_traces_total", "unchanged"): 1,
        ("tracevet_snippets_total", "scanned"): 4,
        ("tracevet_snippets_total", "remembered"): 6,
        ("tracevet_violations_total", "high"): 1,
        ("tracevet_gaps_total", "unparsable"): 3,
        ("tracevet_verdicts_total", "written"): 2,
        ("tracevet_errors_total", "busy"): 1,
        ("tracevet_outbox", "due"): 7,
        ("tracevet_unread",): 2,
        ("tracevet_work_seconds_count", "look"): 1,
    }
    assert {key: numbers.get(key) for key in expected} == expected
    assert 3600 <= numbers["tracevet_lag_seconds",] < 7200


def test_nothing_of_a_trace_gets_onto_the_page(page: Page) -> None:
    hostile = violation(SECRET, policy=SECRET, message=SECRET, developer=SECRET, project=SECRET, evidence=SECRET)
    gaps = (Gap(reason=GapReason.UNPARSABLE, detail=SECRET),)
    page.meters.vetted(verdict(SECRET, hostile, gaps=gaps))
    with pytest.raises(ValueError, match=SECRET), page.meters.doing("pass"):
        raise ValueError(SECRET)
    status, text = page.get("/metrics")
    assert status == 200
    assert "tracevet_gaps_total" in text
    assert SECRET not in text


def test_it_is_ready_once_a_look_came_to_its_end(page: Page) -> None:
    assert (page.get("/live")[0], page.get("/ready")[0]) == (200, 503)
    page.meters.looked(None, 0)
    assert page.get("/ready")[0] == 200


@pytest.mark.parametrize("path", ["/", "/metrics/../../etc/passwd", "/%00"])
def test_anything_else_is_not_there(page: Page, path: str) -> None:
    assert page.get(path)[0] == 404


@pytest.mark.parametrize(
    ("seconds", "ready", "alive"),
    [(STALE, True, True), (STALE + 1, False, True), (HUNG, False, True), (HUNG + 1, False, False)],
)
def test_a_watch_that_stands_still_is_not_ready_and_later_not_alive(seconds: float, ready: bool, alive: bool) -> None:
    now = [0.0]
    health = Health(clock=lambda: now[0])
    health.looked()
    now[0] = seconds
    assert (health.ready, health.alive) == (ready, alive)


def test_a_long_look_that_gets_on_is_ready() -> None:
    now = [0.0]
    health = Health(clock=lambda: now[0])
    for _ in range(20):
        now[0] += STALE - 1
        health.moved()
    assert health.ready


def test_a_port_that_is_taken_is_a_usage_error(page: Page) -> None:
    port = int(page.address.rpartition(":")[2])
    with pytest.raises(UsageError, match=f"--metrics-port {port}"), serving("127.0.0.1", port):
        pass


def test_without_a_port_nothing_is_measured() -> None:
    with serving("127.0.0.1", None) as meters:
        assert type(meters) is Meters
