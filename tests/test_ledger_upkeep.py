"""The ledger tells its size, forgets what is old, and gives everything out as JSON."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from ledger_parts import DAY, FOUND, START, Clock, batch, entry, verdict, violation

from tracevet.ledger import Ledger, PruneCounts
from tracevet.model import Receipt, Session, Verdict

AGED = START + 100 * DAY


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(ledger_url: str, clock: Clock) -> Iterator[Ledger]:
    with Ledger.open(ledger_url, clock=clock) as opened:
        yield opened


def deliver(ledger: Ledger) -> None:
    for item in ledger.pending("langfuse", limit=10_000):
        ledger.accepted(item, Receipt(verdict=item.verdict.id))


def test_stats_tell_what_is_there(ledger: Ledger, clock: Clock) -> None:
    ledger.commit([entry(verdict("t1", violation("f1"), violation("f2")), session=Session(id="s"))])
    clock.now += DAY
    ledger.commit([entry(verdict("t2"), results={"e": {"d1": FOUND}}, write=False)])
    stats = ledger.stats()
    assert stats.location == ledger.location
    assert stats.schema == 2
    assert stats.size > 10_000
    assert (stats.oldest, stats.newest) == (START, START + DAY)
    assert stats.counts == {
        "verdicts": 2,
        "violations": 2,
        "results": 1,
        "sessions": 1,
        "due": 1,
        "waiting": 0,
        "parked": 0,
    }


def test_an_empty_ledger_has_no_age(ledger: Ledger) -> None:
    stats = ledger.stats()
    assert (stats.oldest, stats.newest, set(stats.counts.values())) == (None, None, {0})


def test_prune_takes_what_is_old_and_leaves_the_rest(ledger: Ledger, clock: Clock) -> None:
    old = verdict("old", violation("f1"), violation("both"), start=AGED)
    ledger.commit([entry(old, results={"e": {"d1": FOUND}}, session=Session(id="s"))])
    clock.now = AGED
    ledger.commit([entry(verdict("new", violation("both")), results={"e": {"d2": FOUND}})])
    deliver(ledger)
    counts = ledger.prune(AGED - DAY)
    assert dict(counts.items()) == {"verdicts": 1, "violations": 2, "results": 1, "sessions": 1}
    assert [said.trace.id for said in ledger.verdicts()] == ["new"]
    assert ledger.results("e", ["d1", "d2"]) == {"d2": FOUND}


def test_pruning_keeps_since_when_code_is_known_while_any_trace_has_it(ledger: Ledger, clock: Clock) -> None:
    ledger.commit([entry(verdict("old", violation("both"), violation("f1")), write=False)])
    clock.now = AGED
    ledger.commit([entry(verdict("new", violation("both"), start=AGED), write=False)])
    ledger.prune(AGED - DAY)
    entries = [entry(verdict("t", violation("both"), violation("f1"), start=AGED))]
    assert [part.first_seen for part in ledger.commit(entries)[0].violations] == [START, AGED]


def test_what_is_still_to_be_written_is_not_pruned(ledger: Ledger, clock: Clock) -> None:
    ledger.commit([entry(verdict("due")), entry(verdict("parked")), entry(verdict("later"))])
    items = {item.verdict.trace.id: item for item in ledger.pending("langfuse")}
    ledger.failed(items["parked"], "gone", None)
    ledger.failed(items["later"], "503", AGED + DAY)
    clock.now = AGED
    assert replace(ledger.prune(AGED), reclaimed=0) == PruneCounts(verdicts=1, parked=1)
    assert {said.trace.id for said in ledger.verdicts()} == {"due", "later"}


def test_pruning_an_empty_ledger_takes_nothing(ledger: Ledger) -> None:
    assert ledger.prune(AGED).items() == []


def test_pruning_many_verdicts_makes_the_file_smaller(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    with Ledger.open(str(path), clock=Clock()) as ledger:
        for number in range(3):
            ledger.commit(batch(number, size=500))
        deliver(ledger)
        before = ledger.stats().size
        counts = ledger.prune(START + DAY)
        assert counts.verdicts == 1_500
        assert counts.violations == 4_500
        assert 0 < path.stat().st_size == ledger.stats().size == before - counts.reclaimed < before / 10


def test_export_gives_every_verdict_as_json(ledger: Ledger) -> None:
    ledger.commit([entry(verdict(f"t{n}", violation(evidence="\x00\ud800"))) for n in range(3)])
    rows = [json.loads(json.dumps(row)) for row in ledger.export()]
    assert [Verdict.model_validate(row) for row in rows] == list(ledger.verdicts())
    assert len(rows) == 3
