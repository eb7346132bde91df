"""The detector `packages`: which packages are asked for, and which of them are not on the list."""

import string
from pathlib import Path

import pytest

from tracevet import ConfigError, Finding, Gap, Severity, Snippet, Surface
from tracevet_astgrep.packages import PackagesDetector
from tracevet_astgrep.packages.known import Known

KNOWN = ("requests", "pypi:flask", "npm:lodash", "npm:@acme/*", "git+https://git.example.com/acme/*", "Ruamel_yaml")


def _snippet(text: str, language: str = "shell", surface: Surface = Surface.COMMAND) -> Snippet:
    return Snippet(text=text, surface=surface, language=language, span="", pointer="")


def _found(text: str, language: str = "shell", surface: Surface = Surface.COMMAND) -> list[str]:
    said = PackagesDetector(known=KNOWN).scan([_snippet(text, language, surface)])
    return [text[each.region.start : each.region.end] for each in said if isinstance(each, Finding)]


@pytest.mark.parametrize(
    ("command", "unknown"),
    [
        ("pip install requests", []),
        ("pip install Requests==2.0 'flask[async]>=2'", []),
        ("pip install ruamel.yaml", []),
        ("pip install nopkg", ["nopkg"]),
        ("pip3 install -U requests nopkg==1.0", ["nopkg==1.0"]),
        ("python3.12 -m pip install nopkg", ["nopkg"]),
        ("sudo -H pip install nopkg", ["nopkg"]),
        ("PIP_NO_CACHE=1 .venv/bin/pip install nopkg", ["nopkg"]),
        ("cd x && pip install \\\n  requests \\\n  nopkg", ["nopkg"]),
        ("pip install -r requirements.txt -i https://pypi.example.com .", []),
        ("pip install 'a b' # comment", ["'a b'"]),
        ("echo pip install nopkg", []),
        ("# pip install nopkg", []),
        ("if true; then pip install nopkg; fi", ["nopkg"]),
        ("$(pip install nopkg)", ["nopkg"]),
        ("pip install git+https://git.example.com/acme/a.git", []),
        ("pip install git+https://github.com/x/y", ["git+https://github.com/x/y"]),
        ("uv add nopkg; uv pip install nopkg2; uvx nopkg3 check src", ["nopkg", "nopkg2", "nopkg3"]),
        ("poetry add nopkg", ["nopkg"]),
        ("npm install", []),
        ("npm ci", []),
        ("npm i -D lodash@4 @acme/ui nopkg@^1", ["nopkg@^1"]),
        ("npm install flask", ["flask"]),
        ("pnpm add @evil/x", ["@evil/x"]),
        ("yarn add nopkg", ["nopkg"]),
        ("npx nopkg my-app", ["nopkg"]),
        ("cargo add nopkg --features derive", ["nopkg"]),
        ("go get example.com/a/b@v1", ["example.com/a/b@v1"]),
        ("gem install nopkg", ["nopkg"]),
        ("apt-get install -y nopkg", ["nopkg"]),
        ("RUN apt-get update && apt-get install -y nopkg", ["nopkg"]),
        ("composer require vendor/nopkg", ["vendor/nopkg"]),
        ("pip install $PACKAGE", []),
        ("pip install --extra-a-url https://packages.example.com nopkg", ["nopkg"]),
        ("pip list", []),
    ],
)
def test_a_command_names_what_it_installs(command: str, unknown: list[str]) -> None:
    assert _found(command) == unknown


@pytest.mark.parametrize(
    ("language", "text", "unknown"),
    [
        ("text", "requests==2.31\nnopkg>=1\n# a comment\n-r other.txt\nflask\n", ["nopkg"]),
        ("text", "two words here\nand prose\n", []),
        ("text", "apple\npear\n", []),
        ("json", '{"name": "app", "dependencies": {"lodash": "^4", "nopkg": "1"}, "scripts": {"a": "b"}}', ["nopkg"]),
        ("json", '{"require": {"php": ">=8", "vendor/nopkg": "1", "ext-json": "*"}}', ["vendor/nopkg"]),
        ("toml", '[project]\nname = "x"\ndependencies = [\n  "requests>=2",\n  "nopkg[a]",\n]\n', ["nopkg"]),
        ("toml", '[tool.poetry.dependencies]\npython = "^3"\nnopkg = "1"\n', ["nopkg"]),
        ("toml", '[dependencies]\nnopkg = { version = "1" }\n\n[profile]\na = 1\n', ["nopkg"]),
        ("ruby", 'source "https://gems.example.com"\ngem "nopkg", "~> 7"\n', ["nopkg"]),
        ("text", "module a\n\nrequire (\n\texample.com/a/b v1.2.3\n)\n", ["example.com/a/b"]),
    ],
)
def test_a_file_names_what_it_requires(language: str, text: str, unknown: list[str]) -> None:
    assert _found(text, language, Surface.APPLIED) == unknown


def test_what_the_assistant_says_in_words_is_no_list_of_requirements() -> None:
    assert _found("nopkg==1.0\n", "text", Surface.SUGGESTED) == []


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("reqests", "requests"),
        ("requestss", "requests"),
        ("reqeusts", "requests"),
        ("requezts", "requests"),
        ("Re.quests", "requests"),
        ("flsk", "flask"),
        ("numpy", ""),
        ("lodahs", ""),  # npm's, and this is pip
    ],
)
def test_a_name_that_is_nearly_a_known_one_is_told_and_worse(name: str, like: str) -> None:
    (found,) = PackagesDetector(known=KNOWN).scan([_snippet(f"pip install {name}")])
    assert isinstance(found, Finding)
    assert found.rule == ("lookalike-package" if like else "unknown-package")
    assert found.severity is (Severity.HIGH if like else Severity.MEDIUM)
    assert repr(like) in found.message or not like
    assert name not in found.message


def test_without_a_list_nothing_is_said() -> None:
    assert list(PackagesDetector().scan([_snippet("pip install nopkg")])) == []


def test_the_list_may_stand_in_files(tmp_path: Path) -> None:
    file = tmp_path / "packages.txt"
    file.write_text("# ours\nrequests\n\nnpm:left-pad  # padding\n")
    detector = PackagesDetector(files=(file,))
    assert list(detector.scan([_snippet("pip install requests; npm i left-pad")])) == []
    assert len(list(detector.scan([_snippet("pip install left-pad")]))) == 1


@pytest.mark.parametrize("known", [("pipy:requests",), ("cpan:X",)])
def test_an_unknown_ecosystem_is_an_error_that_names_the_known_ones(known: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match=r"known: apt.*pypi"):
        PackagesDetector(known=known)


def test_a_file_that_is_not_there_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.txt"):
        PackagesDetector(files=(tmp_path / "none.txt",))


@pytest.mark.parametrize("language", ["shell", "text", "json", "toml", "ruby"])
def test_hostile_text_ends(language: str) -> None:
    """What is not linear would take hours."""
    parts = ["pip install ", "'", '"', "@", "\\", "$(", "a.", "[", "{", '"require":{', "a=", "=[", "\t"]
    texts = [part * 20_000 for part in parts] + [f"pip install {string.printable * 300}"]
    for text in texts:
        assert all(isinstance(each, Finding | Gap) for each in _scan(text, language))


def _scan(text: str, language: str) -> list[Finding | Gap]:
    return list(PackagesDetector(known=KNOWN).scan([_snippet(text, language, Surface.APPLIED)]))


def test_many_patterns_of_a_list_stay_quick_on_long_names() -> None:
    assert not Known(["a*b*c*d*"]).has("pypi", "a" * 200 + "x")
