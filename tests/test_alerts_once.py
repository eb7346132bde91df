"""Alerts come once, only of what is open, whatever clocks and channels do."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from alert_parts import START, Office, route
from ledger_parts import violation

from tracevet import AlertKind, BusyError, Decision, RefusedError, Review, Severity, Status
from tracevet.alerts.alerting import Alerting
from tracevet.ledger.alerts import State
from tracevet.policy.suppress import Suppression

CRITICAL = {"severity": Severity.CRITICAL}
HOUR = timedelta(hours=1)


@pytest.fixture
def office(ledger_url: str) -> Iterator[Office]:
    made = Office(ledger_url, route())
    with made.ledger:
        yield made


def close(office: Office, status: Status) -> None:
    """Let the violation f1 of t1 come to that."""
    if status is Status.SUPPRESSED:
        said = Suppression(policy="sql-injection", path="db.py", reason="a test", owner="ann", expires=date(2025, 7, 1))
        office.ledger.suppressions.add(said, actor="ann")
    else:
        office.commit("t1", violation("f1", status=status, **CRITICAL))


def states(office: Office) -> list[State]:
    return [message.state for message in office.ledger.alerts.listed()]


def test_a_violation_is_told_once_however_often_it_is_committed(office: Office) -> None:
    for again in range(3):
        office.commit("t1", violation("f1"), content=f"c{again}")
        office.run()
    assert office.chat.fingerprints == ["f1"]
    assert states(office) == [State.SENT]


def test_one_fingerprint_in_many_traces_is_one_alert_with_a_count(office: Office) -> None:
    for number in range(4):
        office.commit(f"t{number}", violation("f1", trace_id=f"t{number}"))
    office.run()
    assert [(item.traces, item.new) for alert in office.chat.got for item in alert.items] == [(4, 4)]


def test_new_traces_are_told_after_the_cool_down_with_how_many_are_news(office: Office) -> None:
    office.commit("t1", violation("f1"))
    office.run()
    office.commit("t2", violation("f1", trace_id="t2"))
    office.run()
    assert len(office.chat.got) == 1
    office.clock.now += timedelta(days=7)
    office.run()
    assert [(item.traces, item.new) for item in office.chat.got[-1].items] == [(2, 1)]
    assert len(office.chat.got) == 2
    assert office.chat.got[0].id != office.chat.got[1].id


@pytest.mark.parametrize("status", [Status.CORRECTED, Status.SUPPRESSED, Status.RETRACTED])
def test_what_is_not_open_never_alerts(office: Office, status: Status) -> None:
    close(office, status)
    office.commit("t1", violation("f1", status=Status.OPEN if status is Status.SUPPRESSED else status))
    office.run()
    assert office.chat.got == []


@pytest.mark.parametrize("status", [Status.CORRECTED, Status.SUPPRESSED, Status.RETRACTED])
def test_what_is_closed_between_queueing_and_sending_does_not_alert(office: Office, status: Status) -> None:
    office.commit("t1", violation("f1"))
    office.alerting().queue()
    assert states(office) == [State.PENDING]
    close(office, status)
    office.run()
    assert office.chat.got == []
    assert states(office) == [State.DROPPED]


def test_what_is_closed_while_it_waits_for_a_digest_does_not_alert(office: Office) -> None:
    office.routes = (route(when="daily"),)
    office.commit("t1", violation("f1"))
    office.run()
    office.commit("t1", violation("f1", status=Status.CORRECTED))
    office.clock.now += timedelta(days=2)
    office.run()
    assert office.chat.got == []
    assert office.ledger.alerts.waiting() == {}


def test_a_message_leaves_out_what_was_closed_before_it_is_sent(office: Office) -> None:
    office.commit("t1", *(violation(f"f{number}") for number in range(7)))
    office.alerting().queue()
    office.commit("t1", *(violation(f"f{number}") for number in range(1, 7)))
    office.run()
    assert office.chat.fingerprints == [f"f{number}" for number in range(1, 7)]


def test_a_review_on_the_platform_closes_what_waits(office: Office) -> None:
    office.commit("t1", violation("f1"))
    office.alerting().queue()
    said = Review(
        id="r1",
        trace="t1",
        decision=Decision.FALSE_POSITIVE,
        author="ann",
        comment="",
        at=START,
        span=None,
        policy=None,
    )
    office.ledger.reviews.keep("langfuse", [said])
    office.run()
    assert office.chat.got == []


def test_a_violation_that_is_brought_back_alerts(office: Office) -> None:
    office.commit("t1", violation("f1", status=Status.CORRECTED))
    office.run()
    office.commit("t1", violation("f1"))
    office.run()
    assert office.chat.fingerprints == ["f1"]


def test_many_at_once_share_a_message_worst_first_and_are_counted(office: Office) -> None:
    parts = [violation(f"f{number:02}") for number in range(30)]
    office.commit("t1", *parts, violation("worst", **CRITICAL))
    office.run()
    (alert,) = office.chat.got
    assert (alert.items[0].violation.fingerprint, len(alert.items), alert.more) == ("worst", 20, 11)


def test_a_digest_comes_at_its_time_with_all_that_came_since(office: Office) -> None:
    office.routes = (route(when="weekly", day="monday", time="09:00", zone="Europe/Berlin"),)
    office.commit("t1", violation("f1"))  # START is a Sunday, 12:00 UTC
    office.run()
    office.commit("t2", violation("f2"))
    office.clock.now = datetime(2025, 6, 2, 6, 59, tzinfo=UTC)
    office.run()
    assert office.chat.got == []
    office.clock.now = datetime(2025, 6, 2, 7, 0, tzinfo=UTC)
    office.run()
    (alert,) = office.chat.got
    assert alert.kind is AlertKind.DIGEST
    assert len(alert.items) == 2


def test_quiet_hours_hold_back_all_but_the_worst(office: Office) -> None:
    office.routes = (route(quiet="20:00-07:00"),)
    office.clock.now = START.replace(hour=23)
    office.commit("t1", violation("f1"), violation("f2", **CRITICAL))
    office.run()
    assert office.chat.fingerprints == ["f2"]
    office.clock.now += 8 * HOUR
    office.run()
    assert office.chat.fingerprints == ["f2", "f1"]


def test_a_retry_waits_for_the_end_of_the_quiet_hours_too(office: Office) -> None:
    office.routes = (route(quiet="20:00-07:00"),)
    office.clock.now = START.replace(hour=19, minute=59)
    office.chat.failing = BusyError("not now")
    office.commit("t1", violation("f1"))
    office.run()
    office.chat.failing = None
    office.clock.now += 5 * HOUR
    office.run()
    assert office.chat.got == []
    office.clock.now += 8 * HOUR
    office.run()
    assert office.chat.fingerprints == ["f1"]


def test_a_failure_is_tried_again_later_with_the_same_id(office: Office) -> None:
    seen: list[str] = []
    office.chat.before = lambda alert: seen.append(alert.id)
    office.chat.failing = BusyError("not now", after=600)
    office.commit("t1", violation("f1"))
    office.run()
    office.chat.failing = None
    office.clock.now += timedelta(seconds=599)
    office.run()
    assert office.chat.got == []
    office.clock.now += timedelta(seconds=600)
    office.run()
    assert len(seen) == 2
    assert len(set(seen)) == 1
    assert [alert.again for alert in office.chat.got] == [False]


def test_what_is_refused_three_times_is_parked_with_its_reason(office: Office) -> None:
    office.chat.failing = RefusedError("it answered 404")
    office.commit("t1", violation("f1"))
    for _ in range(6):
        office.run()
        office.clock.now += HOUR
    (message,) = office.ledger.alerts.listed()
    assert (message.state, message.attempts, message.reason) == (State.PARKED, 3, "chat: it answered 404")


def test_a_notifier_that_breaks_costs_only_its_own_message_and_shows_nothing_of_it(office: Office) -> None:
    def broken(alert: object) -> None:
        raise RuntimeError("https://hooks.example.com/TOKEN")

    office.chat.before = broken
    office.routes = (route(), route("other", channel="pager"))
    office.commit("t1", violation("f1"))
    notes = office.alerting().run().notes
    assert office.pager.fingerprints == ["f1"]
    assert "TOKEN" not in "".join([*notes, *(message.reason for message in office.ledger.alerts.listed())])


def test_a_message_in_another_process_hands_is_left_to_it_until_its_lease_is_over(office: Office) -> None:
    office.commit("t1", violation("f1"))
    alerting = office.alerting()
    alerting.queue()
    assert office.ledger.alerts.claim(["security"], lambda message, stand: message.alert)
    office.run()
    assert office.chat.got == []
    office.clock.now += timedelta(minutes=4)
    office.run()
    assert [(alert.again, item.violation.fingerprint) for alert in office.chat.got for item in alert.items] == [
        (True, "f1")
    ]


@pytest.mark.parametrize("jump", [timedelta(days=365), timedelta(days=-365)])
def test_a_clock_that_jumps_and_comes_back_neither_loses_nor_repeats(office: Office, jump: timedelta) -> None:
    office.routes = (route(), route("digest", when="daily"))
    office.clock.now += jump
    office.commit("t1", violation("f1"))
    office.run()
    office.clock.now -= jump
    office.commit("t2", violation("f2", trace_id="t2"))
    office.run()
    office.clock.now += timedelta(days=2)
    office.run()
    assert sorted(office.chat.fingerprints) == ["f1", "f1", "f2", "f2"]


def test_a_message_that_a_wrong_clock_put_off_is_sent_once_the_clock_is_right(office: Office) -> None:
    office.chat.failing = BusyError("not now")
    office.clock.now += timedelta(days=365)
    office.commit("t1", violation("f1"))
    office.run()
    office.chat.failing = None
    office.clock.now -= timedelta(days=365)
    office.run()
    assert office.chat.fingerprints == ["f1"]


def test_a_critical_one_that_nobody_answers_is_escalated_once(office: Office) -> None:
    office.routes = (route(escalate_after="30m", escalate_to="pager"),)
    office.commit("t1", violation("f1", **CRITICAL), violation("f2"))
    office.run()
    office.clock.now += timedelta(minutes=29)
    office.run()
    assert office.pager.got == []
    for _ in range(3):
        office.clock.now += timedelta(minutes=1)
        office.run()
    assert [(alert.kind, alert.items[0].violation.fingerprint) for alert in office.pager.got] == [
        (AlertKind.ESCALATION, "f1")
    ]


def test_a_channel_that_is_down_does_not_keep_the_escalation(office: Office) -> None:
    office.routes = (route(escalate_after="30m", escalate_to="pager"),)
    office.chat.failing = BusyError("not now")
    office.commit("t1", violation("f1", **CRITICAL))
    office.run()
    office.clock.now += timedelta(minutes=31)
    office.run()
    assert office.pager.fingerprints == ["f1"]


@pytest.mark.parametrize("answer", ["ack", "review", "suppressed", "corrected"])
def test_what_was_answered_is_not_escalated(office: Office, answer: str) -> None:
    office.routes = (route(escalate_after="30m", escalate_to="pager"),)
    office.commit("t1", violation("f1", **CRITICAL))
    office.run()
    if answer == "ack":
        assert office.ledger.alerts.acknowledge("f1", "ann")
    elif answer == "review":
        said = Review(
            id="r", trace="t1", decision=Decision.CONFIRMED, author="ann", comment="", at=START, span=None, policy=None
        )
        office.ledger.reviews.keep("langfuse", [said])
    else:
        close(office, Status(answer))
    office.clock.now += HOUR
    office.run()
    assert office.pager.got == []


def test_developers_are_written_to_at_their_own_address_and_strangers_are_not(office: Office) -> None:
    office.routes = (route(addresses={"ann": "ann@example.com"}, to="developer"),)
    office.commit("t1", violation("f1", developer="ann"), violation("f2", developer="eve"))
    office.commit("t2", violation("f3", developer=None))
    office.run()
    assert [(alert.to, alert.items[0].violation.developer) for alert in office.chat.got] == [("ann@example.com", "ann")]


def test_a_developer_is_not_told_of_what_only_others_still_have(office: Office) -> None:
    office.routes = (route(addresses={"ann": "a@example.com", "bob": "b@example.com"}, to="developer"),)
    office.commit("t1", violation("f1", developer="ann"))
    office.commit("t2", violation("f1", developer="bob", trace_id="t2"))
    office.alerting().queue()
    office.commit("t1", violation("f1", developer="ann", status=Status.CORRECTED))
    office.run()
    assert [alert.to for alert in office.chat.got] == ["b@example.com"]


@pytest.mark.parametrize(("days", "told"), [(6, ["f1"]), (8, [])])
def test_a_process_without_routes_leaves_the_news_of_a_week_to_one_that_has_some(
    office: Office, days: int, told: list[str]
) -> None:
    office.routes = ()
    office.commit("t1", violation("f1"))
    office.run()
    office.clock.now += timedelta(days=days)
    office.routes = (route(),)
    office.run()
    assert office.chat.fingerprints == told


def test_a_process_with_other_routes_leaves_a_message_alone(office: Office) -> None:
    office.commit("t1", violation("f1"))
    office.alerting().queue()
    office.routes = (route("other"),)
    office.run()
    assert states(office) == [State.PENDING]


def test_what_was_parked_is_sent_when_it_is_let(office: Office) -> None:
    office.chat.failing = RefusedError("it answered 404")
    office.commit("t1", violation("f1"))
    for _ in range(3):
        office.run()
        office.clock.now += HOUR
    office.chat.failing = None
    office.run()
    assert office.chat.got == []
    assert office.ledger.alerts.unpark() == 1
    office.run()
    assert office.chat.fingerprints == ["f1"]


def test_a_developer_s_address_is_not_kept_in_the_ledger(office: Office) -> None:
    office.routes = (route(addresses={"ann": "ann@example.com"}, to="developer"),)
    office.commit("t1", violation("f1", developer="ann"))
    office.run()
    assert office.chat.got[0].to == "ann@example.com"
    assert [message.alert.to for message in office.ledger.alerts.listed()] == [None]


def test_each_alert_is_in_the_audit_log(office: Office) -> None:
    office.commit("t1", violation("f1"))
    office.run()
    (noted,) = [entry for entry in office.ledger.audit.entries() if entry.action == "alert"]
    assert (noted.subject, noted.details["fingerprints"]) == ("security", ["f1"])
    assert office.ledger.audit.verify().broken is None


def test_hostile_names_in_a_trace_are_told_like_others(office: Office) -> None:
    name = "x\x00\ud800" + "y" * 5000
    office.commit("t1", violation("f1" + name, developer=name, project=name, path=name, title=name))
    office.run()
    office.commit("t1", violation("f1" + name, developer=name, project=name, path=name, title=name), content="c2")
    office.run()
    assert len(office.chat.got) == 1


def test_a_pruned_ledger_forgets_what_it_told(office: Office) -> None:
    office.commit("t1", violation("f1"), write=False)
    office.run()
    office.clock.now += timedelta(days=100)
    office.ledger.prune(office.clock.now - timedelta(days=1))
    assert office.ledger.alerts.listed() == []
    assert office.ledger.alerts.met() == frozenset()


def test_a_route_that_writes_to_developers_needs_a_channel_that_can(office: Office) -> None:
    class Deaf(type(office.chat)):  # type: ignore[misc]  # the fixture's own class
        addressable = False

    alerting = Alerting(office.ledger, (route(addresses={"a": "b"}, to="developer"),), lambda name: Deaf())
    with pytest.raises(RefusedError, match="can't write to an address"):
        alerting.start()
