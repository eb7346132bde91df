"""Reading exports: each form gives the same traces, and what can't be read is told."""

import gzip
import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import export_files
import pytest
from export_rows import CAP, plan_of, read, traces

from tracevet import GapReason, SourceError, Trace, UsageError
from tracevet.backfill import Plan
from tracevet.backfill import rows as reading
from tracevet.backfill.rows import bucket_of, place

SCAFFOLD = "proj/observations_v2"


def observation(**changes: Any) -> dict[str, Any]:
    row = {
        "id": "o1",
        "trace_id": "t1",
        "type": "SPAN",
        "start_time": "2026-08-01 00:00:00",
        "input": "x",
        "output": "y",
    }
    return {key: value for key, value in (row | changes).items() if value is not ...}


def exported(folder: Path, given: list[dict[str, Any]], name: str = "a.jsonl") -> Plan:
    export_files.write(folder / SCAFFOLD / name, given)
    return plan_of(str(folder))


@pytest.mark.parametrize("form", ["parquet", "json", "jsonl", "csv", "json.gz", "jsonl.gz", "csv.gz"])
def test_each_form_of_an_export_gives_the_same_spans(tmp_path: Path, form: str) -> None:
    given = list(export_files.rows("langfuse", 12, turns=2))
    export_files.write_langfuse(tmp_path / "plain", given, "jsonl")
    export_files.write_langfuse(tmp_path / "form", given, form, size=40)
    plain, form_ = (read(plan_of(str(tmp_path / folder))) for folder in ("plain", "form"))
    expected, found = traces(plain[0], "langfuse"), traces(form_[0], "langfuse")
    assert not plain[1] + form_[1]
    assert len(expected) > 20
    assert expected.keys() == found.keys()
    for name, trace in expected.items():
        assert found[name].session_id == trace.session_id
        assert [(span.id, span.input, span.output, span.start) for span in found[name].spans] == [
            (span.id, span.input, span.output, span.start) for span in trace.spans
        ]


def test_a_bulk_export_gives_the_traces_of_the_api(tmp_path: Path) -> None:
    given = list(export_files.rows("langsmith", 11, turns=2))
    export_files.write_langsmith(tmp_path, given, size=50)
    plan = plan_of(str(tmp_path))
    rows, gaps = read(plan)
    assert (plan.platform, len(rows), gaps) == ("langsmith", len(given), [])
    found = traces(rows, "langsmith")
    assert {trace.session_id for trace in found.values()} == {
        trace.session_id for trace in expected_runs(given).values()
    }


def expected_runs(given: list[dict[str, Any]]) -> dict[str, Trace]:
    from tracevet import langsmith_trace

    groups = defaultdict(list)
    for row in given:
        groups[row["trace_id"]].append(row)
    return {name: langsmith_trace(group) for name, group in groups.items()}


@pytest.mark.parametrize("platform", ["langfuse", "langsmith"])
def test_a_trace_is_placed_by_the_session_that_it_has_when_it_is_whole(tmp_path: Path, platform: str) -> None:
    given = list(export_files.rows(platform, 12, turns=2))
    (export_files.write_langfuse if platform == "langfuse" else export_files.write_langsmith)(tmp_path, given)
    rows, _ = read(plan_of(str(tmp_path)))
    whole = traces(rows, platform)
    heads = defaultdict(list)
    for row in rows:
        heads[row.trace].append((row.parent, row.head))
    for name, found in heads.items():
        placed, trace = place(found, platform, name, 7), whole[name.decode()]
        assert placed.session.decode() == (trace.session_id or trace.id)
        assert placed.at == (trace.start.timestamp() if trace.start else 0)
        assert placed.bucket == bucket_of(placed.session, 7)


def test_a_trace_of_a_legacy_export_has_the_session_of_its_own_record(tmp_path: Path) -> None:
    own = {"id": "t1", "timestamp": "2026-08-01 00:00:00", "session_id": "s1", "name": "turn"}
    export_files.write(tmp_path / "p/observations/a.jsonl", [observation()])
    export_files.write(tmp_path / "p/traces/a.jsonl", [own])
    rows, _ = read(plan_of(str(tmp_path)))
    assert place([(row.parent, row.head) for row in rows], "langfuse", b"t1", 3).session == b"s1"
    assert traces(rows, "langfuse")["t1"].name == "turn"


def test_a_row_that_comes_twice_is_one_span(tmp_path: Path) -> None:
    rows, _ = read(exported(tmp_path, [observation(), observation(), observation(id="o2")]))
    assert [span.id for span in traces(rows, "langfuse")["t1"].spans] == ["o1", "o2"]


def parquet(rows: list[dict[str, Any]], folder: Path) -> bytes:
    export_files.write(folder / "whole.parquet", rows)
    return (folder / "whole.parquet").read_bytes()


@pytest.mark.parametrize(
    ("name", "data", "reason", "kept"),
    [
        ("a.parquet", "half", GapReason.MALFORMED, 0),
        ("a.parquet", b"", GapReason.MALFORMED, 0),
        ("a.parquet", b"PAR1", GapReason.MALFORMED, 0),
        ("a.parquet", b"not parquet at all", GapReason.MALFORMED, 0),
        ("a.jsonl", b"", GapReason.UNKNOWN_KIND, 0),
        ("a.jsonl", b'{"hello": 1}\n', GapReason.UNKNOWN_KIND, 0),
        ("a.jsonl", json.dumps(observation()).encode() + b'\n{"id": "o2", "trace', GapReason.MALFORMED, 1),
        ("a.jsonl", json.dumps(observation(input="x" * (CAP + 1))).encode(), GapReason.TOO_LARGE, 0),
        ("a.jsonl", json.dumps(observation(input=..., output=...)).encode(), GapReason.NOT_RECORDED, 1),
        ("a.jsonl", json.dumps(observation(trace_id=...)).encode(), GapReason.UNKNOWN_KIND, 0),
        ("a.jsonl.gz", gzip.compress(json.dumps(observation()).encode() * 999)[:-20], GapReason.MALFORMED, None),
        ("a.csv", b"id,trace_id,type,start_time,input\no1,t1,SPAN,,x\no2,t1\n", GapReason.MALFORMED, 1),
        ("a.csv", b'id,trace_id,type,start_time,input\no1,t1,SPAN,,x\no2,t1,SPAN,,"cut', GapReason.MALFORMED, 1),
        ("a.csv", b"id,trace_id,type,start_time,input\no1,t1,SPAN,," + b"x" * (CAP + 1), GapReason.TOO_LARGE, 0),
    ],
)
def test_what_is_wrong_with_a_file_is_a_gap_that_names_it(
    tmp_path: Path, name: str, data: bytes | str, reason: GapReason, kept: int | None
) -> None:
    if isinstance(data, str):
        whole = parquet([observation(id=f"o{n}", input="x" * 50) for n in range(3000)], tmp_path / "elsewhere")
        data = whole[: len(whole) // 2]
    path = tmp_path / "export" / SCAFFOLD / name
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    rows, gaps = read(plan_of(str(tmp_path / "export")))
    assert reason in {gap.reason for gap in gaps}
    assert {gap.path for gap in gaps} == {f"{SCAFFOLD}/{name}"}
    assert kept is None or len(rows) == kept


def test_a_trace_beyond_the_cap_keeps_what_fits_and_tells_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_TRACE", 5_000)
    rows, _ = read(exported(tmp_path, [observation(id=f"o{n}", input="x" * 1_000) for n in range(10)]))
    trace = traces(rows, "langfuse")["t1"]
    assert 0 < len(trace.spans) < 10
    assert [(gap.reason, gap.count) for gap in trace.gaps] == [(GapReason.TOO_LARGE, 10 - len(trace.spans))]


def test_a_trace_of_25_000_spans_is_one_trace(tmp_path: Path) -> None:
    rows, gaps = read(exported(tmp_path, [observation(id=f"o{n}") for n in range(25_000)]))
    assert not gaps
    assert len(traces(rows, "langfuse")["t1"].spans) == 25_000


@pytest.mark.parametrize(
    ("manifest", "details"),
    [
        ('{"files": [{"key": "any/observations_v2/a.jsonl"}, {"key": "any/scores/s.jsonl"}]}', []),
        ('{"files": [{"key": "any/observations_v2/b.jsonl"}]}', ["files that the manifest names are not there"]),
        (
            '{"files": [{"key": "any/observations_v2/a.jsonl", "sizeBytes": 1}]}',
            ["files of another size than the manifest says"],
        ),
        ("", ["a manifest that is empty, cut off or no JSON: whether its files are there can't be told"]),
        ("[]", ["a manifest that is empty, cut off or no JSON: whether its files are there can't be told"]),
        ('{"files": []}', []),
    ],
)
def test_a_manifest_tells_which_files_are_missing(tmp_path: Path, manifest: str, details: list[str]) -> None:
    (tmp_path / "proj/manifests").mkdir(parents=True)
    (tmp_path / "proj/manifests/m.json").write_text(manifest)
    plan = exported(tmp_path, [observation()])
    assert [gap.detail for gap in plan.gaps] == details
    assert plan.aside == {"manifests": 1}


def test_scores_are_left_aside_and_counted(tmp_path: Path) -> None:
    export_files.write_langfuse(tmp_path, export_files.rows("langfuse", 3))
    plan = plan_of(str(tmp_path))
    assert plan.aside == {"scores": 1, "manifests": 1}
    assert [gap.detail for gap in plan.gaps] == []


def test_a_file_that_changes_makes_another_plan(tmp_path: Path) -> None:
    first = exported(tmp_path, [observation()])
    assert first.digest == plan_of(str(tmp_path)).digest
    assert first.digest != exported(tmp_path, [observation(), observation(id="o2")]).digest


@pytest.mark.parametrize(
    ("url", "error", "says"),
    [
        ("missing", SourceError, "nothing is stored at"),
        ("ftp://host/x", UsageError, "no storage of the kind 'ftp'"),
        ("mixed", UsageError, "langfuse and of langsmith"),
        ("other", UsageError, "holds no export"),
    ],
)
def test_what_is_no_export_is_refused_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, error: type[Exception], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    export_files.write(tmp_path / "mixed" / SCAFFOLD / "a.jsonl", [observation()])
    export_files.write_langsmith(tmp_path / "mixed", export_files.rows("langsmith", 1))
    export_files.write(tmp_path / "other" / "a.jsonl", [observation()])
    with pytest.raises(error, match=says):
        plan_of(url)
