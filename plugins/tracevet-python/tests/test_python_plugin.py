"""What the distribution promises: a cheap import, a version that tells what decides, a README that holds."""

import inspect
import subprocess
import sys
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest

import tracevet_python
from tracevet_python import BanditDetector
from tracevet_python.bandit.engine import load_engine
from tracevet_python.bandit.rules import markdown_table
from tracevet_python.flow import FlowDetector

README = Path(__file__).parents[1] / "README.md"
OWN_PLUGIN = """
import bandit
from bandit.core import test_properties as test

def gen_config(name):
    return {"names": ["frobnicate"]}

@test.takes_config("frobnication")
@test.checks("Call")
@test.test_id("X901")
def no_frobnication(context, config):
    if context.call_function_name in config["names"]:
        return bandit.Issue(severity=bandit.HIGH, confidence="UNDEFINED", cwe=0, text="%s" % context.call_args)

@test.checks("Add", "AsyncFunctionDef", "ClassDef", "arguments")  # bandit never runs checks of ClassDef
@test.test_id("X902")
def no_sums(context):
    return bandit.Issue(severity=bandit.LOW, confidence=bandit.LOW, cwe=20, text="sum", lineno=1)

@test.checks("Call")
def without_id(context):
    return None
"""
ENTRY_POINTS = """[bandit.plugins]
frobnication = own_plugin:no_frobnication
sums = own_plugin:no_sums
nameless = own_plugin:without_id
missing = own_plugin_2:check
"""
PROGRAM = """
import warnings
before = warnings.formatwarning, list(warnings.filters)
from tracevet import Snippet, Surface
from tracevet_python import BanditDetector
detector = BanditDetector()
print((warnings.formatwarning, warnings.filters) == before)
text = "frobnicate('hunter2')\\na + b\\nasync def f(): pass\\nclass frobnicate: pass\\n"
for each in detector.scan([Snippet(text=text, surface=Surface.APPLIED, language="python", span="", pointer="")]):
    print(each.rule, each.severity, each.confidence, each.cwe, each.region.start_line, each.message)
narrow = BanditDetector(only=("X901",), settings={"frobnication": {"names": ["f"]}})
print(len(list(narrow.scan([Snippet(text=text, surface=Surface.APPLIED, language="python", span="", pointer="")]))))
print(detector.version)
for problem in detector.check():
    print("problem:", problem)
"""


def _run(program: str, *paths: Path) -> tuple[str, str]:
    environment = {"PYTHONPATH": ":".join(map(str, paths)), "PYTHONWARNINGS": "error"}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


def test_importing_the_plugin_does_not_import_bandit() -> None:
    out, _ = _run("import sys, tracevet_python; print({'bandit', 'stevedore', 'yaml'} & set(sys.modules))")
    assert out == "set()\n"


def test_the_entry_point_brings_the_detector() -> None:
    (point,) = (each for each in entry_points(group="tracevet") if each.name == "python")
    assert list(point.load().register_detectors()) == [BanditDetector, FlowDetector]
    assert tracevet_python.__all__ == ["BanditDetector", "register_detectors"]


def test_the_version_names_all_that_decides_on_findings() -> None:
    assert version("bandit") in BanditDetector.version
    assert version("tracevet-python") in BanditDetector.version
    assert f"python {sys.version_info.major}.{sys.version_info.minor}" in BanditDetector.version


def test_installed_bandit_plugins_take_part_and_broken_ones_are_told_without_noise(tmp_path: Path) -> None:
    (tmp_path / "own_plugin.py").write_text(OWN_PLUGIN)
    info = tmp_path / "own_plugin-3.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: own-plugin\nVersion: 3.1\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    out, err = _run(PROGRAM, tmp_path)
    assert err == ""
    assert out.splitlines() == [
        "True",
        "X901 high low () 1 An installed bandit plugin reports this code under its rule X901.",
        "X902 low low ('CWE-20',) 1 An installed bandit plugin reports this code under its rule X902.",
        "X902 low low ('CWE-20',) 1 An installed bandit plugin reports this code under its rule X902.",
        "X902 low low ('CWE-20',) 1 An installed bandit plugin reports this code under its rule X902.",
        "0",
        f"{version('tracevet-python')}; bandit {version('bandit')}; own-plugin 3.1; "
        f"python {sys.version_info.major}.{sys.version_info.minor}",
        "problem: the bandit plugin 'missing' can't be loaded; run `bandit` to see why, or uninstall it",
        "problem: the bandit plugin 'nameless' can't be loaded; run `bandit` to see why, or uninstall it",
    ]


@pytest.mark.parametrize("option", list(inspect.signature(BanditDetector).parameters))
def test_every_option_stands_in_the_readme(option: str) -> None:
    assert f"| `{option}` |" in README.read_text(encoding="utf-8")


def test_every_setting_stands_in_the_readme() -> None:
    text = README.read_text(encoding="utf-8")
    for section, defaults in load_engine().defaults.items():
        assert f"`{section}`" in text
        assert not [key for key in defaults or {} if f"`{key}`" not in text]


def test_the_table_of_rules_in_the_readme_is_up_to_date() -> None:
    assert markdown_table() in README.read_text(encoding="utf-8")


def test_the_module_prints_the_table_of_rules() -> None:
    done = subprocess.run([sys.executable, "-m", "tracevet_python.bandit"], capture_output=True, text=True, check=True)
    assert done.stdout == markdown_table()
