"""The README keeps up: every verb, option, exit code and hook stands in it, and its examples are true."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer

import tracevet
from tracevet import Report, Window, hookspecs
from tracevet.assembly import Assembly
from tracevet.cli.app import app
from tracevet.config import Config
from tracevet.errors import TracevetError
from tracevet.ledger import Ledger
from tracevet.policy import load_pack
from tracevet.run import Run
from tracevet.workers import Workers

README = (Path(__file__).parent.parent / "README.md").read_text()


def commands() -> list[tuple[str, Any]]:
    found = []

    def walk(prefix: str, command: Any) -> None:
        for name, child in getattr(command, "commands", {}).items():
            found.append((f"{prefix}{name}", child))
            walk(f"{prefix}{name} ", child)

    walk("", typer.main.get_command(app))
    return found


@pytest.mark.parametrize("verb", [name for name, _ in commands()])
def test_every_verb_is_documented(verb: str) -> None:
    assert f"tracevet {verb}" in README


@pytest.mark.parametrize(
    "option",
    sorted(
        {option for _, command in commands() for param in command.params for option in param.opts if "--" in option}
    ),
)
def test_every_option_is_documented(option: str) -> None:
    assert re.search(rf"{option}\b", README)


def test_every_hook_is_documented() -> None:
    hooks = [name for name in vars(hookspecs) if name.startswith("register_")]
    assert len(hooks) == 6
    assert all(f"`{name}`" in README for name in hooks)


def test_every_exit_code_is_documented() -> None:
    def codes(error: type[TracevetError]) -> set[int]:
        return {error.exit_code}.union(*(codes(child) for child in error.__subclasses__()))

    assert all(f"| {code} |" in README for code in {0, 1, *codes(TracevetError)})


def test_the_example_configuration_is_valid(tmp_path: Path) -> None:
    text = re.search(r"```toml\n(.*?)```", README, re.S)
    assert text
    (tmp_path / "tracevet.toml").write_text(text[1])
    settings = Config.load(tmp_path / "tracevet.toml")
    sections = set(tomllib.loads(text[1]))
    assert sections <= set(Config.model_fields)
    assert settings.workers.processes == 4


def test_the_example_policy_is_valid() -> None:
    text = re.search(r"```yaml\n(.*?)```", README, re.S)
    assert text
    assert load_pack(text[1], "README.md").policies[0].id == "no-debug-server"


def test_the_front_door_is_whole() -> None:
    assert all(getattr(tracevet, name) is not None for name in tracevet.__all__)
    assert set(tracevet.__all__) <= set(dir(tracevet))


def test_the_example_of_a_finding_is_what_the_demo_shows() -> None:
    example = re.search(r"```text\n(.*?)…", README, re.S)
    assert example
    assembly = Assembly.of(Config())
    samples = str(Path(tracevet.__file__).parent / "samples" / "claude-code.langfuse.json")
    with Ledger.open(":memory:") as ledger, Workers(processes=1) as workers:
        run = Run(assembly.platform("local", paths=(samples,)), assembly.setup(ledger.key), ledger, workers)
        verdicts = tuple(run.verdicts(Window()))
    shown = assembly.reporter("table", width=1000).render(Report(verdicts=verdicts)).decode()
    assert " ".join(example[1].split()) in " ".join(shown.split())
