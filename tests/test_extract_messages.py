"""Messages: every format gives the same snippets, and history that is sent again gives no more work."""

import json

import pytest
from extraction import extract, generation, short, tool

from tracevet.extract.messages import FORMATS
from tracevet.model import GapReason, Json, Snippet, Span, SpanKind, Surface

CODE = 'def run(cmd):\n    os.system("ls " + cmd)'
ARGUMENTS: dict[str, Json] = {"file_path": "a.py", "content": CODE}
TEXT = json.dumps(ARGUMENTS)
SAID = ("suggested", "text", "Here it is.")
APPLIED = ("applied", "python", CODE)

# what a model gives back, in every format: "Here it is." and a call that writes CODE
ANSWERS: dict[str, Json] = {
    "OpenAI chat message": {
        "role": "assistant",
        "content": "Here it is.",
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": "Write", "arguments": TEXT}}],
    },
    "OpenAI chat parts": {
        "role": "assistant",
        "content": [{"type": "text", "text": "Here it is."}],
        "tool_calls": [{"id": "c", "type": "function", "function": {"name": "Write", "arguments": TEXT}}],
    },
    "OpenAI function call": {
        "role": "assistant",
        "content": "Here it is.",
        "function_call": {"name": "Write", "arguments": TEXT, "id": "c"},
    },
    "OpenAI completion": {
        "choices": [
            {
                "message": {
                    "role": "assistant",
                    "content": "Here it is.",
                    "tool_calls": [{"id": "c", "function": {"name": "Write", "arguments": TEXT}}],
                }
            }
        ]
    },
    "Anthropic message": {
        "id": "msg",
        "type": "message",
        "role": "assistant",
        "content": [
            {"type": "text", "text": "Here it is."},
            {"type": "tool_use", "id": "c", "name": "Write", "input": ARGUMENTS},
        ],
    },
    "LangSmith plugins": {
        "messages": [
            {
                "role": "ai",
                "content": [
                    {"type": "text", "text": "Here it is."},
                    {"type": "tool_call", "id": "c", "name": "Write", "args": ARGUMENTS},
                ],
            }
        ]
    },
    "OpenAI Responses": {
        "output": [
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Here it is."}]},
            {"type": "function_call", "id": "fc", "call_id": "c", "name": "Write", "arguments": TEXT},
        ]
    },
    "Gemini contents": [
        {
            "role": "model",
            "parts": [{"text": "Here it is."}, {"functionCall": {"id": "c", "name": "Write", "args": ARGUMENTS}}],
        }
    ],
    "Gemini response": {
        "candidates": [
            {
                "content": {
                    "parts": [
                        {"text": "Here it is."},
                        {"functionCall": {"id": "c", "name": "Write", "args": ARGUMENTS}},
                    ]
                }
            }
        ]
    },
    "OTel GenAI parts": [
        {
            "role": "assistant",
            "parts": [
                {"type": "text", "content": "Here it is."},
                {"type": "tool_call", "id": "c", "name": "Write", "arguments": ARGUMENTS},
            ],
            "finish_reason": "tool_calls",
        }
    ],
    "LangChain constructor": {
        "generations": [
            [
                {
                    "text": "Here it is.",
                    "generation_info": {},
                    "message": {
                        "lc": 1,
                        "type": "constructor",
                        "id": ["langchain", "schema", "messages", "AIMessage"],
                        "kwargs": {
                            "content": "Here it is.",
                            "type": "ai",
                            "tool_calls": [{"name": "Write", "args": ARGUMENTS, "id": "c"}],
                        },
                    },
                }
            ]
        ]
    },
    "Vercel AI SDK": json.dumps(
        {
            "role": "assistant",
            "content": "Here it is.",
            "tool_calls": json.dumps([{"toolCallId": "c", "toolName": "Write", "input": TEXT}]),
        }
    ),
    "Codex plugin for Langfuse": {
        "content": "Here it is.",
        "tool_calls": [{"id": "c", "name": "Write", "arguments": ARGUMENTS}],
    },
    "Claude Code plugin for Langfuse": {
        "role": "assistant",
        "content": "Here it is.",
        "tool_calls": [{"id": "c", "name": "Write", "input": ARGUMENTS}],
    },
    "Bedrock": {
        "role": "assistant",
        "content": [{"text": "Here it is."}, {"toolUse": {"toolUseId": "c", "name": "Write", "input": ARGUMENTS}}],
    },
    "OpenInference, flattened": {
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.content": "Here it is.",
        "llm.output_messages.0.message.tool_calls.0.tool_call.id": "c",
        "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "Write",
        "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": TEXT,
    },
    "traceloop, flattened": {
        "gen_ai.completion.0.role": "assistant",
        "gen_ai.completion.0.content": "Here it is.",
        "gen_ai.completion.0.tool_calls.0.id": "c",
        "gen_ai.completion.0.tool_calls.0.name": "Write",
        "gen_ai.completion.0.tool_calls.0.arguments": TEXT,
    },
}


def once(snippets: list[Snippet]) -> list[tuple[str, str, str]]:
    return list(dict.fromkeys(short(snippets)))


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_every_format_of_an_answer_gives_the_same_snippets(answer: Json) -> None:
    snippets, gaps = extract(generation(output=answer))
    assert once(snippets) == [SAID, APPLIED]
    assert {snippet.call for snippet in snippets} == {None, "c"}
    assert [gap for gap in gaps if gap.reason is not GapReason.UNKNOWN_KIND] == []


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_json_in_a_string_is_read_as_the_json(answer: Json) -> None:
    snippets, _ = extract(generation(output=json.dumps(answer)))
    assert once(snippets) == [SAID, APPLIED]


@pytest.mark.parametrize("name", ["OpenInference, flattened", "traceloop, flattened"])
@pytest.mark.parametrize("shape", ["bare", "attributes.", "nested"])
def test_flattened_messages_are_read_out_of_metadata(name: str, shape: str) -> None:
    answer = ANSWERS[name]
    assert isinstance(answer, dict)
    metadata: dict[str, Json] = {f"attributes.{key}" if shape == "attributes." else key: answer[key] for key in answer}
    snippets, gaps = extract(generation(metadata={"attributes": metadata} if shape == "nested" else metadata))
    assert once(snippets) == [SAID, APPLIED]
    assert gaps == []


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (
            {"type": "local_shell_call", "call_id": "c", "action": {"type": "exec", "command": ["bash", "-lc", "ls"]}},
            "ls",
        ),
        (
            {"type": "function_call", "call_id": "c", "name": "shell", "arguments": '{"command":["bash","-lc","ls"]}'},
            "ls",
        ),
        ({"type": "code_interpreter_call", "id": "c", "code": "import os", "outputs": None}, "import os"),
        ({"executableCode": {"language": "PYTHON", "code": "import os"}}, "import os"),
    ],
)
def test_calls_that_run_something_are_commands(item: Json, expected: str) -> None:
    snippets, _ = extract(generation(output={"output": [item]}))
    assert [(s.surface, s.text) for s in snippets] == [(Surface.COMMAND, expected)]


def test_a_custom_tool_call_may_hold_a_bare_patch() -> None:
    patch = "*** Begin Patch\n*** Add File: a.py\n+import os\n*** End Patch"
    snippets, _ = extract(
        generation(output=[{"type": "custom_tool_call", "call_id": "c", "name": "apply_patch", "input": patch}])
    )
    assert short(snippets) == [("applied", "python", "import os")]


@pytest.mark.parametrize(
    ("message", "surface"),
    [
        ({"role": "system", "content": "hello"}, Surface.CONTEXT),
        ({"role": "developer", "content": "hello"}, Surface.CONTEXT),
        ({"role": "user", "content": "hello"}, Surface.PROMPT),
        ({"role": "human", "content": "hello"}, Surface.PROMPT),
        ({"type": "human", "data": {"content": "hello"}}, Surface.PROMPT),
        (
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "x", "content": "hello"}]},
            Surface.CONTEXT,
        ),
        (
            {"role": "user", "parts": [{"functionResponse": {"name": "x", "response": {"output": "hello"}}}]},
            Surface.CONTEXT,
        ),
        ({"role": "tool", "parts": [{"type": "tool_call_response", "id": "x", "response": "hello"}]}, Surface.CONTEXT),
        ({"role": "tool", "tool_call_id": "x", "content": "hello"}, Surface.CONTEXT),
        ({"role": "tool", "tool_results": [{"tool_use_id": "x", "output": "hello"}]}, Surface.CONTEXT),
        ({"type": "function_call_output", "call_id": "x", "output": "hello"}, Surface.CONTEXT),
        ({"name": "x", "output": "hello"}, Surface.CONTEXT),
        ({"role": "assistant", "content": "hello"}, Surface.SUGGESTED),
        ({"role": "model", "parts": [{"text": "hello"}]}, Surface.SUGGESTED),
        ({"role": "a-new-role", "content": "hello"}, Surface.PROMPT),
    ],
)
def test_who_speaks_decides_the_surface(message: Json, surface: Surface) -> None:
    snippets, _ = extract(generation(input=[message], output="ok"))
    assert [(s.surface, s.text) for s in snippets][:1] == [(surface, "hello")]


def test_code_blocks_are_snippets_of_who_wrote_them() -> None:
    block = f"Look:\n\n```python\n{CODE}\n```\n"
    snippets, _ = extract(generation(input=[{"role": "user", "content": block}], output=block))
    assert short(snippets) == [
        ("prompt", "text", block.rstrip()),
        ("prompt", "python", CODE),
        ("suggested", "text", block.rstrip()),
        ("suggested", "python", CODE),
    ]


def test_thoughts_are_text_only() -> None:
    thinking = f"I could write\n\n```python\n{CODE}\n```"
    snippets, _ = extract(
        generation(output=[{"role": "assistant", "content": [{"type": "thinking", "thinking": thinking}]}])
    )
    assert short(snippets) == [("suggested", "text", thinking)]


def test_xml_tools_in_the_answer_write_and_run() -> None:
    write = f"<write_to_file>\n<path>a.py</path>\n<content>\n{CODE}\n</content>\n</write_to_file>"
    said = f"{write}\n<execute_command>\n<command>ls</command>\n</execute_command>"
    snippets, _ = extract(generation(output=said))
    assert short(snippets) == [("suggested", "text", said), APPLIED, ("command", "shell", "ls")]
    assert snippets[1].path == "a.py"


def test_a_file_in_an_answer_of_json_is_suggested() -> None:
    answer = json.dumps({"files": [{"path": "a.py", "content": CODE}]})
    snippets, _ = extract(generation(output={"role": "assistant", "content": answer}))
    assert short(snippets) == [("suggested", "text", answer), ("suggested", "python", CODE)]


def test_an_answer_that_goes_on_after_json_is_prose() -> None:
    said = f"[1] is where to look:\n\n```python\n{CODE}\n```"
    snippets, gaps = extract(generation(output=said))
    assert short(snippets) == [("suggested", "text", said), ("suggested", "python", CODE)]
    assert gaps == []


def test_definitions_of_tools_are_no_content() -> None:
    definition: Json = {"type": "function", "function": {"name": "write", "description": "Write", "parameters": {}}}
    snippets, gaps = extract(generation(input=[{"role": "tool", "content": definition}], output="ok"))
    assert short(snippets) == [("suggested", "text", "ok")]
    assert gaps == []


def test_a_message_in_no_known_format_is_read_text_by_text_and_told() -> None:
    snippets, gaps = extract(generation(output={"verdict": {"prose": "hello"}}))
    assert short(snippets) == [("suggested", "text", "hello")]
    assert [(gap.reason, gap.pointer) for gap in gaps] == [(GapReason.UNKNOWN_KIND, "/output")]


def test_pictures_are_told_and_not_read() -> None:
    picture: Json = {"type": "image", "source": {"type": "base64", "data": "iVBORw0KGgo"}}
    snippets, gaps = extract(generation(input=[{"role": "user", "content": [picture]}], output="ok"))
    assert short(snippets) == [("suggested", "text", "ok")]
    assert [(gap.reason, gap.pointer) for gap in gaps] == [(GapReason.NOT_RECORDED, "/input/0/content/0")]


def test_calls_without_arguments_are_told_unless_a_tool_run_has_them() -> None:
    answer: Json = {"role": "assistant", "content": "ok", "tool_calls": [{"id": "c", "name": "Write"}]}
    _, gaps = extract(generation(output=answer))
    assert [(gap.reason, gap.pointer) for gap in gaps] == [(GapReason.NOT_RECORDED, "/output/tool_calls/0")]
    _, gaps = extract(generation(output=answer), tool("Write", ARGUMENTS, metadata={"tool_use_id": "c"}))
    assert gaps == []


def test_an_agents_own_input_and_output_are_read_as_messages() -> None:
    root = Span(id="r", kind=SpanKind.AGENT, input="hello", output={"messages": [ANSWERS["Anthropic message"]]})
    snippets, gaps = extract(root)
    assert short(snippets) == [("prompt", "text", "hello"), SAID, APPLIED]
    assert gaps == []


def test_formats_have_names_of_their_own() -> None:
    names = [form.name for form in FORMATS]
    assert len(names) == len(set(names))
