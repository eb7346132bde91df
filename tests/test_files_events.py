"""What tools do to files: arguments, patches, results and commands as events."""

import random
from dataclasses import replace

import pytest
from extraction import generation
from file_traces import bash, call, edit, read, turn
from recorded_traces import NAMES, traces

from tracevet.extract import rebuild, work
from tracevet.extract.acts import Act, Event
from tracevet.extract.events import done_by
from tracevet.model import Files, Json, Span, Trace

Short = tuple[str, ...]


def short(event: Event) -> Short:
    """Write an event down: act, path, old and new text, or where it stands."""
    fields = [event.act.value, event.path]
    if event.act is Act.REPLACED:
        fields += [event.old, event.text, *(["every"] if event.every else [])]
    elif event.act is Act.INSERTED:
        fields += [event.text, str(event.line)]
    elif event.act is Act.SAW:
        fields += [event.text, "whole" if event.whole else str(event.line)]
    elif event.act is Act.MOVED:
        fields += [event.to]
    else:
        fields += [event.text] if event.text else []
    return tuple(fields)


CALLS: list[tuple[str, Json, list[Short]]] = [
    ("Write", {"file_path": "a.py", "content": "x\n"}, [("wrote", "a.py", "x\n")]),
    ("create_file", {"filePath": "a.py", "content": "x"}, [("wrote", "a.py", "x")]),
    ("write", '{"path": "a.py", "contents": "x"}', [("wrote", "a.py", "x")]),
    ("Write", {"input": {"file_path": "a.py", "content": "x"}}, [("wrote", "a.py", "x")]),
    ("Write", {"file_path": "a.py"}, []),
    ("Write", {"content": "x"}, []),
    ("Edit", {"file_path": "a", "old_string": "x", "new_string": "y"}, [("replaced", "a", "x", "y")]),
    ("Edit", {"file_path": "a", "old_string": "", "new_string": "y"}, [("wrote", "a", "y")]),
    (
        "Edit",
        {"file_path": "a", "old_string": "x", "new_string": "y", "replace_all": True},
        [("replaced", "a", "x", "y", "every")],
    ),
    (
        "MultiEdit",
        {"file_path": "a", "edits": [{"old_string": "1", "new_string": "2"}, {"old_string": "3", "new_string": ""}]},
        [("replaced", "a", "1", "2"), ("replaced", "a", "3", "")],
    ),
    (
        "multi_replace_string_in_file",
        {"replacements": [{"filePath": "a", "oldString": "1", "newString": "2"}]},
        [("replaced", "a", "1", "2")],
    ),
    (
        "str_replace_editor",
        {"command": "insert", "path": "a", "insert_line": 3, "new_str": "x\n"},
        [("inserted", "a", "x", "3")],
    ),
    ("str_replace_editor", {"command": "undo_edit", "path": "a"}, [("lost", "a")]),
    ("str_replace_editor", {"command": "create", "path": "a", "file_text": "x"}, [("wrote", "a", "x")]),
    ("insert_content", {"path": "a", "line": 4, "content": "x"}, [("inserted", "a", "x", "3")]),
    ("insert_content", {"path": "a", "line": 0, "content": "x"}, [("appended", "a", "x")]),
    ("edit_file", {"target_file": "a", "code_edit": "# ...\nx"}, [("lost", "a")]),
    (
        "NotebookEdit",
        {"notebook_path": "n.ipynb", "cell_id": "c1", "new_source": "x", "edit_mode": "replace"},
        [("wrote", "n.ipynb#c1", "x")],
    ),
    ("NotebookEdit", {"notebook_path": "n.ipynb", "cell_id": "c1", "edit_mode": "delete"}, [("lost", "n.ipynb#c1")]),
    (
        "apply_patch",
        "*** Begin Patch\n*** Add File: n.py\n+a\n+b\n*** Update File: a.py\n@@ def f\n x\n-y\n+z\n"
        "*** Delete File: d.py\n*** End Patch",
        [("lost", "d.py"), ("wrote", "n.py", "a\nb\n"), ("replaced", "a.py", "x\ny\n", "x\nz\n")],
    ),
    (
        "apply_patch",
        "*** Begin Patch\n*** Update File: a.py\n*** Move to: b.py\n@@\n-y\n+z\n*** End Patch",
        [("moved", "a.py", "b.py"), ("replaced", "b.py", "y\n", "z\n")],
    ),
    (
        "apply_diff",
        {"path": "a.py", "diff": "<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE"},
        [("replaced", "a.py", "x\n", "y\n")],
    ),
    (
        "patch",
        {"patchText": "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n x\n-y\n+z\n@@ -9,0 +10 @@\n+w\n"},
        [("replaced", "a.py", "x\ny\n", "x\nz\n"), ("inserted", "a.py", "w", "9")],
    ),
    ("search_code", {"path": "a.py", "content": "x"}, []),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CALLS)
def test_a_call_gives_what_it_does_to_files(name: str, arguments: Json, expected: list[Short]) -> None:
    assert [short(event) for event in done_by(name, arguments, None)] == expected


EDIT: Json = {"file_path": "a", "old_string": "x", "new_string": "y"}
RESULTS: list[tuple[str, Json, Json, list[Short]]] = [
    (
        "Edit",
        EDIT,
        {"originalFile": "x1", "structuredPatch": []},
        [("saw", "a", "x1", "whole"), ("replaced", "a", "x", "y")],
    ),
    (
        "Edit",
        EDIT,
        {
            "originalFile": "x\nb",
            "userModified": True,
            "structuredPatch": [{"oldStart": 1, "lines": ["-x", "+z", " b"]}],
        },
        [("saw", "a", "z\nb", "whole")],
    ),
    ("Edit", EDIT, {"userModified": True}, [("lost", "a")]),
    (
        "replace",
        EDIT,
        {"response": {"resultDisplay": {"fileName": "a", "originalContent": "x1", "newContent": "y1"}}},
        [("saw", "a", "x1", "whole"), ("replaced", "a", "x", "y"), ("saw", "a", "y1", "whole")],
    ),
    ("Read", {"file_path": "a"}, "     1→x\n     2→y\n\n<system-reminder>", [("saw", "a", "x\ny", "whole")]),
    ("Read", {"file_path": "a"}, [{"type": "text", "text": "1\tx\n2\ty"}], [("saw", "a", "x\ny", "whole")]),
    ("Read", {"file_path": "a", "offset": 7, "limit": 2}, "     7→x\n     8→y", [("saw", "a", "x\ny", "7")]),
    (
        "Read",
        {"file_path": "a", "offset": 1, "limit": 9},
        {"type": "text", "file": {"filePath": "a", "content": "x", "startLine": 1, "numLines": 1, "totalLines": 1}},
        [("saw", "a", "x", "whole")],
    ),
    (
        "Read",
        {"file_path": "a"},
        {"type": "text", "file": {"filePath": "a", "content": "x", "startLine": 1, "numLines": 1, "totalLines": 9}},
        [("saw", "a", "x", "1")],
    ),
    ("Read", {"file_path": "a"}, "x = 1\ny = 2\n…[truncated 900 chars]", []),
    ("read_file", {"path": "a"}, "Error: no such file", []),
    ("Bash", {"command": "cat a"}, {"stdout": "x\ny", "stderr": ""}, [("saw", "a", "x\ny", "whole")]),
    ("Bash", {"command": "cd /r && cat a"}, "x", [("saw", "a", "x", "whole")]),
    ("Bash", {"command": "cat a | head"}, "x", []),
    ("Bash", {"command": "cat a b"}, "x", []),
    ("exec_command", {"cmd": "sed -n 5,9p a"}, "Exit code: 0\nOutput:\nx\ny", [("saw", "a", "x\ny", "5")]),
]


@pytest.mark.parametrize(("name", "arguments", "result", "expected"), RESULTS)
def test_a_result_tells_what_stands_in_the_file(
    name: str, arguments: Json, result: Json, expected: list[Short]
) -> None:
    assert [short(event) for event in done_by(name, arguments, result)] == expected


COMMANDS: list[tuple[str, list[Short]]] = [
    ("cat > a.py <<'E'\nx\nE", [("wrote", "a.py", "x\n")]),
    ("cat >> a.py <<'E'\nx\nE", [("appended", "a.py", "x\n")]),
    ("tee -a a.py <<'E'\nx\nE", [("lost", "", "a.py"), ("appended", "a.py", "x\n")]),
    ("cat > a.py <<'E'\nx\nE\nsed -i s/x/y/ a.py", [("wrote", "a.py", "x\n"), ("lost", "", "s/x/y/ a.py")]),
    ("python gen.py > a.py", [("lost", "a.py")]),
    ("pytest -q 2>&1 > /dev/null", []),
    ("sed -i.bak 's/a/b/' a.py", [("lost", "", "s/a/b/ a.py")]),
    ("sed 's/a/b/' a.py", []),
    ("rm -rf build", [("lost", "", "build")]),
    ("git checkout -- a.py", [("lost", "", "checkout a.py")]),
    ("git checkout main", [("lost", "")]),
    ("git stash && pytest", [("lost", "")]),
    ("git status && git diff a.py && git commit -am x", []),
    ("black .", [("lost", "")]),
    ("black --check .", []),
    ("ruff check --fix src/a.py", [("lost", "", "check src/a.py")]),
    ("ruff check src/a.py", []),
    ("npm run format", [("lost", "")]),
    ("npm test", []),
    ("gofmt -w a.go", [("lost", "", "a.go")]),
    ("mv a.py b.py", [("lost", "", "a.py b.py")]),
    ("FOO=1 sudo rm a.py", [("lost", "", "a.py")]),
    ("python -c \"open('a.py', 'w').write('x')\"", [("lost", "", "open('a.py', 'w').write('x')")]),
    ("python -c 'print(1)'", []),
    (
        "apply_patch <<'E'\n*** Begin Patch\n*** Update File: a.py\n@@\n-x\n+y\n*** End Patch\nE",
        [("replaced", "a.py", "x\n", "y\n")],
    ),
    ("patch -p1 < fix.diff", [("lost", "")]),
]


@pytest.mark.parametrize(("command", "expected"), COMMANDS)
def test_a_command_gives_what_it_does_to_files(command: str, expected: list[Short]) -> None:
    assert [short(event) for event in done_by("Bash", {"command": command}, "")] == expected


@pytest.mark.parametrize(
    "span",
    [
        edit("a", "x", "y", is_error=True),
        edit("a", "x", "y", level="ERROR"),
        edit("a", "x", "y", result="<tool_use_error>String to replace not found in file.</tool_use_error>"),
        edit("a", "x", "y", result={"success": False}),
        call("apply_patch", {"input": "--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n+y\n"}, '{"metadata": {"exit_code": 1}}'),
    ],
)
def test_a_tool_that_failed_did_nothing(span: Span) -> None:
    (done,) = work(turn("t", span))
    assert (done.events, done.failed) == ((), True)


def test_a_command_that_failed_may_have_written() -> None:
    (done,) = work(turn("t", call("Bash", {"command": "cat > a <<E\nx\nE\nfalse"}, "Exit code 1", is_error=True)))
    assert [event.act for event in done.events] == [Act.WROTE]
    assert not done.failed


ASKED: Json = {
    "role": "assistant",
    "content": [{"type": "tool_use", "id": "c1", "name": "Edit", "input": EDIT}],
}


def test_a_call_in_an_answer_counts_where_no_span_shows_that_it_ran() -> None:
    alone = Trace(platform="p", id="t", spans=(generation(output=ASKED),))
    assert [short(event) for each in work(alone) for event in each.events] == [("replaced", "a", "x", "y")]
    run = call("Edit", EDIT if isinstance(EDIT, dict) else {})
    both = Trace(platform="p", id="t", spans=(generation(output=ASKED), run))
    assert [each.span for each in work(both)] == [""]


def test_a_result_in_a_later_message_tells_of_the_call_before_it() -> None:
    failed: Json = {"type": "tool_result", "tool_use_id": "c1", "content": "Error: no match", "is_error": True}
    history: Json = [{"role": "user", "content": "do"}, ASKED, {"role": "user", "content": [failed]}]
    (done,) = work(Trace(platform="p", id="t", spans=(generation(input=history, output="sorry"),)))
    assert done.failed
    assert work(Trace(platform="p", id="t", spans=(generation(input=history, output="sorry"),)), {"c1"}) == []


def test_a_command_is_told_by_its_tool_or_its_key() -> None:
    calls: tuple[tuple[str, Json], ...] = (
        ("local_shell_call", {"command": ["bash", "-lc", "rm a.py"]}),
        ("run_commands", {"commands": ["rm a.py"]}),
        ("anything", {"cmd": "rm a.py"}),
    )
    for name, arguments in calls:
        assert [short(event) for event in done_by(name, arguments, None)] == [("lost", "", "a.py")]


SWAPS: tuple[Json, ...] = (
    None,
    True,
    -1,
    10**30,
    1.5,
    "",
    "{",
    "\ud800",
    [],
    {},
    [[]],
    {"a": 1},
    "*** Begin Patch\n@@\n-x",
)
KEYS = (
    "edits",
    "old_string",
    "offset",
    "content",
    "startLine",
    "insert_line",
    "structuredPatch",
    "originalFile",
    "path",
)


def broken(value: Json, choice: random.Random) -> Json:
    """Swap values for others, rename keys, and cut strings."""
    if choice.random() < 0.08:
        return choice.choice(SWAPS)
    if isinstance(value, dict):
        return {
            key if choice.random() > 0.05 else choice.choice(KEYS): broken(each, choice) for key, each in value.items()
        }
    if isinstance(value, list):
        return [broken(each, choice) for each in value]
    if isinstance(value, str) and choice.random() < 0.2:
        return value[: choice.randrange(len(value) + 1)]
    return value


def hostile(whole: Trace, choice: random.Random) -> Trace:
    spans = []
    for span in whole.spans:
        metadata = broken(dict(span.metadata), choice)
        spans.append(
            replace(
                span,
                input=broken(span.input, choice),
                output=broken(span.output, choice),
                metadata=metadata if isinstance(metadata, dict) else {},
            )
        )
    return replace(whole, spans=tuple(spans))


OWN = turn(
    "own",
    read("a.py", "one\ntwo\nthree"),
    edit(
        "a.py", "two", "2", result={"originalFile": "one\ntwo", "structuredPatch": [{"oldStart": 1, "lines": ["-a"]}]}
    ),
    call("MultiEdit", {"file_path": "a.py", "edits": [{"old_string": "one", "new_string": "1"}]}),
    call("str_replace_editor", {"command": "insert", "path": "a.py", "insert_line": 1, "new_str": "x"}),
    call("apply_patch", {"input": "*** Begin Patch\n*** Update File: a.py\n@@\n-x\n+y\n*** End Patch"}),
    call("NotebookEdit", {"notebook_path": "n.ipynb", "cell_id": "c", "new_source": "x", "edit_mode": "replace"}),
    bash("cat > b.py <<'E'\nx\nE\nsed -i s/x/y/ b.py; cat a.py", {"stdout": "x"}),
)


@pytest.mark.parametrize("name", [*NAMES, "own"])
def test_nothing_that_a_trace_holds_breaks_the_files(name: str) -> None:
    choice = random.Random(name)
    for _ in range(100):
        files = Files(states={}, calls={})
        for whole in traces(name)[:3] if name != "own" else [OWN]:
            files = rebuild(work(hostile(whole, choice), files.calls), files, "/repo").files
