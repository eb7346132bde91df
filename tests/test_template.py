"""A new plugin from the template: named, written, and keeping its promises at once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tracevet.cli.app import app
from tracevet.errors import UsageError
from tracevet.template import Kind, Naming, create

# What loads the plugin as an installed one, without an installer: a distribution's metadata beside its module.
METADATA = "Metadata-Version: 2.1\nName: {0}\nVersion: 0.1.0\nRequires-Dist: tracevet>=0.1,<1\n"
LISTED = """
from tracevet.registry import Registry
registry = Registry.load()
print(*(name for entries in registry.by_kind.values() for name in entries), *map(str, registry.broken))
"""


def begin(directory: Path, kind: Kind, name: str = "") -> Path:
    return create(Naming.of(name or f"my-{kind}", kind, {}), directory)


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    line = [sys.executable, *command]
    return subprocess.run(line, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kind", Kind)
def test_a_new_plugin_passes_its_tests_at_once(kind: Kind, tmp_path: Path) -> None:
    folder = begin(tmp_path, kind)
    done = run(folder, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "-p", "no:xdist", "tests")
    assert done.returncode == 0, done.stdout[-3000:]


def test_new_plugins_are_discovered(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    for kind in Kind:
        folder = begin(tmp_path, kind)
        (folder / "src" / f"tracevet_my_{kind}").rename(tmp_path / "src" / f"tracevet_my_{kind}")
        about = tmp_path / "src" / f"tracevet_my_{kind}-0.1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text(METADATA.format(folder.name))
        (about / "entry_points.txt").write_text(f"[tracevet]\nmy-{kind} = tracevet_my_{kind}\n")
    done = run(tmp_path, "-c", LISTED)
    assert {f"my-{kind}" for kind in Kind} <= set(done.stdout.split()), done.stdout + done.stderr
    assert "tracevet_my" not in done.stdout


@pytest.mark.parametrize("kind", Kind)
def test_a_new_plugin_is_short(kind: Kind, tmp_path: Path) -> None:
    folder = begin(tmp_path, kind)
    assert sum(file.read_text().count("\n") for file in (folder / "src").rglob("*.py")) <= 80


def test_new_plugins_are_well_kept(tmp_path: Path) -> None:
    for kind in Kind:
        begin(tmp_path, kind)
    for verb in (["format", "--check"], ["check", "--select", "B,E,F,I,N,RUF,S,UP", "--ignore", "S101,S105"]):
        line = [Path(sys.executable).parent / "ruff", *verb, "--no-cache", "--isolated", "--line-length", "120"]
        done = subprocess.run([*map(str, line), str(tmp_path)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


BAD_NAMES = ["", "My", "a_b", "-a", "a-", "a--b", "../x", "a/b", "1a", "x" * 29, "a b", "ä", "a\n"]


@pytest.mark.parametrize("name", BAD_NAMES)
def test_a_bad_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="can't be a plugin's name"):
        Naming.of(name, "detector", {})


@pytest.mark.parametrize("name", ["python", "secrets", "langfuse", "tracevet-python"])
def test_a_name_of_ours_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="distribution 'tracevet-"):
        Naming.of(name, "detector", {})


def test_a_name_that_is_taken_is_refused() -> None:
    with pytest.raises(UsageError, match="a detector named 'mine' already, of acme"):
        Naming.of("mine", "detector", {"mine": "acme"})


def test_what_is_there_stays(tmp_path: Path) -> None:
    folder = begin(tmp_path, Kind.DETECTOR)
    (folder / "README.md").write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        begin(tmp_path, Kind.REPORTER, "my-detector")
    assert (folder / "README.md").read_text() == "mine"


def test_a_place_that_is_no_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="--directory"):
        begin(tmp_path / "file", Kind.DETECTOR)


@pytest.mark.parametrize(("arguments", "said"), [(["bandit"], "named 'bandit' already"), (["Bad Name"], "lower-case")])
def test_the_verb_refuses_in_one_sentence(arguments: list[str], said: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["plugins", "new", *arguments, "--directory", str(tmp_path)])
    assert isinstance(done.exception, UsageError)
    assert said in str(done.exception)
    assert not list(tmp_path.iterdir())


def test_the_verb_names_what_it_wrote(tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["plugins", "new", "acme", "--kind", "reporter", "--directory", str(tmp_path)])
    assert done.exit_code == 0
    assert "tracevet-acme/src/tracevet_acme/__init__.py" in done.stdout
