"""Sessions in a run: whatever order traces come in, and over however many runs, the ledger ends the same."""

from collections.abc import Iterator, Sequence
from itertools import permutations
from pathlib import Path

import pytest
from file_traces import bash, edit, read, setup, turn, write
from simple_parts import Shelf

from tracevet import Status, Trace, Verdict, Window
from tracevet.following import in_time
from tracevet.ledger import Ledger
from tracevet.run import Run
from tracevet.workers import Workers

BAD = write("a.py", "import x\n\nbad(1)\nend\n")
FOUR = (
    turn("a", BAD, write("b.py", "bad(2)\n")),
    turn("b", edit("a.py", "bad(1)", "good(1)"), edit("a.py", "end", "bad(3)"), minute=1),
    turn("c", read("b.py", "bad(2)"), edit("b.py", "bad(2)", "bad(4)"), minute=2),
    turn("d", edit("a.py", "good(1)", "bad(1)"), bash("rm b.py"), minute=3),
)
EXPECTED = {
    ("a", "bad(1)", 3, Status.OPEN),
    ("a", "bad(2)", 1, Status.CORRECTED),
    ("b", "bad(3)", 4, Status.OPEN),
    ("c", "bad(4)", 1, Status.OPEN),
    ("d", "bad(1)", 3, Status.OPEN),
}


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(processes=1, seconds=20.0) as pool:
        yield pool


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.open(str(tmp_path / "ledger.db")) as opened:
        yield opened


def vet(
    traces: Sequence[Trace], ledger: Ledger, workers: Workers, *, size: int = 10, keep: bool = True
) -> list[Verdict]:
    run = Run(Shelf(traces, size=size), setup(ledger.key), ledger, workers, keep=keep)
    return list(run.verdicts(Window()))


def state(verdicts: Sequence[Verdict]) -> set[tuple[str, str, int, Status]]:
    return {(v.trace.id, each.evidence, each.start_line, each.status) for v in verdicts for each in v.violations}


def end(ledger: Ledger) -> list[Verdict]:
    return list(ledger.verdicts())


@pytest.mark.parametrize("size", [1, 2, 10])
def test_every_order_of_arrival_ends_in_the_same_ledger(size: int, tmp_path: Path, workers: Workers) -> None:
    ends = []
    for number, order in enumerate(permutations(FOUR)):
        with Ledger.open(str(tmp_path / f"{number}.db")) as ledger:
            ledger.key = b"k" * 32  # the same in all, so that the ends can be compared
            vet(order, ledger, workers, size=size)
            ends.append(end(ledger))
    assert state(ends[0]) == EXPECTED
    assert all(each == ends[0] for each in ends)


def test_every_order_over_several_runs_ends_in_the_same_statuses(tmp_path: Path, workers: Workers) -> None:
    whole = (
        turn("a", BAD),
        turn("b", write("a.py", "import x\n\ngood(1)\n"), minute=1),
        turn("c", write("a.py", "bad(1)\n"), minute=2),
        turn("d", write("a.py", "bad(5)\n"), minute=3),
    )
    ends = []
    for number, order in enumerate(permutations(whole)):
        with Ledger.open(str(tmp_path / f"{number}.db")) as ledger:
            ledger.key = b"k" * 32
            for trace in order:
                vet([trace], ledger, workers)
            ends.append({(t, code, status) for t, code, _, status in state(end(ledger))})
    assert ends[0] == {
        ("a", "bad(1)", Status.CORRECTED),
        ("c", "bad(1)", Status.CORRECTED),
        ("d", "bad(5)", Status.OPEN),
    }
    assert all(each == ends[0] for each in ends)


def test_a_later_run_corrects_the_verdict_of_an_earlier_one_and_queues_the_change(
    ledger: Ledger, workers: Workers
) -> None:
    vet([turn("a", BAD)], ledger, workers)
    (item,) = ledger.pending("shelf")
    given = vet([turn("b", edit("a.py", "bad(1)", "good(1)"), minute=1)], ledger, workers)
    assert [(v.trace.id, [each.status for each in v.violations]) for v in given] == [
        ("b", []),
        ("a", [Status.CORRECTED]),
    ]
    by_trace = {item.verdict.trace.id: item for item in ledger.pending("shelf")}
    assert [each.status for each in by_trace["a"].verdict.violations] == [Status.CORRECTED]
    assert by_trace["a"].revision == item.revision + 1


def test_what_a_run_gave_is_given_again_when_it_is_corrected(ledger: Ledger, workers: Workers) -> None:
    traces = [turn("a", BAD), *(turn(f"x{n}", write(f"x{n}.py", "1"), session=None) for n in range(350))]
    fixed = [*traces, turn("b", edit("a.py", "bad(1)", "good(1)"), minute=1)]
    for keep in (False, True):
        given = [v for v in vet(fixed, ledger, workers, keep=keep) if v.trace.id == "a"]
        assert [v.violations[0].status for v in given] == [Status.OPEN, Status.CORRECTED]


def test_a_trace_that_grew_is_put_in_its_place_again(ledger: Ledger, workers: Workers) -> None:
    short, long = turn("a", BAD), turn("a", BAD, edit("a.py", "end", "bad(7)"))
    vet([short, turn("b", edit("a.py", "bad(1)", "good(1)"), minute=1), long], ledger, workers, size=1)
    assert state(end(ledger)) == {("a", "bad(1)", 3, Status.CORRECTED), ("a", "bad(7)", 4, Status.OPEN)}


def test_the_ledger_holds_no_code_of_files(tmp_path: Path, workers: Workers) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(str(path)) as ledger:
        vet(
            [
                turn("a", write("a.py", "marmalade = 1\nbad(1)\n")),
                turn("b", edit("a.py", "marmalade", "quince"), minute=1),
            ],
            ledger,
            workers,
        )
    stored = b"".join(each.read_bytes() for each in tmp_path.iterdir() if each.is_file())
    assert b"bad(1)" in stored  # the evidence
    assert b"marmalade" not in stored
    assert b"quince" not in stored


def test_the_traces_of_a_session_are_put_in_order_in_their_places() -> None:
    other = turn("o", BAD, session="other", minute=9)
    late, early = turn("late", BAD, minute=5), turn("early", BAD, minute=1)
    assert [each.id for each in in_time([late, other, early])] == ["early", "o", "late"]


def test_traces_in_reverse_cost_no_more_than_a_few_times_as_many(ledger: Ledger, workers: Workers) -> None:
    from tracevet.following import FREE_TURNS, TURNS_PER_TRACE, Following

    following = Following(setup(ledger.key), lambda name: None)
    traces = [turn(f"t{n:03}", write(f"f{n}.py", "1"), minute=n) for n in range(120)]
    done = sum(len(following.begin(trace)) for trace in reversed(traces))
    assert done <= len(traces) * (1 + TURNS_PER_TRACE) + FREE_TURNS
