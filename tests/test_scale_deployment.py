"""The example deployment names what exists: the verb's options, and the pages that are asked for health."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from tracevet.cli.app import app

FOLDER = Path(__file__).parent.parent / "examples" / "deployment"


def documents(name: str) -> list[Any]:
    return list(yaml.safe_load_all((FOLDER / name).read_text()))


def container() -> dict[str, Any]:
    (found,) = documents("kubernetes.yaml")[0]["spec"]["template"]["spec"]["containers"]
    assert isinstance(found, dict)
    return found


def commands() -> Iterator[list[str]]:
    yield documents("compose.yaml")[0]["services"]["watch"]["command"]
    yield container()["args"]


@pytest.mark.parametrize("command", list(commands()), ids=["compose", "kubernetes"])
def test_the_command_is_one_that_tracevet_takes(command: list[str]) -> None:
    verb: Any = typer.main.get_command(app)
    watch = verb.commands[command[0]]
    context = watch.make_context("watch", command[1:], resilient_parsing=False)
    assert context.params["metrics_port"] == 9464
    assert context.params["ledger"].startswith("postgresql://")
    assert ":" not in context.params["ledger"].removeprefix("postgresql://")  # no password in an argument


def test_kubernetes_asks_the_pages_that_are_served() -> None:
    probes = {container()[name]["httpGet"]["path"] for name in ("readinessProbe", "livenessProbe")}
    source = (Path(__file__).parent.parent / "src/tracevet/metrics/serving.py").read_text()
    assert probes == {"/ready", "/live"}
    assert all(f'"{path}"' in source for path in probes)


def test_the_container_is_not_root() -> None:
    assert "USER 10001" in (FOLDER / "Containerfile").read_text()
    assert container()["securityContext"]["readOnlyRootFilesystem"] is True
