"""A pass over a platform: everything once, in order, in bounded memory, and committed whatever ends it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from odd_detectors import Marks, Odd
from simple_parts import POLICY, Inputs, Shelf, trace

from tracevet import Cursor, Outcome, Page, PlatformError, Trace, Unchanged, Verdict, Window
from tracevet.ledger import Ledger
from tracevet.pipeline import Setup
from tracevet.run import AHEAD_TRACES, COMMIT_TRACES, Run
from tracevet.workers import Engine, Workers


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(processes=2, seconds=5.0) as pool:
        yield pool


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(str(tmp_path / "ledger.db")) as opened:
        yield opened


def setup(ledger: Ledger, engine: Engine | None = None) -> Setup:
    return Setup(extractors=(Inputs(),), engines=(engine or Engine(cls=Marks),), policies=(POLICY,), key=ledger.key)


def make(shelf: Shelf, ledger: Ledger, workers: Workers, *, keep: bool = True, again: bool = False) -> Run:
    return Run(shelf, setup(ledger), ledger, workers, keep=keep, again=again)


def ids(verdicts: list[Verdict]) -> list[str]:
    return [verdict.trace.id for verdict in verdicts]


def test_every_trace_gets_one_verdict_in_order(ledger: Ledger, workers: Workers) -> None:
    traces = [trace(f"t{n}", f"x = {n}", "BAD" if n % 4 == 0 else "good") for n in range(57)]
    verdicts = list(make(Shelf(traces), ledger, workers).verdicts(Window()))
    assert ids(verdicts) == [f"t{n}" for n in range(57)]
    assert [v.outcome is Outcome.VIOLATIONS for v in verdicts] == [n % 4 == 0 for n in range(57)]


def test_a_snippet_that_stands_in_many_traces_is_scanned_once(ledger: Ledger, workers: Workers) -> None:
    traces = [trace(f"t{n}", "BAD, everywhere", f"x = {n}") for n in range(40)]
    run = make(Shelf(traces), ledger, workers)
    verdicts = list(run.verdicts(Window()))
    assert run.progress.scanned == 41
    assert all(len(verdict.violations) == 1 for verdict in verdicts)


def test_a_second_run_scans_nothing_and_says_the_same(ledger: Ledger, workers: Workers) -> None:
    traces = [trace(f"t{n}", f"BAD {n}") for n in range(30)]
    first = list(make(Shelf(traces), ledger, workers).verdicts(Window()))
    again = make(Shelf(traces), ledger, workers)
    assert list(again.verdicts(Window())) == first
    assert (again.progress.scanned, again.progress.unchanged) == (0, 30)


def test_a_trace_that_grew_is_vetted_again_and_only_the_new_part_is_scanned(ledger: Ledger, workers: Workers) -> None:
    list(make(Shelf([trace("t", "x = 1")]), ledger, workers).verdicts(Window()))
    run = make(Shelf([trace("t", "x = 1", "BAD")]), ledger, workers)
    (verdict,) = run.verdicts(Window())
    assert (run.progress.scanned, run.progress.remembered) == (1, 1)
    assert verdict.outcome is Outcome.VIOLATIONS


def test_a_trace_that_comes_twice_in_one_pass_is_given_once(ledger: Ledger, workers: Workers) -> None:
    run = make(Shelf([trace("t", "BAD"), trace("t", "BAD"), trace("u", "good")]), ledger, workers)
    assert ids(list(run.verdicts(Window()))) == ["t", "u"]
    assert run.progress.repeated == 1


def test_again_ignores_what_the_ledger_knows(ledger: Ledger, workers: Workers) -> None:
    shelf = Shelf([trace("t", "BAD")])
    list(make(shelf, ledger, workers).verdicts(Window()))
    run = make(shelf, ledger, workers, again=True)
    list(run.verdicts(Window()))
    assert run.progress.scanned == 1


def test_another_policy_decides_anew_without_scanning(ledger: Ledger, workers: Workers) -> None:
    shelf = Shelf([trace("t", "BAD")])
    list(make(shelf, ledger, workers).verdicts(Window()))
    other = Setup(
        extractors=(Inputs(),),
        engines=(Engine(cls=Marks),),
        policies=(POLICY.model_copy(update={"id": "no-bad-either"}),),
        key=ledger.key,
    )
    run = Run(shelf, other, ledger, workers)
    (verdict,) = run.verdicts(Window())
    assert verdict.violations[0].policy == "no-bad-either"
    assert (run.progress.scanned, run.progress.remembered) == (0, 1)


def test_a_dry_run_writes_nothing(ledger: Ledger, workers: Workers) -> None:
    (verdict,) = make(Shelf([trace("t", "BAD")]), ledger, workers, keep=False).verdicts(Window())
    assert verdict.outcome is Outcome.VIOLATIONS
    assert list(ledger.verdicts()) == []


def test_what_was_vetted_before_the_platform_failed_is_kept(ledger: Ledger, workers: Workers) -> None:
    traces = [trace(f"t{n}", f"BAD {n}") for n in range(40)]
    with pytest.raises(PlatformError, match="the shelf broke"):
        list(make(Shelf(traces, fails_after=20), ledger, workers).verdicts(Window()))
    assert {verdict.trace.id for verdict in ledger.verdicts()} == {f"t{n}" for n in range(20)}


def test_the_platform_is_not_read_far_ahead_of_the_verdicts(ledger: Ledger, workers: Workers) -> None:
    traces = [trace(f"t{n}", f"x = {n}") for n in range(6 * AHEAD_TRACES)]
    shelf = Shelf(traces)
    ahead = 0
    for given, _ in enumerate(make(shelf, ledger, workers).verdicts(Window())):
        ahead = max(ahead, shelf.read - given)
    assert ahead <= AHEAD_TRACES + COMMIT_TRACES + 2 * shelf.size


def test_history_sent_again_is_not_new_in_a_later_trace(ledger: Ledger, workers: Workers) -> None:
    first = trace("t1", "BAD", session="s")
    second = trace("t2", "good", session="s", resent=["BAD"])
    stranger = trace("t3", "good", session="other", resent=["BAD"])
    verdicts = list(make(Shelf([first, second, stranger]), ledger, workers).verdicts(Window()))
    assert [len(verdict.violations) for verdict in verdicts] == [1, 0, 1]


def test_a_later_run_knows_the_session(ledger: Ledger, workers: Workers) -> None:
    list(make(Shelf([trace("t1", "BAD", session="s")]), ledger, workers).verdicts(Window()))
    second: Trace = trace("t2", "good", session="s", resent=["BAD"])
    (verdict,) = make(Shelf([second]), ledger, workers).verdicts(Window())
    assert verdict.violations == ()


def test_a_detector_that_dies_leaves_a_gap_and_never_clean(ledger: Ledger, workers: Workers) -> None:
    shelf = Shelf([trace("t", "DIE"), trace("u", "good")])
    run = Run(shelf, setup(ledger, Engine(cls=Odd)), ledger, workers)
    dead, fine = run.verdicts(Window())
    assert (dead.outcome, fine.outcome) == (Outcome.UNKNOWN, Outcome.CLEAN)
    assert dead.gaps[0].detector == "odd"


class Files(Shelf):
    """Names what it gave before instead of reading it again, as the local platform does."""

    cursor_is_memory = True

    def traces(self, window: Window, cursor: Cursor | None) -> Iterator[Page]:
        """Yield one page."""
        known = set(cursor.split(",")) if cursor else set()
        new = tuple(one for one in self.given if one.id not in known)
        self.read += len(new)
        unchanged = tuple(Unchanged(id=one.id, content=one.content) for one in self.given if one.id in known)
        yield Page(traces=new, unchanged=unchanged, cursor=Cursor(",".join(one.id for one in self.given)))


def test_what_has_not_changed_is_not_even_read(ledger: Ledger, workers: Workers) -> None:
    first = list(make(Files([trace("t", "BAD"), trace("u", "good")]), ledger, workers).verdicts(Window()))
    shelf = Files([trace("t", "BAD"), trace("u", "good"), trace("v", "BAD BAD")])
    second = list(make(shelf, ledger, workers).verdicts(Window()))
    assert shelf.read == 1
    assert sorted(ids(second)) == ["t", "u", "v"]
    assert [verdict for verdict in second if verdict.trace.id != "v"] == first


def test_what_the_ledger_has_forgotten_is_read_again(ledger: Ledger, workers: Workers) -> None:
    list(make(Files([trace("t", "BAD")]), ledger, workers).verdicts(Window()))
    ledger.prune(datetime(2099, 1, 1, tzinfo=UTC))
    (verdict,) = make(Files([trace("t", "BAD")]), ledger, workers).verdicts(Window())
    assert verdict.outcome is Outcome.VIOLATIONS


def test_another_setup_reads_everything_again(ledger: Ledger, workers: Workers) -> None:
    list(make(Files([trace("t", "BAD")]), ledger, workers).verdicts(Window()))
    shelf = Files([trace("t", "BAD")])
    list(Run(shelf, setup(ledger, Engine(cls=Marks, options={"word": "x"})), ledger, workers).verdicts(Window()))
    assert shelf.read == 1
