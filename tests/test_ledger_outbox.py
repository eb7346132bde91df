"""What is to be written is queued once for each change, and stays until the platform has it."""

from collections.abc import Iterator

import pytest
from ledger_parts import DAY, START, Clock, entry, verdict, violation

from tracevet.ledger import Ledger, OutboxCounts, OutboxItem
from tracevet.model import Receipt, Status


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ledger(ledger_url: str, clock: Clock) -> Iterator[Ledger]:
    with Ledger.open(ledger_url, clock=clock) as opened:
        yield opened


def only(ledger: Ledger) -> OutboxItem:
    [item] = ledger.pending("langfuse")
    return item


def deliver(ledger: Ledger) -> None:
    item = only(ledger)
    ledger.accepted(item, Receipt(verdict=item.verdict.id, written=("score-1",)))


def statuses(item: OutboxItem) -> list[tuple[str, Status]]:
    return [(part.fingerprint, part.status) for part in item.verdict.violations]


def test_a_queued_verdict_is_pending_for_its_platform_alone(ledger: Ledger) -> None:
    [stored] = ledger.commit([entry(verdict("t1", violation()))])
    assert ledger.pending("langsmith") == []
    assert ledger.pending("langfuse") == [OutboxItem(verdict=stored, revision=1, attempts=0, reason="")]


def test_a_verdict_that_is_not_to_be_written_is_not_queued(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation()), write=False)])
    assert ledger.outbox_counts() == OutboxCounts()


def test_an_accepted_verdict_is_queued_again_only_when_it_changes(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation()))])
    deliver(ledger)
    ledger.commit([entry(verdict("t1", violation()), content="c2", setup="s2")])
    assert ledger.pending("langfuse") == []
    ledger.commit([entry(verdict("t1", violation(evidence="other")))])
    assert only(ledger).revision == 2


def test_an_earlier_first_seen_is_no_change(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation()))])
    deliver(ledger)
    ledger.commit([entry(verdict("t0", violation(), start=START - DAY), write=False)])
    ledger.commit([entry(verdict("t1", violation()))])
    assert ledger.pending("langfuse") == []


def test_what_was_vetted_without_writing_can_be_queued_later(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation()), write=False)])
    ledger.commit([entry(verdict("t1", violation()))])
    assert statuses(only(ledger)) == [("f1", Status.OPEN)]


def test_what_a_platform_has_and_the_verdict_lost_is_queued_as_retracted(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation("f1"), violation("f2")))])
    deliver(ledger)
    ledger.commit([entry(verdict("t1", violation("f2")))])
    assert statuses(only(ledger)) == [("f2", Status.OPEN), ("f1", Status.RETRACTED)]
    deliver(ledger)
    ledger.commit([entry(verdict("t1"))])
    assert statuses(only(ledger)) == [("f1", Status.RETRACTED), ("f2", Status.RETRACTED)]


def test_a_verdict_whose_own_violations_are_retracted_is_queued_once(ledger: Ledger) -> None:
    reviewed = verdict("t1", violation(status=Status.RETRACTED))
    ledger.commit([entry(reviewed)])
    deliver(ledger)
    ledger.commit([entry(reviewed)])
    assert ledger.pending("langfuse") == []


def test_a_change_during_the_writing_is_not_lost(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation("f1")))])
    under_way = only(ledger)
    ledger.commit([entry(verdict("t1", violation("f2")))])
    ledger.accepted(under_way, Receipt(verdict=under_way.verdict.id))
    assert only(ledger).revision == 2
    ledger.failed(under_way, "timed out", None)
    assert ledger.outbox_counts() == OutboxCounts(due=1)


def test_a_receipt_that_comes_late_does_not_hide_a_newer_one(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation("f1")))])
    first = only(ledger)
    ledger.commit([entry(verdict("t1", violation("f2")))])
    deliver(ledger)
    ledger.accepted(first, Receipt(verdict=first.verdict.id))
    ledger.commit([entry(verdict("t1", violation("f2")))])
    assert ledger.pending("langfuse") == []


def test_a_failed_item_waits_for_its_time(ledger: Ledger, clock: Clock) -> None:
    ledger.commit([entry(verdict("t1"))])
    ledger.failed(only(ledger), "503 \x00 from the server", clock.now + DAY)
    assert ledger.pending("langfuse") == []
    assert ledger.outbox_counts() == OutboxCounts(waiting=1)
    clock.now += DAY
    assert (only(ledger).attempts, only(ledger).reason) == (1, "503 \ufffd from the server")


def test_a_parked_item_stays_parked_until_its_verdict_changes(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1"))])
    ledger.failed(only(ledger), "the trace was deleted", None)
    ledger.commit([entry(verdict("t1"))])
    assert ledger.outbox_counts() == OutboxCounts(parked=1)
    ledger.commit([entry(verdict("t1", violation()))])
    assert (only(ledger).attempts, ledger.outbox_counts()) == (0, OutboxCounts(due=1))


def test_pending_gives_what_is_due_longest_first_and_no_more_than_asked(ledger: Ledger, clock: Clock) -> None:
    for name in ("b", "a", "c"):
        ledger.commit([entry(verdict(name))])
        clock.now += DAY
    assert [item.verdict.trace.id for item in ledger.pending("langfuse", limit=2)] == ["b", "a"]


def test_the_outbox_outlives_the_process(ledger_url: str) -> None:
    with Ledger.open(ledger_url, clock=Clock()) as ledger:
        ledger.commit([entry(verdict("t1", violation()))])
    with Ledger.open(ledger_url, clock=Clock()) as ledger:
        assert statuses(only(ledger)) == [("f1", Status.OPEN)]
