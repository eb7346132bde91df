"""What `tracevet report` counts is right: rates, shares, risks, times, reviews, gaps and patterns."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from ledger_parts import Clock, entry, violation
from report_parts import HOSTILE, START, hostile, keep, turn, week

from tracevet.ledger import Ledger
from tracevet.model import Decision, Reach, ReachState, Review, Severity, Status
from tracevet.reporting import Digest, Pseudonyms, Scope, gather, summed
from tracevet.reporting.figures import Resolving
from tracevet.reporting.patterns import key


@pytest.fixture
def ledger(ledger_url: str) -> Iterator[Ledger]:
    with Ledger.open(ledger_url, clock=Clock()) as opened:
        yield opened


def report(ledger: Ledger, **asked: object) -> Digest:
    return gather(ledger, Scope.model_validate(asked))


def test_an_empty_ledger_gives_an_empty_digest(ledger: Ledger) -> None:
    digest = report(ledger)
    assert (digest.traces, digest.turns, digest.per_100, digest.cases, digest.days) == (0, 0, None, (), ())


def test_more_use_is_not_more_blame(ledger: Ledger) -> None:
    keep(ledger, (turn(f"a{n}", *([violation(f"a{n}")] if n < 4 else []), developer="much") for n in range(40)))
    keep(ledger, (turn(f"b{n}", *([violation(f"b{n}")] if n < 2 else []), developer="little") for n in range(4)))
    keep(ledger, [turn("talk", developer="much", code=0)])
    digest = report(ledger, names=True)
    rates = {row.name: (row.turns, row.violations, row.per_100) for row in digest.developers}
    assert rates == {"much": (40, 4, 10.0), "little": (4, 2, 50.0)}
    assert (digest.traces, digest.turns, digest.violations, digest.per_100) == (45, 44, 6, 13.64)


def test_what_was_suppressed_or_retracted_does_not_count() -> None:
    digest = summed([turn("t", *(violation(status.value, status=status) for status in Status))], Scope())
    assert digest.violations == 2
    assert digest.statuses == {"open": 1, "corrected": 1, "suppressed": 1, "retracted": 1}
    assert digest.corrected_share == 0.5
    [policy] = digest.policies
    assert (policy.violations, policy.open, policy.corrected, policy.suppressed, policy.retracted) == (2, 1, 1, 1, 1)


def test_days_without_a_trace_stand_between_others(ledger: Ledger) -> None:
    keep(ledger, [turn("a", violation("1"), day=0), turn("b", day=3), turn("c", violation("2"), violation("3"), day=3)])
    rows = [(row.day.day, row.turns, row.violations, row.per_100) for row in report(ledger).days]
    assert rows == [(3, 1, 1, 100.0), (4, 0, 0, None), (5, 0, 0, None), (6, 2, 2, 100.0)]


def test_risk_counts_open_code_once_and_higher_where_it_reached_the_main_branch(ledger: Ledger) -> None:
    same = violation("same", severity=Severity.HIGH)
    keep(ledger, [turn("a", same, project="p"), turn("b", same, project="p"), turn("c", same, project="q")])
    keep(ledger, [turn("d", violation("gone", status=Status.CORRECTED), project="r")])
    assert {row.name: row.risk for row in report(ledger).projects} == {"p": 7, "q": 7, "r": 0}
    ledger.reaches.keep([Reach(fingerprint="same", state=ReachState.HEAD, main=True)])
    assert [(row.name, row.risk) for row in report(ledger).projects] == [("p", 15), ("q", 15), ("r", 0)]


def test_a_violation_in_many_traces_is_one_case_and_open_before_corrected(ledger: Ledger) -> None:
    keep(ledger, [turn("old", violation("f"), day=0), turn("new", violation("f", status=Status.CORRECTED), day=2)])
    [case] = report(ledger).cases
    assert (case.times, case.violation.status, case.violation.trace_id) == (2, Status.OPEN, "old")


def test_cases_come_worst_first(ledger: Ledger) -> None:
    keep(ledger, week())
    ranks = [case.rank for case in report(ledger).cases]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) > 4


@pytest.mark.parametrize(
    ("asked", "traces"),
    [
        ({}, 40),
        ({"since": START + timedelta(days=5)}, 10),
        ({"until": START + timedelta(days=5)}, 30),
        ({"project": "till"}, 14),
        ({"assistant": "cursor"}, 20),
        ({"developer": "Grace Hopper", "names": True}, 13),
        ({"policy": "xss"}, 40),
        ({"project": "none"}, 0),
    ],
)
def test_the_report_is_narrowed_to_what_is_asked(ledger: Ledger, asked: dict[str, object], traces: int) -> None:
    keep(ledger, week())
    digest = report(ledger, **asked)
    assert digest.traces == traces
    if "policy" in asked:
        assert {row.name for row in digest.policies} == {"xss"}
        assert {case.violation.policy for case in digest.cases} == {"xss"}


def test_a_developer_is_found_by_the_pseudonym(ledger: Ledger) -> None:
    keep(ledger, week())
    name = Pseudonyms(ledger.key).of("Grace Hopper")
    digest = report(ledger, developer=name)
    assert [row.name for row in digest.developers] == [name]
    assert digest.traces == 13


def test_no_name_stands_in_a_report_by_pseudonyms(ledger: Ledger) -> None:
    keep(ledger, week())
    keep(
        ledger,
        [
            turn(
                "x",
                violation("x", branch="ada/fix", path=r"C:\Users\ada\shop\a.py", evidence="me = 'ada@example.com'"),
                violation("y", path="/Users/ada/a.py", repository="https://git.example.com/Ada@example.com/x"),
            )
        ],
    )
    hidden, shown = report(ledger).model_dump_json(), report(ledger, names=True).model_dump_json()
    assert "ada" not in hidden.lower()
    assert "Grace" not in hidden
    assert "ada@example.com" in shown
    assert "Grace Hopper" in shown


def test_pseudonyms_hold_for_one_ledger_and_no_other() -> None:
    one, other = Pseudonyms(b"1" * 32), Pseudonyms(b"2" * 32)
    assert one.of("ada") == one.of(" Ada ") != other.of("ada")
    assert one.of(None) == "unknown"
    assert Pseudonyms(b"1" * 32, reveal=True).of("ada") == "ada"


def test_reviews_tell_the_share_of_false_positives_of_a_rule(ledger: Ledger) -> None:
    keep(ledger, [turn(f"t{n}", violation(f"f{n}", rule="B1" if n < 4 else "B2")) for n in range(6)])
    said = [Decision.FALSE_POSITIVE, Decision.FALSE_POSITIVE, Decision.CONFIRMED, Decision.ACCEPTED_RISK]
    reviews = [
        Review(id=f"r{n}", trace=f"t{n}", decision=decision, at=START + timedelta(hours=12))
        for n, decision in enumerate(said)
    ]
    ledger.reviews.keep("local", reviews)
    ledger.reviews.keep("local", [reviews[0].model_copy(update={"id": "again", "decision": Decision.CONFIRMED})])
    digest = report(ledger)
    [row] = digest.rules
    assert (row.rule, row.judged) == ("bandit:B1", 4)
    assert row.confirmed + row.false_positives + row.accepted == 4
    assert row.false_share == row.false_positives / 4
    [resolution] = digest.resolutions
    assert (resolution.by, resolution.median_hours) == (Resolving.REVIEWED, 12.0)


def test_how_long_a_session_took_to_correct_counts_from_the_first_sight(ledger: Ledger) -> None:
    fixed = turn("t", violation("f", status=Status.CORRECTED), violation("g", status=Status.CORRECTED))
    ends = [START + timedelta(hours=hours) for hours in (3, 2)]
    ledger.commit([entry(fixed, ends={"f": ends[0]}, write=False)])
    ledger.commit([entry(fixed, ends={"f": ends[1], "unheard-of": ends[1]}, write=False)])
    [resolution] = report(ledger).resolutions
    assert (resolution.by, resolution.count, resolution.median_hours) == (Resolving.CORRECTED, 1, 2.0)


def test_gaps_are_counted_by_reason_with_examples(ledger: Ledger) -> None:
    keep(ledger, week())
    [row] = report(ledger).gaps
    assert (row.reason, row.count, row.traces, row.details) == ("no-detector", 8, 8, ("no loaded detector reads dart",))


SAME = [
    ('cursor.execute(f"SELECT * FROM users WHERE id = {user_id}")', True),
    ("c.execute( f'SELECT  a FROM orders WHERE n = {n}' )", False),  # another number of columns is another shape
    ("db.execute(f'SELECT * FROM orders WHERE number = {given}')  # fetch", True),
    ("db.execute(f'DELETE FROM orders WHERE number = {given}')", False),
    ("db.run(f'SELECT * FROM orders WHERE number = {given}')", False),
]


def test_near_identical_code_is_one_pattern_whatever_it_names() -> None:
    first, _, third, fourth, fifth = (key(violation(evidence=code)) for code, _ in SAME)
    assert first == third
    assert len({first, fourth, fifth}) == 3
    assert key(violation(evidence=SAME[0][0], policy="xss")) != first
    masked = [f'password = "[masked: {n} chars, hmac 0123456{n}]"' for n in (8, 9)]
    assert key(violation(evidence=masked[0])) == key(violation(evidence=masked[1]))


def test_code_of_which_only_names_are_left_is_no_pattern(ledger: Ledger) -> None:
    keep(ledger, [turn("t", violation("1", evidence="a = b"), violation("2", evidence="c = d"))])
    assert report(ledger).patterns == ()


def test_patterns_reach_across_projects(ledger: Ledger) -> None:
    keep(ledger, week())
    pattern = report(ledger).patterns[0]
    assert pattern.projects == ("shop", "till")
    assert pattern.violations > 2


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_pseudonyms_and_patterns_take_any_text(text: str) -> None:
    Pseudonyms(b"k").hide(text, text[:100])
    assert key(violation(evidence=text))


def test_a_verdict_of_an_older_tracevet_counts_as_a_turn_if_it_held_text() -> None:
    digest = summed([turn("a", code=None), turn("b", code=None, snippets=0)], Scope())
    assert (digest.traces, digest.turns) == (2, 1)


def test_the_report_reads_while_another_process_writes(tmp_path: Path) -> None:
    url = str(tmp_path / "ledger.db")
    with Ledger.open(url) as writer:
        keep(writer, week())
        with Ledger.open(url, write=False) as reader, writer._database.writing():
            assert report(reader).traces == 40


def test_hostile_names_are_counted_like_others(ledger: Ledger) -> None:
    keep(ledger, hostile())
    digest = report(ledger, names=True)
    assert digest.violations == len(HOSTILE) == len(digest.projects)


def test_of_very_many_violations_the_worst_are_kept_and_the_rest_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracevet.reporting.collecting.HELD", 10)
    digest = summed(week(), Scope())
    assert digest.violations == 40
    assert 10 <= len(digest.cases) <= 20
    assert digest.cases_left_out == 40 - len(digest.cases)
    assert {case.violation.severity for case in digest.cases[:5]} == {Severity.CRITICAL}
