"""Files put together again from what was done to them, and each fragment placed in its file."""

from collections.abc import Sequence
from typing import Any

import pytest
from file_traces import bash, call, edit, read, turn, write
from hypothesis import given, settings
from hypothesis import strategies as st

from tracevet.extract import Placed, Rebuilt, normal_path, rebuild, work
from tracevet.extract.bench import MAX_FILE, MAX_PASSING
from tracevet.model import Files, FileState, Span

NONE = Files(states={}, calls={})
A = "/repo/a.py"


def built(*spans: Span, files: Files = NONE) -> Rebuilt:
    return rebuild(work(turn("t", *spans)), files, "/repo")


def left(*spans: Span) -> str | None:
    """Give what a.py holds in the end, None where it is not known."""
    state = built(*spans).files.states.get(A)
    return state.text if state else None


def placed(*spans: Span) -> list[tuple[str, str, Any]]:
    return [(each.fragment, each.text, each.changed) for each in built(*spans).placed]


BASE = write("a.py", "one\ntwo\nthree\n")

HISTORIES: list[tuple[str, Sequence[Span], str | None]] = [
    ("an edit", (BASE, edit("a.py", "two", "2")), "one\n2\nthree\n"),
    ("an edit by the absolute path", (BASE, edit(A, "two", "2")), "one\n2\nthree\n"),
    ("an edit inside a line", (BASE, edit("a.py", "hre", "HRE")), "one\ntwo\ntHREe\n"),
    ("an edit of all places", (BASE, edit("a.py", "o", "0", every=True)), "0ne\ntw0\nthree\n"),
    ("an edit of one of several places", (BASE, edit("a.py", "o", "0")), None),
    ("an edit of what is not there", (BASE, edit("a.py", "four", "4")), None),
    ("an edit that failed", (BASE, edit("a.py", "two", "2", is_error=True)), "one\ntwo\nthree\n"),
    (
        "several edits of one call",
        (
            BASE,
            call(
                "MultiEdit",
                {
                    "file_path": "a.py",
                    "edits": [{"old_string": "one", "new_string": "1"}, {"old_string": "1\ntwo", "new_string": "12"}],
                },
            ),
        ),
        "12\nthree\n",
    ),
    (
        "an insertion",
        (BASE, call("str_replace_editor", {"command": "insert", "path": A, "insert_line": 1, "new_str": "x\n"})),
        "one\nx\ntwo\nthree\n",
    ),
    (
        "an insertion at the top",
        (BASE, call("str_replace_editor", {"command": "insert", "path": A, "insert_line": 0, "new_str": "x"})),
        "x\none\ntwo\nthree\n",
    ),
    (
        "an insertion beyond the end",
        (BASE, call("str_replace_editor", {"command": "insert", "path": A, "insert_line": 99, "new_str": "x"})),
        None,
    ),
    ("a second write", (BASE, write("a.py", "new\n")), "new\n"),
    ("an appended text", (BASE, bash("cat >> a.py <<'E'\nfour\nE")), "one\ntwo\nthree\nfour\n"),
    ("a heredoc", (bash("cat > a.py <<'E'\nx\nE"), edit("a.py", "x", "y")), "y\n"),
    ("a heredoc in another directory", (bash("cat > /repo/b/../a.py <<'E'\nx\nE"), edit("a.py", "x", "y")), "y\n"),
    ("sed -i", (BASE, bash("sed -i s/two/2/ a.py")), None),
    ("sed -i of another file", (BASE, bash("sed -i s/two/2/ b.txt")), "one\ntwo\nthree\n"),
    ("git checkout", (BASE, bash("git checkout .")), None),
    ("a formatter", (BASE, bash("black .")), None),
    ("rm", (BASE, bash("rm a.py")), None),
    ("rm of its folder", (BASE, bash("rm -r /repo")), None),
    ("a test run", (BASE, bash("pytest a.py")), "one\ntwo\nthree\n"),
    ("a read after sed -i", (BASE, bash("sed -i s/two/2/ a.py"), read("a.py", "one\n2\nthree")), "one\n2\nthree"),
    ("cat after sed -i", (BASE, bash("sed -i s/two/2/ a.py"), bash("cat a.py", "one\n2\nthree")), "one\n2\nthree"),
    ("a read before an edit", (read("a.py", "x = 1\ny = 2"), edit("a.py", "y = 2", "y = 3")), "x = 1\ny = 3"),
    (
        "the original beside an edit",
        (edit("a.py", "two", "2", result={"originalFile": "one\r\ntwo\r\n", "structuredPatch": []}),),
        "one\n2\n",
    ),
    (
        "an edit that a person changed",
        (
            edit(
                "a.py",
                "two",
                "2",
                result={
                    "originalFile": "one\ntwo",
                    "userModified": True,
                    "structuredPatch": [{"oldStart": 2, "oldLines": 1, "lines": ["-two", "+zwei"]}],
                },
            ),
        ),
        "one\nzwei",
    ),
    (
        "a Codex patch",
        (
            BASE,
            call("apply_patch", {"input": "*** Begin Patch\n*** Update File: a.py\n@@\n one\n-two\n+2\n*** End Patch"}),
        ),
        "one\n2\nthree\n",
    ),
    (
        "a unified diff of one of several places",
        (
            write("a.py", "x\ny\nx\n"),
            call("apply_patch", {"input": "--- a/a.py\n+++ b/a.py\n@@ -3 +3 @@\n-x\n+z\n"}),
        ),
        "x\ny\nz\n",
    ),
    (
        "a deletion by patch",
        (BASE, call("apply_patch", {"input": "*** Begin Patch\n*** Delete File: a.py\n*** End Patch"})),
        None,
    ),
    (
        "a move",
        (
            write("b.py", "x\n"),
            call(
                "apply_patch",
                {"input": "*** Begin Patch\n*** Update File: b.py\n*** Move to: a.py\n@@\n-x\n+y\n*** End Patch"},
            ),
        ),
        "y\n",
    ),
    (
        "search and replace",
        (BASE, call("apply_diff", {"path": "a.py", "diff": "<<<<<<< SEARCH\ntwo\n=======\n2\n>>>>>>> REPLACE"})),
        "one\n2\nthree\n",
    ),
    (
        "an edit that leaves out what stays",
        (BASE, call("edit_file", {"target_file": "a.py", "code_edit": "..."})),
        None,
    ),
]


@pytest.mark.parametrize(("spans", "expected"), [row[1:] for row in HISTORIES], ids=[row[0] for row in HISTORIES])
def test_the_file_in_the_end(spans: Sequence[Span], expected: str | None) -> None:
    assert left(*spans) == expected


def test_a_fragment_is_placed_in_its_file_with_the_lines_it_changed() -> None:
    assert placed(BASE, edit("a.py", "two", "two\n2.5")) == [
        ("one\ntwo\nthree", "one\ntwo\n2.5\nthree", ((1, 2), (4, 4))),
        ("two\n2.5", "one\ntwo\n2.5\nthree", ((3, 3),)),
    ]


def test_lines_that_stood_before_a_whole_write_are_not_new() -> None:
    assert placed(read("a.py", "one\ntwo"), BASE) == [("one\ntwo\nthree", "one\ntwo\nthree", ((3, 3),))]


def test_edits_that_last_share_one_state_of_the_file() -> None:
    spans = [edit("a.py", f"line {n}\n", f"LINE {n}\n") for n in range(1, 100)]
    found = placed(read("a.py", "\n".join(f"line {n}" for n in range(101))), *spans)
    assert len({text for _, text, _ in found}) == 1
    assert [changed for _, _, changed in found] == [((n + 1, n + 1),) for n in range(1, 100)]


def test_a_state_is_kept_where_a_later_edit_takes_away_what_an_earlier_one_wrote() -> None:
    found = placed(BASE, edit("a.py", "two", "bad(1)"), edit("a.py", "bad(1)", "good(1)"))
    assert [(fragment, text) for fragment, text, _ in found] == [
        ("one\ntwo\nthree", "one\ntwo\nthree"),
        ("bad(1)", "one\nbad(1)\nthree"),
        ("good(1)", "one\ngood(1)\nthree"),
    ]


def test_many_passing_states_are_bounded_and_the_rest_stays_a_fragment() -> None:
    lines = "\n".join(f"line {n}" for n in range(5_000))
    spans = [edit("a.py", f"<{n}>", f"<{n + 1}>") for n in range(200)]
    result = built(read("a.py", f"<0>\n{lines}"), edit("a.py", "<0>", "<0>\n"), *spans)
    texts = {each.text for each in result.placed}
    assert sum(len(text) for text in texts) <= MAX_PASSING + MAX_FILE
    assert result.files.states[A].text.startswith("<200>")


def test_a_file_beyond_the_cap_is_not_rebuilt() -> None:
    result = built(write("a.py", "x" * (MAX_FILE + 1)), edit("a.py", "x", "y", every=True))
    assert (result.placed, dict(result.files.states)) == ((), {})


def test_of_a_file_that_is_known_in_part_the_whole_blocks_are_shown_at_their_lines() -> None:
    part = "import os\n\ndef f():\n    x = 1\n    return x\n\ndef g():\n    pass"
    ((_, text, changed),) = placed(read("a.py", part, offset=1, limit=8), edit("a.py", "x = 1", "x = 2"))
    assert text == "import os\n\ndef f():\n    x = 2\n    return x"
    assert changed == ((4, 4),)
    far = "    y = 1\n\ndef f():\n    x = 1\n\ndef g():\n    pass"
    ((_, text, changed),) = placed(read("a.py", far, offset=101, limit=7), edit("a.py", "x = 1", "x = 2"))
    assert text == "\n" * 102 + "def f():\n    x = 2"
    assert changed == ((104, 104),)


@pytest.mark.parametrize(
    ("known", "old", "new", "shown"),
    [
        ("    x = 1\n    y = 2", "x = 1", "x = 3", "    x = 3"),
        ("    a = 0\n    x = 1\n    y = (\n        2,", "x = 1", "x = 3", "    a = 0\n    x = 3"),
        ("def g():\n    a = 0\n    x = 1\n\n    y = 2\n    z", "x = 1", "x = 3", "    a = 0\n    x = 3\n\n    y = 2"),
        ("    if a:\n        x = 1\n    y = 2\n}", "x = 1", "x = 3", "        x = 3"),
        ("        deep()\n    ]\n    x = 1\n)", "x = 1", "x = 3\n    y = 4", "    x = 3\n    y = 4"),
    ],
)
def test_of_a_block_that_is_not_known_whole_the_lines_around_an_edit_are_shown(
    known: str, old: str, new: str, shown: str
) -> None:
    count = known.count("\n") + 1
    ((_, text, changed),) = placed(read("a.py", known, offset=9, limit=count), edit("a.py", old, new))
    assert text.lstrip("\n") == shown
    assert changed is not None
    lines = text.split("\n")
    assert "\n".join(lines[changed[0][0] - 1 : changed[0][1]]).strip() == new


def test_parts_that_were_read_one_after_the_other_grow_together_and_move_with_edits() -> None:
    result = built(
        read("a.py", "b\nc", offset=2, limit=2),
        edit("a.py", "c", "c1\nc2"),
        read("a.py", "y\nz", offset=11, limit=2),
        edit("a.py", "b", "b1\nb2\nb3"),
    )
    state = result.files.states[A]
    assert state.known == ((2, 6), (13, 14))
    assert state.text.split("\n")[1:6] == ["b1", "b2", "b3", "c1", "c2"]


def test_a_call_is_carried_out_once_over_all_traces() -> None:
    first = built(BASE, edit("a.py", "two", "two\ntwo"))
    again = rebuild(work(turn("t", BASE, edit("a.py", "two", "two\ntwo"))), first.files, "/repo")
    assert again.files.states[A].text == first.files.states[A].text


def test_a_line_number_from_the_trace_fills_no_memory() -> None:
    hostile = call("Read", {"file_path": "a.py"}, {"file": {"content": "x", "startLine": 10**12}})
    assert left(hostile) is None


@pytest.mark.parametrize(
    ("path", "directory", "expected"),
    [
        ("a.py", "/r", "/r/a.py"),
        ("./x/../a.py", "/r", "/r/a.py"),
        ("/r/a.py", "/other", "/r/a.py"),
        ("a.py", None, "a.py"),
        ("C:\\r\\a.py", "/r", "C:/r/a.py"),
        ("x\\a.py", "C:\\r", "C:/r/x/a.py"),
    ],
)
def test_a_path_has_one_spelling(path: str, directory: str | None, expected: str) -> None:
    assert normal_path(path, directory) == expected


LINE = st.sampled_from(["a", "b", "", "  c", "dd"])


@settings(max_examples=300, deadline=None)
@given(
    st.lists(LINE, min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 8), st.lists(LINE, max_size=3), st.booleans()), max_size=6),
)
def test_any_edits_give_what_replacing_text_gives(
    lines: list[str], changes: list[tuple[int, int, list[str], bool]]
) -> None:
    text = "\n".join(lines) + "\n"
    state = Files(states={A: FileState(text=text)}, calls={})
    spans = []
    for at, length, new_lines, every in changes:
        old, new = text[at : at + length], "\n".join(new_lines)
        if old and (every or text.count(old) == 1):
            spans.append(edit("a.py", old, new, every=every))
            text = text.replace(old, new) if every else text.replace(old, new, 1)
    result = built(*spans, files=state)
    if spans:
        assert result.files.states[A].text == text
    for each in result.placed:
        check(each)


def check(each: Placed) -> None:
    """A placed text says only lines that are there."""
    count = each.text.count("\n") + 1
    assert all(1 <= first <= last <= count for first, last in each.changed or ())
