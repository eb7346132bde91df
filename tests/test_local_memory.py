"""Files that have not changed are named and not read; whatever changes is read."""

import json
import shutil
from pathlib import Path

import pytest

import tracevet
from tracevet import Cursor, Page, Window
from tracevet.builtin.local import LocalPlatform

SAMPLES = Path(tracevet.__file__).parent / "samples"
ROLLOUT = (SAMPLES / "codex.rollout.jsonl").read_text()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.jsonl").write_text(ROLLOUT)
    (tmp_path / "two.jsonl").write_text(ROLLOUT.replace("019f2a10", "119f2a10"))
    return tmp_path


def read(folder: Path, cursor: Cursor | None = None, window: Window | None = None) -> list[Page]:
    return list(LocalPlatform(paths=(str(folder),)).traces(window or Window(), cursor))


def named(pages: list[Page]) -> tuple[list[str], list[str]]:
    traces = [trace.id for page in pages for trace in page.traces]
    return traces, [one.id for page in pages for one in page.unchanged]


def test_what_was_read_is_named_with_the_same_content(folder: Path) -> None:
    first = read(folder)
    second = read(folder, first[-1].cursor)
    assert named(second) == ([], named(first)[0])
    contents = {trace.id: trace.content for page in first for trace in page.traces}
    assert {one.id: one.content for page in second for one in page.unchanged} == contents
    assert second[-1].cursor == first[-1].cursor
    assert second[-1].done == 1.0


def test_a_file_that_changed_moved_or_came_is_read(folder: Path) -> None:
    cursor = read(folder)[-1].cursor
    (folder / "one.jsonl").write_text(ROLLOUT.replace("SECRET", "x") + "\n\n")
    shutil.copy(folder / "two.jsonl", folder / "three.jsonl")
    (folder / "four.jsonl").write_text(ROLLOUT.replace("019f2a10", "219f2a10"))
    traces, unchanged = named(read(folder, cursor))
    assert len(traces) == 3
    assert unchanged == []


def test_gaps_are_told_again(folder: Path) -> None:
    with (folder / "one.jsonl").open("a") as file:
        file.write('{"cut')
    first = read(folder)
    second = read(folder, first[-1].cursor)
    gaps = [gap for page in second for gap in page.gaps]
    assert gaps == [gap for page in first for gap in page.gaps]
    assert len(gaps) == 1


def test_the_window_holds_for_what_is_named(folder: Path) -> None:
    cursor = read(folder)[-1].cursor
    start = read(folder)[0].traces[0].end
    assert start
    assert named(read(folder, cursor, Window(end=start))) == ([], [])
    assert len(named(read(folder, cursor, Window(start=start)))[1]) == 2


def test_exports_are_always_read(tmp_path: Path) -> None:
    shutil.copy(SAMPLES / "claude-code.langfuse.json", tmp_path)
    first = read(tmp_path)
    assert named(read(tmp_path, first[-1].cursor)) == named(first)


def test_a_broken_or_foreign_cursor_is_no_memory(folder: Path) -> None:
    whole = named(read(folder))
    cursor = read(folder)[-1].cursor
    assert cursor
    older = Cursor(json.dumps({**json.loads(cursor), "reader": "0.0.1"}))
    for other in (older, Cursor("{"), Cursor("[]")):
        assert named(read(folder, other)) == whole


def test_other_folders_stay_in_mind(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "a.jsonl").write_text(ROLLOUT.replace("019f2a10", "319f2a10"))
    cursor = read(other, read(folder)[-1].cursor)[-1].cursor
    assert named(read(folder, cursor))[0] == []
