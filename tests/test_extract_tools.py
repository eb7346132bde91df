"""Tools: what each argument and result becomes, whatever the assistant calls it."""

import json
from typing import Any

import pytest
from extraction import extract, short, tool

from tracevet.extract.tools import TOOLS, normal
from tracevet.extract.tools import tool as known
from tracevet.model import GapReason, Json, Surface

CODE = 'def run(cmd):\n    os.system("ls " + cmd)'
OLD = "def run(cmd):\n    pass"
PATCH = f"*** Begin Patch\n*** Add File: app/run.py\n+{CODE.replace(chr(10), chr(10) + '+')}\n*** End Patch"
SEARCH = f"<<<<<<< SEARCH\n{OLD}\n=======\n{CODE}\n>>>>>>> REPLACE\n"
WRITTEN = ("applied", "python", CODE)

# tool, arguments: each writes CODE to a Python file
WRITERS: list[tuple[str, Json]] = [
    ("Write", {"file_path": "a.py", "content": CODE}),
    ("Tool: Write", {"file_path": "a.py", "content": CODE + "\n"}),
    ("Edit", {"file_path": "a.py", "old_string": OLD, "new_string": CODE, "replace_all": False}),
    ("MultiEdit", {"file_path": "a.py", "edits": [{"old_string": OLD, "new_string": CODE}]}),
    ("NotebookEdit", {"notebook_path": "a.ipynb", "cell_id": "1", "cell_type": "code", "new_source": CODE}),
    ("StrReplace", {"path": "a.py", "old_string": OLD, "new_string": CODE}),
    ("create_file", {"filePath": "a.py", "content": CODE}),
    ("replace_string_in_file", {"filePath": "a.py", "oldString": OLD, "newString": CODE}),
    ("multi_replace_string_in_file", {"replacements": [{"filePath": "a.py", "oldString": OLD, "newString": CODE}]}),
    ("insert_edit_into_file", {"explanation": "why", "filePath": "a.py", "code": CODE}),
    ("edit_notebook_file", {"filePath": "a.ipynb", "newCode": CODE}),
    ("write_file", {"file_path": "a.py", "content": CODE}),
    ("replace", {"file_path": "a.py", "old_string": OLD, "new_string": CODE, "instruction": "why"}),
    ("write", {"filePath": "a.py", "content": CODE}),
    ("str_replace_editor", {"command": "create", "path": "a.py", "file_text": CODE}),
    ("str_replace_based_edit_tool", {"command": "str_replace", "path": "a.py", "old_str": OLD, "new_str": CODE}),
    ("str_replace_based_edit_tool", {"command": "insert", "path": "a.py", "insert_line": 1, "insert_text": CODE}),
    ("write_to_file", {"path": "a.py", "content": CODE}),
    ("write_to_file", {"TargetFile": "/w/a.py", "CodeContent": CODE, "EmptyFile": False}),
    ("edit_file", {"target_file": "a.py", "code_edit": CODE, "instructions": "why"}),
    ("editor", {"path": "a.py", "old_text": OLD, "new_text": CODE}),
    ("search_replace", {"file_path": "a.py", "old_string": OLD, "new_string": CODE}),
    ("mcp__filesystem__write_file", {"path": "a.py", "content": CODE}),
    ("filesystem.write_file", {"path": "a.py", "content": CODE}),
    ("execute_tool create_file", {"filePath": "a.py", "content": CODE}),
    ("push_files", {"branch": "main", "files": [{"path": "a.py", "content": CODE}]}),
    ("apply_patch", PATCH),
    ("apply_patch", {"input": PATCH}),
    ("apply_patch", {"patchText": PATCH}),
    ("patch", {"patch": PATCH}),
    ("apply_diff", {"path": "a.py", "diff": SEARCH}),
    ("Write", {"input": {"file_path": "a.py", "content": CODE}}),
    ("write_file", {"callId": "c", "name": "write_file", "args": {"file_path": "a.py", "content": CODE}}),
    ("save_it_somewhere", {"path": "a.py", "content": CODE}),
]


@pytest.mark.parametrize(("name", "arguments"), WRITERS, ids=[name for name, _ in WRITERS])
@pytest.mark.parametrize("wrap", [lambda value: value, json.dumps], ids=["object", "JSON"])
def test_what_a_tool_writes_is_applied_under_its_path(name: str, arguments: Json, wrap: Any) -> None:
    snippets, gaps = extract(tool(name, arguments if isinstance(arguments, str) else wrap(arguments)))
    applied = [snippet for snippet in snippets if snippet.surface is Surface.APPLIED]
    assert short(applied) == [WRITTEN]
    assert applied[0].path is not None
    assert applied[0].path.endswith((".py", ".ipynb"))
    assert not gaps


@pytest.mark.parametrize(
    ("name", "arguments"), [row for row in WRITERS if OLD in str(row) or "old" in str(row).lower()]
)
def test_what_an_edit_replaces_is_context_and_no_new_line(name: str, arguments: Json) -> None:
    snippets, _ = extract(tool(name, arguments))
    assert ("context", "python", OLD) in short(snippets)
    assert next(s.changed for s in snippets if s.surface is Surface.APPLIED) == ((2, 2),)


# tool, arguments, what runs
RUNNERS: list[tuple[str, Json, tuple[str, str, str]]] = [
    ("Bash", {"command": "ls -la", "description": "look"}, ("command", "shell", "ls -la")),
    ("exec_command", {"cmd": "ls -la", "workdir": "/w"}, ("command", "shell", "ls -la")),
    ("shell", {"command": ["bash", "-lc", "ls -la"], "workdir": "/w"}, ("command", "shell", "ls -la")),
    ("shell", {"command": ["git", "commit", "-m", "a b"]}, ("command", "shell", "git commit -m 'a b'")),
    ("local_shell", {"type": "exec", "command": ["/bin/sh", "-c", "ls -la"]}, ("command", "shell", "ls -la")),
    ("run_in_terminal", {"command": "ls -la", "isBackground": False}, ("command", "shell", "ls -la")),
    ("run_commands", {"commands": ["ls -la"]}, ("command", "shell", "ls -la")),
    ("run_commands", {"commands": [{"command": "ls -la"}]}, ("command", "shell", "ls -la")),
    ("bash", "ls -la", ("command", "shell", "ls -la")),
    ("PowerShell", {"command": "Get-ChildItem"}, ("command", "powershell", "Get-ChildItem")),
    ("execute_python", {"code": CODE}, ("command", "python", CODE)),
    ("run_code", {"language": "python", "code": CODE}, ("command", "python", CODE)),
    ("ipython", CODE, ("command", "python", CODE)),
    ("db_query", {"sql": "DROP TABLE users"}, ("command", "sql", "DROP TABLE users")),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), RUNNERS)
def test_what_a_tool_runs_is_a_command_in_its_language(
    name: str, arguments: Json, expected: tuple[str, str, str]
) -> None:
    snippets, gaps = extract(tool(name, arguments))
    assert expected in short(snippets)
    assert not gaps


def test_a_command_gives_the_files_and_programs_in_it() -> None:
    command = f"cat > app/run.py <<'EOF'\n{CODE}\nEOF\npython3 - <<'PY'\nprint(1)\nPY"
    snippets, _ = extract(tool("Bash", {"command": command}))
    assert short(snippets) == [("command", "shell", command), WRITTEN, ("command", "python", "print(1)")]
    assert snippets[1].path == "app/run.py"


def test_a_patch_gives_each_file_with_only_its_added_lines_new() -> None:
    patch = "*** Begin Patch\n*** Update File: a.py\n@@\n import os\n-x = 1\n+x = 2\n*** End Patch\n"
    snippets, gaps = extract(tool("apply_patch", patch))
    assert [(s.surface.value, s.text, s.path, s.changed) for s in snippets] == [
        ("context", "import os\nx = 1", "a.py", None),
        ("applied", "import os\nx = 2", "a.py", ((2, 2),)),
    ]
    assert not gaps


def test_a_patch_that_holds_no_file_is_a_gap() -> None:
    _, gaps = extract(tool("apply_patch", "*** Begin Patch\n"))
    assert [gap.reason for gap in gaps] == [GapReason.MALFORMED]


def test_a_patch_that_only_deletes_is_no_gap() -> None:
    patch = "*** Begin Patch\n*** Delete File: app/run.py\n*** End Patch"
    assert extract(tool("apply_patch", {"input": patch})) == ([], [])


def test_code_under_a_key_that_nobody_knows_is_vetted_as_said_and_told() -> None:
    code = "import os\n\ndef run(cmd):\n    os.system('ls ' + cmd)\n"
    snippets, gaps = extract(tool("remember", {"insight": code, "topic": "running"}))
    assert {(s.surface, s.language) for s in snippets} == {(Surface.SUGGESTED, "text"), (Surface.SUGGESTED, "python")}
    assert [(gap.reason, gap.pointer) for gap in gaps] == [(GapReason.UNKNOWN_KIND, "/input/insight")]


def test_a_patch_under_a_key_that_nobody_knows_is_read_as_a_patch() -> None:
    snippets, _ = extract(tool("remember", {"change": PATCH}))
    assert WRITTEN in short(snippets)


# result, what of it
RESULTS: list[tuple[str, Json, Json, tuple[str, str, str]]] = [
    ("Read", {"file_path": "a.py"}, OLD, ("context", "python", OLD)),
    ("Read", {"file_path": "a.py"}, {"output": OLD}, ("context", "python", OLD)),
    (
        "Read",
        {"file_path": "a.py"},
        {"type": "text", "file": {"filePath": "a.py", "content": OLD}},
        ("context", "python", OLD),
    ),
    ("Bash", {"command": "cat a.py"}, OLD, ("context", "text", OLD)),
    ("Bash", {"command": "cat a.py"}, {"stdout": OLD, "stderr": "", "isImage": False}, ("context", "text", OLD)),
    (
        "Bash",
        {"command": "cat a.py"},
        json.dumps({"output": OLD, "metadata": {"exit_code": 0}}),
        ("context", "text", OLD),
    ),
    ("Edit", {}, {"filePath": "a.py", "oldString": OLD, "newString": CODE, "originalFile": OLD}, WRITTEN),
    (
        "Edit",
        {},
        {"filePath": "a.py", "oldString": "x", "newString": "y", "originalFile": OLD},
        ("context", "python", OLD),
    ),
    ("Write", {}, {"type": "create", "filePath": "a.py", "content": CODE, "structuredPatch": []}, WRITTEN),
    ("write_file", {}, {"resultDisplay": {"fileName": "a.py", "originalContent": "", "newContent": CODE}}, WRITTEN),
    ("apply_patch", {}, {"changes": {"/w/a.py": {"type": "add", "content": CODE + "\n"}}}, WRITTEN),
    (
        "apply_patch",
        {},
        {"changes": {"/w/a.py": {"type": "update", "unified_diff": "@@ -1 +1 @@\n-x = 1\n+x = 2\n"}}},
        ("applied", "python", "x = 2"),
    ),
    ("apply_patch", {}, {"changes": {"/w/a.py": {"type": "delete", "content": OLD}}}, ("context", "python", OLD)),
]


@pytest.mark.parametrize(("name", "arguments", "result", "expected"), RESULTS)
def test_results_are_context_but_for_copies_of_what_was_written(
    name: str, arguments: Json, result: Json, expected: tuple[str, str, str]
) -> None:
    snippets, _ = extract(tool(name, arguments, result))
    assert expected in short(snippets)


def test_a_result_in_a_later_message_has_the_language_of_the_file_that_was_read() -> None:
    _, read = tool("Read", {"file_path": "a.py"}, id="r", metadata={"tool_use_id": "c1"}), OLD
    snippets, _ = extract(tool("Read", {"file_path": "a.py"}, read, metadata={"tool_use_id": "c1"}))
    assert short(snippets) == [("context", "python", OLD)]


def test_many_short_strings_end_in_one_gap() -> None:
    _, gaps = extract(tool("remember", {"facts": ["x"] * 30_000}))
    assert [gap.reason for gap in gaps] == [GapReason.TOO_LARGE]


def test_tables_are_spelled_as_they_are_looked_up() -> None:
    assert all(normal(name) == name for name in TOOLS)
    assert known("MCP__a_b__Apply-Patch") is known("applyPatch") is TOOLS["applypatch"]


def test_a_notebook_that_is_written_whole_is_read_by_its_cells() -> None:
    code: Json = {"cell_type": "code", "source": ["import os\n", "os.system(x)"], "outputs": [{"text": "no code"}]}
    notebook: Json = {
        "cells": [code, {"cell_type": "code", "source": "y = 1"}, {"cell_type": "markdown", "source": ["# Hi"]}]
    }
    snippets, gaps = extract(tool("Write", {"file_path": "a.ipynb", "content": json.dumps(notebook)}))
    assert short(snippets) == [
        ("applied", "python", "import os\nos.system(x)"),
        ("applied", "python", "y = 1"),
        ("applied", "markdown", "# Hi"),
    ]
    assert snippets[1].pointer == "/input/content/cells/1/source"
    assert gaps == []


@pytest.mark.parametrize("content", ['{"cells": [{"cell_type": "code", "sour', '{"no": "notebook"}', '{"cells": 7}'])
def test_a_notebook_that_can_not_be_read_is_a_gap(content: str) -> None:
    _, gaps = extract(tool("Write", {"file_path": "a.ipynb", "content": content}))
    assert [gap.pointer for gap in gaps] == ["/input/content"]


def test_a_cell_that_begins_like_a_notebook_is_a_cell() -> None:
    snippets, gaps = extract(tool("NotebookEdit", {"notebook_path": "a.ipynb", "new_source": "{1: 2}\nprint(3)"}))
    assert (short(snippets), gaps) == ([("applied", "python", "{1: 2}\nprint(3)")], [])
