"""What was learnt is known again: results by snippet, sessions, cursors, and the ledger's key."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_parts import DAY, EMPTY, FOUND, START, Clock, entry, verdict
from sqlalchemy import update

from tracevet.ledger import Ledger, schema
from tracevet.model import Context, Fact, Finding, Gap, GapReason, Result, Session

ENGINE = "bandit@1.9.0#0a1b2c3d"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(ledger_url: str, clock: Clock) -> Iterator[Ledger]:
    with Ledger.open(ledger_url, clock=clock) as opened:
        yield opened


def keep(ledger: Ledger, **results: Result) -> None:
    ledger.commit([entry(verdict(), results={ENGINE: results})])


def test_results_come_back_for_the_same_engine_and_digest(ledger: Ledger) -> None:
    keep(ledger, d1=FOUND, d2=EMPTY)
    assert ledger.results(ENGINE, ["d1", "d2", "d3"]) == {"d1": FOUND, "d2": EMPTY}
    assert ledger.results("bandit@2.0.0#0a1b2c3d", ["d1"]) == {}
    assert ledger.results(ENGINE, []) == {}


def test_a_newer_result_replaces_the_older(ledger: Ledger) -> None:
    keep(ledger, d1=FOUND)
    keep(ledger, d1=EMPTY)
    assert ledger.results(ENGINE, ["d1"]) == {"d1": EMPTY}


def test_thousands_of_results_come_at_once(ledger: Ledger) -> None:
    keep(ledger, **{f"d{n}": FOUND if n % 9 == 0 else EMPTY for n in range(5_000)})
    found = ledger.results(ENGINE, [f"d{n}" for n in range(10_000)])
    assert len(found) == 5_000
    assert sum(result == FOUND for result in found.values()) == 556


def test_hostile_text_in_a_result_comes_back_as_it_was(ledger: Ledger) -> None:
    finding: Finding = FOUND.findings[0].model_copy(update={"message": "\x00 \ud800 \\ud800"})
    result = Result((finding,), (Gap(reason=GapReason.UNPARSABLE, detail="\udfff"),))
    keep(ledger, d1=result)
    assert ledger.results(ENGINE, ["d1"]) == {"d1": result}


@pytest.mark.parametrize("broken", ["", "[", '[{"rule": "B101"}]', '[{"\\ud800": 1}]', '["\\ud800'])
def test_a_result_that_cannot_be_read_back_is_unknown(ledger: Ledger, broken: str) -> None:
    keep(ledger, d1=FOUND, d2=FOUND)
    with ledger._database.writing() as connection:
        connection.execute(update(schema.results).where(schema.results.c.digest == "d1").values(findings=broken))
    assert ledger.results(ENGINE, ["d1", "d2"]) == {"d2": FOUND}


def test_a_result_in_use_is_not_pruned(ledger: Ledger, clock: Clock) -> None:
    keep(ledger, used=FOUND, unused=FOUND)
    clock.now = START + 30 * DAY
    ledger.results(ENGINE, ["used"])
    ledger.commit([])
    ledger.prune(START + 20 * DAY)
    assert ledger.results(ENGINE, ["used", "unused"]) == {"used": FOUND}


def test_a_session_comes_back_as_it_was_last_committed(ledger: Ledger) -> None:
    context = Context(project=Fact(value="p\ud800", source="x"))
    for trace in ("t1", "t2"):
        session = Session(id="s\x00", context=context, seen={"d1": trace})
        ledger.commit([entry(verdict(trace), session=session)])
    assert ledger.session("langfuse", "s\x00") == session
    assert ledger.session("langsmith", "s\x00") is None
    assert ledger.session("langfuse", "other") is None


def test_sessions_without_news_are_dropped(ledger: Ledger, clock: Clock) -> None:
    for name in ("old", "new"):
        ledger.commit([entry(verdict(name), session=Session(id=name))])
        clock.now += DAY
    assert ledger.drop_sessions(START + DAY) == 1
    assert ledger.session("langfuse", "old") is None
    assert ledger.session("langfuse", "new") == Session(id="new")


def test_a_session_of_another_model_is_forgotten(ledger: Ledger) -> None:
    ledger.commit([entry(verdict(), session=Session(id="s"))])
    with ledger._database.writing() as connection:
        connection.execute(update(schema.sessions).values(body="{}"))
    assert ledger.session("langfuse", "s") is None


@pytest.mark.parametrize("value", ["2025-06-01T12:00:00Z", "", "\x00\ud800", '{"page": 3}'])
def test_a_cursor_comes_back(ledger: Ledger, value: str) -> None:
    assert ledger.cursor("langfuse", "traces") is None
    ledger.set_cursor("langfuse", "traces", "first")
    ledger.set_cursor("langfuse", "traces", value)
    assert ledger.cursor("langfuse", "traces") == value
    assert ledger.cursor("langfuse", "reviews") is None


def test_a_cursor_is_committed_with_what_it_stands_for(ledger: Ledger) -> None:
    ledger.commit([entry(verdict())], cursors={("langfuse", "traces"): "7"})
    assert ledger.cursor("langfuse", "traces") == "7"


def test_the_key_stays(ledger_url: str) -> None:
    with Ledger.open(ledger_url) as ledger:
        key = ledger.key
    with Ledger.open(ledger_url) as ledger:
        assert ledger.key == key
    assert len(key) == 32


def test_each_ledger_has_a_key_of_its_own(tmp_path: Path) -> None:
    keys = set()
    for url in (":memory:", ":memory:", str(tmp_path / "ledger.db")):
        with Ledger.open(url) as ledger:
            keys.add(ledger.key)
    assert len(keys) == 3


def test_a_ledger_in_memory_does_all_of_it_and_ends_with_the_process() -> None:
    with Ledger.open(":memory:") as ledger:
        keep(ledger, d1=FOUND)
        assert ledger.results(ENGINE, ["d1"]) == {"d1": FOUND}
        assert len(list(ledger.verdicts())) == 1
    with Ledger.open(":memory:") as ledger:
        assert list(ledger.verdicts()) == []
