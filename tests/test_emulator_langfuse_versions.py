"""The emulated Langfuse has the endpoints of its version; keys, comments, queues and configs work as they do there."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from langfuse_api import NOON, SCORE, SPAN, TRACE, Api, row, served

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


READS = ("/v2/observations", "/v3/scores", "/observations", "/traces", "/v2/scores", "/sessions")


@pytest.mark.parametrize(
    ("version", "mode", "there"),
    [("3.160.0", "legacy", READS[2:]), ("4.16.0", "dual", READS), ("4.16.0", "events_only", READS[:2])],
)
def test_each_version_has_the_reads_that_it_has(version: str, mode: Any, there: tuple[str, ...]) -> None:
    with served(version, mode) as (_, api):
        health = api.get("/health")
        found = tuple(path for path in READS if api.client.get(path).status_code == 200)

    assert (health["version"], found) == (version, there)


@pytest.mark.parametrize(("version", "mode"), [("3.1.0", "dual"), ("4.16.0", "legacy")])
def test_a_mode_that_a_version_lacks_is_refused(version: str, mode: Any) -> None:
    with pytest.raises(ValueError, match=f"no mode '{mode}'"):
        LangfuseEmulator(version, mode)


def test_a_trace_event_adds_tags_and_resets_public_where_it_is_accepted() -> None:
    with served("4.16.0", "dual") as (emulator, api):
        emulator.seed([row(tags=["a"], public=True, bookmarked=True)])
        assert api.event({"id": TRACE, "tags": ["policy:x"]}, NOON, "trace-create")["errors"] == []
        trace = api.get(f"/traces/{TRACE}")

    assert (trace["tags"], trace["public"], trace["bookmarked"]) == (["a", "policy:x"], False, False)


def test_old_reads_give_parsed_payloads_and_nested_metadata_and_no_user() -> None:
    with served("3.160.0") as (emulator, api):
        emulator.seed([row(input='{"a": 1}', metadata={"attributes.x.y": "1", "cwd": "/x"}, userId="ada")])
        (found,) = api.get("/observations", traceId=TRACE)["data"]
        (trace,) = api.get("/traces")["data"]

    assert (found["input"], found["metadata"]) == ({"a": 1}, {"attributes": {"x.y": "1"}, "cwd": "/x"})
    assert "userId" not in found
    assert (trace["userId"], trace["observations"]) == ("ada", [SPAN])


def test_a_comment_needs_something_to_comment_on(emulator: LangfuseEmulator, api: Api) -> None:
    emulator.seed([row(sessionId="s")])
    body = {"projectId": "project-1", "content": "?"}
    targets = [("TRACE", TRACE), ("OBSERVATION", SPAN), ("SESSION", "s"), ("TRACE", "x"), ("OBSERVATION", "x")]
    answers = [api.post("/comments", body | {"objectType": kind, "objectId": target}) for kind, target in targets]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 404, 404]
    assert api.get("/comments", objectType="TRACE", objectId=TRACE)["meta"]["totalItems"] == 1
    assert (
        api.post("/comments", body | {"projectId": "other", "objectType": "TRACE", "objectId": TRACE}).status_code
        == 404
    )


def test_queue_items_are_neither_checked_nor_deduplicated_and_can_be_completed(api: Api) -> None:
    config = api.post("/score-configs", {"name": "c", "dataType": "NUMERIC"}).json()["id"]
    queue = api.post("/annotation-queues", {"name": "q", "scoreConfigIds": [config]}).json()["id"]
    items = f"/annotation-queues/{queue}/items"
    first, _ = (api.post(items, {"objectId": "nothing", "objectType": "TRACE"}).json() for _ in range(2))
    done = api.client.patch(f"{items}/{first['id']}", json={"status": "COMPLETED"}).json()

    assert done["completedAt"] is not None
    assert api.get(items, status="PENDING")["meta"]["totalItems"] == 1
    assert api.client.get("/annotation-queues/none/items").status_code == 404


def test_two_configs_may_share_a_name(api: Api) -> None:
    for _ in range(2):
        assert api.post("/score-configs", {"name": "c", "dataType": "NUMERIC"}).status_code == 200

    assert api.get("/score-configs")["meta"]["totalItems"] == 2


KEYS = {
    "none": (None, "No authorization header"),
    "a wrong secret": (("{public}", "sk-wrong"), "Invalid credentials"),
    "an unknown public key": (("pk-unknown", "{secret}"), "Invalid credentials"),
    "no secret": (("{public}", ""), "Invalid authorization header"),
}


@pytest.mark.parametrize(("keys", "text"), KEYS.values(), ids=KEYS)
def test_wrong_keys_are_refused(keys: tuple[str, str] | None, text: str, emulator: LangfuseEmulator) -> None:
    own = {"public": emulator.public_key, "secret": emulator.secret_key}
    auth = keys and (keys[0].format(**own), keys[1].format(**own))
    response = httpx.get(f"{emulator.url}/api/public/projects", auth=auth, trust_env=False)

    assert (response.status_code, response.json()["message"].startswith(text)) == (401, True)


def test_a_public_key_alone_may_write_scores_and_read_nothing(emulator: LangfuseEmulator) -> None:
    headers = {"authorization": f"Bearer {emulator.public_key}"}
    with httpx.Client(base_url=f"{emulator.url}/api/public", headers=headers, trust_env=False) as client:
        statuses = client.post("/scores", json=SCORE).status_code, client.get("/v3/scores").status_code

    assert statuses == (200, 403)


def test_projects_do_not_see_each_other(emulator: LangfuseEmulator, api: Api) -> None:
    emulator.add_project("project-2", "pk-2", "sk-2")
    emulator.seed([row()])
    other = httpx.get(f"{emulator.url}/api/public/v2/observations", auth=("pk-2", "sk-2"), trust_env=False)

    assert (other.json()["data"], api.span_ids()) == ([], [SPAN])


def test_the_log_of_requests_holds_no_keys(emulator: LangfuseEmulator, api: Api) -> None:
    api.post("/scores", SCORE)
    (logged,) = emulator.requests

    assert (logged.method, logged.path, logged.status) == ("POST", "/api/public/scores", 200)
    assert emulator.secret_key not in repr(logged)
    assert emulator.secret_key not in repr(emulator.project)
