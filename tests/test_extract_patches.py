"""Patches of every grammar give new sides, old sides and the lines that are new."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracevet.extract import patches
from tracevet.extract.piece import Piece, PieceKind

CODEX = """\
*** Begin Patch
*** Add File: app/new.py
+import os
+
+x = 1
*** Update File: app/a.py
*** Move to: app/b.py
@@ def f():
 ctx
-old
+new
+new2
 ctx2
@@
-bye
*** Delete File: z.py
*** End Patch
"""
UNIFIED = """\
diff --git a/x.py b/x.py
index 1..2 100644
--- a/x.py
+++ b/x.py
@@ -1,4 +1,4 @@ def g():
 a
--- sql comment
+b

 c
@@ -10 +10 @@
-q
+r
\\ No newline at end of file
diff --git a/n.go b/n.go
new file mode 100644
--- /dev/null
+++ b/n.go
@@ -0,0 +1,2 @@
+package main
+func main() {}
--\x20
2.30
"""
AIDER = """\
app/db.py
```python
<<<<<<< SEARCH
import os
def f(): pass
=======
import os
def f(): eval(x)
>>>>>>> REPLACE
```
"""
ROO = "<<<<<<< SEARCH\n:start_line:10\n-------\nold\n=======\nnew\n>>>>>>> REPLACE\n"
CLINE = "------- SEARCH\nold\n=======\nnew\n+++++++ REPLACE\n------- SEARCH\nold2\n=======\ncut"

FOUND = [
    pytest.param(
        CODEX,
        [
            ("file", "app/new.py", "import os\n\nx = 1\n", None),
            ("old", "app/a.py", "ctx\nold\nctx2\n", None),
            ("file", "app/b.py", "ctx\nnew\nnew2\nctx2\n", ((2, 3),)),
            ("old", "app/a.py", "bye\n", None),
        ],
        id="codex",
    ),
    pytest.param(
        "*** Begin Patch\n*** Add File: a.py\n+x = 1\n+y = 'cut of",
        [("file", "a.py", "x = 1\ny = 'cut of", None)],
        id="codex, truncated",
    ),
    pytest.param(
        "*** Begin Patch\n*** Update File: c.py\n nohead\n+added\n*** End Patch",
        [("old", "c.py", "nohead\n", None), ("file", "c.py", "nohead\nadded\n", ((2, 2),))],
        id="codex without @@",
    ),
    pytest.param(
        "apply_patch <<'EOF'\n*** Begin Patch\n*** Update File: a.py\n@@\n-x\n+y\n*** End Patch\nEOF\n",
        [("old", "a.py", "x\n", None), ("file", "a.py", "y\n", None)],
        id="codex in a heredoc",
    ),
    pytest.param(
        UNIFIED,
        [
            ("old", "x.py", "a\n-- sql comment\n\nc\n", None),
            ("file", "x.py", "a\nb\n\nc\n", ((2, 2),)),
            ("old", "x.py", "q\n", None),
            ("file", "x.py", "r\n", None),
            ("file", "n.go", "package main\nfunc main() {}\n", None),
        ],
        id="git",
    ),
    pytest.param(
        "--- a/x.py\r\n+++ b/x.py\r\n@@ -1 +1 @@\r\n-a\r\n+b\r\n",
        [("old", "x.py", "a\r\n", None), ("file", "x.py", "b\r\n", None)],
        id="CRLF",
    ),
    pytest.param(
        "--- old/a.py\t2024-01-01\n+++ new/b.py\t2024-01-02\n@@ ... @@\n-x\n+y\n",
        [("old", "old/a.py", "x\n", None), ("file", "new/b.py", "y\n", None)],
        id="renamed, without line numbers",
    ),
    pytest.param(
        "--- a/x.py\n+++ b/x.py\n@@ -1,9 +1,9 @@\n keep\nforgot the sign\n-x\n+y\n",
        [
            ("old", "x.py", "keep\nforgot the sign\nx\n", None),
            ("file", "x.py", "keep\nforgot the sign\ny\n", ((3, 3),)),
        ],
        id="wrong counts and a missing sign",
    ),
    pytest.param(
        "--- a/x.sql\n+++ b/x.sql\n@@ -1,2 +1,2 @@\n--- a\n+++ b\n z\n",
        [("old", "x.sql", "-- a\nz\n", None), ("file", "x.sql", "++ b\nz\n", ((1, 1),))],
        id="changed lines that look like a header",
    ),
    pytest.param(
        "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a\n+b\n--- a/y.py\n+++ b/y.py\n@@ -1 +1 @@\n-c\n+d\n",
        [
            ("old", "x.py", "a\n", None),
            ("file", "x.py", "b\n", None),
            ("old", "y.py", "c\n", None),
            ("file", "y.py", "d\n", None),
        ],
        id="two files without a git header",
    ),
    pytest.param(
        AIDER,
        [
            ("old", "app/db.py", "import os\ndef f(): pass\n", None),
            ("file", "app/db.py", "import os\ndef f(): eval(x)\n", ((2, 2),)),
        ],
        id="Aider",
    ),
    pytest.param(ROO, [("old", None, "old\n", None), ("file", None, "new\n", None)], id="Roo"),
    pytest.param(
        CLINE,
        [
            ("old", None, "old\n", None),
            ("file", None, "new\n", None),
            ("old", None, "old2\n", None),
            ("file", None, "cut", None),
        ],
        id="Cline, truncated",
    ),
    pytest.param(
        "a.py\n<<<<<<< SEARCH\n=======\nx = 1\n>>>>>>> REPLACE\n",
        [("file", "a.py", "x = 1\n", None)],
        id="nothing to search",
    ),
    pytest.param(
        "-x\n+y\n z\n", [("old", None, "x\nz\n", None), ("file", None, "y\nz\n", ((1, 1),))], id="no header at all"
    ),
    pytest.param("*** Begin Patch\n*** Delete File: z.py\n*** End Patch\n", [], id="only a deletion"),
]


def stands(source: str, piece: Piece) -> bool:
    """Tell whether a piece leads back to where it stands."""
    if piece.lines is None:
        return source.startswith(piece.text, piece.offset)
    return all(source.startswith(line, at) for line, at in zip(piece.text.split("\n"), piece.lines, strict=True))


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_each_hunk_gives_its_old_side_and_what_it_becomes(text: str, expected: list[object]) -> None:
    found = list(patches.files(text))
    assert [(piece.kind.value, piece.path, piece.text, piece.changed) for piece in found] == expected
    assert all(stands(text, piece) and piece.exact for piece in found)


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_replacement_without_an_end_is_all_new(end: str) -> None:
    (piece,) = patches.files(f"a.py\n<<<<<<< SEARCH\n=======\nx = 1{end}")
    assert (piece.text, piece.changed) == (f"x = 1{end}", None)


def test_only_deleting_leaves_nothing_new() -> None:
    old, new = patches.files("*** Update File: a.py\n@@\n keep\n-gone\n")
    assert (old.text, new.text, new.changed) == ("keep\ngone\n", "keep\n", ())


def test_a_path_given_serves_where_the_patch_names_none() -> None:
    assert {piece.path for piece in patches.files(ROO, path="app/x.go")} == {"app/x.go"}
    assert {piece.language for piece in patches.files(ROO, path="app/x.go")} == {"go"}
    assert {piece.path for piece in patches.files(AIDER, path="other.py")} == {"app/db.py"}


@pytest.mark.parametrize(
    "text", [CODEX, UNIFIED, AIDER, ROO, CLINE, "\n@@ -1 +1 @@\n-a\n+b", "@@\n-a\n+b", "--- a\n+++ b\n"]
)
def test_a_patch_is_known_by_its_first_lines(text: str) -> None:
    assert patches.is_patch(text)
    assert patches.holds_patch("Here it is:\n\n" + text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = 1",
        "- one\n- two\n",
        "---\ntitle: x\n---\n",
        'x = 1\ndoc = """\n--- a\n+++ b\n@@ -1 +1 @@\n"""\neval(x)\n',
    ],
)
def test_code_that_merely_holds_a_patch_is_none(text: str) -> None:
    assert not patches.is_patch(text)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a\nb", "a\nb", ()),
        ("a\nb", "b\na", ()),
        ("a", "a\nb\nc", ((2, 3),)),
        ("a\n", "x\na\nx", ((1, 1), (3, 3))),
        ("a", "a\na", ((2, 2),)),
        ("", "x", ((1, 1),)),
        ("a\r\nb", "a\nb", ()),
    ],
)
def test_lines_are_new_unless_they_stood_there(old: str, new: str, expected: object) -> None:
    assert patches.changed_lines(old, new) == expected


LINE = st.sampled_from(
    [
        "@@",
        "@@ -1 +1,2 @@",
        "--- a/x.py",
        "+++ b/x.py",
        "*** Begin Patch",
        "*** Add File: a",
        "*** Update File: b",
        "*** End Patch",
        "diff --git a/x b/x",
        "<<<<<<< SEARCH",
        "=======",
        ">>>>>>> REPLACE",
        "------- SEARCH",
        "+++++++ REPLACE",
        "+x",
        "-y",
        " z",
        "",
        "\r",
        "\\ No newline",
        "�\x00\u202e",
        "-- ",
        "a.py",
        "```",
    ]
)


@settings(deadline=None)
@given(st.lists(LINE, max_size=40).map("\n".join) | st.text())
def test_any_text_gives_pieces_that_lead_back_to_it(text: str) -> None:
    for piece in patches.files(text):
        assert piece.exact
        assert stands(text, piece)
        assert piece.kind in (PieceKind.FILE, PieceKind.OLD)
        assert all(1 <= first <= last <= piece.text.count("\n") + 1 for first, last in piece.changed or ())


@settings(deadline=None)
@given(st.lists(LINE, max_size=40).map("\n".join))
def test_no_added_line_of_a_hunk_is_lost(text: str) -> None:
    patch = "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n+first\n" + text
    added = "".join(piece.text for piece in patches.files(patch) if piece.kind is PieceKind.FILE)
    assert added.startswith("first")


@pytest.mark.parametrize(
    "part", ["@@\n", "--- a\n+++ b\n", "+x\n", "<<A ", "<<<<<<< SEARCH\n", "*** Update File: a\n\n+x\n", "\n"]
)
def test_a_long_hostile_text_ends(part: str) -> None:
    text = part * (300_000 // len(part))
    assert sum(len(piece.text) for piece in patches.files(text)) <= 3 * len(text)
    patches.is_patch(text)
    patches.holds_patch(text)
