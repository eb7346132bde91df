"""The local platform reads what it is pointed at by content: transcripts and exports, packed in any way."""

import codecs
import gzip
import io
import json
import random
import re
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types
import pytest
import zstandard

from tracevet import Gap, GapReason, Outcome, SourceError, Trace, TraceRef, Verdict, Window
from tracevet.builtin import exports
from tracevet.builtin.local import LocalPlatform
from tracevet.model import Coverage

DATA = Path(__file__).parent / "data/records"
CLAUDE, CODEX = (DATA / "claude-code.jsonl").read_bytes(), (DATA / "codex.jsonl").read_bytes()
LANGFUSE: list[dict[str, Any]] = json.loads((DATA / "langfuse.json").read_text())
LANGSMITH: list[dict[str, Any]] = json.loads((DATA / "langsmith.json").read_text())
EVER = Window()


def read(*paths: Path | str, window: Window = EVER, **options: int) -> tuple[list[Trace], list[Gap]]:
    pages = list(LocalPlatform(paths=tuple(map(str, paths)), **options).traces(window, None))
    return [trace for page in pages for trace in page.traces], [gap for page in pages for gap in page.gaps]


def lines(items: list[Any]) -> bytes:
    return b"".join(json.dumps(item).encode() + b"\n" for item in items)


def dump(value: Any, indent: int | None = None) -> bytes:
    return json.dumps(value, indent=indent).encode()


def v1(observations: list[dict[str, Any]]) -> dict[str, Any]:
    first = observations[0]
    head = {key: first[key] for key in ("userId", "sessionId", "tags", "environment")}
    return {"id": first["traceId"], "timestamp": first["startTime"], **head, "observations": observations}


def snake(row: dict[str, Any]) -> dict[str, Any]:
    named = {re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", key): value for key, value in row.items()}
    return {**named, "metadata": json.dumps(row["metadata"])}


def parquet(items: list[dict[str, Any]]) -> bytes:
    out = io.BytesIO()
    flat = [
        {key: json.dumps(value) if isinstance(value, dict) else value for key, value in item.items()} for item in items
    ]
    pq.write_table(pa.Table.from_pylist([{**item, "an_unread_column": 1} for item in flat]), out, row_group_size=2)
    return out.getvalue()


def packed_times(items: list[dict[str, Any]], *keys: str) -> list[dict[str, Any]]:
    return [{**item, **{key: datetime.fromisoformat(item[key]) for key in keys}} for item in items]


FORMS: dict[str, tuple[bytes, str]] = {
    "a Claude Code transcript": (CLAUDE, "5b0c1a2e-7d43-4c1f-9a55-0f6c2b9e7a10:c0ffee00-1111-4222-8333-444455556666"),
    "a transcript as an array": (dump([json.loads(line) for line in CLAUDE.splitlines()]), "5b0c1a2e"),
    "a Codex rollout": (CODEX, "019f2a10-3c4d-7e5f-8a6b-1c2d3e4f5a6b:019f2a10-5555-7000-8000-aaaaaaaaaaaa"),
    "observations in an array": (dump(LANGFUSE), LANGFUSE[0]["traceId"]),
    "observations in an array, indented": (dump(LANGFUSE, 2), LANGFUSE[0]["traceId"]),
    "a page of observations": (dump({"data": LANGFUSE, "meta": {}}), LANGFUSE[0]["traceId"]),
    "a page of observations, indented": (dump({"meta": {"a": [{}]}, "data": LANGFUSE}, 1), LANGFUSE[0]["traceId"]),
    "pages, one a line": (lines([{"data": LANGFUSE[:3]}, {"data": LANGFUSE[3:]}]), LANGFUSE[0]["traceId"]),
    "a list of pages": (dump([{"data": LANGFUSE[:3]}, {"data": LANGFUSE[3:]}]), LANGFUSE[0]["traceId"]),
    "observations, one a line": (lines(LANGFUSE), LANGFUSE[0]["traceId"]),
    "rows of a blob export": (lines([snake(row) for row in LANGFUSE]), LANGFUSE[0]["traceId"]),
    "observations in Parquet": (parquet([snake(row) for row in LANGFUSE]), LANGFUSE[0]["traceId"]),
    "a v1 trace": (dump(v1(LANGFUSE)), LANGFUSE[0]["traceId"]),
    "a v1 trace, indented": (dump(v1(LANGFUSE), 4), LANGFUSE[0]["traceId"]),
    "a list of v1 traces": (dump([v1(LANGFUSE)]), LANGFUSE[0]["traceId"]),
    "a single observation": (dump(LANGFUSE[0], 2), LANGFUSE[0]["traceId"]),
    "runs in an array": (dump(LANGSMITH), LANGSMITH[0]["trace_id"]),
    "runs, one a line": (lines(LANGSMITH), LANGSMITH[0]["trace_id"]),
    "a page of runs": (dump({"runs": LANGSMITH, "cursors": {}}), LANGSMITH[0]["trace_id"]),
    "runs in Parquet": (parquet(packed_times(LANGSMITH, "start_time", "end_time")), LANGSMITH[0]["trace_id"]),
    "a single run": (dump(LANGSMITH[1]), LANGSMITH[0]["trace_id"]),
}
PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: data,
    "gzip": gzip.compress,
    "zstd": zstandard.compress,
    "zstd in frames": lambda data: zstandard.compress(data[:999]) + zstandard.compress(data[999:]),
}
TEXTS: dict[str, Callable[[bytes], bytes]] = {
    "with a byte order mark": lambda data: codecs.BOM_UTF8 + data,
    "in UTF-16": lambda data: data.decode().encode("utf-16"),
    "with CRLF": lambda data: data.replace(b"\n", b"\r\n"),
    "with blank lines": lambda data: b"\n\n" + data.replace(b"\n", b"\n\n"),
    "without a last newline": bytes.rstrip,
}


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_read_in_every_packing_whatever_its_name(form: str, packing: str, tmp_path: Path) -> None:
    data, trace_id = FORMS[form]
    (tmp_path / "file.bin").write_bytes(PACKINGS[packing](data))
    traces, gaps = read(tmp_path / "file.bin")
    assert gaps == []
    assert [trace.platform for trace in traces] == ["local"]
    assert traces[0].id.startswith(trace_id)
    (tmp_path / "plain").write_bytes(data)
    assert read(tmp_path / "plain")[0] == traces


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("form", [form for form in FORMS if "Parquet" not in form])
def test_every_form_is_read_in_every_spelling(form: str, text: str, tmp_path: Path) -> None:
    data, _ = FORMS[form]
    (tmp_path / "a").write_bytes(TEXTS[text](data))
    (tmp_path / "b").write_bytes(data)
    traces, gaps = read(tmp_path / "a")
    assert gaps == []
    assert traces == read(tmp_path / "b")[0]


def test_parquet_gives_what_json_gives(tmp_path: Path) -> None:
    for name, data in (("a", FORMS["runs in Parquet"][0]), ("b", FORMS["runs, one a line"][0])):
        (tmp_path / name).write_bytes(data)
    (one,), (other,) = read(tmp_path / "a")[0], read(tmp_path / "b")[0]
    assert one == other


def test_parquet_without_its_extra_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(FORMS["runs in Parquet"][0])
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SourceError, match=re.escape("pip install 'tracevet[parquet]'")):
        read(tmp_path)


def test_a_large_document_is_streamed_and_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    documents = [form for form, (data, _) in FORMS.items() if data[:1] in (b"[", b"{") and not data.endswith(b"\n")]
    whole = {}
    for form in documents:
        (tmp_path / "a").write_bytes(FORMS[form][0])
        whole[form] = read(tmp_path / "a")
    monkeypatch.setattr("tracevet.builtin.documents.SMALL", 1_000)
    for form in documents:
        (tmp_path / "a").write_bytes(FORMS[form][0])
        assert read(tmp_path / "a") == whole[form], form


def test_interleaved_traces_in_several_files_are_gathered(tmp_path: Path) -> None:
    many = [{**row, "traceId": f"t{number}"} for number in range(40) for row in LANGFUSE]
    runs = [{**run, "trace_id": f"t{number}"} for number in range(40) for run in LANGSMITH]
    every = [*many, *runs]
    random.Random(2).shuffle(every)
    for number in range(5):
        (tmp_path / f"{number}.jsonl").write_bytes(lines(every[number::5]))
    traces, gaps = read(tmp_path)
    assert gaps == []
    sizes = sorted((len(trace.spans), trace.id) for trace in traces)
    ids = sorted(f"t{number}" for number in range(40))
    assert sizes == [*((3, name) for name in ids), *((8, name) for name in ids)]


def test_the_record_of_a_trace_joins_its_observations_from_another_file(tmp_path: Path) -> None:
    bare = [{key: value for key, value in row.items() if key not in ("userId", "tags")} for row in LANGFUSE]
    head = {**snake(v1(LANGFUSE) | {"metadata": {"team": "a"}}), "observations": None}
    (tmp_path / "observations.jsonl").write_bytes(lines([snake(row) for row in bare]))
    (tmp_path / "traces.jsonl").write_bytes(lines([head]))
    (trace,), gaps = read(tmp_path)
    assert (trace.user, trace.tags, trace.metadata, len(trace.spans)) == (
        LANGFUSE[0]["userId"],
        ("claude-code",),
        {"team": "a"},
        8,
    )
    assert gaps == []


def test_files_that_use_one_id_for_different_things_are_kept_apart(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(dump(LANGFUSE))
    (tmp_path / "b.json").write_bytes(dump([{**row, "name": f"other {row['name']}"} for row in LANGFUSE]))
    (tmp_path / "c.json").write_bytes(dump(LANGFUSE[:2]))
    traces, _ = read(tmp_path)
    assert [(trace.id, len(trace.spans)) for trace in traces] == [
        (LANGFUSE[0]["traceId"], 8),
        (LANGFUSE[0]["traceId"] + "#2", 8),
    ]


def test_a_trace_beyond_the_cap_keeps_its_beginning_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "MAX_TRACE", 4_000)
    (tmp_path / "a").write_bytes(dump(LANGFUSE))
    (trace,), _ = read(tmp_path)
    assert 0 < len(trace.spans) < 8
    assert [(gap.reason, gap.count + len(trace.spans)) for gap in trace.gaps] == [(GapReason.TOO_LARGE, 8)]


def test_copies_of_a_session_give_each_turn_once_and_whole(tmp_path: Path) -> None:
    rows = CLAUDE.splitlines(keepends=True)
    later = [line.replace(b"toolu_", b"toolu2_").replace(b"00000000-0000-4", b"00000000-0000-5") for line in rows]
    later = [
        line.replace(b"c0ffee00", b"c0ffee02").replace(b"T09:", b"T10:").replace(b"msg_", b"msg2_") for line in later
    ]
    for name, content in {"a": rows[:4], "b": [*rows, *later], "c": rows, "d": [*rows, *later[:5]]}.items():
        (tmp_path / name).write_bytes(b"".join(content))
    traces, gaps = read(tmp_path)
    assert [len(trace.spans) for trace in traces] == [8, 8]
    assert gaps == []


def test_a_subagent_that_stands_in_two_files_is_one_trace(tmp_path: Path) -> None:
    agent = [json.loads(line) | {"isSidechain": True, "agentId": "a1"} for line in CLAUDE.splitlines()]
    messages = [{key: row[key] for key in ("type", "uuid", "timestamp", "message")} for row in agent]
    shown = [
        {"type": "progress", "uuid": f"p{number}", "sessionId": agent[0]["sessionId"], "data": data}
        for number, message in enumerate(messages[:-1])
        for data in [{"type": "agent_progress", "agentId": "a1", "message": message}]
    ]
    (tmp_path / "a.jsonl").write_bytes(lines(shown) * 3)
    (tmp_path / "b.jsonl").write_bytes(lines(agent))
    (trace,), gaps = read(tmp_path)
    assert (trace.name, len(trace.spans), gaps) == ("Claude Code subagent", 8, [])
    (tmp_path / "b.jsonl").unlink()
    assert [len(trace.spans) for trace in read(tmp_path)[0]] == [7]


def test_copies_that_have_parted_both_come_under_ids_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(CLAUDE)
    (tmp_path / "b").write_bytes(CLAUDE.replace(b"import sqlite3", b"import os"))
    traces, _ = read(tmp_path)
    assert len(traces) == len({trace.id for trace in traces}) == 2


def test_a_directory_a_glob_and_a_file_are_read_each_file_once(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    (deep / "one.jsonl").write_bytes(CLAUDE)
    (tmp_path / ".git" / "two.jsonl").write_bytes(CODEX)
    (tmp_path / "link").symlink_to(deep, target_is_directory=True)
    for paths in ([tmp_path], [f"{tmp_path}/**/*.jsonl"], [deep / "one.jsonl"], [tmp_path, deep, deep / "one.jsonl"]):
        traces, gaps = read(*paths)
        assert [trace.name for trace in traces] == ["Claude Code turn"]
        assert gaps == []


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for form in ("a Claude Code transcript", "runs in Parquet", "observations in an array"):
        (tmp_path / "in").write_bytes(gzip.compress(FORMS[form][0]))
        with (tmp_path / "in").open() as file:
            monkeypatch.setattr(sys, "stdin", file)
            pages = list(LocalPlatform(paths=("-",)).traces(EVER, None))
        assert [len(page.traces) for page in pages] == [1]
        assert pages[-1].done is None


def test_without_paths_the_assistants_own_directories_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(SourceError, match=re.escape("~/.claude/projects")):
        read()
    assert list(LocalPlatform().check()) == []
    for place, data in ((".claude/projects/-x/s.jsonl", CLAUDE), (".codex/sessions/2026/08/r.jsonl", CODEX)):
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_bytes(data)
    assert [trace.name for trace in read()[0]] == ["Claude Code turn", "Codex turn"]
    assert list(LocalPlatform().check()) == []


def test_only_traces_that_ended_in_the_window_come(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(CLAUDE)
    (tmp_path / "undated").write_bytes(re.sub(rb'"timestamp": "[^"]*", ', b"", CODEX))
    end = datetime(2026, 8, 20, 9, 0, 11, tzinfo=UTC)
    for window, expected in (
        (Window(start=end), 2),
        (Window(end=end), 1),
        (Window(start=end.replace(second=10), end=end.replace(second=12)), 2),
        (Window(start=end.replace(second=12)), 1),
    ):
        assert len(read(tmp_path, window=window)[0]) == expected


def test_pages_are_small_and_say_how_far_it_got(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"".join(CLAUDE.replace(b"5b0c1a2e", b"%08d" % number) for number in range(120)))
    (tmp_path / "b").write_bytes(lines([{**row, "traceId": f"t{number}"} for number in range(120) for row in LANGFUSE]))
    pages = list(LocalPlatform(paths=(str(tmp_path),)).traces(EVER, None))
    assert sum(len(page.traces) for page in pages) > 120
    assert all(len(page.traces) <= 50 for page in pages)
    done = [page.done for page in pages if page.done is not None]
    assert done == sorted(done)
    assert (len(done), done[-1]) == (len(pages), 1.0)


def test_reading_again_gives_the_same(tmp_path: Path) -> None:
    shutil.copytree(DATA, tmp_path / "data")
    platform = LocalPlatform(paths=(str(tmp_path),))
    assert list(platform.traces(EVER, None)) == list(platform.traces(EVER, None))


def test_a_verdict_is_accepted_since_the_ledger_holds_it() -> None:
    ref = TraceRef(platform="local", id="t")
    verdict = Verdict(id="v", trace=ref, outcome=Outcome.CLEAN, severity=None, coverage=Coverage.FULL)
    assert LocalPlatform().write(verdict).verdict == "v"
