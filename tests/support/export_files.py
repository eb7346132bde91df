"""Exports as Langfuse and LangSmith write them to object storage, made of the recorded traces, of any size."""

import csv
import gzip
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import recorded_traces

Row = dict[str, Any]

TURNS = 4  # traces of a session
UNIQUE = 3  # of so many sessions one has code that no other has
BEGIN = datetime(2026, 8, 1, tzinfo=UTC)
HIVE = "export_id=e1/tenant_id=t1/session_id=7d1f2c3a-0000-4000-8000-00000000aaaa/runs/year=2026/month=08/day=01"
_WORDS = ("get_user", "user_id", "users")


@cache
def _templates(platform: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Give each recording as text, with the ids in it."""
    found = []
    for name in recorded_traces.NAMES:
        if f"__{platform}.json" in name:
            rows = recorded_traces.rows(name)
            keys = ("id", "traceId", "sessionId", "trace_id")
            ids = {str(row[key]) for row in rows for key in keys if row.get(key)}
            text = json.dumps(rows)
            ids.update(re.findall(r'"(?:thread_id|session_id|conversation_id)": "([^"]+)"', text))
            ids.discard("7d1f2c3a-0000-4000-8000-00000000aaaa")
            found.append((text, tuple(sorted(ids, key=len, reverse=True))))
    return tuple(found)


def rows(platform: str, sessions: int, *, turns: int = TURNS) -> Iterator[Row]:
    """Yield the rows of sessions as the platform's API gives them, each session a recording that goes on."""
    templates = _templates(platform)
    for number in range(sessions):
        text, ids = templates[number % len(templates)]
        if number % UNIQUE == 0:
            for word in _WORDS:
                text = text.replace(word, f"{word}_{number}")
        for turn in range(turns):
            yield from _turn(text, ids, number, turn)


def _turn(text: str, ids: Sequence[str], number: int, turn: int) -> Iterator[Row]:
    traces = {str(row.get("traceId") or row.get("trace_id")) for row in json.loads(text)}
    for known in ids:
        ours = f"{number:x}-{turn:x}-{known}" if known in traces or _spans(known) else f"{number:x}-{known}"
        text = text.replace(f'"{known}"', f'"{ours}"')
    start = BEGIN + timedelta(minutes=number * 10 + turn)
    for place, row in enumerate(json.loads(text)):
        times = {"startTime": start, "start_time": start, "endTime": start, "end_time": start}
        row |= {key: (at + timedelta(seconds=place)).isoformat() for key, at in times.items() if key in row}
        if "dotted_order" in row:
            row["dotted_order"] = f"{start:%Y%m%dT%H%M%S%f}Z{row['id']}"
        yield row


def _spans(known: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{16}|[0-9a-f]{8}-[0-9a-f-]{27}", known) is not None and known.startswith("01a")


def enriched(row: Row) -> Row:
    """Give an observation as `observations_v2/` has it."""
    found = {re.sub(r"(?<!^)(?=[A-Z])", "_", key).lower(): value for key, value in row.items()}
    found |= {key: _text(found.get(key)) for key in ("input", "output")}
    found["metadata"] = {key: _text(value) for key, value in (row.get("metadata") or {}).items()}
    keys = (
        *("id", "trace_id", "parent_observation_id", "type", "name", "level", "environment", "start_time"),
        *("end_time", "created_at", "updated_at", "user_id", "session_id", "trace_name", "tags", "input"),
        *("output", "metadata", "model", "is_root_observation"),
    )
    return {"provided_model_name" if key == "model" else key: found.get(key) for key in keys}


def bulk(row: Row) -> Row:
    """Give a run as a bulk export has it."""
    keys = ("id", "trace_id", "parent_run_id", "run_type", "name", "start_time", "end_time", "dotted_order", "status")
    texts = ("inputs", "outputs", "extra", "tags", "parent_run_ids")
    return {key: row.get(key) for key in keys} | {key: _text(row.get(key)) for key in texts}


def _text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)


def write_langfuse(folder: Path, given: Iterable[Row], form: str = "parquet", *, size: int = 5_000) -> list[Path]:
    """Write observations below `observations_v2/`, so many to a file, a file of scores, and a manifest of both."""
    made: list[Path] = []
    parts = iter(map(enriched, given))
    while part := list(islice(parts, size)):
        path = folder / "proj" / "observations_v2" / f"2026-08-01T{len(made):06}.{form}"
        write(path, part)
        made.append(path)
    scores = folder / "proj" / "scores" / "2026-08-01T000000.jsonl"
    write(scores, [{"id": "s", "trace_id": "t", "name": "helpful", "value": 1, "timestamp": "2026-08-01 00:00:00"}])
    files = [{"key": str(path.relative_to(folder)), "sizeBytes": path.stat().st_size} for path in [*made, scores]]
    write(folder / "proj" / "manifests" / "2026-08-01T000000.json", {"version": 1, "files": files})
    return made


def write_langsmith(folder: Path, given: Iterable[Row], *, size: int = 5_000) -> list[Path]:
    """Write runs as a bulk export does, so many to a file."""
    made: list[Path] = []
    parts = iter(map(bulk, given))
    while part := list(islice(parts, size)):
        made.append(folder / HIVE / f"part-{len(made):05}.parquet")
        write(made[-1], part)
    return made


def write(path: Path, value: Any) -> None:
    """Write rows in the form that the name asks for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    name = path.name.removesuffix(".gz")
    if name.endswith(".parquet"):
        _write_parquet(path, value)
        return
    if name.endswith(".csv"):
        data = _csv(value)
    elif name.endswith(".jsonl"):
        data = "".join(f"{json.dumps(row)}\n" for row in value)
    else:
        data = json.dumps(value)
    path.write_bytes(gzip.compress(data.encode()) if path.name.endswith(".gz") else data.encode())


def _csv(given: Sequence[Row]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, given[0].keys())
    writer.writeheader()
    writer.writerows(
        {key: value if isinstance(value, bool) else _text(value) for key, value in row.items()} for row in given
    )
    return text.getvalue()


def _write_parquet(path: Path, given: Sequence[Row]) -> None:
    import pyarrow  # type: ignore[import-untyped]
    import pyarrow.parquet  # type: ignore[import-untyped]

    kinds = {"tags": pyarrow.list_(pyarrow.string()), "is_root_observation": pyarrow.bool_()}
    if isinstance(given[0].get("metadata"), dict):
        kinds["metadata"] = pyarrow.map_(pyarrow.string(), pyarrow.string())
    if isinstance(given[0].get("tags"), str):
        del kinds["tags"]
    moments = {"start_time", "end_time", "created_at", "updated_at"}
    columns = {}
    for key in given[0]:
        values = [row.get(key) for row in given]
        if key in moments:
            values = [value and datetime.fromisoformat(value) for value in values]
            columns[key] = pyarrow.array(values, pyarrow.timestamp("us", "UTC"))
        elif key == "metadata" and "metadata" in kinds:
            columns[key] = pyarrow.array([list((value or {}).items()) for value in values], kinds[key])
        else:
            columns[key] = pyarrow.array(values, kinds.get(key, pyarrow.string()))
    pyarrow.parquet.write_table(pyarrow.table(columns), path, row_group_size=1_000)
