"""Code blocks of Markdown are found with language, path and the exact place of every line."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracevet.extract import fences
from tracevet.extract.piece import Piece, PieceKind

BLOCKS = [
    pytest.param("```python\nimport os\n```\n", [("python", None, "import os\n")], id="plain"),
    pytest.param("~~~~js\nlet a;\n~~~\n~~~~\n", [("javascript", None, "let a;\n~~~\n")], id="longer tildes"),
    pytest.param("````\n# a.py\n```\n````", [("python", "a.py", "# a.py\n```\n")], id="longer backticks"),
    pytest.param("text\n```py\nx = 1\ny = 'cut", [("python", None, "x = 1\ny = 'cut")], id="cut off"),
    pytest.param("```py\r\nx = 1\r\n```\r\n", [("python", None, "x = 1\r\n")], id="CRLF"),
    pytest.param("\ufeff```py\nx = 1\n```", [("python", None, "x = 1\n")], id="BOM"),
    pytest.param("1. a\n   ```js\n   x\n\n     y\n   ```", [("javascript", None, "x\n\n  y\n")], id="in a list"),
    pytest.param("> > ```go\n> > a\n> >\n> > b\n", [("go", None, "a\n\nb\n")], id="in quotes"),
    pytest.param("> ```py\n> \tx = 1\n> ```", [("python", None, "\tx = 1\n")], id="a tab in a quote"),
    pytest.param(
        "So:\n\n    import os\n    os.system(x)\n\nYes.", [("python", None, "import os\nos.system(x)\n")], id="indented"
    ),
    pytest.param("<details>\n```py\nx\n```\n</details>", [("python", None, "x\n")], id="in HTML"),
    pytest.param(
        ">" * 60 + " ```py\n" + ">" * 60 + " import os\n", [("python", None, "import os\n")], id="60 quotes deep"
    ),
    pytest.param("```\n\n  \n```", [], id="empty"),
    pytest.param("Plain `code` and\nno block.", [], id="none"),
    pytest.param(
        "````markdown\n# Hi\n```python\ninner = 1\n```\n````",
        [("markdown", None, "# Hi\n```python\ninner = 1\n```\n"), ("python", None, "inner = 1\n")],
        id="Markdown in Markdown",
    ),
    pytest.param("```diff\n-old\n+new\n```", [("", None, "old\n"), ("", None, "new\n")], id="diff"),
    pytest.param(
        "app/z.py\n```python\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n```",
        [("python", "app/z.py", "a\n"), ("python", "app/z.py", "b\n")],
        id="SEARCH/REPLACE under a path",
    ),
    pytest.param("```diff\nnothing like it\n```", [("diff", None, "nothing like it\n")], id="no diff at all"),
]
INFO = [
    ("py", "python", None),
    ("Python3", "python", None),
    ("js", "javascript", None),
    ("ts", "typescript", None),
    ("tsx", "tsx", None),
    ("zsh", "shell", None),
    ("golang", "go", None),
    ("c++", "cpp", None),
    ("C#", "csharp", None),
    ("cs", "csharp", None),
    ("rb", "ruby", None),
    ("rs", "rust", None),
    ("yml", "yaml", None),
    ("hcl", "terraform", None),
    ("postgresql", "sql", None),
    ('python title="app/db.py"', "python", "app/db.py"),
    ("python filename='db.py' {1,3}", "python", "db.py"),
    ("python:app/db.py", "python", "app/db.py"),
    ("python app/db.py", "python", "app/db.py"),
    ("{.python file=x.py}", "python", "x.py"),
    ("app/db.py", "python", "app/db.py"),
    ("Dockerfile", "dockerfile", None),
    ("src/Dockerfile", "dockerfile", "src/Dockerfile"),
    ("c/x.py", "python", "c/x.py"),
    ("python startline=3", "python", None),
]
ABOVE = [
    "app/db.py",
    "`app/db.py`:",
    "**app/db.py**",
    "**`app/db.py`**:",
    "### app/db.py",
    "### 1. File: `app/db.py`",
    "Create `app/db.py`:",
    "- app/db.py (new file):",
    "In the file app/db.py:",
]
NOT_ABOVE = ["Run this:", "It is in app/db.py, see there", "https://a.example/db.py", "e.g.", "", "x.y"]


def stands(source: str, piece: Piece) -> bool:
    """Tell whether a piece leads back to where it stands."""
    if piece.lines is None:
        return source.startswith(piece.text, piece.offset)
    return all(source.startswith(line, at) for line, at in zip(piece.text.split("\n"), piece.lines, strict=True))


@pytest.mark.parametrize(("markdown", "expected"), BLOCKS)
def test_a_block_gives_its_code(markdown: str, expected: list[object]) -> None:
    found = list(fences.blocks(markdown))
    assert [(piece.language, piece.path, piece.text) for piece in found] == expected
    assert all(stands(markdown, piece) and piece.exact for piece in found)


@pytest.mark.parametrize(("info", "language", "path"), INFO)
def test_an_info_string_names_language_and_path(info: str, language: str, path: str | None) -> None:
    (piece,) = fences.blocks(f"```{info}\nz\n```")
    assert (piece.language, piece.path, piece.kind, piece.info) == (language, path, PieceKind.CODE, info)


@pytest.mark.parametrize("between", ["\n", "\n\n"])
@pytest.mark.parametrize("line", ABOVE)
def test_a_path_on_the_line_above_is_the_blocks(line: str, between: str) -> None:
    (piece,) = fences.blocks(f"Words.\n\n{line}{between}```\nz\n```")
    assert (piece.path, piece.language) == ("app/db.py", "python")


@pytest.mark.parametrize("line", NOT_ABOVE)
def test_prose_above_is_no_path(line: str) -> None:
    (piece,) = fences.blocks(f"{line}\n```\nz\n```")
    assert piece.path is None


@pytest.mark.parametrize(
    "comment",
    ["# app/db.py", "// app/db.py", "-- app/db.py", "/* app/db.py */", "<!-- app/db.py -->", "# File: app/db.py"],
)
def test_a_path_in_the_first_comment_is_the_blocks(comment: str) -> None:
    (piece,) = fences.blocks(f"```\n{comment}\nz\n```")
    assert (piece.path, piece.language) == ("app/db.py", "python")


def test_what_calls_itself_text_is_still_told_by_its_content() -> None:
    (piece,) = fences.blocks("```text\nimport os\ndef f(x):\n    return os.system(x)\n```")
    assert piece.language == "python"


def test_lines_quoted_from_a_file_are_old() -> None:
    (piece,) = fences.blocks("```12:15:app/old.py\nx\n```")
    assert (piece.kind, piece.path, piece.language) == (PieceKind.OLD, "app/old.py", "python")


SESSIONS = [
    ("pycon", ">>> x = 1\n>>> def f():\n...     pass\n...\n5", "python", "x = 1\ndef f():\n    pass\n\n"),
    ("python", ">>> import os\n>>> os.getcwd()\n'/x'", "python", "import os\nos.getcwd()\n"),
    ("", "In [1]: x = 1\nOut[1]: 1\n", "python", "x = 1\n"),
    ("console", "$ ls -la\ntotal 1\n$ echo a \\\n> b\nout\n", "shell", "ls -la\necho a \\\nb\n"),
    ("bash", "$ cat > a <<'E'\n> foo\n> E\n$ ls\na\n", "shell", "cat > a <<'E'\nfoo\nE\nls\n"),
    ("console", "root@box:/srv# rm -rf x\n(venv) me@box:~$ ls\nx y\n", "shell", "rm -rf x\nls\n"),
    ("console", "ls\npwd\n", "shell", "ls\npwd\n"),
]


@pytest.mark.parametrize(("info", "shown", "language", "typed"), SESSIONS)
def test_of_a_session_only_what_was_typed_is_code(info: str, shown: str, language: str, typed: str) -> None:
    markdown = f"> ```{info}\n" + "".join(f"> {line}\n" for line in shown.splitlines()) + "> ```"
    (piece,) = fences.blocks(markdown)
    assert (piece.language, piece.text) == (language, typed)
    assert stands(markdown, piece)


def test_a_session_in_which_nothing_was_typed_gives_nothing() -> None:
    assert list(fences.blocks("```pycon\n>>> \n1\n```")) == []


def test_code_does_not_hide_behind_one_prompt() -> None:
    code = ">>> pass\nimport os\ndef f(x):\n    return os.system(x)\n"
    (piece,) = fences.blocks(f"```python\n{code}```")
    assert piece.text == code


PART = st.sampled_from(
    [
        "```",
        "```py",
        "~~~",
        "````",
        "    x",
        "\tx",
        "> ",
        ">",
        "- ",
        "1. ",
        "\n",
        "\r\n",
        "\r",
        "x",
        " ",
        "\x00",
        "�",
        "\u202e",
        "#",
        "$ ls",
        ">>> x",
        "a.py",
        "@@\n+x",
        "\n<<<<<<< SEARCH\n",
        "\n=======\n",
        "```diff\n",
        "```console\n",
        "```markdown\n",
        "\x0b",
        "\u2028",
    ]
)


@example("```\n<<<<<<< SEARCH\n")
@example("```pycon\n>>> \n")
@settings(deadline=None)
@given(st.lists(PART, max_size=60).map("".join) | st.text())
def test_any_text_gives_pieces_that_lead_back_to_it(markdown: str) -> None:
    for piece in fences.blocks(markdown):
        assert piece.text
        assert piece.lines is None or len(piece.lines) == piece.text.count("\n") + 1
        assert 0 <= piece.offset <= len(markdown)
        assert not piece.exact or stands(markdown, piece)


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["x = 1", "", "  y", "\ty", "é"]), min_size=1, max_size=8),
    st.sampled_from(["", "> ", "> > "]),
)
def test_a_fenced_block_comes_back_line_by_line(code: list[str], quote: str) -> None:
    code = [*code, "end"]
    markdown = "".join(f"{quote}{line}\n" for line in ("```go", *code, "```"))
    (piece,) = fences.blocks(markdown)
    assert piece.text == "".join(f"{line}\n" for line in code)
    assert piece.exact
    assert stands(markdown, piece)


@pytest.mark.parametrize(
    "part",
    [
        "`",
        "```\n",
        "> ",
        ">",
        "- ",
        "    x\n",
        "\t",
        "\r",
        "> a\n\n    b\n",
        "#",
        "\0",
        "\ud800",
        "```console\n$ cat <<E\n",
    ],
)
def test_a_long_hostile_text_ends(part: str) -> None:
    markdown = part * (300_000 // len(part))
    assert sum(len(piece.text) for piece in fences.blocks(markdown)) <= 3 * len(markdown)


def test_a_text_that_nests_too_much_for_a_markdown_reader_still_gives_its_fences() -> None:
    markdown = "> " * 60 + "a\n" + "b\n" * 100_000 + "\n```py\nimport os\n```\n"
    assert [piece.text for piece in fences.blocks(markdown)] == ["import os\n"]
