"""The engine on Ray: the same verdicts as on one machine, each trace once, whatever actor dies."""

import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import export_files
import pytest
from export_rows import plan_of

from tracevet import BackfillJob, Read, SourceError, UsageError, Vetted
from tracevet.assembly import Assembly
from tracevet.backfill import find_engine
from tracevet.backfill.course import Summary, follow, make_job
from tracevet.backfill.local import LocalEngine
from tracevet.config import Config
from tracevet.ledger import Ledger
from tracevet_ray import RayEngine

OTHERS = ("astgrep", "flow", "packages", "pii", "secrets")
CONFIG = Config(detectors={name: {"enabled": False} for name in OTHERS})
BUCKETS = 4

pytestmark = [  # of Ray, at its start and end, and of what it does with pandas
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:ray"),
    pytest.mark.filterwarnings("ignore::FutureWarning:ray"),
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """Start Ray once: that takes longer than what the tests do with it."""
    from tracevet_ray.cluster import connected

    with connected(None, None):
        yield


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    path = tmp_path / "ledger.db"
    Ledger.open(str(path)).close()
    return str(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    export_files.write_langfuse(tmp_path / "export", export_files.rows("langfuse", 14, turns=2), size=60)
    return tmp_path / "export"


def job(folder: Path, ledger: str) -> BackfillJob:
    with Ledger.open(ledger) as opened:
        return make_job(plan_of(str(folder), BUCKETS), Assembly.of(CONFIG), opened, ledger)


def held(ledger: str) -> tuple[list[Any], int]:
    with Ledger.open(ledger, write=False) as opened:
        return sorted(opened.export(), key=lambda verdict: str(verdict["id"])), opened.outbox_counts().due


def actors() -> list[int]:
    """Give the processes of vetting actors that Ray started below this one."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                command, ours = (entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()
            except OSError:
                continue
            if command.startswith(b"ray::") and b"Vetting" in command and MARK.encode() in ours:
                found.append(int(entry.name))
    return found


MARK = f"TRACEVET_RAY_TEST={os.getpid()}"


@pytest.fixture(scope="module", autouse=True)
def marked() -> Iterator[None]:
    name, _, value = MARK.partition("=")
    os.environ[name] = value
    yield
    del os.environ[name]


def test_the_engine_is_found_by_its_name() -> None:
    assert find_engine("ray") is RayEngine
    with pytest.raises(UsageError, match="no engine named 'ray'"):
        find_engine("ray", blocked=("ray",))


def test_a_cluster_needs_a_ledger_that_all_nodes_reach(folder: Path, ledger: str) -> None:
    its = replace(job(folder, ledger), ledger=f"sqlite:///{ledger}")
    with pytest.raises(UsageError, match="--ledger postgresql://"):
        list(RayEngine(address="head:6379").run(its))


@pytest.mark.usefixtures("cluster")
def test_ray_ends_as_one_machine_does_whatever_actor_dies(folder: Path, ledger: str, tmp_path: Path) -> None:
    local = str(shutil.copy(ledger, tmp_path / "local.db"))
    on_ray, here = Summary(), Summary()
    killed = 0
    with Ledger.open(ledger) as opened:
        for event in follow(job(folder, ledger), RayEngine(workers=1), opened, on_ray):
            if isinstance(event, Vetted) and not killed:
                for process in actors():
                    os.kill(process, signal.SIGKILL)
                    killed += 1
    with Ledger.open(local) as opened:
        list(follow(job(folder, local), LocalEngine(workers=1, spool=tmp_path / "spool"), opened, here))
    assert killed
    assert held(ledger) == held(local)
    assert on_ray.rows == here.rows
    with Ledger.open(ledger) as opened:
        assert list(follow(job(folder, ledger), RayEngine(workers=1), opened, Summary())) == []


@pytest.mark.usefixtures("cluster")
def test_what_is_done_is_not_vetted_again_and_a_gap_is_told(folder: Path, ledger: str) -> None:
    (folder / "proj/observations_v2/cut.parquet").write_bytes(b"PAR1 and then nothing")
    its = replace(job(folder, ledger), done=frozenset({0, 1, 2}))
    events = list(RayEngine(workers=1).run(its))
    assert {event.bucket for event in events if isinstance(event, Vetted)} <= {3}
    assert [gap.path for event in events if isinstance(event, Read) for gap in event.gaps] == [
        "proj/observations_v2/cut.parquet"
    ]


@pytest.mark.usefixtures("cluster")
def test_a_failure_on_the_cluster_is_its_own_sentence(folder: Path, ledger: str) -> None:
    its = job(folder, ledger)
    gone = replace(its, plan=replace(its.plan, url="gs://bucket/x"))
    with pytest.raises(SourceError, match=r"tracevet\[gs\]"):
        list(RayEngine(workers=1).run(gone))
