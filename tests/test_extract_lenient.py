"""JSON that was cut off gives what is left of it, and says that something is missing."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracevet.extract import lenient
from tracevet.model import Json

DEEP = 10_000

WHOLE = [
    ('{"a": [1, 2.5, true, null, "x"]}', {"a": [1, 2.5, True, None, "x"]}),
    ('\ufeff {"a": 1}\n', {"a": 1}),
    ('{"a": "raw\nline"}', {"a": "raw\nline"}),
    ('{"a": "\\ud83d"}', {"a": "\ud83d"}),
    ('{"a": "\ud83d"}', {"a": "\ud83d"}),
    ('"text"', "text"),
    ("12", 12),
]
CUT = [
    ('{"a": "x\\n y", "b": [1, {"c": "hel', {"a": "x\n y", "b": [1, {"c": "hel"}]}),
    ('{"a": "x\\', {"a": "x"}),
    ('{"a": "x\\u00', {"a": "x"}),
    ('{"a": "x\\ud83d\\ude00', {"a": "x😀"}),
    ('{"a": "x\\ud83d\\ude', {"a": "x\ud83d"}),
    ('{"a": 1, "b', {"a": 1}),
    ('{"a": 1, "b":', {"a": 1}),
    ('{"a": 1, "b": 12', {"a": 1}),
    ('{"a": 1, "b": tr', {"a": 1}),
    ('{"a": "code…[truncated 100 chars]', {"a": "code"}),
    ('{"a": "code...[TRUNCATED: original length 20000]', {"a": "code"}),
    ('{"a": "code...[truncated, original 70000 chars]', {"a": "code"}),
    ('{"a": 1}…[truncated 5 chars]', {"a": 1}),
    ('{"a": "keep", "b": xx, "c": "more"}', {"a": "keep", "c": "more"}),
    ('{"a":, "b": "more"}', {"b": "more"}),
    ('{"a": 1} and more', {"a": 1}),
    ("[1, 2}", [1, 2]),
    ('"text', "text"),
    ("", None),
    ("no JSON at all", None),
    ("xx {}", None),
]


@pytest.mark.parametrize(("text", "value"), WHOLE)
def test_whole_json_is_read_with_nothing_missing(text: str, value: Json) -> None:
    assert lenient.loads(text) == (value, False)


@pytest.mark.parametrize(("text", "value"), CUT)
def test_what_is_left_of_cut_json_is_read(text: str, value: Json) -> None:
    assert lenient.loads(text) == (value, True)


@pytest.mark.parametrize("text", ["[" * DEEP, "[" * DEEP + "]" * DEEP, '{"a":' * DEEP, '{"a":[' * DEEP])
def test_nesting_of_any_depth_is_read_as_far_as_it_is_safe(text: str) -> None:
    value, missing = lenient.loads(text)
    depth = 0
    while value:
        value = value["a"] if isinstance(value, dict) else value[0] if isinstance(value, list) else None
        depth += 1
    assert missing
    assert 100 < depth <= lenient.MAX_DEPTH


def test_what_comes_after_too_deep_a_value_is_still_read() -> None:
    value, missing = lenient.loads('{"a": ' + "[" * DEEP + "]" * DEEP + ', "b": "kept')
    assert missing
    assert isinstance(value, dict)
    assert value["b"] == "kept"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
)


@settings(deadline=None)
@given(JSON, st.booleans())
def test_any_json_comes_back_whole(value: Json, ascii_only: bool) -> None:
    assert lenient.loads(json.dumps(value, ensure_ascii=ascii_only)) == (value, False)


@settings(deadline=None)
@given(st.lists(st.text(), min_size=1, max_size=4), st.data())
def test_every_value_before_the_cut_is_kept_and_the_cut_one_begins_alike(
    values: list[str], data: st.DataObject
) -> None:
    members = [f'"{number}": {json.dumps(value, ensure_ascii=False)}' for number, value in enumerate(values)]
    text = "{" + ", ".join(members) + "}"
    found, missing = lenient.loads(text[: data.draw(st.integers(1, len(text) - 1), label="cut at")])
    assert missing
    assert isinstance(found, dict)
    kept = list(found.values())
    assert kept[:-1] == values[: len(kept)][:-1]
    assert not kept or values[len(kept) - 1].startswith(str(kept[-1]))


@pytest.mark.parametrize("cut", range(1, 41))
def test_a_cut_anywhere_loses_only_what_follows(cut: int) -> None:
    text = '{"a": "first", "b": ["second", "third"]}'
    found, missing = lenient.loads(text[:cut])
    assert missing == (cut < len(text))
    whole = [word for word in ("first", "second", "third") if f'"{word}"' in text[:cut]]
    assert json.dumps(found).count('"') >= 2 * len(whole)
    assert all(json.dumps(word) in json.dumps(found) for word in whole)


@settings(deadline=None)
@given(st.text() | st.text('{}[]:,"\\u1d8e \n'))
def test_no_text_makes_it_raise(text: str) -> None:
    lenient.loads(text)
    lenient.holds_json(text)
    place = lenient.truncation(text)
    assert place is None or 0 <= place < len(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"a": 1}', True),
        ('\ufeff\n{"a', True),
        ("{}", True),
        ("{", True),
        ('[{"a"', True),
        ("[1, 2]", True),
        ("", False),
        ("{x}", False),
        ("[INFO] started", False),
        ("{% if %}", False),
        ("hello {}", False),
    ],
)
def test_json_is_known_at_a_glance(text: str, expected: bool) -> None:
    assert lenient.holds_json(text) is expected


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("abc…[truncated 12 chars]", 3),
        ("abc...[TRUNCATED: original length 20000]", 3),
        ("abc...[truncated, original 64001 chars]\n", 3),
        ("abc [truncated]", 3),
        ("abc [truncated] def", None),
        ("abc", None),
        ("", None),
        ("x" * 5_000 + "…[truncated 1 chars]", 5_000),
    ],
)
def test_the_marker_of_a_cut_is_found_at_the_end_only(text: str, place: int | None) -> None:
    assert lenient.truncation(text) == place


@pytest.mark.parametrize("part", ["{", '{"a":', '"', "\\", '\\"', "\\u", ",", "[truncated", "\ud800", '"a",', "1"])
def test_a_long_hostile_text_ends(part: str) -> None:
    text = part * (300_000 // len(part))
    for start in ("", '{"a": "', "["):
        lenient.loads(start + text)
        lenient.truncation(start + text)
