"""What the distribution promises: a cheap import, an entry point, a version that tells, a README that holds."""

import inspect
import subprocess
import sys
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest

import tracevet_pii
from tracevet_pii import PiiDetector
from tracevet_pii.readme import numbers_table, rules_table

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
ENGINES = {"phonenumbers", "stdnum", "publicsuffixlist", "presidio_analyzer", "spacy"}


def test_importing_the_plugin_imports_no_engine() -> None:
    program = f"import sys, tracevet_pii; print({ENGINES} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_the_entry_point_brings_the_detector() -> None:
    (point,) = (each for each in entry_points(group="tracevet") if each.name == "pii")
    assert list(point.load().register_detectors()) == [PiiDetector]
    assert tracevet_pii.__all__ == ["PiiDetector", "register_detectors"]


@pytest.mark.parametrize("name", ["tracevet-pii", "phonenumbers", "python-stdnum", "publicsuffixlist"])
def test_the_version_names_all_that_decides_on_findings(name: str) -> None:
    assert version(name) in PiiDetector.version


@pytest.mark.parametrize("option", list(inspect.signature(PiiDetector).parameters))
def test_every_option_stands_in_the_readme(option: str) -> None:
    assert f"| `{option}` |" in README


def test_the_tables_in_the_readme_are_up_to_date() -> None:
    assert rules_table() in README
    assert numbers_table() in README


def test_the_module_prints_the_tables() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-m", "tracevet_pii"],
        capture_output=True,
        text=True,
        check=True,
        encoding="utf-8",
    )
    assert done.stdout == rules_table() + "\n" + numbers_table()
