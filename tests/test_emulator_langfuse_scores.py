"""Scores in the emulated Langfuse: merged, doubled, dropped and refused as in the real one."""

from collections.abc import Iterator
from typing import Any

import pytest
from langfuse_api import MORNING, NEXT_DAY, NOON, SCORE, SPAN, TRACE, Api, served

from tracevet.testing.langfuse import LangfuseEmulator


@pytest.fixture
def pair() -> Iterator[tuple[LangfuseEmulator, Api]]:
    with served() as pair:
        yield pair


@pytest.fixture
def emulator(pair: tuple[LangfuseEmulator, Api]) -> LangfuseEmulator:
    return pair[0]


@pytest.fixture
def api(pair: tuple[LangfuseEmulator, Api]) -> Api:
    return pair[1]


def values(emulator: LangfuseEmulator) -> list[tuple[str, Any]]:
    return [(score["name"], score["value"]) for score in emulator.state()["scores"]]


def test_writing_a_score_twice_leaves_one(emulator: LangfuseEmulator, api: Api) -> None:
    for _ in range(2):
        assert api.post("/scores", [SCORE | {"timestamp": MORNING}]).status_code == 202

    assert values(emulator) == [("policy", "weak-hash")]


def test_what_a_second_write_omits_is_kept_and_the_first_trace_and_timestamp_stay(api: Api) -> None:
    api.post("/scores", [SCORE | {"timestamp": MORNING, "comment": "MD5", "metadata": {"cwe": "CWE-327"}}])
    api.post("/scores", [SCORE | {"timestamp": NOON, "value": "cleared", "traceId": "elsewhere"}])
    (score,) = api.get("/v3/scores", fields="details,subject")["data"]

    assert (score["value"], score["comment"], score["metadata"]) == ("cleared", "MD5", {"cwe": "CWE-327"})
    assert (score["timestamp"], score["subject"]["id"]) == (MORNING, TRACE)


def test_the_newest_event_wins_not_the_last_request(emulator: LangfuseEmulator, api: Api) -> None:
    api.event(SCORE | {"value": "cleared"}, NOON)
    api.event(SCORE | {"comment": "late"}, MORNING)

    assert values(emulator) == [("policy", "cleared")]
    assert emulator.state()["scores"][0]["comment"] == "late"


def test_another_name_under_one_id_leaves_a_ghost(emulator: LangfuseEmulator, api: Api) -> None:
    api.event(SCORE, MORNING)
    api.event(SCORE | {"name": "renamed"}, MORNING)

    assert values(emulator) == [("policy", "weak-hash"), ("renamed", "weak-hash")]


def test_another_day_under_one_id_makes_a_second_score(emulator: LangfuseEmulator, api: Api) -> None:
    api.event(SCORE, MORNING)
    api.event(SCORE, NEXT_DAY)

    assert len(emulator.state()["scores"]) == 2


def test_before_4_59_the_timestamp_of_a_posted_score_is_ignored() -> None:
    with served("4.58.0") as (emulator, api):
        api.post("/scores", SCORE | {"timestamp": MORNING})
        (score,) = api.get("/v3/scores")["data"]

    assert score["timestamp"] != MORNING
    assert "timestamp" not in emulator.state()["scores"][0]


@pytest.mark.parametrize(("version", "status"), [("4.58.9", 400), ("4.59.0", 202), ("3.160.0", 400)])
def test_a_list_of_scores_is_accepted_from_4_59_on(version: str, status: int) -> None:
    with served(version) as (emulator, api):
        response = api.post("/scores", [SCORE])

    assert (response.status_code, len(emulator.state()["scores"])) == (status, int(status == 202))


def test_a_list_with_bad_scores_is_accepted_in_part(emulator: LangfuseEmulator, api: Api) -> None:
    response = api.post("/scores", [SCORE, {"name": "no subject", "value": 1}, SCORE | {"id": "t", "value": 7}])

    assert response.status_code == 207
    assert (response.json()["accepted"], response.json()["rejected"]) == (1, 2)
    assert "expected string" in response.json()["errors"][1]["message"]
    assert len(values(emulator)) == 1


REFUSED = {
    "no subject": {"traceId": None},
    "two subjects": {"sessionId": "s"},
    "an observation without its trace": {"traceId": None, "sessionId": "s", "observationId": SPAN},
    "a number for a category": {"value": 1},
    "a boolean of 2": {"dataType": "BOOLEAN", "value": 2},
    "a boolean that is true": {"dataType": "BOOLEAN", "value": True},
    "an empty text": {"dataType": "TEXT", "value": ""},
    "a long text": {"dataType": "TEXT", "value": "x" * 501},
    "an unknown type": {"dataType": "COLOUR"},
    "a reserved environment": {"environment": "langfuse-evaluation"},
    "an upper-case environment": {"environment": "Production"},
    "an annotation without config": {"source": "ANNOTATION"},
    "a time that is none": {"timestamp": "yesterday"},
    "no name": {"name": ""},
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_a_score_that_breaks_the_rules_is_refused(change: dict[str, Any], emulator: LangfuseEmulator, api: Api) -> None:
    response = api.post("/scores", SCORE | change)

    assert (response.status_code, response.json()["message"]) == (400, "Invalid request data")
    assert values(emulator) == []


def test_a_score_with_a_config_takes_its_name_and_is_dropped_outside_it(emulator: LangfuseEmulator, api: Api) -> None:
    categories = [{"label": "confirmed", "value": 1}]
    body = {"name": "policy.review", "dataType": "CATEGORICAL", "categories": categories}
    config = api.post("/score-configs", body).json()["id"]
    written = {"confirmed": config, "perhaps": config, "lost": "no-such-config"}
    for value, config_id in written.items():
        response = api.post("/scores", SCORE | {"id": value, "value": value, "configId": config_id})
        assert response.status_code == 200

    assert values(emulator) == [("policy.review", "confirmed")]


def test_a_deleted_score_is_gone_and_its_id_may_be_used_again(emulator: LangfuseEmulator, api: Api) -> None:
    api.post("/scores", SCORE | {"comment": "old"})
    assert api.client.delete("/scores/s").status_code == 202
    assert values(emulator) == []
    api.post("/scores", SCORE)

    assert emulator.state()["scores"][0]["comment"] is None


def test_a_correction_is_named_output(emulator: LangfuseEmulator, api: Api) -> None:
    api.post("/scores", SCORE | {"dataType": "CORRECTION", "value": "better"})

    assert values(emulator) == [("output", "better")]


def test_scores_are_found_by_value_and_read_by_cursor(api: Api) -> None:
    scores = [SCORE | {"id": f"s{n}", "value": "ab"[n % 2], "timestamp": MORNING} for n in range(250)]
    api.post("/scores", scores)
    found, cursor = [], None
    for _ in range(2):
        page = api.get(
            "/v3/scores", dataType="categorical", value="a", limit=100, **({"cursor": cursor} if cursor else {})
        )
        found += [score["id"] for score in page["data"]]
        cursor = page["meta"].get("cursor")

    assert (len(found), len(set(found)), cursor) == (125, 125, None)


@pytest.mark.parametrize(
    "params", [{"limit": 101}, {"fields": "everything"}, {"value": "x"}, {"observationId": SPAN}, {"cursor": "?"}]
)
def test_a_read_of_scores_that_breaks_the_rules_is_refused(params: dict[str, Any], api: Api) -> None:
    api.post("/scores", SCORE)

    assert api.client.get("/v3/scores", params=params).status_code == 400
