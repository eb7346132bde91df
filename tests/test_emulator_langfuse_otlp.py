"""Spans sent to the emulated Langfuse become the rows that the real one makes of them."""

import gzip
from collections.abc import Iterator
from typing import Any

import pytest
from langfuse_api import SPAN, TRACE, Api, otlp, served
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

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


def sent(api: Api, body: dict[str, Any]) -> Any:
    assert api.post("/otel/v1/traces", body).status_code == 200
    fields = "core,basic,time,io,metadata,model,usage,trace_context"
    return api.get("/v2/observations", fields=fields, expandMetadata="attributes.cwd")["data"][0]


MAPPED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "Langfuse's own": (
        {"langfuse__observation__type": "tool", "langfuse__observation__input": "{}", "langfuse__environment": "dev"},
        {"type": "TOOL", "input": "{}", "environment": "dev"},
    ),
    "user, session, tags": (
        {"user__id": "ada", "session__id": "s", "langfuse__trace__tags": ["b", "a", "b"], "langfuse__trace__name": "T"},
        {"userId": "ada", "sessionId": "s", "tags": ["a", "b"], "traceName": "T"},
    ),
    "GenAI operation": (
        {"gen_ai__operation__name": "execute_tool", "gen_ai__tool__name": "write"},
        {"type": "TOOL", "name": "write"},
    ),
    "GenAI messages": (
        {
            "gen_ai__request__model": "m",
            "gen_ai__input__messages": '[{"role":"user"}]',
            "gen_ai__system_instructions": '"be good"',
        },
        {"type": "GENERATION", "model": "m", "input": '[{"role":"system","content":"be good"},{"role":"user"}]'},
    ),
    "numbered prompts": (
        {"gen_ai__prompt__0__role": "user", "gen_ai__prompt__0__content": "hi", "gen_ai__completion__0__content": "yo"},
        {"input": '[{"role":"user","content":"hi"}]', "output": '[{"content":"yo"}]'},
    ),
    "OpenInference": (
        {"openinference__span__kind": "LLM", "input__value": "in", "output__value": "out"},
        {"type": "GENERATION", "input": "in", "output": "out"},
    ),
    "a refused environment": ({"langfuse__environment": "Über"}, {"environment": "default"}),
    "nothing": ({}, {"type": "SPAN", "input": None, "isRootObservation": True, "latency": 1.5, "userId": ""}),
}


@pytest.mark.parametrize(("attributes", "expected"), MAPPED.values(), ids=MAPPED)
def test_a_span_becomes_the_row_that_langfuse_makes_of_it(
    attributes: dict[str, Any], expected: dict[str, Any], api: Api
) -> None:
    found = sent(api, otlp(**attributes))

    assert {key: found[key] for key in expected} == expected


def test_metadata_of_the_sdk_stays_on_top_and_foreign_attributes_go_below(api: Api) -> None:
    own = sent(api, otlp(langfuse__observation__metadata__cwd='"/x"', langfuse__observation__metadata__n='{"a":1}'))
    foreign = sent(api, otlp("claude_code", cwd="/x", user__email="ada@example.com", input__value="secret"))

    assert (own["metadata"]["cwd"], own["metadata"]["n"]) == ("/x", {"a": 1})
    assert foreign["metadata"] == {
        "attributes.cwd": "/x",
        "attributes.user.email": "ada@example.com",
        "scope.name": "claude_code",
        "scope.version": "",
    }


def test_spans_come_as_protobuf_too_packed_or_not(emulator: LangfuseEmulator, api: Api) -> None:
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add()
    span.trace_id, span.span_id, span.name = bytes.fromhex(TRACE), bytes.fromhex(SPAN), "binary"
    kind = {"content-type": "application/x-protobuf"}
    api.client.post("/otel/v1/traces", content=request.SerializeToString(), headers=kind).raise_for_status()
    span.name = "packed"
    packed = gzip.compress(request.SerializeToString())
    api.client.post("/otel/v1/traces", content=packed, headers=kind | {"content-encoding": "gzip"}).raise_for_status()

    assert [found["name"] for found in emulator.state()["observations"]] == ["packed"]


@pytest.mark.parametrize("kind", ["application/json", "application/x-protobuf"])
@pytest.mark.parametrize("headers", [{}, {"content-encoding": "gzip"}])
def test_a_request_that_holds_no_spans_is_refused(kind: str, headers: dict[str, str], api: Api) -> None:
    response = api.client.post("/otel/v1/traces", content=b"{\xff", headers={"content-type": kind, **headers})

    assert response.status_code == 400
