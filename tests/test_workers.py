"""The pool: a hung, dying or raising detector costs the snippet it failed on, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from odd_detectors import Marks, Odd, Unbuildable

from tracevet import GapReason, PluginError, Snippet, Surface
from tracevet.workers import Engine, Workers

MARKS = Engine(cls=Marks)
ODD = Engine(cls=Odd)


def snippet(text: str) -> Snippet:
    return Snippet(text=text, surface=Surface.APPLIED, language="python", span="s", pointer="/input")


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(processes=2, seconds=1.0) as pool:
        yield pool


def test_each_snippet_gets_its_own_result(workers: Workers) -> None:
    snippets = [snippet(f"x = {n}\n{'BAD' if n % 3 == 0 else ''}") for n in range(200)]
    results = workers.scan(MARKS, snippets).results()
    assert {digest for digest, result in results.items() if result.findings} == {s.digest for s in snippets[::3]}
    assert len(results) == 200


@pytest.mark.parametrize(
    ("word", "reason", "detail"),
    [
        ("HANG", GapReason.TIMED_OUT, "odd took longer than 1 s"),
        ("DIE", GapReason.DETECTOR_FAILED, "odd ended its worker process (exit code 7)"),
        ("RAISE", GapReason.DETECTOR_FAILED, "odd raised ValueError"),
        ("EAT", GapReason.DETECTOR_FAILED, "odd raised MemoryError"),
    ],
)
def test_a_hostile_snippet_costs_one_snippet(workers: Workers, word: str, reason: GapReason, detail: str) -> None:
    good = [snippet(f"BAD {n}") for n in range(5)]
    hostile = snippet(f"password = 'hunter2' {word}")
    results = workers.scan(ODD, [*good[:2], hostile, *good[2:]]).results()
    assert [len(results[s.digest].findings) for s in good] == [1] * 5
    (gap,) = results[hostile.digest].gaps
    assert (gap.reason, gap.detail, gap.snippet) == (reason, detail, hostile.digest)


def test_options_reach_the_detector_and_tell_engines_apart(workers: Workers) -> None:
    engine = Engine(cls=Marks, options={"word": "WORSE"})
    assert engine.id != MARKS.id
    one = snippet("WORSE")
    assert workers.scan(engine, [one]).results()[one.digest].findings
    assert not workers.scan(MARKS, [one]).results()[one.digest].findings


def test_a_detector_that_cannot_be_built_is_an_error_and_not_a_gap(workers: Workers) -> None:
    with pytest.raises(PluginError, match="detector 'unbuildable' could not be started: OSError"):
        workers.scan(Engine(cls=Unbuildable), [snippet("x")]).results()


def test_a_detector_is_not_told_where_the_snippet_stands(workers: Workers) -> None:
    text = snippet("BAD")
    assert MARKS.reads(text)
    assert not MARKS.reads(Snippet(text="BAD", surface=Surface.PROMPT, language="python", span="", pointer=""))
    assert not MARKS.reads(Snippet(text="BAD", surface=Surface.APPLIED, language="go", span="", pointer=""))


class Ruled(Marks):
    """As Marks, with rules in files."""

    name = "ruled"

    def __init__(self, rules: tuple[Path, ...] = (), words: frozenset[str] = frozenset()) -> None:
        """Take the options."""


@pytest.mark.parametrize("where", ["rules.yaml", "."])
def test_an_engine_is_another_when_the_content_of_a_users_file_changed(tmp_path: Path, where: str) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text("one")

    def identity() -> str:
        return Engine(cls=Ruled, options={"rules": (tmp_path / where,)}).id

    first = identity()
    assert identity() == first
    file.write_text("two")
    second = identity()
    assert second != first
    file.unlink()
    assert identity() not in {first, second}
    assert identity() == identity()


def test_an_engine_is_the_same_whatever_order_a_set_has() -> None:
    words = [f"w{n}" for n in range(50)]
    ids = {Engine(cls=Ruled, options={"words": frozenset(some)}).id for some in (words, words[::-1])}
    assert len(ids) == 1
