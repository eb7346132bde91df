"""Observations of Langfuse, in each form in which they are handed out, make the same trace."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracevet import GapReason, SpanKind, Trace
from tracevet.extract.events import work
from tracevet.records import langfuse

ROWS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "data/records/langfuse.json").read_text())
ROOT = ROWS[0]


def snake(row: dict[str, Any]) -> dict[str, Any]:
    """Write a row as an export to blob storage does: other names, times without zone, metadata as text."""
    named = {re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", key): value for key, value in row.items()}
    times = {key: named[key].replace("T", " ").replace("Z", "000") for key in ("start_time", "end_time")}
    return {**named, **times, "metadata": json.dumps(row["metadata"]), "provided_model_name": named.pop("model")}


def parsed(row: dict[str, Any]) -> dict[str, Any]:
    """Write a row as the v1 API does: parsed input and output, nothing of the trace."""
    kept = {key: value for key, value in row.items() if key not in ("userId", "sessionId", "traceName", "tags")}
    return {**kept, "input": loads(row["input"]), "output": loads(row["output"])}


def loads(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def v2() -> Trace:
    return langfuse.trace(ROWS)


def exported() -> Trace:
    return langfuse.trace([snake(row) for row in ROWS])


def v1() -> Trace:
    inner: Any = [parsed(row) for row in ROWS]
    head: dict[str, Any] = {
        "id": ROOT["traceId"],
        "name": ROOT["traceName"],
        "userId": ROOT["userId"],
        "tags": ROOT["tags"],
    }
    times = {"sessionId": ROOT["sessionId"], "timestamp": ROOT["startTime"], "environment": "default"}
    return langfuse.trace([], parent={**head, **times, "metadata": {"team": "a"}, "observations": inner})


@pytest.mark.parametrize("form", [v2, exported, v1])
def test_every_form_gives_the_same_trace(form: Callable[[], Trace]) -> None:
    trace, first = form(), v2()
    assert (trace.id, trace.name, trace.user) == (ROOT["traceId"], "Claude Code - Turn 1 (5b0c1a2e)", ROOT["userId"])
    assert (trace.session_id, trace.tags, trace.environment) == (ROOT["sessionId"], ("claude-code",), "default")
    assert (trace.start, trace.end, trace.platform) == (first.start, first.end, "langfuse")
    shown = [(s.id, s.parent_id, s.kind, s.name, s.start, s.end, s.model, s.metadata) for s in trace.spans]
    assert shown == [(s.id, s.parent_id, s.kind, s.name, s.start, s.end, s.model, s.metadata) for s in first.spans]
    assert trace.gaps == ()


def test_text_stays_text_and_parsed_values_stay_parsed() -> None:
    assert v2().spans[0].input == ROOT["input"]
    assert v1().spans[0].input == json.loads(ROOT["input"])


def test_the_root_comes_first_and_its_kind_is_told_from_its_place() -> None:
    trace = v2()
    assert [span.kind for span in trace.spans[:2]] == [SpanKind.AGENT, SpanKind.GENERATION]
    assert {span.kind for span in trace.spans if span.name.startswith("Tool:")} == {SpanKind.TOOL}


@pytest.mark.parametrize(
    ("word", "parent", "expected"),
    [
        ("SPAN", None, SpanKind.AGENT),
        ("CHAIN", "gone", SpanKind.AGENT),
        ("SPAN", "root", SpanKind.SPAN),
        ("EVENT", None, SpanKind.SPAN),
        ("AGENT", "root", SpanKind.AGENT),
        ("GENERATION", None, SpanKind.GENERATION),
        ("tool", "root", SpanKind.TOOL),
        ("RETRIEVER", "root", SpanKind.SPAN),
        (7, "root", SpanKind.SPAN),
    ],
)
def test_types_become_kinds(word: object, parent: str | None, expected: SpanKind) -> None:
    rows: list[Any] = [{"id": "root", "traceId": "t"}, {"id": "x", "traceId": "t", "type": word}]
    rows[1]["parentObservationId"] = parent
    assert next(span.kind for span in langfuse.trace(rows).spans if span.id == "x") == expected


def test_order_and_repetition_of_rows_change_nothing() -> None:
    shuffled = [*ROWS, *ROWS]
    random.Random(3).shuffle(shuffled)
    assert langfuse.trace(shuffled) == v2()


def test_of_an_observation_that_comes_twice_the_newest_is_kept() -> None:
    old = {**ROOT, "updatedAt": "2026-08-20T08:00:00Z", "output": "old"}
    assert langfuse.trace([ROOT, old]).spans[0].output == ROOT["output"]
    assert langfuse.trace([old, ROOT]).spans[0].output == ROOT["output"]


def test_metadata_that_is_json_text_is_parsed_and_dotted_keys_stay() -> None:
    metadata: Any = {"attributes.tool.input": '{"path": "a.py"}', "note": "{not json", "plain": "x", "list": "[1]"}
    span = langfuse.trace([{"id": "1", "traceId": "t", "metadata": metadata}]).spans[0]
    expected = {"attributes.tool.input": {"path": "a.py"}, "note": "{not json", "plain": "x", "list": [1]}
    assert span.metadata == expected


def test_cut_fields_and_media_are_gaps_with_their_places() -> None:
    row: Any = {
        "id": "1",
        "traceId": "t",
        "input": 'def f():\n    "' + langfuse.TRUNCATED,
        "output": [{"content": f"see {langfuse.MEDIA}type=image/png|id=a|source=b@@@ and {langfuse.MEDIA}x@@@"}],
        "metadata": {"a/b~c": "x" + langfuse.TRUNCATED},
    }
    found = [(gap.reason, gap.span, gap.pointer, gap.count) for gap in langfuse.trace([row]).gaps]
    assert found == [
        (GapReason.TRUNCATED, "1", "/input", 1),
        (GapReason.NOT_RECORDED, "1", "/output/0/content", 2),
        (GapReason.TRUNCATED, "1", "/metadata/a~1b~0c", 1),
    ]


def test_langfuse_own_evaluators_are_left_out() -> None:
    judge = {**ROWS[1], "id": "judge", "environment": "langfuse-llm-as-a-judge"}
    assert langfuse.trace([*ROWS, judge]) == v2()
    assert langfuse.trace([judge]).spans == ()


def test_what_only_the_trace_itself_shows_gets_a_span() -> None:
    head: Any = {"id": "t", "name": "chat", "timestamp": "2026-08-20T09:00:00Z", "input": "Hi", "output": "x = 1"}
    alone = langfuse.trace([], parent=head)
    assert [(span.id, span.kind, span.output) for span in alone.spans] == [("t", SpanKind.AGENT, "x = 1")]
    assert alone.start is not None
    shown = langfuse.trace([{"id": "1", "traceId": "t", "input": '"Hi"', "output": "x = 1"}], parent=head)
    assert {span.id for span in shown.spans} == {"1", "t"}
    same = langfuse.trace([{"id": "1", "traceId": "t", "input": "Hi", "output": "x = 1"}], parent=head)
    assert [span.id for span in same.spans] == ["1"]


def test_observations_that_a_trace_only_names_are_a_gap() -> None:
    head: Any = {"id": "t", "observations": ["1", "2", "3"]}
    gaps = langfuse.trace([{"id": "1", "traceId": "t"}], parent=head).gaps
    assert [(gap.reason, gap.count) for gap in gaps] == [(GapReason.NOT_RECORDED, 2)]


def test_invalid_dates_are_gaps_that_name_the_field() -> None:
    trace = langfuse.trace([{**ROOT, "startTime": "soon", "endTime": 1e300}])
    assert [(gap.reason, gap.detail) for gap in trace.gaps] == [
        (GapReason.MALFORMED, "startTime is no date"),
        (GapReason.MALFORMED, "endTime is no date"),
    ]
    assert (trace.start, trace.end) == (None, None)


def test_cycles_and_wrong_types_make_a_trace_all_the_same() -> None:
    rows: list[Any] = [
        {"id": "a", "traceId": "t", "parentObservationId": "b", "tags": "[", "metadata": 7, "name": ["x"]},
        {"id": "b", "traceId": "t", "parentObservationId": "a", "metadata": "not json", "userId": {}, "tags": [1, "x"]},
        {"id": "c", "traceId": "t", "parentObservationId": "c", "type": None, "environment": 3},
        {"traceId": "t", "input": "no id"},
    ]
    trace = langfuse.trace(rows)
    assert {span.parent_id for span in trace.spans} == {"a", "b", "c", None}
    assert (trace.user, trace.tags, len(trace.spans)) == (None, ("x",), 4)
    assert next(span.metadata for span in trace.spans if span.id == "b") == {"metadata": "not json"}
    assert langfuse.trace(rows[::-1]).content == trace.content


@pytest.mark.parametrize(("level", "failed"), [("ERROR", True), ("WARNING", None), ("DEFAULT", None), (None, None)])
def test_an_observation_that_failed_says_so(level: str | None, failed: bool | None) -> None:
    row: Any = {"id": "1", "traceId": "t", "type": "TOOL", "level": level, "metadata": {"note": "x"}}
    assert langfuse.trace([row]).spans[0].metadata.get("is_error") is failed


def test_an_edit_that_failed_is_not_applied() -> None:
    edit: Any = {"file_path": "a.py", "old_string": "x = 1", "new_string": "x = eval(y)"}
    tool: Any = {
        "id": "1",
        "traceId": "t",
        "type": "TOOL",
        "name": "Edit",
        "input": edit,
        "output": "The file was updated.",
    }
    worked = {level: work(langfuse.trace([{**tool, "level": level}]))[0] for level in ("DEFAULT", "ERROR")}
    assert [(one.failed, bool(one.events)) for one in worked.values()] == [(False, True), (True, False)]
