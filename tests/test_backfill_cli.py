"""`tracevet backfill` at the terminal."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import export_files
import pytest

Cli = Callable[..., subprocess.CompletedProcess[str]]

CONFIG = "".join(f"[detectors.{name}]\nenabled = false\n" for name in ("astgrep", "flow", "packages", "pii", "secrets"))


@pytest.fixture
def export(tmp_path: Path) -> Path:
    export_files.write_langsmith(tmp_path / "export", export_files.rows("langsmith", 5, turns=1))
    (tmp_path / "tracevet.toml").write_text(CONFIG)
    return tmp_path / "export"


def test_the_plan_names_what_would_be_read_and_touches_nothing(cli: Cli, export: Path, tmp_path: Path) -> None:
    export_files.write(tmp_path / "x/proj/manifests/m.json", [])
    export_files.write_langfuse(tmp_path / "x", export_files.rows("langfuse", 2))
    done = cli("backfill", "export", "--plan", "--json")
    said = json.loads(done.stdout)
    assert (done.returncode, said["platform"], said["files"]) == (0, "langsmith", 1)
    shown = cli("backfill", "x", "--plan").stdout
    assert "langfuse: 1 files" in shown
    assert "left aside: 2 files of manifests" in shown
    assert "whether its files are there can't be told" in shown
    assert not (tmp_path / "data").exists()


def test_a_backfill_counts_what_it_did_and_what_is_to_be_written(cli: Cli, export: Path, tmp_path: Path) -> None:
    done = cli("backfill", str(export), "--workers", "1", "--spool", "spool", "--json")
    said = json.loads(done.stdout)
    assert done.returncode == 0, done.stderr
    assert said["traces"] == said["queued"] > 0
    assert said["violations"] > 0
    again = cli("backfill", str(export), "--spool", "spool")
    assert f"{said['violations']} violations in {said['violating']} traces" in again.stdout
    assert "buckets were vetted before" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere"], "nothing is stored at 'nowhere'"),
        (["export", "--engine", "spark"], "no engine named 'spark'"),
        (["export", "--address", "auto"], "--engine ray"),
        (["export", "--ledger", ":memory:"], "name a file or postgresql://"),
    ],
)
@pytest.mark.usefixtures("export")
def test_what_can_not_be_done_is_one_sentence(cli: Cli, arguments: list[str], says: str) -> None:
    done = cli("backfill", *arguments)
    assert done.returncode in {2, 3}
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
