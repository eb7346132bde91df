"""The house as a stranger sees it: one version, one top level, no addresses of build machines."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TOP = {"pyproject.toml", "README.md", "src", "plugins", "tests", "examples"}
PROJECTS = sorted([ROOT / "pyproject.toml", *ROOT.glob("plugins/*/pyproject.toml")])


def tracked() -> list[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_the_top_level_holds_only_what_it_should() -> None:
    assert {path.parts[0] for path in tracked() if not path.parts[0].startswith(".")} <= TOP


def test_no_file_names_an_index_or_a_build_machine() -> None:
    hosts = r"pypi\.org|npmjs\.org|pythonhosted\.org|rubygems\.org|crates\.io"
    pattern = re.compile(
        hosts
        + r"|\"resolved\": *\"http|index[-_]url|https?://[^ \"]*/simple/?[\"' ]|(^|[^A-Za-z0-9_.-])/(work|farm)/[a-z.]"
    )
    found = []
    for path in tracked():
        text = (ROOT / path).read_bytes().decode("utf-8", "ignore")
        if pattern.search(text) and path != Path(__file__).relative_to(ROOT):
            found.append(str(path))
    assert found == []
    assert Path("uv.lock") not in tracked()


def test_one_version_everywhere() -> None:
    versions, pins = set(), set()
    for path in PROJECTS:
        project = tomllib.loads(path.read_text())["project"]
        versions.add(project["version"])
        extras = [pin for group in project.get("optional-dependencies", {}).values() for pin in group]
        pins |= {pin.partition("==")[2] for pin in [*project["dependencies"], *extras] if pin.startswith("tracevet")}
    assert len(versions) == 1
    assert pins - {""} <= versions


@pytest.mark.parametrize("path", [path for path in PROJECTS if path.parent != ROOT], ids=lambda path: path.parent.name)
def test_a_plugin_is_one_distribution_with_one_entry_point_and_an_extra(path: Path) -> None:
    project = tomllib.loads(path.read_text())["project"]
    assert project["name"] == path.parent.name
    (group,) = project["entry-points"]
    assert group in {"tracevet", "tracevet.engines"}  # engines of a backfill are no plugins of the host
    assert len(project["entry-points"][group]) == 1
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert any(pin.startswith(f"{project['name']}==") for pins in extras.values() for pin in pins)
    assert (path.parent / "README.md").exists()


def test_every_plugin_is_under_the_contracts_and_type_checked() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    modules = {path.parent.name.replace("-", "_") for path in PROJECTS if path.parent != ROOT}
    contracts = {contract["name"]: contract for contract in tools["importlinter"]["contracts"]}
    assert modules == set(tools["importlinter"]["root_packages"]) - {"tracevet"}
    assert modules == set(contracts["Plugins use the front door alone"]["source_modules"])
    assert modules <= set(contracts["The host imports no plugin, no vendor SDK and no engine"]["forbidden_modules"])
    assert {f"plugins/{module.replace('_', '-')}/src" for module in modules} <= set(tools["mypy"]["mypy_path"])
