"""What all records share: times, parsing, the order of spans, and the digest of a trace."""

import random
from datetime import UTC, datetime

import pytest

from tracevet import Gap, GapReason, Json, Span, Trace
from tracevet.records.counts import MAX_KINDS, GapCounts
from tracevet.records.seal import MAX_LABEL, seal
from tracevet.records.values import DEPTH, decode, parse, too_deep, when

NINE = datetime(2026, 8, 20, 9, tzinfo=UTC)


def nested(levels: int) -> Json:
    value: Json = "deep"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-08-20T09:00:00Z", NINE),
        ("2026-08-20T09:00:00.000000000Z", NINE),
        ("2026-08-20 09:00:00.000000", NINE),  # exports to blob storage: UTC without saying so
        ("2026-08-20T11:00:00+02:00", NINE),
        (NINE.timestamp(), NINE),
        (int(NINE.timestamp() * 1e3), NINE),
        (int(NINE.timestamp() * 1e6), NINE),
        (int(NINE.timestamp() * 1e9), NINE),
        ("yesterday", None),
        ("2026-13-45T99:00:00Z", None),
        ("0001-01-01T00:00:00+14:00", None),  # before the first day there is
        ("", None),
        (True, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
        (None, None),
        ([], None),
    ],
)
def test_times_are_read_in_utc_and_anything_else_is_none(value: Json, expected: datetime | None) -> None:
    assert when(value) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'"\\ud800"', "\ud800"),
        (b'["a\x00b", 1e400]', ["a\x00b", float("inf")]),
        (b'{"a": NaN, "b": 123456789012345678901234567890, "a": 1}', {"a": 1, "b": 123456789012345678901234567890}),
    ],
)
def test_json_that_a_strict_parser_refuses_is_read(data: bytes, expected: Json) -> None:
    assert parse(data) == expected


@pytest.mark.parametrize("data", [b'{"a":', b"\xff\xfe", b'"\xff"', b"1" * 5000])
def test_what_is_no_json_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse(data)


@pytest.mark.parametrize("text", ["plain", "{cut", "[1, 2", "7", '"quoted"', "[" * 10_000 + "]" * 10_000])
def test_only_whole_objects_and_lists_are_decoded(text: str) -> None:
    assert decode(text) == text
    assert decode(f'{{"a": {len(text)}}}') == {"a": len(text)}


def test_depth_is_told_at_the_cap_exactly() -> None:
    assert not too_deep(nested(DEPTH - 1))
    assert too_deep(nested(DEPTH))
    assert too_deep(nested(100_000))


def spans() -> list[Span]:
    return [
        Span(id=str(second), start=NINE.replace(second=second), input={"b": second, "a": "\ud800" * (second == 2)})
        for second in range(5)
    ]


def sealed(*given: Span, **fields: str) -> Trace:
    return seal(Trace(platform="local", id="t", spans=given, **fields))  # type: ignore[arg-type]  # strings only


def test_spans_are_oldest_first_and_the_content_does_not_depend_on_their_order() -> None:
    shuffled = spans()
    random.Random(1).shuffle(shuffled)
    one, other = sealed(*spans()), sealed(*shuffled)
    assert [span.id for span in other.spans] == ["0", "1", "2", "3", "4"]
    assert one.content == other.content
    assert len(one.content) == 32
    assert (one.start, one.end) == (NINE, NINE.replace(second=4))


def test_every_change_of_what_was_recorded_changes_the_content() -> None:
    base = Span(id="1", input="a")
    variants = [
        sealed(base),
        sealed(Span(id="2", input="a")),
        sealed(Span(id="1", output="a")),
        sealed(Span(id="1", input="a", metadata={"cwd": "/x"})),
        sealed(base, base),
        sealed(base, user="dana"),
        sealed(base, session_id="dana"),
    ]
    assert len({trace.content for trace in variants}) == len(variants)


def test_a_value_beyond_the_depth_cap_becomes_a_gap_with_its_place() -> None:
    trace = sealed(Span(id="1", input={"a": nested(10_000)}, output="kept", metadata={"m": nested(300)}))
    assert [(gap.reason, gap.span, gap.pointer) for gap in trace.gaps] == [
        (GapReason.TOO_LARGE, "1", "/input"),
        (GapReason.TOO_LARGE, "1", "/metadata"),
    ]
    assert (trace.spans[0].input, trace.spans[0].output, trace.spans[0].metadata) == (None, "kept", {})


def test_unknown_kinds_are_counted_by_name_and_never_quote_text() -> None:
    counts = GapCounts()
    for kind in ["new-kind", "new-kind", None, "password is hunter2", 7, *(f"k{number}" for number in range(200))]:
        counts.add_kind(kind)
    gaps = counts.gaps()
    assert gaps[0].count == 2
    assert "new-kind" in gaps[0].detail
    assert sum(gap.count for gap in gaps) == 205
    assert len(gaps) <= MAX_KINDS + 1
    assert not any("hunter2" in gap.detail for gap in gaps)


@pytest.mark.parametrize("text", ["\ud800", "a\x00b", "x" * 1_000_000, "é" * 1_000, "日本" * 400, "\udfff" * 2_000])
def test_ids_and_names_can_be_stored_and_still_tell_things_apart(text: str) -> None:
    gap = Gap(reason=GapReason.MALFORMED, detail="x", span=text)
    spans = (Span(id=text, name=text, model=text), Span(id="2", parent_id=text))
    trace = seal(Trace(platform="local", id=text, name=text, user=text, tags=(text,), spans=spans, gaps=(gap,)))
    root, child = trace.spans
    assert root.id == child.parent_id == trace.gaps[0].span == trace.id
    stored = (trace.id, trace.name, trace.user or "", *trace.tags, root.name, root.model or "")
    assert all(word.encode() and "\x00" not in word and len(word) <= MAX_LABEL for word in stored)
    assert seal(Trace(platform="local", id=text + "x" * 600, spans=())).id != trace.id


def test_usual_ids_and_names_stay_as_they_are() -> None:
    trace = sealed(Span(id="toolu_01", name="Schreibe Größe 日本"), session_id="5b0c1a2e")
    assert (trace.spans[0].name, trace.session_id) == ("Schreibe Größe 日本", "5b0c1a2e")
