"""The engine of one machine: whatever dies on the way, each trace is vetted once, and the end is the same."""

import errno
import multiprocessing
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import export_files
import pytest
import slot_tasks
from export_rows import plan_of, read, traces

from tracevet import GapReason, LedgerError, SourceError, UsageError, Window
from tracevet.assembly import Assembly
from tracevet.backfill import BackfillJob, Event, Lost, Read, Vetted, find_engine
from tracevet.backfill.course import Summary, follow, make_job
from tracevet.backfill.local import LocalEngine
from tracevet.backfill.rows import assemble
from tracevet.backfill.slots import Dead, Slots
from tracevet.backfill.spool import Spool
from tracevet.backfill.vetting import SOURCES
from tracevet.config import Config
from tracevet.ledger import Ledger
from tracevet.run import Run
from tracevet.workers import Workers

OTHERS = ("astgrep", "flow", "packages", "pii", "secrets")
CONFIG = Config(detectors={name: {"enabled": False} for name in OTHERS})
BUCKETS = 4


@pytest.fixture(scope="module")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a ledger of which copies have the same key, so that what they hold can be compared."""
    path = tmp_path_factory.mktemp("ledger") / "empty.db"
    Ledger.open(str(path)).close()
    return path


def copied(ledger: Path, path: Path) -> str:
    return str(shutil.copy(ledger, path))


@pytest.fixture
def ledger(empty_ledger: Path, tmp_path: Path) -> str:
    return copied(empty_ledger, tmp_path / "ledger.db")


def export(folder: Path, platform: str = "langfuse", sessions: int = 14) -> Path:
    write = export_files.write_langfuse if platform == "langfuse" else export_files.write_langsmith
    write(folder / platform, export_files.rows(platform, sessions, turns=2), size=60)
    return folder / platform


def job(folder: Path, ledger: str, **changes: Any) -> BackfillJob:
    plan = plan_of(str(folder), buckets=BUCKETS)
    with Ledger.open(ledger) as opened:
        return replace(make_job(plan, Assembly.of(CONFIG), opened, ledger), **changes)


def run(its: BackfillJob, spool: Path, meet: Callable[[Event], None] = lambda _: None) -> Summary:
    summary = Summary()
    with Ledger.open(its.ledger) as opened:
        for event in follow(its, LocalEngine(workers=2, spool=spool), opened, summary):
            meet(event)
    return summary


def held(ledger: str) -> tuple[list[Any], int]:
    """Give what a ledger holds, and how much is to be written back."""
    with Ledger.open(ledger, write=False) as opened:
        return sorted(opened.export(), key=lambda verdict: str(verdict["id"])), opened.outbox_counts().due


def vetted_at_once(folder: Path, platform: str, ledger: str) -> list[Any]:
    """Give the verdicts of a plain run over the same rows, as the API gives them."""
    rows, _ = read(plan_of(str(folder)))
    ordered = sorted(
        traces(rows, platform).values(), key=lambda trace: (trace.session_id or trace.id, trace.start, trace.id)
    )
    parts = [[(row.parent, row.body, row.size) for row in rows if row.trace.decode() == trace.id] for trace in ordered]
    assembly = Assembly.of(CONFIG)
    with Ledger.open(ledger) as opened, Workers(processes=1) as workers:
        list(Run(SOURCES[platform](parts), assembly.setup(opened.key), opened, workers).verdicts(Window()))
    return held(ledger)[0]


@pytest.mark.parametrize("platform", ["langfuse", "langsmith"])
def test_a_backfill_gives_the_verdicts_of_a_scan_and_queues_them(
    tmp_path: Path, ledger: str, empty_ledger: Path, platform: str
) -> None:
    folder = export(tmp_path, platform)
    summary = run(job(folder, ledger), tmp_path / "spool")
    verdicts, queued = held(ledger)
    assert verdicts == vetted_at_once(folder, platform, copied(empty_ledger, tmp_path / "plain.db"))
    assert len(verdicts) == summary.counts["traces"] == queued > 25
    assert summary.counts["violating"] > 10
    assert not summary.incomplete
    assert {verdict["trace"]["platform"] for verdict in verdicts} == {platform}
    assert list((tmp_path / "spool").iterdir()) == []


def test_killing_every_worker_in_the_middle_leaves_the_same_end(
    tmp_path: Path, ledger: str, empty_ledger: Path
) -> None:
    folder, killed = export(tmp_path), copied(empty_ledger, tmp_path / "killed.db")
    fates = {Read: False, Vetted: False}

    def kill(event: Event) -> None:
        if not fates.get(type(event), True):
            fates[type(event)] = True
            for child in multiprocessing.active_children():
                os.kill(child.pid or 0, signal.SIGKILL)

    run(job(folder, ledger), tmp_path / "spool")
    summary = run(job(folder, killed), tmp_path / "spool", kill)
    assert all(fates.values())
    assert summary.lost == []
    assert held(killed) == held(ledger)


def test_a_backfill_that_was_given_up_goes_on_where_it_was(tmp_path: Path, ledger: str, empty_ledger: Path) -> None:
    folder, broken = export(tmp_path), copied(empty_ledger, tmp_path / "broken.db")
    whole = run(job(folder, ledger), tmp_path / "spool")

    def give_up(event: Event) -> None:
        if isinstance(event, Vetted):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(job(folder, broken), tmp_path / "spool", give_up)
    again = job(folder, broken)
    assert 0 < len(again.done) <= BUCKETS
    summary = run(again, tmp_path / "spool")
    assert held(broken) == held(ledger)
    assert (summary.counts["traces"], summary.rows) == (whole.counts["traces"], whole.rows)


def test_a_backfill_that_is_done_reads_nothing_again(tmp_path: Path, ledger: str) -> None:
    folder = export(tmp_path, sessions=4)
    first = run(job(folder, ledger), tmp_path / "spool")
    events: list[Event] = []
    again = run(job(folder, ledger), tmp_path / "spool", events.append)
    assert events == []
    assert (again.rows, again.counts, again.files) == (first.rows, first.counts, first.files)


def test_what_is_new_in_an_export_is_vetted_and_the_rest_stands(tmp_path: Path, ledger: str) -> None:
    folder = export(tmp_path, sessions=4)
    first = run(job(folder, ledger), tmp_path / "spool")
    export(tmp_path, sessions=6)
    second = run(job(folder, ledger), tmp_path / "spool")
    assert second.counts["unchanged"] == first.counts["traces"] < second.counts["traces"]


def test_one_session_of_many_traces_is_vetted_in_the_order_of_time(tmp_path: Path, ledger: str) -> None:
    rows = [
        row | {"traceId": f"{99 - int(row['startTime'][14:16])}-{row['traceId']}"}  # the youngest has the first id
        for row in export_files.rows("langfuse", 1, turns=12)
    ]
    export_files.write_langfuse(tmp_path / "x", reversed(rows), size=3)
    its = job(tmp_path / "x", ledger)
    spool = Spool(its, tmp_path / "spool")
    spool.make()
    for file in range(its.files):
        spool.read(file)
    for bucket in range(its.buckets):
        spool.place(bucket)
    found = [assemble(parts, "langfuse")[0] for bucket in range(its.buckets) for parts in spool.traces(bucket)]
    starts = [trace.start for trace in found if trace and trace.start]
    spool.remove()
    assert starts == sorted(starts)
    assert len(starts) == len({row["traceId"] for row in rows})


def test_what_could_not_be_read_makes_the_backfill_incomplete(tmp_path: Path, ledger: str) -> None:
    folder = export(tmp_path, sessions=3)
    (folder / "proj/observations_v2/cut.parquet").write_bytes(b"PAR1 and then nothing")
    for _ in range(2):
        summary = run(job(folder, ledger), tmp_path / "spool")
        assert summary.incomplete
        assert [(gap.reason, gap.path) for gap in summary.gaps] == [
            (GapReason.MALFORMED, "proj/observations_v2/cut.parquet")
        ]


def test_a_full_disk_is_one_sentence_with_the_way_out(
    tmp_path: Path, ledger: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = export(tmp_path, sessions=3)
    spool = Spool(job(folder, ledger), tmp_path / "spool")
    spool.make()

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("tracevet.backfill.spool._insert", full)
    with pytest.raises(SourceError, match=r"disk is full; name a directory with more room with --spool"):
        spool.read(0)
    monkeypatch.undo()
    assert spool.read(0).rows > 0

    def no_room(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "mkdir", no_room)
    with pytest.raises(SourceError, match="no space left on device"):
        spool.make()


def test_the_rows_are_readable_by_their_owner_alone(tmp_path: Path, ledger: str) -> None:
    spool = Spool(job(export(tmp_path, sessions=1), ledger), tmp_path / "spool")
    spool.make()
    assert spool.path.stat().st_mode & 0o077 == 0


def test_a_failure_in_a_worker_ends_the_backfill_with_its_sentence(tmp_path: Path, ledger: str) -> None:
    its = replace(job(export(tmp_path, sessions=3), ledger), ledger=str(tmp_path / "nowhere" / "ledger.db"))
    with pytest.raises(LedgerError, match="does not exist"):
        list(LocalEngine(workers=1, spool=tmp_path / "spool").run(its))


def tasks(workers: int = 2) -> Slots:
    return Slots(workers, slot_tasks.begin, slot_tasks.begin)


def test_a_task_that_ends_its_worker_each_time_costs_only_itself() -> None:
    with tasks() as slots:
        found = list(slots.each(slot_tasks.die, range(6)))
    assert [one.argument for one in found if isinstance(one, Dead)] == [3]
    assert sorted(one for one in found if isinstance(one, int)) == [0, 2, 4, 8, 10]


def test_a_task_whose_worker_died_is_done_by_another(tmp_path: Path) -> None:
    marker = str(tmp_path / "died")
    with tasks(1) as slots:
        assert list(slots.each(slot_tasks.die_once, [marker])) == [marker]


def test_a_bucket_that_ends_every_worker_is_told_and_left_for_later() -> None:
    summary = Summary()
    summary.add(Lost(what="vetting bucket 3", attempts=3))
    assert summary.incomplete


def test_an_unknown_engine_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"no engine named 'spark'; known: local"):
        find_engine("spark")


def test_the_local_engine_has_no_cluster() -> None:
    with pytest.raises(UsageError, match="--engine ray"):
        LocalEngine(address="auto")
