"""Feedback in the emulated LangSmith obeys the rules of the real one, where they are known, and either where not."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from langsmith_api import NOW, Api, Time, run, served, uid

from tracevet.testing.langsmith import Delays, LangSmithEmulator, Rules


@pytest.fixture
def pair() -> Iterator[tuple[LangSmithEmulator, Api]]:
    with served() as (emulator, api):
        emulator.seed([run("turn"), run("write", "turn")])
        yield emulator, api


@pytest.fixture
def emulator(pair: tuple[LangSmithEmulator, Api]) -> LangSmithEmulator:
    return pair[0]


@pytest.fixture
def api(pair: tuple[LangSmithEmulator, Api]) -> Api:
    return pair[1]


def keys(api: Api, **params: Any) -> list[str]:
    return [row["key"] for row in api.get("/feedback", **params)]


def test_feedback_knows_its_trace_and_project(emulator: LangSmithEmulator, api: Api) -> None:
    row = api.feedback(run_id=uid("write"), score=0.1234, comment="why").json()

    assert (row["trace_id"], row["session_id"], row["is_root"]) == (uid("turn"), emulator.project(), False)
    assert (row["score"], row["comment"]) == (0.1234, "why")
    assert api.get(f"/feedback/{uid('feedback')}") == row


REFUSED: list[tuple[dict[str, Any], int]] = [
    ({"key": "k" * 181}, 422),
    ({"key": ""}, 422),
    ({"score": 0.12345}, 422),
    ({"score": "high"}, 422),
    ({"score": float("inf")}, 422),
    ({"id": "x"}, 422),
    ({"run_id": "x"}, 422),
    ({"run_id": None}, 422),
    ({"run_id": uid("nowhere")}, 404),
    ({"session_id": uid("nowhere")}, 404),
]


@pytest.mark.parametrize(("fields", "status"), REFUSED)
def test_feedback_that_makes_no_sense_is_refused(fields: dict[str, Any], status: int, api: Api) -> None:
    if fields.get("score") == float("inf"):
        answer = api.client.post("/feedback", content=b'{"key": "k", "score": Infinity}')
    else:
        answer = api.feedback(**fields)

    assert answer.status_code == status
    assert api.emulator.state()["feedback"] == []


def test_the_longest_key_is_taken(api: Api) -> None:
    assert api.feedback(key="k" * 180).status_code == 200


@pytest.mark.parametrize(("rule", "status", "score"), [("refuse", 409, 0.5), ("replace", 200, 0.75)])
def test_a_second_feedback_of_one_id_is_refused_or_replaces(rule: Any, status: int, score: float) -> None:
    with served(rules=Rules(feedback_twice=rule)) as (emulator, api):
        emulator.seed([run("turn")])
        api.feedback(score=0.5)

        assert api.feedback(score=0.75).status_code == status
        assert [row["score"] for row in emulator.state()["feedback"]] == [score]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({}, 200),
        ({"rules": Rules(feedback_needs_project=True)}, 422),
        ({"v2": "only"}, 422),
        ({"v2": "only", "rules": Rules(feedback_needs_project=False)}, 200),
    ],
)
def test_some_servers_need_the_project_to_find_the_run(options: dict[str, Any], status: int) -> None:
    with served(**options) as (emulator, api):
        emulator.seed([run("turn")])

        assert api.feedback().status_code == status
        assert api.feedback(id=uid("other"), session_id=emulator.project()).status_code == 200


def test_a_change_touches_only_what_was_sent(api: Api) -> None:
    api.feedback(score=0.5, value="high", comment="why")
    changed = api.client.patch(f"/feedback/{uid('feedback')}", json={"score": 0, "comment": None}).json()

    assert (changed["score"], changed["value"], changed["comment"]) == (0, "high", None)
    assert api.client.patch(f"/feedback/{uid('feedback')}", json={"score": 0.00001}).status_code == 422
    assert api.client.patch(f"/feedback/{uid('nothing')}", json={}).status_code == 404


def test_deleted_feedback_is_gone_and_its_id_is_free(api: Api) -> None:
    api.feedback()
    answers = [api.client.delete(f"/feedback/{uid('feedback')}").status_code for _ in range(2)]

    assert answers == [200, 404]
    assert api.feedback().status_code == 200


def test_feedback_is_found_by_run_key_source_and_user(emulator: LangSmithEmulator, api: Api) -> None:
    api.feedback(key="policy.a", score=1)
    api.feedback(id=uid("b"), run_id=uid("write"), key="policy.b", comment="why")
    emulator.review(uid("write"), "policy.review", value="false positive", user="ada")
    (person,) = api.get("/feedback", source="app", include_user_names="true")

    assert keys(api, run=[uid("turn")]) == ["policy.a"]
    assert sorted(keys(api, run=[uid("turn"), uid("write")])) == ["policy.a", "policy.b", "policy.review"]
    assert keys(api, key=["policy.b"]) == ["policy.b"]
    assert sorted(keys(api, source="api")) == ["policy.a", "policy.b"]
    assert (person["feedback_source"]["user_name"], person["value"]) == ("ada", "false positive")
    assert keys(api, user=person["feedback_source"]["user_id"]) == ["policy.review"]
    assert (keys(api, has_comment="true"), keys(api, has_score="true")) == (["policy.b"], ["policy.a"])
    assert keys(api, session=uid("nowhere")) == keys(api, level="session") == []
    assert len(keys(api, limit=2)) + len(keys(api, limit=2, offset=2)) == 3
    assert api.client.get("/feedback", params={"limit": 101}).status_code == 422


def test_who_reviewed_is_named_only_to_those_who_ask(emulator: LangSmithEmulator, api: Api) -> None:
    emulator.review(uid("turn"), "policy.review", value="confirmed")

    assert api.get("/feedback")[0]["feedback_source"]["user_name"] is None


def test_feedback_is_found_by_when_it_was_given() -> None:
    time = Time()
    with served(clock=time) as (emulator, api):
        emulator.seed([run("turn")])
        api.feedback()
        time.now = NOW + timedelta(hours=1)
        api.feedback(id=uid("later"), key="later")

        assert keys(api) == ["later", "policy.weak-hash"]
        assert keys(api, min_created_at="2026-03-02T09:30:00Z") == ["later"]
        assert keys(api, max_created_at="2026-03-02T09:30:00Z") == ["policy.weak-hash"]
        assert api.client.get("/feedback", params={"min_created_at": "soon"}).status_code == 422


def test_feedback_is_readable_after_its_delay_and_its_id_taken_at_once() -> None:
    time = Time()
    with served(clock=time, delays=Delays(feedback=5)) as (emulator, api):
        emulator.seed([run("turn")])
        api.feedback()

        assert keys(api) == []
        assert api.feedback().status_code == 409
        time.now = NOW + timedelta(seconds=5)
        assert keys(api) == ["policy.weak-hash"]


def test_retention_is_extended_unless_it_is_declined(emulator: LangSmithEmulator, api: Api) -> None:
    api.feedback()
    assert emulator.state()["long_traces"] == []
    fields = {"run_id": uid("write"), "key": "k"}
    api.post("/feedback", fields)

    assert emulator.state()["long_traces"] == [uid("turn")]


@pytest.mark.parametrize(
    ("rules", "declining", "extending"),
    [
        (Rules(long_traces=0), 200, 429),
        (Rules(long_traces=0, feedback_extends_always=True), 429, 429),
        (Rules(long_traces=1), 200, 200),
    ],
)
def test_a_plan_may_have_no_room_for_longer_retention(rules: Rules, declining: int, extending: int) -> None:
    with served(rules=rules) as (emulator, api):
        emulator.seed([run("turn")])
        answers = [api.feedback(), api.feedback(id=uid("b"), extend_trace_retention=True)]

    assert [answer.status_code for answer in answers] == [declining, extending]
    assert len(emulator.state()["feedback"]) == [declining, extending].count(200)


def test_feedback_on_an_unknown_run_is_taken_where_the_rules_say_so() -> None:
    with served(rules=Rules(known_runs_only=False)) as (_, api):
        assert api.feedback().status_code == 200


def test_feedback_on_a_project_needs_no_run(emulator: LangSmithEmulator, api: Api) -> None:
    assert api.feedback(run_id=None, session_id=emulator.project()).status_code == 200
    assert keys(api, level="session") == ["policy.weak-hash"]


def test_a_person_can_only_review_what_is_there(emulator: LangSmithEmulator) -> None:
    with pytest.raises(ValueError, match="no run"):
        emulator.review(uid("nowhere"), "policy.review")
