"""`GET /api/public/v2/metrics`, as far as one question goes: how many categorical scores have which value."""

from collections import Counter
from typing import Any

import orjson

from tracevet.testing.langfuse.answers import Answer, invalid, mistyped
from tracevet.testing.langfuse.calls import Call
from tracevet.testing.langfuse.times import normal


def read(call: Call) -> Answer:
    """Count categorical scores by value, most frequent first; other views are refused."""
    try:
        query: Any = orjson.loads(call.query("query") or "")
    except orjson.JSONDecodeError:
        raise invalid(mistyped("object", None, "query")) from None
    if query.get("view") != "scores-categorical" or query.get("dimensions") != [{"field": "stringValue"}]:
        raise invalid(mistyped("scores-categorical by stringValue", query.get("view"), "query", "view"))
    names = [entry["value"] for entry in query.get("filters", ()) if entry["column"] == "name"]
    first, end = normal(query["fromTimestamp"]), normal(query["toTimestamp"])
    counts = Counter(
        row["value"]
        for row in call.project.scores.find()
        if row["dataType"] == "CATEGORICAL" and all(row["name"] == name for name in names)
        if first <= row["timestamp"] < end
    )
    ranked = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return Answer({"data": [{"stringValue": value, "count_count": count} for value, count in ranked]})
