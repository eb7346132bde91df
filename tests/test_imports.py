"""The contracts of the imports catch what they are there to catch: each is broken once, in a copy."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

# contract, module of a package to break it in, line to add
BREAKS = [
    ("Imports point down", "src/tracevet/model/base.py", "from tracevet.plugin import Plugin"),
    ("Imports point down", "src/tracevet/policy/decide.py", "from tracevet.run import Run"),
    ("The model and what lies below it does no I/O", "src/tracevet/extract/walk.py", "import subprocess"),
    ("The host imports no plugin, no vendor SDK and no engine", "src/tracevet/workers.py", "import bandit"),
    ("The host imports no plugin, no vendor SDK and no engine", "src/tracevet/run.py", "import tracevet_python"),
    (
        "Plugins use the front door alone",
        "plugins/tracevet-python/src/tracevet_python/hooks.py",
        "from tracevet.model import Finding",
    ),
]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("src", "plugins"):
        ignored = shutil.ignore_patterns("tests", "__pycache__", "*.egg-info", "dist")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder: Path) -> str:
    code = (
        "import sys, glob; sys.path[:0] = ['src', *glob.glob('plugins/*/src')]\n"
        "from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert "Contracts:" in done.stdout, done.stdout + done.stderr
    return done.stdout


def test_every_contract_is_broken_by_a_case() -> None:
    assert {contract["name"] for contract in CONTRACTS} == {name for name, *_ in BREAKS}


def test_the_contracts_hold(copy: Path) -> None:
    assert re.search(rf"{len(CONTRACTS)} kept, 0 broken", lint(copy))


@pytest.mark.parametrize(("contract", "module", "line"), BREAKS, ids=[f"{row[1]}: {row[2]}" for row in BREAKS])
def test_a_forbidden_import_is_caught(copy: Path, contract: str, module: str, line: str) -> None:
    path = copy / module
    path.write_text(f"{path.read_text()}\n{line}\n")
    assert f"{contract} BROKEN" in lint(copy)
