"""Runs a suite of the kit over plugins that are wrong on purpose, as a third party would: plain pytest, no config."""

import os
import re
import subprocess
import sys
from pathlib import Path

WRONG = Path(__file__).parent.parent / "data" / "wrong_plugins"
FAILED = re.compile(r"^(?:FAILED|ERROR) \S+::Test(\w+)::(\w+)", re.MULTILINE)


def failures(module: str, directory: Path) -> dict[str, set[str]]:
    """Give the tests that fail, by the name of the plugin; one that passes everything is not there."""
    arguments = ["-q", "--tb=short", "-rfE", "-W", "error", "-p", "no:cacheprovider", "-p", "no:xdist"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments, "-c", os.devnull, "--rootdir", WRONG, WRONG / module],
        env={**os.environ, "PYTHONPATH": str(WRONG), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"},
        cwd=directory,
        capture_output=True,
        text=True,
        timeout=550,
        check=False,
    )
    assert ended.returncode == 1, ended.stdout + ended.stderr
    found: dict[str, set[str]] = {}
    for plugin, test in FAILED.findall(ended.stdout):
        found.setdefault(plugin, set()).add(test)
    return found


def promised(module: str) -> dict[str, set[str]]:
    """Give what should fail, by the name of the plugin, as the module of suites says."""
    sys.path.insert(0, str(WRONG))
    try:
        suites = vars(__import__(module))
    finally:
        sys.path.remove(str(WRONG))
    named = {name.removeprefix("Test"): suite.breaks for name, suite in suites.items() if name.startswith("Test")}
    return {name: {broken} for name, broken in named.items() if broken}


def promises_of(suite: type) -> set[str]:
    """Name the tests of a suite; each says what to fix."""
    names = {name for name in dir(suite) if name.startswith("test_")}
    assert all(getattr(suite, name).__doc__ for name in names)
    return names
