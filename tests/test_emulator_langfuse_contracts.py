"""The emulator of Langfuse answers as a real server did, and as Langfuse's own description says."""

import json
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
import yaml
from deepdiff import DeepDiff
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from tracevet.testing.langfuse import Delays, LangfuseEmulator

OURS = Path(__file__).parent / "data" / "contracts" / "langfuse.json"
SHARED = Path(__file__).parents[2] / "shared" / "contracts"
RECORDED = SHARED / "langfuse-4.16.recorded.json"
DESCRIBED = SHARED / "langfuse-4.16.openapi.yml"
SERVERS_OWN = [r"\['(id|createdAt|updatedAt|timestamp|cursor|queueId|configId|scoreConfigIds)'\]"]
BEFORE = {  # what the recorded server held already, as far as its answers show it
    "policy": ["sql-injection", "hardcoded-secrets", "weak-crypto", "cleared"],
    "policy.severity": ["low", "medium", "high", "critical", "none"],
}

Exchange = dict[str, Any]


class Time:
    """A clock that stands still until it's told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Server:
    """An emulator of the recorded version, and a client that substitutes the ids it chose for those in the record."""

    def __init__(self, emulator: LangfuseEmulator, time: Time) -> None:
        self.emulator, self.time = emulator, time
        self.ids: dict[str, str] = {}
        auth = (emulator.public_key, emulator.secret_key)
        self.client = httpx.Client(base_url=emulator.url, auth=auth, trust_env=False, verify=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.client.close()

    def play(self, exchange: Exchange) -> httpx.Response:
        request = json.loads(self._with_our_ids(json.dumps(exchange["request"])))
        auth = None if exchange["title"] == "no credentials" else httpx.USE_CLIENT_DEFAULT
        response = self.client.request(
            request["method"], request["path"], params=request.get("params"), json=request.get("body"), auth=auth
        )
        self._learn(exchange["response"]["body"], response.json())
        if (request["method"], request["path"]) == (
            "POST",
            "/api/public/scores",
        ):  # ingestion was not waited for when this was recorded
            self.time.pass_by(6)
        return response

    def _with_our_ids(self, text: str) -> str:
        for theirs, ours in self.ids.items():
            text = text.replace(theirs, ours)
        return text

    def _learn(self, theirs: Any, ours: Any) -> None:
        if isinstance(theirs, dict) and isinstance(ours, dict):
            if isinstance(theirs.get("id"), str) and theirs["id"] != ours.get("id"):
                self.ids[theirs["id"]] = str(ours.get("id"))
            if isinstance(theirs.get("cursor"), str):
                self.ids[theirs["cursor"]] = ours.get("cursor", "")
            for key in theirs:
                self._learn(theirs[key], ours.get(key))


@pytest.fixture
def server() -> Iterator[Server]:
    time = Time()
    emulator = LangfuseEmulator("4.16.0", delays=Delays(scores=5), metadata_cut=None, clock=time)
    with emulator, Server(emulator, time) as server:
        yield server


def ours() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(OURS.read_text())
    return loaded


def recorded() -> list[Exchange]:
    if not RECORDED.is_file():
        pytest.skip("the recorded answers are not here")
    exchanges: list[Exchange] = json.loads(RECORDED.read_text())["exchanges"]
    return exchanges


def set_up_as_recorded(server: Server, exchanges: list[Exchange]) -> None:
    """Bring the emulator to where the recorded server was when the recording began."""
    by_title = {exchange["title"]: exchange["response"]["body"] for exchange in exchanges}
    server.emulator.seed(by_title["observations of one trace, all field groups"]["data"])
    first = [row for row in by_title["scores v3 by name and value"]["data"] if row["timestamp"] < "2026-11-23T09:20"]
    values = ["sql-injection"] * len(first) + ["hardcoded-secrets"] * 2
    for at, value in enumerate(values):
        subject = first[at]["subject"] if at < len(first) else {"kind": "trace", "id": "other"}
        trace = subject.get("traceId", subject["id"])
        body = {"id": f"before-{at}", "traceId": trace, "name": "policy", "value": value, "dataType": "CATEGORICAL"}
        body |= {"observationId": subject["id"]} if subject["kind"] == "observation" else {}
        event = {"id": f"e{at}", "type": "score-create", "timestamp": f"2026-11-23T09:05:38.{9 - at}00Z", "body": body}
        server.client.post("/api/public/ingestion", json={"batch": [event]}).raise_for_status()
    server.time.pass_by(6)
    for config in reversed(by_title["score configs"]["data"]):
        if config["name"] in BEFORE:
            server.client.post("/api/public/score-configs", json=config).raise_for_status()
    oldest = server.client.post("/api/public/score-configs", json={"name": "old", "dataType": "NUMERIC"}).json()["id"]
    server.emulator.project.configs.insert(0, server.emulator.project.configs.pop())
    for name in ("lab-queue-1", "lab-queue-2"):
        queue = {"name": name, "scoreConfigIds": [oldest]}
        server.client.post("/api/public/annotation-queues", json=queue).raise_for_status()


def differences(exchange: Exchange, response: httpx.Response) -> str:
    expected = exchange["response"]
    got = {"status": response.status_code, "body": response.json()}
    told = {"status": expected["status"], "body": expected["body"]}
    diff = DeepDiff(told, got, exclude_regex_paths=SERVERS_OWN, ignore_numeric_type_changes=True, verbose_level=2)
    return f"{exchange['title']}: {diff.pretty()}" if diff else ""


def test_our_own_list_of_answers_is_what_the_emulator_answers(server: Server) -> None:
    contract = ours()
    server.emulator.seed(contract["seed"])

    assert [text for exchange in contract["exchanges"] if (text := differences(exchange, server.play(exchange)))] == []


def test_every_recorded_exchange_is_answered_as_the_real_server_did(server: Server) -> None:
    exchanges = recorded()
    set_up_as_recorded(server, exchanges)

    assert [text for exchange in exchanges if (text := differences(exchange, server.play(exchange)))] == []


def test_a_recorded_answer_that_differs_is_noticed(server: Server) -> None:
    wrong = {"title": "health", "request": {"method": "GET", "path": "/api/public/health"}}
    wrong |= {"response": {"status": 200, "body": {"status": "OK", "version": "4.15.0"}}}

    assert "4.15.0" in differences(wrong, server.play(wrong))


@pytest.fixture(scope="module")
def description() -> OpenAPI:
    if not DESCRIBED.is_file():
        pytest.skip("Langfuse's description of its API is not here")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # openapi-core builds on names it deprecates itself
        unchecked = Config(spec_validator_cls=None)  # type: ignore[arg-type]  # None is "don't", and the description itself breaks a rule in a place we don't use
        return OpenAPI.from_dict(yaml.load(DESCRIBED.read_text(), loader), config=unchecked)


BEHIND = "a deletion"  # 202 with a message, as recorded; described as 204


def invalidity(description: OpenAPI, exchange: Exchange, response: httpx.Response) -> str:
    request = exchange["request"]
    asked = MockRequest("http://localhost", request["method"].lower(), request["path"])
    content = response.headers["content-type"].partition(";")[0]
    answered = MockResponse(response.content, status_code=response.status_code, content_type=content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        errors = list(description.iter_response_errors(asked, answered))
    return "" if not errors else f"{exchange['title']}: {errors} {[error.__cause__ for error in errors]}"


def test_every_answer_of_an_events_only_server_fits_the_description(server: Server, description: OpenAPI) -> None:
    contract = ours()
    server.emulator.seed(contract["seed"])
    listed = [(exchange, server.play(exchange)) for exchange in contract["exchanges"] if exchange["title"] != BEHIND]

    assert [text for exchange, response in listed if (text := invalidity(description, exchange, response))] == []


OLD_READS = (
    *("/observations", "/observations/00000000000000b2", "/traces", "/traces/000000000000000000000000000000aa"),
    *("/v2/scores", "/v2/scores/score-1", "/sessions", "/comments", "/annotation-queues", "/score-configs"),
    *("/v3/scores", "/projects", "/v2/observations"),
)


@pytest.mark.parametrize("path", OLD_READS)
def test_every_read_of_a_dual_server_fits_the_description(path: str, description: OpenAPI) -> None:
    contract = ours()
    with LangfuseEmulator("4.16.0", "dual") as emulator, Server(emulator, Time()) as server:
        emulator.seed(contract["seed"])
        for exchange in contract["exchanges"][:-1]:
            server.play(exchange)
        exchange = {"title": path, "request": {"method": "GET", "path": f"/api/public{path}"}}
        response = server.client.get(f"/api/public{path}")

    assert response.status_code == 200
    assert invalidity(description, exchange, response) == ""


def test_an_answer_that_breaks_the_description_is_noticed(description: OpenAPI) -> None:
    exchange = {"title": "health", "request": {"method": "GET", "path": "/api/public/health"}}
    broken = httpx.Response(200, json={"status": "OK"})

    assert "version" in invalidity(description, exchange, broken)
