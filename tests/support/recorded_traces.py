"""The recorded traces of tests/data/traces, one per assistant and platform, read as the platforms would read them."""

import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

from tracevet.model import Trace
from tracevet.records import claude_code, codex, langfuse, langsmith

FOLDER = Path(__file__).parents[1] / "data" / "traces"
NAMES = tuple(sorted(path.name for path in FOLDER.iterdir()))
SQL = 'f"SELECT * FROM users WHERE id = {user_id}"'  # stands in every recording that carries code


def rows(name: str) -> list[dict[str, Any]]:
    """Give a recording's rows, as recorded."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    if name.endswith(".jsonl"):
        return [json.loads(line) for line in text.splitlines()]
    found: list[dict[str, Any]] = json.loads(text)
    return found


def read(name: str, recorded: list[dict[str, Any]]) -> list[Trace]:
    """Make traces of rows, in the recording's order."""
    if name.endswith(".jsonl"):
        turns = claude_code.turns if name.startswith("claude") else codex.turns
        return [item for item in turns(recorded) if isinstance(item, Trace)]
    key, make = ("traceId", langfuse.trace) if "langfuse" in name else ("trace_id", langsmith.trace)
    groups = defaultdict(list)
    for row in recorded:
        groups[row.get(key)].append(row)
    return [make(group) for group in groups.values()]


@cache
def traces(name: str) -> list[Trace]:
    """Give a recording's traces."""
    return read(name, rows(name))
