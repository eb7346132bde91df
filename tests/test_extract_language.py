"""Languages are told by path, by info string, and by content."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracevet.extract import language

PATHS = [
    ("app/db.py", "python"),
    ("/x/y.PYI", "python"),
    ("C:\\src\\Main.java", "java"),
    ("a.mjs", "javascript"),
    ("a.ts", "typescript"),
    ("a.tsx", "tsx"),
    ("main.go", "go"),
    ("A.cs", "csharp"),
    ("index.php", "php"),
    ("Gemfile", "ruby"),
    ("x.c", "c"),
    ("x.hpp", "cpp"),
    ("lib.rs", "rust"),
    ("A.kt", "kotlin"),
    ("A.swift", "swift"),
    ("A.scala", "scala"),
    ("run.sh", "shell"),
    (".bashrc", "shell"),
    ("x.ps1", "powershell"),
    ("x.sql", "sql"),
    ("Dockerfile", "dockerfile"),
    ("Dockerfile.dev", "dockerfile"),
    ("api.dockerfile", "dockerfile"),
    ("main.tf", "terraform"),
    (".github/workflows/ci.yml", "yaml"),
    ("package.json", "json"),
    ("pyproject.toml", "toml"),
    ("a.html", "html"),
    ("a.scss", "css"),
    ("pom.xml", "xml"),
    ("README.md", "markdown"),
    ("requirements.txt", "text"),
    (".env.local", "ini"),
    ("bin/tool", ""),
    ("x.unknown", ""),
    ("", ""),
    ("py", ""),
    ("dir.py/", ""),
]
SNIPPETS: list[tuple[str, str]] = re.findall(
    r"^=== (\w+)\n((?:(?!=== ).*\n)+)",
    (Path(__file__).parent / "data" / "languages.txt").read_text(encoding="utf-8"),
    re.MULTILINE,
)


@pytest.mark.parametrize(("path", "expected"), PATHS)
def test_a_path_tells_the_language(path: str, expected: str) -> None:
    assert language.of_path(path) == expected


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        ("py", "python"),
        ("  Bash ", "shell"),
        ("c++", "cpp"),
        ("lang=rust", "rust"),
        ("app/db.py", ""),
        ("nonsense", ""),
        ("", ""),
    ],
)
def test_an_info_string_tells_the_language(info: str, expected: str) -> None:
    assert language.of_info(info) == expected


@pytest.mark.parametrize(
    ("expected", "text"), [pytest.param(*case, id=f"{case[0]}-{number}") for number, case in enumerate(SNIPPETS)]
)
def test_content_tells_the_language(expected: str, text: str) -> None:
    assert language.guess(text) == expected
    assert language.guess("\ufeff\r\n" + text.replace("\n", "\r\n")) == expected


@pytest.mark.parametrize("text", ["", " \n\t", "x", "foo bar", "1 2 3\n4 5 6", "a = b", "\0\ud800\u202e"])
def test_too_little_content_tells_no_programming_language(text: str) -> None:
    assert language.guess(text) in ("", "text")


def test_every_language_that_can_be_told_is_tried() -> None:
    assert {name for name, _ in SNIPPETS} >= {
        "python",
        "javascript",
        "typescript",
        "java",
        "go",
        "csharp",
        "php",
        "ruby",
    }
    assert len(SNIPPETS) > 40


def test_comments_do_not_make_code_prose() -> None:
    text = "# This is the function that you will have to call for it to be saved, and it is not the other.\n" * 4
    assert language.guess(text + dict(SNIPPETS)["python"]) == "python"


@pytest.mark.parametrize(
    "name", ["python", "javascript", "shell", "sql", "yaml", "html", "dockerfile", "terraform", "perl"]
)
def test_code_is_what_can_be_insecure(name: str) -> None:
    assert language.is_code(name)


@pytest.mark.parametrize("name", ["", "text", "markdown", "json", "toml", "csv", "log", "css", "xml", "diff"])
def test_prose_and_data_are_no_code(name: str) -> None:
    assert not language.is_code(name)


@settings(deadline=None)
@given(st.text())
def test_no_text_makes_it_raise(text: str) -> None:
    for tell in (language.guess, language.of_path, language.of_info):
        assert tell(text) == tell(text).lower()


@pytest.mark.parametrize(
    "part", ["{", "<", "a: b\n", "- a\n", "# \n", " ", "a = b\n", "[a]\n", "/", "\ud800", "a", "/*", "*\n"]
)
def test_a_long_hostile_text_ends(part: str) -> None:
    text = part * (1_000_000 // len(part))
    language.guess(text)
    language.of_path(text)
    language.of_info(text)
