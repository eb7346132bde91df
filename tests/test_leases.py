"""Leases: what one holds no other gets, and what one that ended held is free."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta

import pytest
from ledger_parts import DAY, START, entry, verdict, violation
from sqlalchemy import update

from tracevet.ledger import Ledger
from tracevet.ledger import schema as tables

HOUR = timedelta(hours=1)
DIE = """
import os, sys
from datetime import datetime
from tracevet.ledger import Ledger
ledger = Ledger.open(sys.argv[1])
ledger.leases.take(["session"])
ledger.claim("langfuse", 1)
ledger.readings.claim("langfuse", datetime.fromisoformat(sys.argv[2]), datetime.fromisoformat(sys.argv[3]))
os._exit(9)
"""


@pytest.fixture
def open_ledger(ledger_url: str) -> Iterator["Opener"]:
    with ExitStack() as stack:
        yield Opener(ledger_url, stack)


class Opener:
    """Opens the same ledger again and again, as other processes would."""

    def __init__(self, url: str, stack: ExitStack) -> None:
        self.url, self._stack = url, stack

    def __call__(self) -> Ledger:
        return self._stack.enter_context(Ledger.open(self.url))


def queue(ledger: Ledger, *traces: str) -> None:
    ledger.commit([entry(verdict(trace, violation(f"f-{trace}"), start=START)) for trace in traces])


def lapse(ledger: Ledger) -> None:
    """Make it look as if the ledger's process had shown no life for long."""
    with ledger._database.claiming() as connection:
        its = tables.owners.c.id == ledger.leases.owner
        connection.execute(update(tables.owners).where(its).values(until=START - 9 * DAY))


def names(ledger: Ledger, limit: int = 10) -> set[str]:
    return {item.verdict.trace.id for item in ledger.claim("langfuse", limit)}


def test_what_one_holds_no_other_gets_until_it_lets_go(open_ledger: Opener) -> None:
    one, other = open_ledger(), open_ledger()
    assert one.leases.take(["a", "b"]) == {"a", "b"}
    assert other.leases.take(["b", "c"]) == {"c"}
    assert one.leases.take(["a", "c"]) == {"a"}
    one.leases.release(["b"])
    assert other.leases.take(["b"]) == {"b"}


def test_closing_lets_go_of_everything(open_ledger: Opener) -> None:
    one, other = open_ledger(), open_ledger()
    queue(one, "t1")
    one.leases.take(["a"])
    one.readings.claim("langfuse", START, START + HOUR)
    assert names(one) == {"t1"}
    one.close()
    assert other.leases.take(["a"]) == {"a"}
    assert names(other) == {"t1"}
    assert other.readings.claim("langfuse", START, START + HOUR) == (START, START + HOUR)


def test_without_a_sign_of_life_everything_is_free(open_ledger: Opener) -> None:
    one, other = open_ledger(), open_ledger()
    queue(one, "t1")
    one.leases.take(["a"])
    one.claim("langfuse", 1)
    one.readings.claim("langfuse", START, START + HOUR)
    lapse(one)
    assert other.leases.take(["a"]) == {"a"}
    assert names(other) == {"t1"}
    assert other.readings.claim("langfuse", START, START + HOUR) == (START, START + HOUR)


def test_what_a_process_of_this_machine_held_is_free_as_soon_as_it_died(open_ledger: Opener) -> None:
    one = open_ledger()
    queue(one, "t1")
    stretch = (START.isoformat(), (START + HOUR).isoformat())
    with subprocess.Popen([sys.executable, "-c", DIE, open_ledger.url, *stretch]) as process:
        while process.poll() is None:
            pass  # a zombie until it is asked: that it died must be seen anyway
    assert process.returncode == 9
    assert one.leases.take(["session"]) == {"session"}
    assert names(one) == {"t1"}
    assert one.readings.claim("langfuse", START, START + HOUR) == (START, START + HOUR)


def test_whoever_holds_something_sees_that_others_want_it(open_ledger: Opener) -> None:
    one, other = open_ledger(), open_ledger()
    one.leases.take(["a", "b"])
    other.leases.want(["b"])
    assert one.leases.wanted() == {"b"}


def test_many_that_claim_at_once_get_each_item_once(open_ledger: Opener) -> None:
    ledgers = [open_ledger() for _ in range(6)]
    queue(ledgers[0], *(f"t{number}" for number in range(60)))

    def all_of(ledger: Ledger) -> list[str]:
        found: list[str] = []
        while items := ledger.claim("langfuse", 3):
            found += [item.verdict.trace.id for item in items]
            for item in items:
                ledger.failed(item, "not now", START + 9999 * DAY)
        return found

    with ThreadPoolExecutor(6) as pool:
        found = [name for names in pool.map(all_of, ledgers) for name in names]
    assert sorted(found) == sorted(f"t{number}" for number in range(60))


def test_the_newest_trace_is_claimed_first(open_ledger: Opener) -> None:
    ledger = open_ledger()
    entries = [entry(verdict(f"t{day}", violation(f"f{day}"), start=START + day * DAY)) for day in (1, 3, 0, 2)]
    ledger.commit(entries)
    assert [item.verdict.trace.id for item in ledger.claim("langfuse", 3)] == ["t3", "t2", "t1"]


def test_a_change_of_what_is_being_written_waits_for_whoever_writes_it(open_ledger: Opener) -> None:
    one, other = open_ledger(), open_ledger()
    queue(one, "t1")
    (item,) = one.claim("langfuse", 1)
    other.commit([entry(verdict("t1", violation("changed"), start=START))])
    assert names(other) == set()
    one.failed(item, "busy", None)
    assert names(other) == {"t1"}


def test_what_is_queued_for_an_owner_is_no_one_elses_while_it_lives(open_ledger: Opener) -> None:
    desk, writing, other = open_ledger(), open_ledger(), open_ledger()
    for ledger in (desk, writing):
        ledger.leases.share(desk.leases.owner if ledger is desk else owner(desk))
    writing.leases.join()
    queue(desk, "ours")
    queue(other, "theirs")
    assert names(other) == {"theirs"}
    assert names(writing) == {"ours"}
    lapse(writing)
    assert names(other) == {"ours", "theirs"}


def owner(ledger: Ledger) -> str:
    return ledger.leases.owner


def test_watchers_read_different_stretches_and_know_how_far_all_was_read(open_ledger: Opener) -> None:
    one, other = open_ledger().readings, open_ledger().readings
    end = START + 3 * HOUR
    assert one.claim("p", START, START + HOUR) == (START, START + HOUR)
    assert other.claim("p", START, end) == (START + HOUR, end)
    assert other.finish("p", end) == START
    assert other.claim("p", START, end) == (end, end)
    assert one.others("p") is False
    assert one.finish("p", START + HOUR) == end
    assert other.claim("p", START, end) == (START, end)


def test_what_one_left_unread_the_next_one_reads(open_ledger: Opener) -> None:
    one, other = open_ledger().readings, open_ledger().readings
    one.claim("p", START, START + HOUR)
    assert other.others("p")
    one.drop("p")
    assert not other.others("p")
    assert other.claim("p", START, START + HOUR) == (START, START + HOUR)
