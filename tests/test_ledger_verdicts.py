"""Verdicts come back as they were committed, whatever is in them, and in whatever order they come."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from ledger_parts import DAY, START, Clock, batch, entry, verdict, violation
from sqlalchemy import update

from tracevet.errors import LedgerError
from tracevet.ledger import Entry, Ledger, schema
from tracevet.model import Fact, Gap, GapReason, Outcome, Severity, Status, Verdict

NOISE = "".join(hashlib.sha256(bytes([number])).hexdigest() for number in range(256))  # can't be compressed

HOSTILE = [
    NOISE,
    "\x00nul",
    "lone \ud800 surrogate",
    "\\ud800",
    "x" * 100_000,
    "é" * 5_000,
    "'; DROP TABLE verdicts; --",
    "",
    "🙂\u202e",
]


@pytest.fixture
def clock() -> Clock:
    return Clock(START + 10 * DAY)


@pytest.fixture
def ledger(ledger_url: str, clock: Clock) -> Iterator[Ledger]:
    with Ledger.open(ledger_url, clock=clock) as opened:
        yield opened


def traces(found: Iterator[Verdict]) -> list[str]:
    return [one.trace.id for one in found]


def seen(ledger: Ledger, trace: str = "t1") -> dict[str, datetime | None]:
    [(_, said)] = ledger.known("langfuse", [trace], "s1").values()
    return {part.fingerprint: part.first_seen for part in said.violations}


def test_a_committed_verdict_comes_back_whole(ledger: Ledger) -> None:
    gap = Gap(reason=GapReason.TRUNCATED, detail="cut", pointer="/input")
    said = verdict("t1", violation("f2", severity=Severity.CRITICAL), violation("f1", also=("x:y",)), gaps=(gap,))
    [stored] = ledger.commit([entry(said)])
    assert [part.fingerprint for part in stored.violations] == ["f2", "f1"]
    assert stored.violations[1] == violation("f1", also=("x:y",), first_seen=START)
    assert stored.model_copy(update={"violations": said.violations}) == said
    assert list(ledger.verdicts()) == [stored]
    assert ledger.known("langfuse", ["t1"], "s1") == {"t1": ("c1", stored)}


def test_only_the_same_platform_trace_and_setup_is_known(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1"))])
    assert ledger.known("langsmith", ["t1"], "s1") == {}
    assert ledger.known("langfuse", ["t2"], "s1") == {}
    assert ledger.known("langfuse", ["t1"], "s2") == {}
    assert ledger.known("langfuse", [], "s1") == {}


def test_thousands_of_traces_are_known_at_once(ledger: Ledger) -> None:
    ledger.commit([entry(verdict(f"t{n}", violation(f"f{n}"))) for n in range(1_500)])
    found = ledger.known("langfuse", [f"t{n}" for n in range(3_000)], "s1")
    assert {trace: said.violations[0].fingerprint for trace, (_, said) in found.items()} == {
        f"t{n}": f"f{n}" for n in range(1_500)
    }


@pytest.mark.parametrize("text", HOSTILE, ids=[ascii(text[:20]) for text in HOSTILE])
def test_hostile_text_comes_back_as_it_was(ledger: Ledger, text: str) -> None:
    part = violation(text, evidence=text, path=text, project=text, developer=text, trace_id=text)
    said = verdict(text, part)
    context = said.context.model_copy(update={"project": Fact(value=text, source=text)})
    said = said.model_copy(update={"context": context, "id": text})
    [stored] = ledger.commit([entry(said, content=text)])
    again = ledger.commit([entry(said, content=text)])
    assert again == [stored]
    assert stored.violations == (part.model_copy(update={"first_seen": START}),)
    assert list(ledger.known("langfuse", [text], "s1")) == [text]
    assert list(ledger.verdicts(project=text)) == [stored]
    [item] = ledger.pending("langfuse")
    assert item.verdict == stored


def test_long_texts_that_begin_alike_stay_apart(ledger: Ledger) -> None:
    one, other = "x" * 5_000 + "1", "x" * 5_000 + "2"
    ledger.commit([entry(verdict(one)), entry(verdict(other))])
    found = ledger.known("langfuse", [one, other], "s1")
    assert {trace: said.trace.id for trace, (_, said) in found.items()} == {one: one, other: other}


@pytest.mark.parametrize(
    ("start", "stored"),
    [
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), datetime.min.replace(tzinfo=UTC)),
        (datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))), datetime.max.replace(tzinfo=UTC)),
        (datetime(2025, 1, 1), datetime(2025, 1, 1, tzinfo=UTC)),
        (
            datetime(2025, 1, 1, tzinfo=timezone(timedelta(hours=5, minutes=30))),
            datetime(2024, 12, 31, 18, 30, tzinfo=UTC),
        ),
        (datetime(2025, 1, 1, 0, 0, 0, 123456, tzinfo=UTC), datetime(2025, 1, 1, 0, 0, 0, 123456, tzinfo=UTC)),
    ],
)
def test_any_date_can_be_stored(ledger: Ledger, start: datetime, stored: datetime) -> None:
    ledger.commit([entry(verdict("t1", violation(), start=start))])
    assert seen(ledger) == {"f1": stored}
    assert traces(ledger.verdicts()) == ["t1"]


def test_first_seen_is_the_earliest_whatever_order_traces_come_in(ledger: Ledger) -> None:
    for days in (5, 2, 7):
        ledger.commit([entry(verdict(f"t{days}", violation("f1"), start=START + days * DAY))])
    [later] = ledger.commit([entry(verdict("t9", violation("f1"), start=START + 9 * DAY))])
    assert later.violations[0].first_seen == START + 2 * DAY
    assert all(said.violations[0].first_seen == START + 2 * DAY for said in ledger.verdicts())


def test_first_seen_is_the_earliest_within_one_commit(ledger: Ledger) -> None:
    own = START - 3 * DAY
    entries = [entry(verdict("t1", violation())), entry(verdict("t2", violation(first_seen=own)))]
    assert {said.violations[0].first_seen for said in ledger.commit(entries)} == {own}


def test_without_a_time_first_seen_stays_unknown_until_one_comes(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation(), start=None))])
    assert seen(ledger) == {"f1": None}
    ledger.commit([entry(verdict("t2", violation(), start=START))])
    assert seen(ledger) == {"f1": START}


def test_committing_twice_leaves_one_verdict(ledger: Ledger) -> None:
    first = ledger.commit(batch(0))
    assert ledger.commit(batch(0)) == first
    counts = ledger.stats().counts
    assert (counts["verdicts"], counts["violations"], counts["due"]) == (4, 12, 4)


def test_of_several_verdicts_on_one_trace_the_last_stays(ledger: Ledger) -> None:
    entries = [entry(verdict("t1", violation("f1"))), entry(verdict("t1", violation("f2")))]
    stored = ledger.commit(entries)
    assert [said.violations[0].fingerprint for said in stored] == ["f1", "f2"]
    assert list(ledger.verdicts()) == stored[1:]


def test_two_violations_of_one_fingerprint_are_refused(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match="two violations of one fingerprint"):
        ledger.commit([entry(verdict("t0")), entry(verdict("t1", violation("f"), violation("f", path="other.py")))])
    assert list(ledger.verdicts()) == []


def test_a_violation_that_vanished_is_not_in_the_verdict_any_more(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation("f1"), violation("f2")))])
    [stored] = ledger.commit([entry(verdict("t1", violation("f2")))])
    assert list(ledger.verdicts()) == [stored]
    assert [part.fingerprint for part in stored.violations] == ["f2"]
    assert traces(ledger.verdicts(policy="sql-injection")) == ["t1"]
    ledger.commit([entry(verdict("t1"))])
    assert traces(ledger.verdicts(policy="sql-injection")) == []


def test_a_violation_that_came_back_is_open_again(ledger: Ledger) -> None:
    for parts in ([violation("f1")], [], [violation("f1")]):
        ledger.commit([entry(verdict("t1", *parts))])
    [said] = ledger.verdicts()
    assert [part.status for part in said.violations] == [Status.OPEN]
    assert [part.status for item in ledger.pending("langfuse") for part in item.verdict.violations] == [Status.OPEN]


FILTERS: list[tuple[dict[str, Any], list[str]]] = [
    ({}, ["t4", "t3", "t2", "t1", "t0"]),
    ({"since": START + DAY}, ["t4", "t3", "t2", "t1"]),
    ({"until": START + DAY}, ["t0"]),
    ({"since": START + DAY, "until": START + 3 * DAY}, ["t2", "t1"]),
    ({"policy": "xss"}, ["t2"]),
    ({"min_severity": Severity.HIGH}, ["t2", "t1"]),
    ({"min_severity": Severity.LOW}, ["t3", "t2", "t1"]),
    ({"policy": "xss", "min_severity": Severity.HIGH}, []),
    ({"project": "billing"}, ["t3"]),
    ({"developer": "nobody"}, []),
    ({"developer": "dev@company.com", "policy": "sql-injection"}, ["t3", "t2", "t1"]),
]


@pytest.mark.parametrize(("wanted", "expected"), FILTERS)
def test_filters_give_the_matching_verdicts_newest_first(
    ledger: Ledger, wanted: dict[str, Any], expected: list[str]
) -> None:
    low = violation("f2", policy="xss", severity=Severity.LOW)
    billing = verdict().context.model_copy(update={"project": Fact(value="billing", source="x")})
    said = [
        verdict("t3", violation(severity=Severity.MEDIUM), start=START + 3 * DAY, context=billing),
        verdict("t0"),
        verdict("t1", violation(), start=START + DAY),
        verdict("t2", violation(), low, start=START + 2 * DAY),
        verdict("t4", start=START + 4 * DAY),
    ]
    ledger.commit([entry(one) for one in said])
    assert traces(ledger.verdicts(**wanted)) == expected


def test_many_verdicts_of_one_moment_come_once_each(ledger: Ledger) -> None:
    ledger.commit([entry(verdict(f"t{n}", start=START + DAY * (n % 2))) for n in range(700)])
    found = traces(ledger.verdicts())
    assert len(found) == len(set(found)) == 700


def test_verdicts_can_be_committed_while_others_are_read(ledger: Ledger) -> None:
    ledger.commit([entry(verdict(f"t{n}")) for n in range(450)])
    for said in ledger.verdicts():
        ledger.commit([entry(said, content="c2")])
    assert {content for content, _ in ledger.known("langfuse", [f"t{n}" for n in range(450)], "s1").values()} == {"c2"}


def test_a_trace_without_a_time_stands_where_it_was_first_committed(ledger: Ledger, clock: Clock) -> None:
    ledger.commit([entry(verdict("t1", start=None))])
    clock.now += DAY
    ledger.commit([entry(verdict("t1", start=None), content="c2")])
    assert traces(ledger.verdicts(until=clock.now)) == ["t1"]


def test_a_verdict_of_another_model_is_vetted_again_and_replaced(ledger: Ledger) -> None:
    ledger.commit([entry(verdict("t1", violation())), entry(verdict("t2"))])
    with ledger._database.writing() as connection:
        table = schema.verdicts
        broken = update(table).where(table.c.trace == "t1").values(body='{"secret": "hunter2"}')
        connection.execute(broken)
    assert list(ledger.known("langfuse", ["t1", "t2"], "s1")) == ["t2"]
    with pytest.raises(LedgerError, match="can't read") as caught:
        list(ledger.verdicts())
    assert "hunter2" not in str(caught.value)
    ledger.commit([entry(verdict("t1"))])
    assert len(list(ledger.verdicts())) == 2


def test_all_of_a_batch_is_committed_or_nothing(ledger: Ledger) -> None:
    unstorable = Entry(verdict=verdict("t2"), content="c", setup="s", results={"e": {"\x00\ud800": None}})  # type: ignore[dict-item]  # wrong on purpose
    with pytest.raises(AttributeError):
        ledger.commit([entry(verdict("t1", violation())), unstorable])
    assert list(ledger.verdicts()) == []
    assert ledger.outbox_counts().due == 0


def test_the_outcome_of_every_verdict_is_kept(ledger: Ledger) -> None:
    said = [verdict(f"t{n}", outcome=outcome) for n, outcome in enumerate(Outcome)]
    ledger.commit([entry(one) for one in said])
    assert {one.outcome for one in ledger.verdicts()} == set(Outcome)
