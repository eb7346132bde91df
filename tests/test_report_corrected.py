"""When a session corrected a violation is known to the ledger: the time of the step that removed it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import permutations
from pathlib import Path

import pytest
from file_traces import START, bash, edit, read, setup, turn, vet_all, write
from simple_parts import Shelf

from tracevet import Status, Window
from tracevet.ledger import Ledger
from tracevet.reporting import Scope, gather
from tracevet.run import Run
from tracevet.session import ends
from tracevet.workers import Workers

BAD = write("a.py", "import x\n\nbad(1)\nend\n")
LATER = read("a.py", "import x\n\ngood(1)\nend")


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(processes=1, seconds=20.0) as pool:
        yield pool


def at(minute: int, second: int = 0) -> datetime:
    return START + timedelta(minutes=minute, seconds=second)


def test_it_ended_with_the_first_step_that_shows_it_gone() -> None:
    fixed = turn("t1", edit("a.py", "bad(1)", "good(1)"), minute=5)
    verdicts, session = vet_all(turn("t0", BAD), fixed, turn("t2", LATER, minute=30))
    [violation] = verdicts[0].violations
    assert ends(session, "t0") == {violation.fingerprint: at(5)}
    assert ends(session, "t1") == {}


def test_what_nobody_saw_going_ended_when_it_was_seen_to_be_gone() -> None:
    _, session = vet_all(turn("t0", BAD), turn("t1", bash("sed -i s/bad/good/ a.py"), LATER, minute=7))
    assert list(ends(session, "t0").values()) == [at(7, 1)]


def test_what_came_back_has_no_end() -> None:
    back = edit("a.py", "good(1)", "bad(1)")
    _, session = vet_all(
        turn("t0", BAD), turn("t1", edit("a.py", "bad(1)", "good(1)"), minute=1), turn("t2", back, minute=2)
    )
    assert ends(session, "t0") == {}


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_the_report_tells_how_long_it_took_in_whatever_order_traces_come(
    tmp_path: Path, workers: Workers, order: tuple[int, ...]
) -> None:
    turns = (
        turn("t0", BAD),
        turn("t1", edit("a.py", "bad(1)", "good(1)"), minute=90),
        turn("t2", write("b.py", "bad(2)\n"), minute=200),
    )
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        shelf = Shelf([turns[number] for number in order], size=1)
        list(Run(shelf, setup(ledger.key), ledger, workers).verdicts(Window()))
        digest = gather(ledger, Scope())
    assert digest.statuses == {"open": 1, "corrected": 1}
    assert digest.corrected_share == 0.5
    [resolution] = digest.resolutions
    assert (resolution.count, resolution.median_hours) == (1, 1.5)
    assert [case.violation.status for case in digest.cases] == [Status.OPEN, Status.CORRECTED]


def test_a_turn_without_code_is_no_code_turn(tmp_path: Path, workers: Workers) -> None:
    with Ledger.open(str(tmp_path / "ledger.db")) as ledger:
        shelf = Shelf([turn("t0", BAD), turn("t1", read("c.py", "bad(1)\n"), minute=1)])
        verdicts = list(Run(shelf, setup(ledger.key), ledger, workers).verdicts(Window()))
    assert [verdict.code for verdict in verdicts] == [1, 0]
