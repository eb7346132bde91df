"""The automaton for B608 says what bandit's own check says, however strings are joined."""

import ast
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracevet_python.bandit import sql
from tracevet_python.bandit.engine import load_engine

Verdicts = list[str | None]

WORDS = ["select", "Select", "xselect", "from", "from\t", "a", " ", "", "insert", "into", "intox", "values", "values("]
WORDS += ["update", "set", "set ", "delete", "delete from ", "select a from b", "\n", "ſelect a", "insert into", "a("]
texts = st.tuples(st.sampled_from(["", " "]), st.lists(st.sampled_from(WORDS), max_size=4)).map(
    lambda parts: parts[0].join(parts[1])
)
leaves = st.one_of(texts.map(repr), st.sampled_from(["x", "1", "b'select a from b'", "f(y)"]))
chains = st.recursive(
    leaves,
    lambda inner: st.tuples(inner, st.sampled_from("+%"), inner).map(lambda parts: f"({' '.join(parts)})"),
    max_leaves=12,
)
lines = st.lists(texts.map(repr), min_size=1, max_size=8).map(" + ".join)
around = st.sampled_from(["x = {}", "cur.execute({})", "executemany({}, y)", "f({})", "execute(y, k={})"])
formats = st.sampled_from(["x = {}.format(y)", "execute({}.format(y))", "a.execute({}.replace(y, z))", "{}.format"])


@pytest.fixture(scope="module")
def verdicts() -> Iterator[Callable[[str], tuple[Verdicts, Verdicts]]]:
    """Judge each string of a code: by bandit's own check, and by ours where it never asks bandit."""
    engine = load_engine()
    (own,) = (each for each in engine.functions if each._test_id == "B608")
    guard = sql.Guard(None, engine.issue)

    def judge(code: str) -> tuple[Verdicts, Verdicts]:
        strings = _strings(code)
        theirs = [own(engine.context({"node": node})) for node in strings]
        ours = [guard(engine.context({"node": node})) if sql.may_match(node) else None for node in strings]
        return _confidences(theirs), _confidences(ours)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sql, "SMALL", -1)
        patch.setattr(sql, "SHORT", -1)
        yield judge


def _strings(code: str) -> list[ast.Constant]:
    tree = ast.parse(code)
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            child._bandit_parent = node  # type: ignore[attr-defined]  # where bandit looks for it
    return [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def _confidences(issues: list[Any]) -> Verdicts:
    return [issue and f"{issue.severity} {issue.confidence} {issue.cwe.id}" for issue in issues]


@settings(max_examples=300, deadline=None)
@given(chain=st.one_of(chains, lines), frame=around)
def test_concatenations_are_judged_alike(chain: str, frame: str, verdicts: Any) -> None:
    theirs, ours = verdicts(frame.format(chain))
    assert ours == theirs


@settings(max_examples=200, deadline=None)
@given(text=texts, frame=formats)
def test_formatted_strings_are_judged_alike(text: str, frame: str, verdicts: Any) -> None:
    theirs, ours = verdicts(frame.replace("{}", repr(text)))
    assert ours == theirs


@settings(max_examples=200, deadline=None)
@given(parts=st.lists(texts, min_size=1, max_size=5), frame=around)
def test_f_strings_are_judged_alike(parts: list[str], frame: str, verdicts: Any) -> None:
    inner = "{x}".join(parts).replace("\n", "\\n").replace("\t", "\\t")
    theirs, ours = verdicts(frame.format(f'f"{inner}"'))
    assert ours == theirs


@pytest.mark.parametrize("count", [63, 64, 65, 66, 400])
def test_the_limit_changes_nothing(count: int, find: Any) -> None:
    parts = ['"select a"', *['"b"'] * (count - 2), '"from c "']
    rules = [each.rule for each in find(f"x = {' + '.join(parts)}\n")]
    assert rules == ["B608"]
