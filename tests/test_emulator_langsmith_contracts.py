"""The emulated LangSmith answers as LangSmith's own description of its API says.

`langsmith-openapi.json` holds the answers that LangSmith publishes for the operations the emulator has, and no more:
no texts, no parameters, no other operations. Queue items have an API that this description doesn't know.
"""

import json
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from langsmith_api import MORNING, Api, run, served, uid
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from tracevet.testing.langsmith import LangSmithEmulator

DESCRIBED = Path(__file__).parent / "data" / "contracts" / "langsmith-openapi.json"
TURN, WRITE, FEEDBACK, QUEUE = uid("turn"), uid("write"), uid("feedback"), uid("queue")
ALL = [
    *("ID", "NAME", "RUN_TYPE", "STATUS", "START_TIME", "END_TIME", "LATENCY_SECONDS", "FIRST_TOKEN_TIME", "ERROR"),
    *("ERROR_PREVIEW", "EXTRA", "METADATA", "EVENTS", "INPUTS", "INPUTS_PREVIEW", "OUTPUTS", "OUTPUTS_PREVIEW"),
    *("MANIFEST", "PARENT_RUN_IDS", "PROJECT_ID", "TRACE_ID", "THREAD_ID", "DOTTED_ORDER", "IS_ROOT", "TAGS"),
    *("REFERENCE_EXAMPLE_ID", "REFERENCE_DATASET_ID", "TOTAL_TOKENS", "PROMPT_TOKENS", "COMPLETION_TOKENS"),
    *("TOTAL_COST", "PROMPT_COST", "COMPLETION_COST", "PRICE_MODEL_ID", "APP_PATH", "ATTACHMENTS"),
    *("IS_IN_DATASET", "SHARE_URL", "FEEDBACK_STATS"),
]
EVENTS = [{"name": "new_token", "time": MORNING, "kwargs": {"token": "a"}}]
RUNS = [
    run(
        "turn",
        extra={"metadata": {"thread_id": "t-1"}},
        inputs={"a": 1},
        outputs={"b": 2},
        tags=["prod"],
        events=EVENTS,
    ),
    run("write", "turn", run_type="tool", error="broken", total_tokens=7, serialized={"id": ["x"]}),
]

# Version 1 gives the times of runs without a zone, which the SDK reads as UTC; described is RFC 3339.
ZONELESS = re.compile(rb"(?<=\")(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6})(?=\")")
Exchange = tuple[str, str, Any]  # method, path, body; PROJECT stands for the project's id
EXCHANGES: list[Exchange] = [
    ("GET", "/api/v1/info", None),
    ("GET", "/api/v1/settings", None),
    ("GET", "/api/v1/workspaces", None),
    ("GET", "/api/v1/tenants", None),
    ("GET", "/api/v1/sessions", None),
    ("GET", "/api/v1/sessions?limit=101", None),
    ("POST", "/api/v1/sessions", {"name": "shop", "extra": {"metadata": {}}}),
    ("GET", "/api/v1/sessions/PROJECT", None),
    ("GET", "/api/v1/sessions/x", None),
    ("POST", "/api/v1/sessions/PROJECT/views", {"display_name": "policy", "filter_string": 'eq(name, "x")'}),
    ("POST", "/api/v1/sessions/PROJECT/views", {}),
    ("GET", "/api/v1/sessions/PROJECT/views", None),
    ("GET", f"/api/v1/runs/{TURN}", None),
    ("GET", f"/api/v1/runs/{WRITE}", None),
    ("POST", "/api/v1/runs/query", {"session": ["PROJECT"]}),
    ("POST", "/api/v1/runs/query", {"session": ["PROJECT"], "select": ["name"], "limit": 1}),
    ("POST", "/api/v1/runs/query", {"session": ["x"]}),
    ("POST", "/runs", run("new")),
    ("POST", "/runs", run("new")),
    ("POST", "/runs", {"id": "x"}),
    ("POST", "/runs/batch", {"post": [run("newer")]}),
    ("POST", "/runs/multipart", {}),
    ("PATCH", f"/runs/{TURN}", {"tags": ["late"]}),
    ("POST", "/v2/runs/query", {"project_ids": ["PROJECT"], "min_start_time": MORNING, "selects": ALL}),
    ("POST", "/v2/runs/query", {"project_ids": ["PROJECT"], "min_start_time": MORNING, "page_size": 1}),
    ("POST", "/v2/runs/query", {}),
    ("POST", "/v2/runs/query", {"project_ids": [uid("nowhere")]}),
    ("GET", f"/v2/runs/{TURN}?project_id=PROJECT&selects=NAME&selects=FEEDBACK_STATS", None),
    ("GET", f"/v2/runs/{uid('nowhere')}?project_id=PROJECT", None),
    ("GET", f"/v2/traces/{TURN}/runs?project_id=PROJECT&selects=INPUTS", None),
    ("GET", f"/v2/traces/{uid('nowhere')}/runs?project_id=PROJECT", None),
    ("POST", "/api/v1/feedback", {"id": FEEDBACK, "run_id": TURN, "key": "policy.x", "score": 0.5, "value": "low"}),
    ("POST", "/api/v1/feedback", {"id": FEEDBACK}),
    ("GET", "/api/v1/feedback", None),
    ("GET", f"/api/v1/feedback/{FEEDBACK}", None),
    ("PATCH", f"/api/v1/feedback/{FEEDBACK}", {"score": 0, "value": {"a": 1}, "correction": {"b": 2}}),
    ("GET", f"/v2/runs/{TURN}?project_id=PROJECT&selects=FEEDBACK_STATS", None),
    ("DELETE", f"/api/v1/feedback/{FEEDBACK}", None),
    ("POST", "/api/v1/feedback-configs", {"feedback_key": "policy.x", "feedback_config": {"type": "freeform"}}),
    ("POST", "/api/v1/feedback-configs", {"feedback_key": "policy.x"}),
    ("GET", "/api/v1/feedback-configs", None),
    ("POST", "/api/v1/annotation-queues", {"id": QUEUE, "name": "q", "rubric_items": [{"feedback_key": "policy.x"}]}),
    ("GET", "/api/v1/annotation-queues", None),
    ("GET", f"/api/v1/annotation-queues/{QUEUE}", None),
    ("PATCH", f"/api/v1/annotation-queues/{QUEUE}", {"description": "d"}),
    ("POST", f"/api/v1/annotation-queues/{QUEUE}/runs", [TURN]),
    ("POST", f"/api/v1/annotation-queues/{QUEUE}/runs", {}),
    ("POST", f"/api/v1/annotation-queues/{QUEUE}/runs/by-key", [{"run_id": WRITE, "session_id": "PROJECT"}]),
    ("GET", f"/api/v1/annotation-queues/{QUEUE}/runs", None),
    ("GET", f"/api/v1/annotation-queues/{TURN}/queues", None),
]


@pytest.fixture
def pair() -> Iterator[tuple[LangSmithEmulator, Api]]:
    with served() as (emulator, api):
        emulator.seed(RUNS)
        emulator.review(WRITE, "policy.review", value="confirmed", comment="yes", score=1)
        yield emulator, api


@pytest.fixture(scope="module")
def description() -> OpenAPI:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # openapi-core builds on names it deprecates itself
        unchecked = Config(spec_validator_cls=None)  # type: ignore[arg-type]  # None is "don't": it was cut out of a whole
        return OpenAPI.from_dict(json.loads(DESCRIBED.read_text()), config=unchecked)


# What a single run or a batch is accepted with is described as a text and an object at once, which nothing is.
CONTRADICTORY = {("POST", "/runs"), ("POST", "/runs/batch")}


def play(api: Api, exchange: Exchange) -> httpx.Response:
    method, path, body = exchange
    project = api.emulator.project()
    content = None if body is None else json.dumps(body).replace("PROJECT", project)
    return api.client.request(method, path.replace("PROJECT", project), content=content)


def invalidity(description: OpenAPI, exchange: Exchange, response: httpx.Response) -> str:
    asked = MockRequest("http://localhost", exchange[0].lower(), exchange[1].partition("?")[0])
    content = "application/json"  # a problem has a content type of its own, which the description leaves out
    zoned = ZONELESS.sub(rb"\1Z", response.content)
    answered = MockResponse(zoned, status_code=response.status_code, content_type=content)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        errors = list(description.iter_response_errors(asked, answered))
    causes = [getattr(error.__cause__, "schema_errors", error.__cause__) for error in errors]
    return "" if not errors else f"{exchange[:2]} {response.status_code}: {errors} {causes}"


def test_every_answer_fits_the_description(pair: tuple[LangSmithEmulator, Api], description: OpenAPI) -> None:
    answers = [(exchange, play(pair[1], exchange)) for exchange in EXCHANGES]
    wrong = [
        text
        for exchange, answer in answers
        if not (answer.status_code == 202 and exchange[:2] in CONTRADICTORY)
        and (text := invalidity(description, exchange, answer))
    ]

    assert wrong == []


def test_every_operation_of_the_description_is_asked() -> None:
    described = json.loads(DESCRIBED.read_text())["paths"]
    answered = {
        (method, path) for method, asked, _ in EXCHANGES for path in described if fits(asked.partition("?")[0], path)
    }

    assert {(method.upper(), path) for path, methods in described.items() for method in methods} <= answered


def fits(asked: str, path: str) -> bool:
    ours, theirs = asked.split("/"), path.split("/")
    return len(ours) == len(theirs) and all(
        name == part or name.startswith("{") for part, name in zip(ours, theirs, strict=True)
    )


def test_an_answer_that_breaks_the_description_is_noticed(description: OpenAPI) -> None:
    broken = httpx.Response(200, json={"batch_ingest_config": {}})

    assert "version" in invalidity(description, ("GET", "/api/v1/info", None), broken)
