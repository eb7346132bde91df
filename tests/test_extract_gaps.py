"""Gaps: what was cut, replaced or never recorded is told, with the setting that would record it."""

import pytest
from extraction import extract, generation, nested, tool

from tracevet.model import GapReason, Json, Span, SpanKind


@pytest.mark.parametrize(
    "value", ["<REDACTED>", "redacted-by-litellm", "REDACTED", "[SECRET_DETECTED]", " [REDACTED]\n"]
)
def test_values_that_were_replaced_as_a_whole_are_gaps_and_no_snippets(value: str) -> None:
    snippets, gaps = extract(
        generation([{"role": "user", "content": value}], value),
        tool("Write", {"file_path": "a.py", "content": value}),
        Span(id="m", kind=SpanKind.AGENT, metadata={"attributes.user_prompt": value}),
    )
    assert snippets == []
    pointers = ["/input/0/content", "/output", "/input/content", "/metadata/attributes.user_prompt"]
    assert [(gap.reason, gap.pointer) for gap in gaps] == [(GapReason.REDACTED, pointer) for pointer in pointers]


@pytest.mark.parametrize(
    "mark", ["…[truncated 900 chars]", "...[TRUNCATED: original length 9539]", "...[truncated, original 70000 chars]"]
)
def test_marks_of_truncation_are_gaps(mark: str) -> None:
    _, gaps = extract(
        generation("hello", f"import os{mark}"), tool("Write", '{"file_path": "a.py", "content": "x' + mark)
    )
    assert [(gap.reason, gap.pointer) for gap in gaps] == [
        (GapReason.TRUNCATED, "/output"),
        (GapReason.TRUNCATED, "/input"),
    ]


def test_metadata_that_the_platform_cut_is_a_gap() -> None:
    command = "python -c 'print(1)' " + "x" * 200
    _, gaps = extract(tool("Bash", {"command": "ls"}, metadata={"attributes.full_command": command[:200]}))
    assert [(gap.reason, gap.pointer) for gap in gaps] == [(GapReason.TRUNCATED, "/metadata/attributes.full_command")]


def test_what_an_integration_notes_as_cut_is_a_gap() -> None:
    metadata: dict[str, Json] = {"input_meta": {"truncated": True, "orig_len": 9}, "output_meta": {"truncated": False}}
    _, gaps = extract(tool("Bash", {"command": "ls"}, "a", metadata=metadata))
    assert [(gap.reason, gap.pointer) for gap in gaps] == [(GapReason.TRUNCATED, "/input")]


def test_code_in_metadata_that_nobody_knows_is_a_gap() -> None:
    code = "import os\n\ndef run(cmd):\n    os.system(cmd)\n    return 1\n"
    _, gaps = extract(generation("hi", "ok", metadata={"attributes.new_thing": code, "note": "one\ntwo"}))
    assert [(gap.reason, gap.pointer) for gap in gaps] == [(GapReason.UNKNOWN_KIND, "/metadata/attributes.new_thing")]


SILENT: list[tuple[Span, str, str]] = [
    (generation(metadata={"scope.name": "com.anthropic.claude_code.tracing"}), "/output", "OTEL_LOG_TOOL_DETAILS"),
    (
        tool("claude_code.tool", metadata={"attributes.tool_name": "Write", "attributes.file_path": "/w/a.py"}),
        "/input",
        "OTEL_LOG_USER_PROMPTS",
    ),
    (Span(id="r", kind=SpanKind.AGENT, name="claude_code.interaction"), "/input", "OTEL_LOG_USER_PROMPTS"),
    (generation(metadata={"resourceAttributes.service.name": "copilot-chat"}), "/output", "captureContent"),
    (tool("create_file", {}, {}, metadata={"service.name": "copilot-chat"}), "/input", "captureContent"),
    (generation({"name": "p"}, {}, metadata={"scope.name": "gemini-cli"}), "/output", "telemetry.traces"),
    (generation(metadata={"resourceAttributes": {"service.name": "codex_cli_rs"}}), "/output", "plugin"),
    (tool("exec_command", metadata={"scope": {"name": "codex_otel"}}), "/input", "plugin"),
    (generation("hello"), "/output", "integration"),
    (tool("unknown"), "/input", "integration"),
]


@pytest.mark.parametrize(("span", "pointer", "setting"), SILENT)
def test_integrations_that_send_no_content_are_told_with_the_setting_that_sends_it(
    span: Span, pointer: str, setting: str
) -> None:
    _, gaps = extract(span)
    found = [gap for gap in gaps if gap.reason is GapReason.NOT_RECORDED]
    assert [(gap.span, gap.pointer) for gap in found] == [(span.id, pointer)]
    assert setting in found[0].detail


@pytest.mark.parametrize(
    "span",
    [
        tool("list_users", {}, "[]"),
        tool("Read", None, "text"),
        generation("hi", {"role": "assistant", "content": []}),
        Span(id="a", kind=SpanKind.AGENT, name="Agent workflow"),
        tool(
            "create_file", {}, {}, metadata={"gen_ai.tool.call.arguments": '{"filePath": "a.py", "content": "x = 1"}'}
        ),
    ],
)
def test_spans_that_have_nothing_to_say_are_no_gaps(span: Span) -> None:
    _, gaps = extract(span)
    assert gaps == []


def test_no_gap_quotes_the_trace() -> None:
    secret = "hunter2-Prod-77"
    odd: Json = {
        f"k_{secret}": nested(90, secret),
        secret: f"*** Begin Patch\n{secret}",
        "x": {"type": "image", "u": secret},
    }
    _, gaps = extract(
        generation(odd, odd), tool(secret, odd, odd, metadata={secret: f"def {secret}():\n    return 1\n"})
    )
    assert gaps
    assert not [gap for gap in gaps if secret in gap.detail]
