"""Nothing that lies on a disk stops the local platform, and nothing that it can't read is passed over in silence."""

import gzip
import json
import os
import random
import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from tracevet import ConfigError, Gap, GapReason, SourceError, Trace, Window
from tracevet.builtin import exports, files
from tracevet.builtin.local import LocalPlatform

DATA = Path(__file__).parent / "data/records"
CLAUDE, CODEX = (DATA / "claude-code.jsonl").read_bytes(), (DATA / "codex.jsonl").read_bytes()
LANGFUSE, LANGSMITH = (DATA / "langfuse.json").read_bytes(), (DATA / "langsmith.json").read_bytes()
ROWS = CLAUDE.splitlines(keepends=True)
MEGABYTE = 1024 * 1024
SECRET = "hunter2"  # stands in the recordings; no gap may quote it


def read(*paths: Path | str, **options: int) -> tuple[list[Trace], list[Gap]]:
    pages = list(LocalPlatform(paths=tuple(map(str, paths)), **options).traces(Window(), None))
    gaps = [gap for page in pages for gap in page.gaps]
    assert not any(SECRET in gap.model_dump_json() for gap in gaps)
    return [trace for page in pages for trace in page.traces], gaps


def told(gaps: list[Gap]) -> list[tuple[GapReason, str | None, int | None, int]]:
    return [(gap.reason, gap.path, gap.line, gap.count) for gap in gaps]


def deep(levels: int) -> bytes:
    return b'{"type":"user","sessionId":"s","uuid":"d","message":' + b"[" * levels + b"]" * levels + b"}\n"


BAD_LINES: dict[str, tuple[bytes, GapReason]] = {
    "cut off": (ROWS[2][:200] + b"\n", GapReason.MALFORMED),
    "not JSON": (b"Traceback (most recent call last):\n", GapReason.MALFORMED),
    "NUL bytes": (b"\x00" * 5_000 + b"\n", GapReason.MALFORMED),
    "not UTF-8": (b'{"type":"user","x":"\xff\xfe"}\n', GapReason.MALFORMED),
    "not an object": (b"17\n", GapReason.MALFORMED),
    "10 000 levels": (deep(10_000), GapReason.TOO_LARGE),
    "1 000 000 levels": (deep(1_000_000), GapReason.TOO_LARGE),
    "longer than the cap": (b'{"type":"user","x":"' + b"x" * 2 * MEGABYTE + b'"}\n', GapReason.TOO_LARGE),
    "an unknown kind": (b'{"type":"hologram","sessionId":"s"}\n', GapReason.UNKNOWN_KIND),
}


@pytest.mark.parametrize("place", [0, 4, len(ROWS)])
@pytest.mark.parametrize("name", BAD_LINES)
def test_a_bad_line_costs_itself_and_is_counted_with_its_place(name: str, place: int, tmp_path: Path) -> None:
    line, reason = BAD_LINES[name]
    (tmp_path / "good").write_bytes(CLAUDE)
    (tmp_path / "bad").write_bytes(b"".join([*ROWS[:place], line, line, *ROWS[place:]]))
    traces, gaps = read(tmp_path / "bad", max_line_mb=1)
    assert traces == read(tmp_path / "good")[0]
    assert [(gap.reason, gap.path, gap.count) for gap in gaps] == [(reason, str(tmp_path / "bad"), 2)]
    assert gaps[0].line == (None if reason is GapReason.UNKNOWN_KIND else place + 1)


@pytest.mark.parametrize("levels", [240, 260, 600, 1_000])
def test_what_is_nested_just_beyond_the_cap_is_a_gap_of_its_trace(levels: int, tmp_path: Path) -> None:
    message = b'{"role": "user", "content": [' + b"[" * levels + b"]" * levels + b"]}"
    row = b'{"type": "user", "sessionId": "s", "uuid": "u", "message": ' + message + b"}"
    (tmp_path / "a").write_bytes(b'{"type":"summary","leafUuid":"x"}\n' + row)
    (trace,), gaps = read(tmp_path)
    assert [gap.reason for gap in trace.gaps] == [GapReason.TOO_LARGE] * (levels > 250)
    assert gaps == []


def test_lone_surrogates_and_odd_numbers_are_read(tmp_path: Path) -> None:
    odd = b'"content": "\\ud800 NaN", "odd": [NaN, Infinity, -1e999, 123456789012345678901234567890]}'
    line = b'{"type": "user", "sessionId": "\\udfff", "uuid": "u", "message": {"role": "user", ' + odd + b"}\n"
    (tmp_path / "a").write_bytes(line)
    (trace,), gaps = read(tmp_path)
    assert trace.spans[0].input == {"role": "user", "content": "\ud800 NaN"}
    assert gaps == []


def test_a_line_of_100_mb_is_passed_over_in_little_memory(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as file:
        file.write(ROWS[0] + b'{"type":"user","x":"')
        for _ in range(100):
            file.write(b"x" * MEGABYTE)
        file.write(b'"}\n' + b"".join(ROWS[1:]))
    script = (
        "import sys; from tracevet import Window; from tracevet.builtin.local import LocalPlatform\n"
        "pages = list(LocalPlatform(paths=(sys.argv[1],), max_line_mb=8).traces(Window(), None))\n"
        "(trace,), (gap,) = ([item for page in pages for item in getattr(page, n)] for n in ('traces', 'gaps'))\n"
        "peak = next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1]\n"
        "print(len(trace.spans), gap.reason, gap.line, int(peak) // 1024)"  # ru_maxrss would start at our own size
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    spans, reason, line, megabytes = done.stdout.split()
    assert (spans, reason, line) == ("8", "too-large", "2")
    assert int(megabytes) < 200


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_a_bomb_is_passed_over(packing: str, tmp_path: Path) -> None:
    pack: Callable[[bytes], bytes] = gzip.compress if packing == "gzip" else zstandard.compress
    (tmp_path / "a").write_bytes(pack(CLAUDE + b'{"type":"user","x":"' + b" " * 50 * MEGABYTE + b'"}\n' + CODEX))
    traces, gaps = read(tmp_path, max_line_mb=2)
    assert len(traces) == 1
    assert GapReason.TOO_LARGE in {gap.reason for gap in gaps}


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.999])
def test_a_packed_file_that_is_cut_off_gives_what_was_there(packing: str, share: float, tmp_path: Path) -> None:
    packed = (gzip.compress if packing == "gzip" else zstandard.compress)(CLAUDE)
    (tmp_path / "a").write_bytes(packed[: max(12, int(len(packed) * share))])
    _, gaps = read(tmp_path / "a")
    assert GapReason.MALFORMED in {gap.reason for gap in gaps}


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_rows_before_the_break_of_a_packed_file_are_kept(packing: str, tmp_path: Path) -> None:
    pack: Callable[[bytes], bytes] = gzip.compress if packing == "gzip" else zstandard.compress
    (tmp_path / "a").write_bytes(pack(CLAUDE) + pack(os.urandom(100_000))[:50_000])
    traces, gaps = read(tmp_path / "a")
    assert [len(trace.spans) for trace in traces] == [8]
    assert all(gap.reason in (GapReason.MALFORMED, GapReason.TOO_LARGE) for gap in gaps)
    assert gaps


@pytest.mark.parametrize("data", [LANGFUSE, LANGSMITH, b'{"data": ' + LANGFUSE + b"}"])
@pytest.mark.parametrize("small", [True, False])
def test_a_document_that_is_cut_off_gives_the_rows_before(
    data: bytes, small: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracevet.builtin.documents.SMALL", 32 * MEGABYTE if small else 100)
    (tmp_path / "whole").write_bytes(data)
    (tmp_path / "cut").write_bytes(data[:-30])
    (whole,), _ = read(tmp_path / "whole")
    (trace,), gaps = read(tmp_path / "cut")
    assert len(trace.spans) == len(whole.spans) - 1
    assert told(gaps) == [(GapReason.MALFORMED, str(tmp_path / "cut"), None, 1)]


def test_an_entry_of_a_document_beyond_the_cap_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracevet.builtin.documents.SMALL", 100)
    first = LANGFUSE.rstrip()[:-1]
    (tmp_path / "a").write_bytes(first + b', {"id": "x", "input": "' + b"x" * 5 * MEGABYTE + b'"}]')
    (trace,), gaps = read(tmp_path, max_line_mb=1)
    assert len(trace.spans) == 8
    assert [gap.reason for gap in gaps] == [GapReason.TOO_LARGE]


@pytest.mark.parametrize("levels", [300, 900, 10_000, 200_000])
@pytest.mark.parametrize("small", [True, False])
def test_a_deeply_nested_document_is_a_gap(
    levels: int, small: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracevet.builtin.documents.SMALL", 32 * MEGABYTE if small else 100)
    bomb = b', {"id": "x", "traceId": "t", "type": "SPAN", "input": ' + b"[" * levels + b"]" * levels + b"}]"
    (tmp_path / "a").write_bytes(LANGFUSE.rstrip()[:-1] + bomb)
    _, gaps = read(tmp_path)
    assert [gap.reason for gap in gaps] == [GapReason.TOO_LARGE]


def test_files_that_are_no_traces_are_counted_for_their_directory_and_named_on_their_own(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(CLAUDE)
    strangers = {
        "binary": bytes(range(256)) * 100,
        "empty": b"",
        "blank": b" \n\n ",
        "notes.md": b"# Notes\n\n- none\n",
        "settings.json": b'{\n "theme": "dark"\n}\n',
        "list.json": b"[1, 2, [3]]",
        "other.jsonl": b'{"level": "info"}\n' * 1_000,
        "log": b"[INFO] started\n[INFO] done\n",
        "code.js": b"{ let x = 1 }\n",
        "scores.json": b'[{"id": "1", "traceId": "t", "name": "policy", "value": 1}]',
    }
    for name, data in strangers.items():
        (tmp_path / name).write_bytes(data)
    traces, gaps = read(tmp_path)
    assert len(traces) == 1
    assert told(gaps) == [(GapReason.UNKNOWN_KIND, str(tmp_path / "binary"), None, len(strangers))]
    for name in strangers:
        assert told(read(tmp_path / name)[1]) == [(GapReason.UNKNOWN_KIND, str(tmp_path / name), None, 1)]


def test_a_broken_file_that_looks_like_a_trace_is_malformed(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(ROWS[2][:300])
    assert {gap.reason for gap in read(tmp_path)[1]} == {GapReason.MALFORMED, GapReason.UNKNOWN_KIND}


def test_rows_of_no_kind_inside_an_export_are_counted(tmp_path: Path) -> None:
    rows: list[Any] = [*json.loads(LANGFUSE), {"id": "1", "traceId": "t", "value": 1}, 7, None]
    (tmp_path / "a").write_bytes(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
    traces, gaps = read(tmp_path)
    assert len(traces[0].spans) == 8
    assert told(gaps) == [(GapReason.UNKNOWN_KIND, str(tmp_path / "a"), 9, 3)]


def test_links_pipes_and_sockets_are_gaps_and_never_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jsonl").write_bytes(CLAUDE)
    (tmp_path / "broken").symlink_to(tmp_path / "gone")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
        traces, gaps = read(tmp_path)
    assert len(traces) == 1
    names = ["broken", "circle", "loop", "pipe", "socket"]
    assert told(gaps) == [(GapReason.UNREADABLE, str(tmp_path / name), None, 1) for name in names]
    assert len(read(f"{tmp_path}/**/*.jsonl")[0]) == 1


def test_a_file_name_of_any_bytes_is_read_and_shown(tmp_path: Path) -> None:
    for name, data in ((b"\xff.jsonl", CLAUDE), (b"\xfe\n", b"x"), (b"-", CODEX)):
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
            file.write(data)
    traces, gaps = read(tmp_path)
    assert len(traces) == 2
    assert [gap.reason for gap in gaps] == [GapReason.UNKNOWN_KIND]


def test_a_deep_tree_of_directories_is_walked(tmp_path: Path) -> None:
    handle = os.open(tmp_path, os.O_RDONLY)
    for _ in range(600):
        os.mkdir("d", dir_fd=handle)
        inner = os.open("d", os.O_RDONLY, dir_fd=handle)
        os.close(handle)
        handle = inner
    os.close(handle)
    (tmp_path / "z").write_bytes(CLAUDE)
    assert len(read(tmp_path)[0]) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_a_gap(tmp_path: Path) -> None:
    for name in ("closed", "open"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a").write_bytes(CLAUDE)
    (tmp_path / "file").write_bytes(CODEX)
    (tmp_path / "closed").chmod(0)
    (tmp_path / "file").chmod(0)
    traces, gaps = read(tmp_path)
    (tmp_path / "closed").chmod(0o700)
    assert len(traces) == 1
    assert {gap.path for gap in gaps if gap.reason is GapReason.UNREADABLE} == {
        str(tmp_path / "closed"),
        str(tmp_path / "file"),
    }


def test_a_refusal_of_the_system_is_a_gap_with_its_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_bytes(CLAUDE)
    listed, opened = os.listdir, os.open

    def refuse_list(path: str) -> list[str]:
        if str(path).endswith("/a"):
            raise PermissionError(13, "Permission denied")
        return listed(path)

    def refuse_open(path: str, flags: int) -> int:
        if str(path).endswith("b/x"):
            raise FileNotFoundError(2, "No such file or directory")
        return opened(path, flags)

    monkeypatch.setattr(os, "listdir", refuse_list)
    monkeypatch.setattr(os, "open", refuse_open)
    traces, gaps = read(tmp_path)
    assert traces == []
    assert [(gap.reason, gap.detail, gap.path) for gap in gaps] == [
        (GapReason.UNREADABLE, "permission denied", str(tmp_path / "a")),
        (GapReason.UNREADABLE, "no such file or directory", str(tmp_path / "b/x")),
    ]


def test_a_pipe_that_takes_a_files_place_does_not_block(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(CLAUDE)
    (tmp_path / "b").write_bytes(CODEX)
    pages = LocalPlatform(paths=(str(tmp_path),)).traces(Window(), None)
    found = files.find

    def swap(paths: tuple[str, ...]) -> Any:
        yield from found(paths)
        (tmp_path / "b").unlink()
        os.mkfifo(tmp_path / "b")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tracevet.builtin.local.find", swap)
        reader = threading.Thread(target=lambda: pages_read.extend(pages), daemon=True)
        pages_read: list[Any] = []
        reader.start()
        reader.join(20)
    assert not reader.is_alive()
    assert [gap.reason for page in pages_read for gap in page.gaps] == [GapReason.UNREADABLE]


@pytest.mark.parametrize("path", ["gone", "gone/*.jsonl", "**/gone-*.jsonl"])
def test_a_path_that_names_nothing_is_an_error_that_names_it(path: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(CLAUDE)
    with pytest.raises(SourceError, match="gone"):
        read(tmp_path, f"{tmp_path}/{path}")
    assert list(LocalPlatform(paths=(f"{tmp_path}/{path}",)).check())


def test_a_cap_below_one_is_an_error() -> None:
    with pytest.raises(ConfigError, match="max_line_mb"):
        LocalPlatform(max_line_mb=0)


def test_home_directories_are_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "x").write_bytes(b"\x00")
    assert [gap.path for gap in read("~/x")[1]] == ["~/x"]
    for path in ("/home/dana/a/b", "/Users/dana/a/b", "C:\\Users\\dana/a/b"):
        assert files.show(path) == "~/a/b"


def test_a_full_temporary_directory_is_an_error_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "_SCHEMA", exports._SCHEMA + "PRAGMA max_page_count = 20;")
    row = json.loads(LANGFUSE)[0]
    rows = [{**row, "id": str(number), "input": random.Random(number).randbytes(2_000).hex()} for number in range(200)]
    (tmp_path / "a").write_bytes(b"".join(json.dumps(entry).encode() + b"\n" for entry in rows))
    with pytest.raises(SourceError, match="SQLITE_TMPDIR"):
        read(tmp_path)


@pytest.mark.parametrize("data", [CLAUDE, CODEX, LANGFUSE, LANGSMITH], ids=["claude", "codex", "langfuse", "langsmith"])
def test_files_cut_or_garbled_anywhere_never_raise(data: bytes, tmp_path: Path) -> None:
    chance = random.Random(11)
    for _ in range(150):
        place, size = chance.randrange(len(data)), chance.randrange(60)
        garbled = data[:place] + chance.randbytes(size) + data[place + chance.randrange(60) :]
        (tmp_path / "a").write_bytes(chance.choice([garbled, data[:place], data[place:]]))
        traces, gaps = read(tmp_path)
        assert traces or gaps


def test_an_export_larger_than_the_memory_is_gathered_on_disk(tmp_path: Path) -> None:
    row = json.loads(LANGFUSE)[2]
    body = "".join(chr(33 + number % 90) for number in range(20_000))
    with (tmp_path / "a").open("wb") as file:
        for number in range(6_000):
            entry = {**row, "id": str(number), "traceId": f"t{number % 700}", "input": f"{number}{body}"}
            file.write(json.dumps(entry).encode() + b"\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    traces = sum(len(page.traces) for page in LocalPlatform(paths=(str(tmp_path),)).traces(Window(), None))
    assert traces == 700
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60 * 1024  # kilobytes, of 120 MB
