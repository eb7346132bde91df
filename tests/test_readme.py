"""The READMEs keep up: every verb, option, exit code, hook and policy stands in one, and their examples are true."""

import os
import re
import shlex
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

import tracevet
from tracevet import Report, Window, hookspecs
from tracevet.assembly import Assembly, plugin_options
from tracevet.cli.app import app
from tracevet.config import Config
from tracevet.errors import TracevetError
from tracevet.ledger import Ledger
from tracevet.policy import builtin_packs, load_pack, read_suppressions
from tracevet.proving import prove
from tracevet.registry import Registry
from tracevet.registry.options import checked
from tracevet.run import Run
from tracevet.workers import Workers

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
DOCS = {
    str(path.relative_to(ROOT)): path.read_text()
    for path in (
        ROOT / "README.md",
        *sorted(ROOT.glob("plugins/*/README.md")),
        *sorted(ROOT.glob("examples/*/README.md")),
    )
}


def blocks(*words: str, of: str = "", mark: str = "") -> list[Any]:
    """Give the fenced blocks of some languages, of all READMEs or one, or those below a mark."""
    fence = re.compile(rf"{mark}```(?:{'|'.join(words)})\n(.*?)```", re.DOTALL)
    return [
        pytest.param(text, id=f"{name}-{number}")
        for name, doc in DOCS.items()
        if not of or name == of
        for number, text in enumerate(fence.findall(doc))
    ]


def lines() -> list[str]:
    """Give the command lines of all shell blocks that begin with tracevet."""
    texts = (text.replace("\\\n", " ").splitlines() for (text,) in (each.values for each in blocks("sh", "console")))
    found = (line.strip().removeprefix("$ ").removeprefix("uv run ") for text in texts for line in text)
    return sorted({line for line in found if line.startswith("tracevet ")})


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


@pytest.mark.parametrize("policy", [policy.id for pack in builtin_packs() for policy in pack.policies])
def test_every_policy_is_documented(policy: str) -> None:
    assert f"`{policy}`" in README


def test_every_option_of_a_plugin_is_documented() -> None:
    missing = []
    for kind, entries in Registry.load().by_kind.items():
        for entry in entries.values():
            text = README + DOCS.get(f"plugins/{entry.distribution}/README.md", "")
            options = (option.name for option in entry.options)
            missing += [f"{kind} {entry.name}: {name}" for name in options if not re.search(rf"\b{name}\b", text)]
    assert missing == []


@pytest.mark.parametrize("line", lines())
def test_every_command_line_is_one_that_the_verbs_take(line: str) -> None:
    words = shlex.split(re.split(r"[|>&]", line)[0], comments=True)[1:]
    command: Any = typer.main.get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command, words = command.commands[words[0]], words[1:]
    command.make_context("tracevet", words)


@pytest.mark.parametrize("text", blocks("sh", mark="<!-- run -->\\n"))
def test_a_marked_example_runs(text: str, tmp_path: Path) -> None:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    line = ["bash", "-euc", text]
    done = subprocess.run(line, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("text", blocks("toml"))
def test_every_example_of_a_configuration_is_valid(text: str, tmp_path: Path) -> None:
    file = tmp_path / "tracevet.toml"
    file.write_text(text)
    if "suppress" in tomllib.loads(text):
        assert read_suppressions(file, date(2026, 11, 1))
        return
    settings, registry = Config.load(file), Registry.load()
    for kind in ("detector", "platform", "reporter", "extractor"):
        for name, options in plugin_options(settings, kind).items():
            if name in registry.entries(kind):
                checked(registry.find(kind, name), options)


def test_the_main_example_of_a_configuration_is_read(tmp_path: Path) -> None:
    (text, *_) = (each.values[0] for each in blocks("toml", of="README.md"))
    (tmp_path / "tracevet.toml").write_text(text)
    assert Config.load(tmp_path / "tracevet.toml").workers.processes == 4


@pytest.mark.parametrize("text", blocks("yaml"))
def test_every_example_of_rules_is_valid(text: str, tmp_path: Path) -> None:
    if "policies" not in yaml.safe_load(text):
        (tmp_path / "rules.yaml").write_text(text)
        assert Registry.load().create("detector", "astgrep", {"rules": (tmp_path / "rules.yaml",)})
        return
    policies = load_pack(text, "README.md").policies
    proof = prove(Assembly(config=Config(), registry=Registry.load(), policies=policies))
    assert proof.failures == ()
    assert bool(proof.examples) is any(policy.patterns for policy in policies)


@pytest.mark.parametrize("text", blocks("python"))
def test_every_example_in_python_runs(text: str, tmp_path: Path) -> None:
    if "attach(" in text or "client = " in text:  # a real client has an account; tests of live vetting run it
        compile(text, "README.md", "exec")
    elif "Suite)" in text:
        (tmp_path / "test_readme_example.py").write_text(text)
        line = [sys.executable, "-m", "pytest", "-q", "-c", os.devnull, "-p", "no:cacheprovider", "-p", "no:xdist"]
        done = subprocess.run([*line, tmp_path], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
    else:
        exec(compile(text, "README.md", "exec"), {})


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
